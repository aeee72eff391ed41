"""The claims of lab 04: what is said, the verdict, and why."""

from cnnkit.course.kit.claim import FALSE, HOLDS, IF, UNSUPPORTED, Claim

CS231N = "[CS231n, Convolutional networks](https://cs231n.github.io/convolutional-networks/)"
D2L = "[Dive into deep learning, Pooling](https://d2l.ai/chapter_convolutional-neural-networks/pooling.html)"

CLAIMS = (
    Claim(
        "P1", "2×2 max-pooling halves the image, and only because its stride is 2.", IF,
        "the side is even: of 32 pixels, 2×2 windows with strides of 1, 2 and 3 leave 31, 16 and 11, and 1×1 windows "
        "with a stride of 2 also 16. Of 5 pixels a stride of 2 leaves 2, with ceil_mode 3.",
        heard=f"{CS231N}; [Keras manual, MaxPooling2D](https://keras.io/api/layers/pooling_layers/max_pooling2d/)",
    ),
    Claim(
        "P2", "Pooling has no parameters; a convolution with stride 2 has.", HOLDS,
        "2×2 pooling of 64 maps learns 0 numbers, a 2×2 convolution with stride 2 learns 16,448, and both make 16×16 "
        "of 32×32.",
        heard=CS231N,
    ),
    Claim(
        "P3", "Pooling makes a network invariant to shifts, rotations and scale.", FALSE,
        "for digits of 10 pixels, 2 max poolings put the shift at which half of a network's answers are gone from "
        "1.5 pixels to 1.9, a blur to 2.8. Trained on shifted digits, 82 % stay at 3 pixels without pooling and 84 % "
        "with it. Before a global mean, on a picture that is a ring, 100 % stay at 2 pixels without pooling, 58 % with "
        "it, 93 % blurred; convolutions that pad with zeros keep 100 % at 2 pixels, but 63 % at 8. Turned by 30° it is "
        "43 % and 38 %, 1.41 times as large 50 % and 56 %.",
        record="centred shifted zeros",
        heard=f"{D2L}, on shifts; [What is the use of the pooling layer?](https://www.codetd.com/en/article/14072407), "
        "on all of it",
    ),
    Claim(
        "P4", "Pooling saves computation and later parameters, and so reduces overfitting.", FALSE,
        "it saves both (560,800 products become 79,600, and 65,280 parameters 5,280), but fewer parameters are "
        "not what helps. With centred digits the gap between test and training error goes from 7 % to 9 %, and as few "
        "parameters without pooling give 9 % too. With digits anywhere it goes from 54 % to 28 %, and as few "
        "parameters without pooling leave 52 %.",
        record="anywhere centred shifted",
        heard=CS231N,
    ),
    Claim(
        "P5", "Pooling enlarges the receptive field, and so does dilation.", HOLDS,
        "three layers of 3×3 see 7×7 pixels, with two 2×2 poolings between them 18×18, with dilations of 1, 2 and 4 "
        "15×15, by the formula and by where the gradient arrives. The middle, half as wide, gets 50 %, 42 % and 40 % "
        "of it.",
        heard=f"{D2L}; [Yu & Koltun](https://arxiv.org/abs/1511.07122), for dilation",
    ),
    Claim(
        "P6", "Tasks that need exact positions avoid pooling and use interpolation or strides.", UNSUPPORTED,
        "it was tested on one bright dot, not on segmentation. Networks say where the dot is to 0.05 pixels with "
        "nothing made smaller and to 0.12 with max pooling. What should replace it is no better: 0.11 with strides, "
        "0.12 with averages, which at half the size is bilinear interpolation. Global pooling does lose the place: "
        "3.59, where always answering the middle gives 3.67.",
        record="places",
        heard="[Cross Validated](https://stats.stackexchange.com/questions/245365/understanding-max-pooling-and-loss-of-"
        "information), on strides; [Yu & Koltun](https://arxiv.org/abs/1511.07122), on segmentation",
    ),
    Claim(
        "P7", "Max-pooling keeps the strongest response, average pooling blends.", HOLDS,
        "of 4 numbers a maximum passes on 1 and hands it the whole gradient (the first of equals, as in torch); an "
        "average takes 0.25 of each and gives 0.25 back. Overlaps add up: a pixel that wins 4 windows gets the "
        "gradients of all 4.",
        heard="[datarekha, interview questions](https://datarekha.com/interview/deep-learning/max-vs-average-pooling/)",
    ),
)  # fmt: skip
