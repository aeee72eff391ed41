"""The terms that lesson 06 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term("weight sharing", "Using the same weights at every place of the input.",
         ("weights are shared", "shared weights", "shared weight", "shares its weights", "parameter sharing")),
    Term("parameters", "The numbers that a layer learns: weights and biases.", ("parameter",),
         "model.parameters()", "model.count_params()"),
    Term("MACs", "Multiply-accumulate operations: the products that a layer adds up for one input.",
         ("multiply-accumulate operations", "MAC")),
    Term("locally connected layer", "A layer with the windows of a convolution and a filter of its own at each place.",
         ("locally connected layers", "locally connected"), "", "LocallyConnected2D (until Keras 2)"),
    Term("Toeplitz matrix", "A matrix whose entries are equal along each diagonal: a convolution of a row of numbers.",
         ("Toeplitz", "Toeplitz matrices")),
    Term("circulant matrix", "A Toeplitz matrix that goes on at the other side: a convolution on a ring.",
         ("circulant", "circulant matrices")),
    Term("inductive bias", "What a network assumes about the data before it has seen any.",
         ("inductive biases",)),
    Term("depthwise convolution", "A convolution with one filter for each channel, which reads that channel only.",
         ("depthwise convolutions", "depthwise"), "nn.Conv2d(C, C, k, groups=C)", "DepthwiseConv2D"),
    Term("depthwise-separable convolution", "A depthwise convolution, then a 1×1 convolution that mixes the channels.",
         ("depthwise-separable", "depthwise-separable convolutions"), "", "SeparableConv2D"),
)  # fmt: skip
