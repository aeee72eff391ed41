"""The claims of notebook 05: what is said, the verdict, and why."""

from cnnkit.course.kit.claim import FALSE, HOLDS, IF, NAMING, SHOWN, Claim

CLAIMS = (
    Claim(
        "C1", "The output is (W − F + 2P)/S + 1 wide: 5×5×3, a 3×3×3 filter and P = 1 give 5×5×1.", IF,
        "the division is rounded down: then it is torch's size in all 6,222 settings of a sweep, dilation included; "
        "in 3,607 of them there is a remainder.",
        heard=(
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/); [Dumoulin & "
            "Visin](https://arxiv.org/abs/1603.07285), where it is rounded down"
        ),
    ),
    Claim(
        "C2", "A 5×5×3 filter makes one 28×28 map of a 32×32×3 image; two filters make two.", HOLDS,
        "torch gives (1, 28, 28) for one filter and (2, 28, 28) for two.",
        heard=(
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/), which has such a "
            "filter and such an image"
        ),
    ),
    Claim(
        "C3", "A filter is as deep as its input.", IF,
        "the layer has one group: of 36 pairs of depths from 1 to 6 torch takes the 6 equal ones, but with groups = 2 "
        "a filter over 6 channels is 3 deep.",
        heard=(
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/); [D2L, "
            "Multiple input and output "
            "channels](https://d2l.ai/chapter_convolutional-neural-networks/channels.html)"
        ),
    ),
    Claim(
        "C4", "An output is the sum of all products over all channels, plus the bias.", HOLDS,
        "in whole numbers, 27 products and the bias give exactly torch's value in all 9 windows of a 5×5×3 input "
        "(F = 3, P = 1, S = 2).",
        heard=(
            "[PyTorch manual, Conv2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html); "
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/)"
        ),
    ),
    Claim(
        "C5", "The padding that keeps the size is 1 for F = 3, 2 for F = 5, 3 for F = 7: a rule of thumb.", IF,
        "the filter is odd: a search over F up to 15 and d up to 4 finds d(F − 1)/2 and nothing else, so it is "
        "computed, not a rule of thumb; F = 4 has none, unless d is even.",
        heard=(
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/), as a "
            "formula and among its rules of thumb"
        ),
    ),
    Claim(
        "C6", "With that padding the output is the same size as the input.", IF,
        "only height and width are meant: 5×5×3 becomes 5×5×10 with 10 filters.",
        heard=(
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/), which also says "
            "“spatially”"
        ),
    ),
    Claim(
        "C7", "A convolution slides the filter over the image as it is.", NAMING,
        "it depends on what is called a convolution. torch's layer does so for 100 of 100 random filters, and "
        "mathematics calls that a cross-correlation. The flipped filter of a convolution in mathematics agrees for 0 "
        "of them, and for 100 of 100 that look the same after a half turn.",
        heard=(
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/); put right in [D2L, "
            "Convolutions for images](https://d2l.ai/chapter_convolutional-neural-networks/conv-layer.html) and in "
            "the [PyTorch manual, Conv2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html)"
        ),
    ),
    Claim(
        "C8", "Padding with zeros has no influence on the input.", FALSE,
        "a 3×3 mean over an 8×8 image of ones falls to 0.67 at the edges and 0.44 in the corners, in 28 of 64 outputs; "
        "with reflect or replicate padding all are 1.",
        heard=(
            "[Leena AI, Zero padding](https://blog.leena.ai/glossary/zero-padding): “without changing the "
            "original information content”"
        ),
    ),
    Claim(
        "C9", "Stacking gives deeper features: each layer sees more of the image than the one before.", HOLDS,
        "1, 2 and 3 layers of 3×3 read 3×3, 5×5 and 7×7 pixels; the three have 27·C² weights, one layer of 7×7 has "
        "49·C² (C = 64: 110,592 and 200,704).",
        heard=(
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/); [Simonyan & "
            "Zisserman](https://arxiv.org/abs/1409.1556)"
        ),
    ),
    Claim(
        "C10", "When the division has a remainder, a convolution never reads what is left over.", SHOWN,
        "it holds, but texts seldom say it: the pixels right of the last window are never read. With W = 8, F = 3, "
        "S = 2 the last 1 gets no gradient. Rounding up adds a window only if it starts inside, so W = 10, F = 1, "
        "S = 2 gives 5, not 6.",
        heard=(
            "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/), where such "
            "a stride is called invalid; [PyTorch manual, "
            "MaxPool2d](https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html), `ceil_mode`"
        ),
    ),
)  # fmt: skip
