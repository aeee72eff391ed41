"""The claims of lab 02: what is said, the verdict, why, and where it is heard."""

from cnnkit.course.kit.claim import HOLDS, IF, Claim

D2L = (
    "[Dive into Deep Learning, Numerical Stability]"
    "(https://d2l.ai/chapter_multilayer-perceptrons/numerical-stability-and-init.html)"
)
D2L_SLIDES = (
    "[Dive into Deep Learning, slides](https://d2l.smola.org/slides/pytorch/chapter_multilayer-perceptrons/"
    "numerical-stability-and-init.html)"
)
NIELSEN = "[Nielsen, Why are deep neural networks hard to train?](http://neuralnetworksanddeeplearning.com/chap5.html)"
GOLDEN = "[Golden, Vanishing gradient problem](https://golden.com/wiki/Vanishing_gradient_problem)"
QUICK = (
    "[Machine Learning Quick Reference, O'Reilly]"
    "(https://www.oreilly.com/library/view/machine-learning-quick/9781788830577/13442631-2f46-4f24-8952-6b866c248bfa.xhtml)"
)
CS231N = "[CS231n, Commonly used activation functions](https://cs231n.github.io/neural-networks-1/)"
TENSORFLOW = (
    "[TensorFlow manual, xavier_initializer](https://tensorflow.org/versions/r1.15/api_docs/python/tf/contrib/layers/"
    "xavier_initializer)"
)
TORCH = "[manual of torch for R, kaiming_uniform](https://rdrr.io/cran/torch/man/nn_init_kaiming_uniform_.html)"

CLAIMS = (
    Claim(
        "V1", "When each layer's factor is below 1, the gradient shrinks once per layer.", HOLDS,
        "but slope and weights make that factor together: with Xavier's weights each of 50 sigmoid layers multiplies "
        "the gradient by 0.23, a little less than the steepest slope of 0.25; with 16 times those weights it is 1.21.",
        heard=f"{D2L}; {NIELSEN}",
    ),
    Claim(
        "V2", "Deep sigmoid networks stop converging.", IF,
        "nothing is done about the factor: after 20 epochs at the best of nine rates the training error is 0.25 % with "
        "2 hidden layers of sigmoids, 89 % with 5 (18 % after 100 epochs) and 90 % with 20, where tanh has 0.2 %; "
        "batch normalisation brings the 20 layers to 0.31 %, residual connections to 0.04 %.",
        record="runs",
        heard=GOLDEN,
    ),
    Claim(
        "V3", "With ReLU no gradient vanishes, because its slope is constant.", IF,
        "the weights fit: over 50 layers of 64 units each multiplies the gradient by 1 with He's weights, but by 0.5 "
        "with half of them (10^−15 in all) and by 2 with twice them (10^15). Half of the slopes are 0.",
        heard=f"{D2L_SLIDES}; {QUICK}",
    ),
    Claim(
        "V4", "A saturated unit lets almost no gradient through.", HOLDS,
        "the slope falls under 1 % of its steepest, 0.25 for the sigmoid and 1 for tanh, beyond z = ±5.99 and ±2.99; "
        "ReLU and ELU saturate on the left only, and so do GELU and SiLU, whose slopes also cross 0 at z = −0.75 and "
        "−1.28.",
        heard=CS231N,
    ),
    Claim(
        "V5", "The initialisations of Xavier and He keep the variance from layer to layer.", IF,
        "the activation is the one they were made for: from layer 1 to 50 the variance goes from 0.69 to 0.65 with "
        "ReLU and He, and to 10^−15 with Xavier instead; with tanh and Xavier it starts at 0.39 and falls 60-fold.",
        heard=f"{TENSORFLOW}; {TORCH}",
    ),
)  # fmt: skip
