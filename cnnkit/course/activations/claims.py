"""The claims of notebook 01: what is said, the verdict, and why."""

from cnnkit.course.kit.claim import FALSE, HOLDS, IF, Claim

CS231N = "[CS231n, Neural networks 1](https://cs231n.github.io/neural-networks-1/#actfun)"
GLOROT = "[Glorot, Bordes & Bengio (2011)](https://proceedings.mlr.press/v15/glorot11a.html)"
PYTORCH = "https://docs.pytorch.org/docs/stable/generated/torch.nn"
NOWHERE = "class and blogs; no source found"

CLAIMS = (
    Claim(
        "A1", "ReLU is max(0, x), or argmax(0, x); the sigmoid is 1/(1 + e^−x), softplus log(1 + e^x).", IF,
        "you mean max: then all agree with torch from −10,000 to 10,000, at ±∞ and in three precisions, when written "
        "so that nothing overflows. An argmax gives a place: argmax(0, 3) is 1.",
        heard=f"[PyTorch, Softplus]({PYTORCH}.Softplus.html), [Sigmoid]({PYTORCH}.Sigmoid.html); the argmax in class, "
        "no source found",
    ),
    Claim(
        "A2", "ReLU gives sparse activations by itself; a sigmoid needs a penalty for that.", HOLDS,
        "after training 40 % of a ReLU layer's outputs are exactly 0. An L1 penalty of 0.1 raises the sigmoid's share "
        "below 0.01 from 3 % to 92 %, but none of its outputs is ever exactly 0.",
        record="sparsity",
        heard=GLOROT,
    ),
    Claim(
        "A3", "The derivative of ReLU is 0 below 0 and 1 from 0 on.", IF,
        "a value at 0 is agreed on, and torch takes 0: in 5 trainings 0 of 3,200,000 sums were exactly 0, and both "
        "choices gave the same weights to the last bit. Only a layer that starts with zeros feels the difference.",
        heard="[aman.ai, Derivative of the ReLU](https://aman.ai/primers/backprop/derivative-relu/), its last sentence",
    ),
    Claim(
        "A4", "ReLU is cheap: one comparison, and the cost grows with the number of units.", IF,
        "only one layer grows: 8 times its units took 7.1 times as long, 8 times the units of all layers 54.5 times. "
        "In PyTorch the ReLU takes 1.5 times as long as copying the array, the sigmoid 2.3, tanh 13.3.",
        record="costs",
        heard=f"{CS231N}; that the cost grows so, in class, no source found",
    ),
    Claim(
        "A5", "Sigmoid and tanh saturate: far from 0 their derivative is almost 0.", HOLDS,
        "the slope of the sigmoid is at most 0.25 and below 1 % of that beyond ±5.99, that of tanh at most 1 "
        "and below 1 % beyond ±2.99.",
        heard=CS231N,
    ),
    Claim(
        "A6", "Softplus is a smooth ReLU.", HOLDS,
        "its slope is the sigmoid, and it is nowhere more than log 2 = 0.69 above the ReLU, that at x = 0; a larger "
        "beta brings it closer. Only it is never exactly 0.",
        heard=f"[PyTorch, Softplus]({PYTORCH}.Softplus.html); {GLOROT}",
    ),
    Claim(
        "A7", "An activation for a CNN should not be negative, or features vote against each other.", FALSE,
        "the next layer's bias takes back any shift. Over 30 seeds a small CNN gets 9.5 % of the test digits wrong "
        "with ReLU and 10.7 % with softplus, but 8.9 % with leaky ReLU, 8.2 % with ELU, 9.2 % with GELU, 8.1 % with "
        "SiLU and 8.5 % with tanh.",
        record="cnn",
        heard=NOWHERE,
    ),
    Claim(
        "A8", "With a learning rate that is too large, ReLU units die and stay dead.", HOLDS,
        "of the first layer's units 1 % die at a rate of 0.5, 75 % at 1 and 93 % at 2, and none comes back. In layer "
        "2, whose inputs still change, 5 of the 250 that died at 1 do.",
        record="deaths",
        heard=CS231N,
    ),
    Claim(
        "A9", "Leaky ReLU, PReLU and RReLU cure dead units.", IF,
        "the slope is large: started with biases of −5, leaky ReLU with 0.01 still gets 92 % of the digits wrong "
        "after 60 epochs, like ReLU (92 %); with 0.25 it gets 7 % wrong, PReLU 4 %, RReLU 8 %. None tolerates a higher "
        "rate: at 1.5 all 10 runs of each end in nan; no ReLU run does.",
        record="deaths silenced",
        heard=f"{CS231N}; [machinelearning.wtf, Leaky ReLU](https://machinelearning.wtf/terms/leaky-relu/)",
    ),
    Claim(
        "A10", "Avoid the sigmoid; of the two, tanh is better.", HOLDS,
        "to 1 % training error, each at its best rate, it takes the sigmoid 16.9 epochs and tanh 3.6. The centre "
        "counts for much: sigmoid − 1/2 takes 7.9; four times as steep, 4·sigmoid takes 17.0, and centred, "
        "4·sigmoid − 2, 5.0.",
        record="convergence",
        heard=f"{CS231N}; [LeCun and others (1998), Efficient BackProp](http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf)",
    ),
    Claim(
        "A11", "With ReLU a network converges several times faster than with tanh.", FALSE,
        "to 1 % training error, each at its best rate, ReLU takes 4.7 epochs, tanh 3.6 and the sigmoid 16.9; at a "
        "rate of 0.1 for all it is 6.0 for ReLU and 8.4 for tanh. The factor 6 of a well-known figure belongs to its "
        "four-layer convolutional network.",
        record="convergence",
        heard="[Krizhevsky, Sutskever & Hinton (2012)]"
        "(https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html), figure 1",
    ),
    Claim(
        "A12", "N layers further on, the share of active ReLUs has fallen by 2^N.", FALSE,
        "with random weights as He proposed 50 % of the units are active in layer 1 and 49 % in layer 20. It is the "
        "share of active paths that halves: after 20 layers it is 2 to the −20.0.",
        heard=NOWHERE,
    ),
    Claim(
        "A13", "ReLU lets a deep network express more than a linear one can.", HOLDS,
        "any stack of linear layers equals one matrix. With ReLU, 8 layers of 2 units make 256 straight pieces, where "
        "16 units in one layer make at most 17. With random weights, 128 units make 79.",
        heard="[Dive into Deep Learning, Multilayer perceptrons](https://d2l.ai/chapter_multilayer-perceptrons/mlp.html)",
    ),
)  # fmt: skip
