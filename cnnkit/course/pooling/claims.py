"""The claims of notebook 04: what is said, the verdict, and why."""

from cnnkit.course.kit.claim import FALSE, HOLDS, IF, Claim

CLAIMS = (
    Claim(
        "P1", "2×2 max-pooling halves the image, and only because its stride is 2.", IF,
        "the side is even: of 32 pixels, 2×2 windows with strides of 1, 2 and 3 leave 31, 16 and 11, and 1×1 windows "
        "with a stride of 2 also 16. Of 5 pixels a stride of 2 leaves 2, with ceil_mode 3.",
    ),
    Claim(
        "P2", "Pooling has no parameters; a convolution with stride 2 has.", HOLDS,
        "2×2 pooling of 64 maps learns 0 numbers, a 2×2 convolution with stride 2 learns 16,448, and both make 16×16 "
        "of 32×32.",
    ),
    Claim(
        "P3", "Pooling makes a network invariant to shifts, rotations and scale.", FALSE,
        "for digits of 10 pixels, 2 max poolings put the shift at which half of a network's answers are gone from "
        "1.5 pixels to 1.9, a blur to 2.8. Trained on shifted digits, 82 % stay at 3 pixels without pooling and 84 % "
        "with it. Before a global mean, 100 % stay at 2 pixels without pooling, 58 % with it, 93 % blurred. Turned "
        "by 30° it is 43 % and 38 %, 1.41 times as large 50 % and 56 %.",
        record="centred shifted",
    ),
    Claim(
        "P4", "Pooling saves computation and later parameters, and so reduces overfitting.", FALSE,
        "it saves both (560,800 products become 79,600, and 65,280 parameters 5,280), but fewer parameters are "
        "not what helps. With centred digits the gap between test and training error goes from 7 % to 9 %, and as few "
        "parameters without pooling give 9 % too. With digits anywhere it goes from 54 % to 28 %, and as few "
        "parameters without pooling leave 52 %.",
        record="anywhere centred shifted",
    ),
    Claim(
        "P5", "Pooling enlarges the receptive field, and so does dilation.", HOLDS,
        "three layers of 3×3 see 7×7 pixels, with two 2×2 poolings between them 18×18, with dilations of 1, 2 and 4 "
        "15×15, by the formula and by where the gradient arrives. The middle, half as wide, gets 50 %, 42 % and 40 % "
        "of it.",
    ),
    Claim(
        "P6", "Who needs exact positions avoids pooling for interpolation or strides.", FALSE,
        "networks say where a dot is to 0.05 pixels with nothing made smaller, to 0.12 with max pooling, and no better "
        "with what should replace it: 0.11 with strides, 0.12 with averages, which at half the size is bilinear "
        "interpolation. Global pooling does lose the place: 3.59, where a blind guess is off by 3.67.",
        record="places",
    ),
    Claim(
        "P7", "Max-pooling keeps the strongest response, average pooling blends.", HOLDS,
        "of 4 numbers a maximum passes on 1 and hands it the whole gradient (the first of equals, as in torch); an "
        "average takes 0.25 of each and gives 0.25 back. Overlaps add up: who wins 4 windows hears from 4.",
    ),
)  # fmt: skip
