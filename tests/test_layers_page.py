"""docs/layers.md holds every public function, as its docstring describes it, with the places that use it."""

import inspect
import re

import nbformat
import pytest

import cnnkit
from tools.layers import PAGE, call, called, functions, markdown, page, use

STORED = PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_the_docstrings_and_the_notebooks_say():
    assert page() == STORED, "run `make layers`"


def test_every_public_function_has_one_entry_and_one_link():
    assert len(functions()) > 50
    assert {name for name in cnnkit.__all__ if inspect.isfunction(getattr(cnnkit, name))} == set(functions())
    for name in functions():
        assert len(re.findall(rf"(?m)^### `{name}`$", STORED)) == STORED.count(f"](#{name})") == 1


def test_every_formula_and_every_example_stands_in_a_fence_of_its_own():
    texts = [inspect.getdoc(function) for function in functions().values()]
    assert STORED.count("\n```math\n") == sum(text.count(".. math::") for text in texts) > 20
    assert STORED.count(">>> ") == sum(text.count(">>> ") for text in texts) > 50
    fences = re.findall(r"(?m)^```(\w*)$", STORED)
    assert {(start in ("python", "math"), end) for start, end in zip(fences[::2], fences[1::2], strict=True)} == {
        (True, "")
    }
    outside = re.sub(r"(?ms)^```.*?^```$|`[^`\n]*`", "", STORED)
    assert not re.search(r">>>|\.\. math|(?<!\\)[$<|]", outside)


def test_a_docstring_becomes_markdown():
    text = inspect.cleandoc(r"""
        Twice x * y, for |x| < 1 and `|x| < 1`.

        .. math:: y = 2 x, \\qquad
                  z = y
        with z after y.

        Shapes: x any. Errors: ValueError for none.

        >>> twice(2)
        4
    """)
    assert markdown(text).split("\n\n") == [
        r"Twice x \* y, for \|x\| \< 1 and `|x| < 1`.",
        "```math\ny = 2 x, \\\\qquad\nz = y\n```",
        "with z after y.",
        "**Shapes:** x any. **Errors:** ValueError for none.",
        "```python\n>>> twice(2)\n4\n```",
    ]


def test_a_call_shows_the_defaults_as_the_source_writes_them():
    assert call(cnnkit.rrelu) == "rrelu(x, *, lower=1 / 8, upper=1 / 3, rng=None, training=False)"
    assert call(cnnkit.relu) == "relu(x)"


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from cnnkit import conv2d\ny = conv2d(x, w)", {"conv2d"}),
        ("from cnnkit.dropout import dropout2d as drop\ndrop(x)", {"dropout2d"}),
        ("import cnnkit as ck\nck.relu(x)", {"relu"}),
        ("from cnnkit import relu", set()),
        ("import torch.nn.functional as F\nF.relu(x)\nfrom torch import sigmoid\nsigmoid(x)", set()),
        ("%pip install torch\nfrom cnnkit import relu\nif x:\n    !ls\nrelu(x)", {"relu"}),
    ],
)
def test_what_is_called_is_what_comes_from_cnnkit(source, names, tmp_path):
    file = tmp_path / "any.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), file)
    assert called(file) == names


def test_a_place_of_use_is_linked():
    assert "called in [01_activations](../notebooks/01_activations.ipynb)" in use("relu")
    assert use("no_such_function") == "**In the course:** no lesson, no lab and no picture calls it by name."
