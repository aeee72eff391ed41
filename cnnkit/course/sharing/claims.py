"""The claims of notebook 06: what is said, the verdict, and why."""

from cnnkit.course.kit.claim import FALSE, HOLDS, IF, Claim

CS231N = "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/)"
BOOK = "[Goodfellow et al., Deep Learning, Convolutional networks](https://www.deeplearningbook.org/contents/convnets.html)"
D2L = "[Dive into Deep Learning](https://d2l.ai/chapter_convolutional-neural-networks/why-conv.html)"
WHY = "[siua, Why convolutions work](https://www.siua.io/learn/courses/ml-math/08-cnns/08-4-why-convolutions)"
SWEEP = (
    "[Educative, Parameter sharing](https://educative.io/courses/"
    "understanding-deep-learning-application-in-rare-event-prediction/g7J1joyJq33)"
)
WIKIPEDIA = "[Wikipedia, Convolutional neural network](https://en.wikipedia.org/wiki/Convolutional_neural_network)"

CLAIMS = (
    Claim(
        "W1", "Without sharing, 10 maps of 32×32 need 768,000 weights; with it 760.", IF,
        "the padding is 2 and biases are not counted: there are 10,240 of them, and 778,240 parameters against 760. "
        "Without padding the maps are 28×28 and take 588,000 weights. Fully connected it would be 31,457,280.",
        heard=f"{CS231N}, there with the first layer of AlexNet",
    ),
    Claim(
        "W2", "The weights are shared because one filter sweeps over the whole image.", HOLDS,
        "in 200 random settings the layer is a matrix with the same weights in every row, to 10^−12. One 3×3 filter "
        "on 16×16 pixels fills 2,116 of its 65,536 entries with 9 different numbers; nothing has to sweep.",
        heard=f"{SWEEP}; {CS231N}",
    ),
    Claim(
        "W3", "Sharing makes a layer respond alike everywhere.", IF,
        "the place is not at the border and the shift is a multiple of the stride: of 16 columns with 3×3 windows 14 "
        "follow any shift exactly, but with stride 2 none follows an odd one. Without sharing none follows.",
        heard=f"{BOOK}; {D2L}",
    ),
    Claim(
        "W4", "Sharing is what makes CNNs trainable on images.", IF,
        "the pictures are large: at 128×128 a fully connected layer for ten maps has 8,053,063,680 weights, counted, "
        "not trained. On 16×16 networks without sharing learn, too: of digits up to 4 pixels off the middle, the "
        "locally connected one reads 89.2 %, the CNN 90.4 %, one of as many weights 92.9 %; a fully connected network "
        "87.2 %. Trained in the middle only, the CNN reads 15 % of those 3 pixels aside; pooled, with stride 1, it "
        "reads 92 %.",
        record="runs",
        heard=f"{WHY}; {D2L}",
    ),
    Claim(
        "W5", "The gradient of a shared weight is the sum over all its positions.", HOLDS,
        "in 200 random settings it is that sum to 10^−12: each place sends back what a filter of its own would get. A "
        "mean over a map of 32×32 would be 1,024 times smaller.",
        heard=CS231N,
    ),
    Claim(
        "W6", "CNNs escape a cost that grows exponentially with the size of the image.", FALSE,
        "the cost is a power of the side: twice the side takes 16 times the weights when fully connected, 4 times "
        "when locally connected, and as many as before when shared. The products of a convolution still grow 4 times.",
        heard=f"{WIKIPEDIA}, as the curse of dimensionality",
    ),
)  # fmt: skip
