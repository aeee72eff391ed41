"""The page "Paste your layer" in a browser."""

from __future__ import annotations

import pytest

from cnnkit.pasted import read
from tests.site.everyone import grave
from tools.site import paste

CELLS = """[...document.querySelectorAll('.paste-table tbody tr')].map(row => [...row.cells].map(c => c.textContent))"""
WIDE = """[...document.querySelectorAll('.live-paste, .live-paste :is(div, table, pre, p)')]
    .filter(e => e.scrollWidth > e.clientWidth + 1 && !e.closest('.live-explorer'))
    .map(e => e.className)"""
HOSTILE = "<img src=x onerror=\"document.title='hurt'\">"
MESSAGE = paste.MESSAGES[0]


def shows(page, code: str, size: int | None = None) -> bool:
    """Wait until the table is that of `read`."""
    wanted = [list(row) for row in read(code, size).cells()]
    page.wait_for_function(f"wanted => JSON.stringify({CELLS}) === JSON.stringify(wanted)", arg=wanted)
    return True


def says(page, text: str):
    page.locator(".paste-said").get_by_text(text).wait_for()


@pytest.mark.parametrize(("called", "code", "size"), paste.EXAMPLES, ids=[each[0] for each in paste.EXAMPLES])
def test_each_example_gives_the_table_that_read_gives(visit, called, code, size):
    page = visit("paste")
    page.get_by_role("button", name=called, exact=True).click()
    reading = read(code, int(size) if size else None)
    assert shows(page, code, int(size) if size else None)
    says(page, reading.total())
    assert page.locator(".paste-wrong").count() == bool(reading.wrong)
    assert page.get_by_label("Image’s size").input_value() == size


def test_before_python_the_first_example_is_read(visit):
    page = visit("paste")
    assert shows(page, paste.EXAMPLES[0][1], 224)
    assert page.evaluate("live.now()") == 0
    assert page.locator(".live-bar").count() == 0


def test_what_is_typed_is_read_and_the_stack_follows(visit):
    page = visit("paste")
    field = page.get_by_label("Your code")
    field.fill("nn.Conv2d(3, 8, 5)")
    assert shows(page, "nn.Conv2d(3, 8, 5)", 224)
    page.wait_for_selector(".paste-stack .live-alive")
    box = page.locator(".paste-stack .live-explorer")
    page.get_by_label("Image’s size").fill("32")
    assert shows(page, "nn.Conv2d(3, 8, 5)", 32)
    page.wait_for_function("document.querySelector('.paste-stack .live-explorer').explorer.values.size === 32")
    assert box.evaluate("({ explorer: e }) => [e.values.kernel_size1, e.values.filters1, e.values.layers]") == [5, 8, 1]
    assert "32 × 32 become 28 × 28" in box.inner_text().replace("\xa0", " ")
    field.fill("nn.Conv2d(3, 8, (3, 5))")
    page.locator(".paste-stack").get_by_text("is none of these").wait_for()
    field.fill("nn.Conv2d(3, 8, (")
    says(page, "line 1 is no Python")
    field.fill("")
    says(page, "Paste a layer")


def test_a_misfit_is_shown_with_its_mend_and_mended(visit):
    page = visit("paste")
    page.get_by_role("button", name="One that does not fit").click()
    box = page.locator(".paste-wrong")
    assert "takes 400 numbers and gets 256 = 16 · 4 · 4." in box.inner_text()
    assert box.locator("pre").inner_text() == "nn.Linear(256, 120)"
    assert page.locator("[aria-live=polite] .paste-wrong").count() == 1
    box.get_by_role("button").click()
    box.wait_for(state="detached")
    assert shows(page, paste.EXAMPLES[-1][1].replace("16 * 5 * 5", "256"), 28)
    assert "nn.Linear(256, 120)" in page.get_by_label("Your code").input_value()


def test_a_message_is_explained_in_either_field(visit):
    page = visit("paste")
    message, code = page.get_by_label("An error’s message about shapes"), page.get_by_label("Your code")
    message.fill(MESSAGE)
    page.locator(".live-right").get_by_text("nn.Linear(400, 84)").wait_for()
    message.fill("what is this?")
    page.locator(".live-open").get_by_text("not known here").wait_for()
    code.fill(f"RuntimeError: {MESSAGE}")
    page.locator(".live-right").get_by_text("nn.Linear(400, 84)").wait_for()
    says(page, "This is an error’s message, and no code.")
    assert code.input_value() == f"RuntimeError: {MESSAGE}"
    assert message.input_value() == "what is this?"
    assert page.locator(".paste-table").count() == 0
    assert page.locator(".paste-stack .live-explorer").count() == 0


def test_a_message_after_code_mends_the_code(visit):
    page = visit("paste")
    field = page.get_by_label("Your code")
    code = "net = nn.Sequential(nn.Linear(  # ü\n    16*5*5,\n    84))"
    field.fill(code)
    assert shows(page, code)
    field.fill("mat1 and mat2 shapes cannot be multiplied (32x576 and 400x84)")
    says(page, "This is an error’s message")
    page.locator(".paste-said").get_by_role("button", name="Put it into my code").click()
    assert shows(page, code.replace("16*5*5", "576"))
    assert field.input_value() == code.replace("16*5*5", "576")
    field.fill("RuntimeError: Target 10 is out of bounds.")
    says(page, "class 10 is asked for")
    page.get_by_role("button", name="Back to the code before").click()
    assert shows(page, code.replace("16*5*5", "576"))


@pytest.mark.parametrize("code", ["nn.Conv2d(1,6,5)\nnn.ReLU()\nnn.Linear(864,10)",
                                  "m = nn.Sequential(\n    nn.Conv2d(1,6,5),\n    nn.Linear(864,10),\n)"])  # fmt: skip
def test_a_missing_flatten_is_put_into_the_code(visit, code):
    page = visit("paste")
    page.get_by_label("Image’s size").fill("28")
    page.get_by_label("Your code").fill(code)
    box = page.locator(".paste-wrong")
    box.get_by_text("Flatten is missing before it").wait_for()
    assert box.locator("pre").inner_text() == "nn.Flatten()\nnn.Linear(3456,10)"
    box.get_by_role("button").click()
    box.wait_for(state="detached")
    assert shows(page, read(code, 28).mend.code, 28)


def test_an_examples_size_is_not_that_of_other_code(visit):
    page = visit("paste")
    size = page.get_by_label("Image’s size")
    assert size.input_value() == "224"
    page.get_by_label("Your code").fill(paste.LENET)
    assert shows(page, paste.LENET)
    assert size.input_value() == ""
    page.get_by_role("button", name="A LeNet class").click()
    assert shows(page, paste.LENET, 28)
    page.get_by_label("Your code").fill(paste.LENET.replace("6, 5", "6, 3"))
    page.locator(".paste-wrong").wait_for()
    assert size.input_value() == "28"


SEEN = """node => { const box = node.getBoundingClientRect(); return box.top >= 0 && box.top < innerHeight - 60; }"""


@pytest.mark.parametrize(("width", "height"), [(390, 844), (853, 480)])
def test_an_answer_comes_into_view_on_a_small_screen(visit, shots, width, height):
    page = visit("paste", width=width)
    page.set_viewport_size({"width": width, "height": height})
    page.get_by_label("Image’s size").fill("28")
    field = page.get_by_label("Your code")
    for text, part in (
        (paste.LENET.replace("5, padding=2", "5"), ".paste-wrong"),
        (f"Error: {MESSAGE}", ".live-right"),
    ):
        field.fill(text)
        page.locator(f".paste-said {part}").wait_for()
        page.evaluate("scrollTo(0, 0)")
        page.get_by_role("button", name="Read it").click()
        page.wait_for_timeout(500)
        assert page.locator(f".paste-said {part}").evaluate(SEEN)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if file := shots(f"live_paste_answer_{width}{part.replace('.', '_')}"):
            page.screenshot(path=file)


def test_hostile_and_endless_text_is_harmless(visit):
    page = visit("paste")
    code = page.get_by_label("Your code")
    code.fill(HOSTILE)
    says(page, "no Python")
    code.fill(f"nn.Conv2d(3, 8, 3, padding_mode={HOSTILE!r})")
    page.locator(".paste-table").get_by_text("onerror").wait_for()
    page.get_by_label("An error’s message about shapes").fill(HOSTILE)
    page.locator(".live-open").get_by_text("not known").wait_for()
    code.fill("nn.ReLU(), " * 9000)
    says(page, "at most 400 layers")
    code.fill("(" * 100_001)
    says(page, "at most 100,000 characters")
    assert "#" not in page.url
    page.get_by_role("button", name="Link to this").click()
    page.get_by_text("Too long for an address").wait_for()
    assert page.title() != "hurt"
    assert page.locator(".live-paste img:not(.cnnkit-plain img)").count() == 0


def test_a_long_reading_is_answered(visit):
    page = visit("paste")
    page.get_by_role("button", name="One Conv2d").click()
    page.wait_for_selector(".paste-stack .live-alive")
    slow = "nn.Sequential(nn.Conv2d(3, 3, 3), " + "nn.MaxPool2d(1), " * 390 + "nn.Linear(7, 2))"
    page.get_by_label("Image’s size").fill("")
    page.get_by_label("Your code").fill(slow)
    page.locator(".paste-wrong").get_by_text("nn.Linear(7, 2) takes 7 numbers").wait_for()
    page.get_by_label("Your code").fill("nn.ReLU()")
    assert shows(page, "nn.ReLU()")


def test_a_link_restores_code_size_and_message(visit):
    page = visit("paste")
    code = 'nn.Conv2d(\n    3, 8, 5)  # 100 % + <b> & "ü"'
    page.get_by_label("Your code").fill(code)
    page.get_by_label("Image’s size").fill("20 × 30")
    page.get_by_label("An error’s message about shapes").fill(MESSAGE)
    page.locator(".live-right").wait_for()
    assert shows(page, code, (20, 30))
    page.get_by_role("button", name="Link to this").click()
    link = page.evaluate("location.href")
    assert "#code=nn.Conv2d(" in link
    other = visit(f"paste#{link.partition('#')[2]}")
    assert shows(other, code, (20, 30))
    assert other.get_by_label("Your code").input_value() == code
    assert other.get_by_label("An error’s message about shapes").input_value() == MESSAGE
    other.locator(".live-right").get_by_text("nn.Linear(400, 84)").wait_for()
    assert other.get_by_label("Image’s size").input_value() == "20 × 30"
    other.evaluate("location.hash = 'code=nn.ReLU()'")
    assert shows(other, "nn.ReLU()")


def test_a_senseless_link_is_harmless(visit):
    says(visit("paste#code=%E0%A4%A"), "no Python")
    says(visit("paste#code=%E0%A4%A&size=%"), "the size of the image must be")


def test_all_of_it_by_the_keyboard(visit):
    page = visit("paste")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the list of pages, to the text
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "One that does not fit":
            break
    assert page.evaluate("document.activeElement.textContent") == "One that does not fit"
    page.keyboard.press("Enter")
    page.locator(".paste-wrong").wait_for()
    page.keyboard.press("Tab")  # into the code
    page.keyboard.press("Control+a")
    page.keyboard.type("nn.Conv2d(1, 2, 3)")
    page.keyboard.press("Tab")  # the size; the field for code holds nobody
    page.keyboard.press("Control+a")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    assert shows(page, "nn.Conv2d(1, 2, 3)", 9)
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        if reached[-1] == "paste-message":
            break
    assert reached[:2] == ["Read it", "Link to this"]
    page.keyboard.type(MESSAGE)
    page.locator(".live-right").wait_for()


def test_no_to_python_is_kept_until_a_button_asks(visit):
    page = visit("paste", service_workers="block")
    page.route("**/worker.js*", lambda route: None)  # it never comes
    page.get_by_label("Your code").fill("nn.ReLU()")
    page.get_by_role("button", name="Not now").click()
    says(page, "Your text is still here")
    page.get_by_label("Your code").fill("nn.Tanh()")
    page.wait_for_timeout(700)
    assert page.locator(".live-bar").is_hidden()
    page.unroute("**/worker.js*")
    page.get_by_role("button", name="Read it").click()
    assert shows(page, "nn.Tanh()")


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious_and_a_phone_scrolls_down_only(visit, shots, width):
    page = visit("paste", width=width)
    page.get_by_role("button", name="One that does not fit").click()
    page.get_by_label("An error’s message about shapes").fill(MESSAGE)
    page.locator(".live-right").wait_for()
    page.wait_for_selector(".paste-stack .live-alive")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDE) == []
    if file := shots(f"live_paste_{width}"):
        page.screenshot(path=file, full_page=True)
    assert grave(page, lambda: page.evaluate("document.body.dataset.theme = 'dark'")) == []
    if file := shots(f"live_paste_{width}_dark"):
        page.screenshot(path=file, full_page=True)
