"""The claims of notebook 02: what is said, the verdict, and why."""

from cnnkit.course.kit.claim import HOLDS, IF, Claim

CLAIMS = (
    Claim(
        "V1", "When each layer's factor is below 1, the gradient shrinks once per layer.", HOLDS,
        "but slope and weights make that factor together: with Xavier's weights each of 50 sigmoid layers multiplies "
        "the gradient by 0.23, a little less than the steepest slope of 0.25; with 16 times those weights it is 1.21.",
    ),
    Claim(
        "V2", "Deep sigmoid networks stop converging.", IF,
        "nothing is done about the factor: after 20 epochs at the best of nine rates the training error is 0.25 % with "
        "2 hidden layers of sigmoids, 89 % with 5 (18 % after 100 epochs) and 90 % with 20, where tanh has 0.2 %; "
        "batch normalisation brings the 20 layers to 0.31 %, skip connections to 0.04 %.",
        record="runs",
    ),
    Claim(
        "V3", "With ReLU no gradient vanishes, because its slope is constant.", IF,
        "the weights fit: over 50 layers of 64 units each multiplies the gradient by 1 with He's weights, but by 0.5 "
        "with half of them (10^−15 in all) and by 2 with twice them (10^15). Half of the slopes are 0.",
    ),
    Claim(
        "V4", "A saturated unit lets almost no gradient through.", HOLDS,
        "the slope falls under 1 % of its steepest, 0.25 for the sigmoid and 1 for tanh, beyond z = ±5.99 and ±2.99; "
        "ReLU, ELU and GELU shut on the left only.",
    ),
    Claim(
        "V5", "The initialisations of Xavier and He keep the variance from layer to layer.", IF,
        "the activation is the one they were made for: from layer 1 to 50 the variance goes from 0.69 to 0.65 with "
        "ReLU and He, and to 10^−15 with Xavier instead; with tanh and Xavier it starts at 0.39 and falls 60-fold.",
    ),
)  # fmt: skip
