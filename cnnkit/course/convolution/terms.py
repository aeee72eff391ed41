"""The terms that notebook 05 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term(
        "kernel", "The small array of weights that a convolution places over each window; also called filter.",
        ("kernels", "filter", "filters"), "nn.Conv2d(…).weight", "Conv2D(…).kernel",
    ),
    Term(
        "channel", "One of the maps in a layer's input or output: a colour picture has three.",
        ("channels",), "in_channels, out_channels", "filters",
    ),
    Term(
        "padding", "Pixels added around the input, mostly zeros, so that the output is larger.",
        ("zero padding",), "padding", "padding",
    ),
    Term(
        "dilation", "The distance between neighbouring weights of a kernel: 1 when they touch.",
        ("dilated",), "dilation", "dilation_rate",
    ),
    Term(
        "cross-correlation", "Sliding a kernel over the input as it is; a true convolution turns the kernel first.",
        (), "nn.Conv2d", "Conv2D",
    ),
    Term(
        "im2col", "Writing each window as a column of a matrix, so that a convolution becomes one matrix product.",
        (), "nn.Unfold", "ops.image.extract_patches",
    ),
    Term(
        "pointwise convolution", "A convolution with a 1 × 1 kernel: it mixes the channels of each pixel.",
        ("pointwise convolutions", "1 × 1 convolution", "1 × 1 convolutions", "pointwise"),
        "nn.Conv2d(C, K, 1)", "Conv2D(K, 1)",
    ),
    Term(
        "transposed convolution", "A layer from small to large: each pixel stamps the kernel on the output.",
        ("transposed convolutions",), "nn.ConvTranspose2d", "Conv2DTranspose",
    ),
    Term(
        "checkerboard artefacts", "A regular pattern where the stamps of a transposed convolution overlap unevenly.",
        ("checkerboard artefact", "checkerboard"),
    ),
)  # fmt: skip
