"""The benchmark's code runs, on sizes too small to say anything about speed."""

import re

from benchmarks.bench import CONVOLUTIONS, Convolution, convolutions, put_into, table


def test_the_table_has_a_ratio_for_each_case():
    layers = [Convolution("one", (2, 1, 6, 6), 2, 3, padding=1), Convolution("two", (1, 2, 6, 6), 4, 3, 2, groups=2)]
    text = table(layers, shape=(2, 3, 4, 4), rounds=2)
    rows = re.findall(r"^\| (.+?) \| (\d+\.\d\d) \|", text, re.MULTILINE)
    assert [name.split(",")[0] for name, _ in rows] == [
        "conv2d", "conv2d", "**conv2d", "max_pool2d 2×2", "avg_pool2d 2×2", "dropout", "batch_norm2d",
        "`import cnnkit` ÷ `import numpy`",
    ]  # fmt: skip
    assert all(float(ratio) > 0 for _, ratio in rows)


def test_the_convolutions_are_twelve_layers_of_networks():
    assert len({layer.layer for layer in CONVOLUTIONS}) == 12
    for layer, case in zip(CONVOLUTIONS, convolutions(CONVOLUTIONS), strict=True):
        parameters = [tuple(p.shape) for p in case.parameters]
        assert parameters[0] == (layer.filters, layer.shape[1] // layer.groups, *[layer.kernel_size] * 2)
        assert case.target == 2.5


def test_only_what_stands_between_the_markers_is_replaced(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n", encoding="utf-8")
    put_into(readme, "new \\1\n")
    assert readme.read_text(encoding="utf-8") == "before\n<!-- bench:start -->\nnew \\1\n<!-- bench:end -->\nafter\n"
    put_into(tmp_path / "missing.md", "nothing happens\n")
