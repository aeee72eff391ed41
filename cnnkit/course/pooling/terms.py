"""The terms that lesson 04 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term(
        "feature map",
        "What one filter of a convolution finds, written down for every place of the picture.",
        forms=("feature maps",),
    ),
    Term(
        "pooling",
        "A layer that replaces each window of a map by one number: its largest, or its mean.",
        forms=("max pooling", "average pooling", "pooled", "poolings"),
        pytorch="nn.MaxPool2d",
        keras="MaxPooling2D",
    ),
    Term(
        "stride",
        "How many pixels a window moves on from one output to the next.",
        pytorch="stride",
        keras="strides",
    ),
    Term(
        "downsampling",
        "Making a picture or a map smaller, so that fewer numbers stand for the same area.",
        forms=("downsample", "downsamples"),
    ),
    Term(
        "aliasing",
        "A pattern too fine for the kept points comes out as another pattern.",
    ),
    Term(
        "invariance",
        "The output stays the same when the input is changed in a certain way, for example shifted.",
        forms=("invariant",),
    ),
    Term(
        "equivariance",
        "The output changes along with the input: a shifted picture gives a shifted map.",
        forms=("equivariant",),
    ),
    Term(
        "global average pooling",
        "The mean of each whole map: one number a map, whatever its size.",
        forms=("global average",),
        pytorch="nn.AdaptiveAvgPool2d(1)",
        keras="GlobalAveragePooling2D",
    ),
    Term(
        "receptive field",
        "The pixels of the input that can change one number of a later map.",
        forms=("receptive fields",),
    ),
)
