"""What learners are told about these layers, and what measuring it says.

`table("05")` shows the claims of one notebook, `table()` all of them; each verdict links to the cell that it comes
from. A topic's tests (`test_claims.py`) have one for every claim with a verdict, and compute every number in its
sentence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from cnnkit.course import TOPICS

HOLDS, IF, FALSE, UNSUPPORTED, NAMING, SHOWN, OPEN = VERDICTS = (
    "holds",  # true as said
    "holds, if",  # true under a condition that is usually left out
    "false as said",  # and `because` says what is true instead
    "unsupported",  # measuring shows neither this nor its opposite
    "naming",  # two names, or two meanings of one name
    "shown here",  # not said by the texts, but needed
    "not measured yet",
)

NOTEBOOKS = {name[:2]: name for topic, name in TOPICS.items() if topic != "start"}


class Claim(NamedTuple):
    """One claim in a learner's words, and its verdict with the reason in one sentence."""

    id: str
    notebook: str
    said: str
    verdict: str = OPEN
    because: str = ""

    @property
    def link(self) -> str:
        """Where it is measured: the file and the heading of the cell."""
        return f"{NOTEBOOKS[self.notebook]}.ipynb#Claim-{self.id}"


class Table:
    """Claims, shown as a Markdown table in a notebook and as lines of text elsewhere."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.claims = tuple(claims)

    @property
    def counts(self) -> str:
        """How many claims got which verdict."""
        count = Counter(claim.verdict for claim in self.claims)
        return f"{len(self.claims)} claims: " + " · ".join(f"{count[v]} “{v}”" for v in VERDICTS if count[v])

    @property
    def measured(self) -> list[Claim]:
        """Those with a verdict."""
        return [claim for claim in self.claims if claim.verdict != OPEN]

    @property
    def waiting(self) -> str:
        """Those without one, by notebook, in one line; "" if there are none."""
        by_notebook: dict[str, list[str]] = {}
        for claim in self.claims:
            if claim.verdict == OPEN:
                by_notebook.setdefault(claim.notebook, []).append(claim.id)
        parts = [f"{_span(ids)} (notebook {notebook})" for notebook, ids in by_notebook.items()]
        return f"Not measured yet: {', '.join(parts)}." if parts else ""

    def __repr__(self) -> str:
        lines = [f"{c.id:<3}  {c.verdict:<16}  {c.said}\n     {'':16}  {c.because}" for c in self.measured]
        return "\n".join([*lines, *filter(None, [self.waiting]), self.counts])

    def _repr_markdown_(self) -> str:
        rows = [f"| [{c.id}]({c.link}) | {c.said} | **{c.verdict}** | {c.because} |" for c in self.measured]
        head = ["| claim | what is said | verdict | because |", "|:--|:--|:--|:--|"]
        below = "\n\n".join(filter(None, [self.waiting, self.counts]))
        return "\n".join([*head, *rows, "", below])


def _span(ids: list[str]) -> str:
    """A1–A13 for a whole row of ids, else each of them."""
    numbers = [int(key[1:]) for key in ids]
    whole = len(ids) > 2 and numbers == list(range(numbers[0], numbers[0] + len(ids)))
    return f"{ids[0]}–{ids[-1]}" if whole else ", ".join(ids)


def table(notebook: str | None = None) -> Table:
    """The claims of one notebook ("05"), or all of them.

    >>> table("06").counts
    '6 claims: 2 “holds” · 2 “holds, if” · 2 “false as said”'
    """
    if notebook is not None and notebook not in NOTEBOOKS:
        raise ValueError(f"there is no notebook {notebook!r} with claims; there are {', '.join(NOTEBOOKS)}")
    return Table(c for c in CLAIMS.values() if notebook in (None, c.notebook))


_ALL = (
    Claim(
        "A1", "01", "ReLU is max(0, x), or argmax(0, x); the sigmoid is 1/(1 + e^−x), softplus log(1 + e^x).", IF,
        "you mean max: then all agree with torch from −10,000 to 10,000, at ±∞ and in three precisions, when written "
        "so that nothing overflows. An argmax gives a place: argmax(0, 3) is 1.",
    ),
    Claim(
        "A2", "01", "ReLU gives sparse activations by itself; a sigmoid needs a penalty for that.", HOLDS,
        "after training 40 % of a ReLU layer's outputs are exactly 0. An L1 penalty of 0.1 raises the sigmoid's share "
        "below 0.01 from 3 % to 92 %, but none of its outputs is ever exactly 0.",
    ),
    Claim(
        "A3", "01", "The derivative of ReLU is 0 below 0 and 1 from 0 on.", IF,
        "a value at 0 is agreed on, and torch takes 0: in 5 trainings 0 of 3,200,000 sums were exactly 0, and both "
        "choices gave the same weights to the last bit. Only a layer that starts with zeros feels the difference.",
    ),
    Claim(
        "A4", "01", "ReLU is cheap: one comparison, and the cost grows with the number of units.", IF,
        "only one layer grows: 8 times its units took 7.1 times as long, 8 times the units of all layers 54.5 times. "
        "ReLU takes torch as long as 1.5 copies of the array, the sigmoid 2.3, tanh 13.3.",
    ),
    Claim(
        "A5", "01", "Sigmoid and tanh saturate: far from 0 their derivative is almost 0.", HOLDS,
        "the slope of the sigmoid is at most 0.25 and below 1 % of that beyond ±5.99, that of tanh at most 1 "
        "and below 1 % beyond ±2.99.",
    ),
    Claim(
        "A6", "01", "Softplus is a smooth ReLU.", HOLDS,
        "its slope is the sigmoid, and it is nowhere more than log 2 = 0.69 above the ReLU, that at x = 0; a larger "
        "beta brings it closer. Only it is never exactly 0.",
    ),
    Claim(
        "A7", "01", "An activation for a CNN should not be negative, or features vote against each other.", FALSE,
        "the next layer's bias takes back any shift. Over 10 starts a small CNN gets 10.5 % of the test digits wrong "
        "with ReLU and 11.2 % with softplus, but 9.8 % with leaky ReLU, 8.1 % with ELU, 9.9 % with GELU, 8.1 % with "
        "SiLU and 8.1 % with tanh.",
    ),
    Claim(
        "A8", "01", "With a learning rate that is too large, ReLU units die and stay dead.", HOLDS,
        "of the first layer's units 1 % die at a rate of 0.5, 75 % at 1 and 93 % at 2, and none comes back. In layer "
        "2, whose inputs still change, 4 % do.",
    ),
    Claim(
        "A9", "01", "Leaky ReLU, PReLU and RReLU cure dead units.", IF,
        "the slope is large: started with biases of −5, leaky ReLU with 0.01 still gets 92 % of the digits wrong "
        "after 60 epochs, like ReLU (92 %); with 0.25 it gets 7 % wrong, PReLU 4 %, RReLU 8 %. None stands a higher "
        "rate: at 1.5 all 10 of 10 runs of each end in nan, of ReLU 0.",
    ),
    Claim(
        "A10", "01", "Avoid the sigmoid; of the two, tanh is better.", HOLDS,
        "to 1 % training error, each at its best rate, it takes the sigmoid 16.9 epochs and tanh 3.6. The centre "
        "counts for much: sigmoid − 1/2 takes 7.9; four times as steep, 4·sigmoid takes 17.0, and centred, "
        "4·sigmoid − 2, 5.0.",
    ),
    Claim(
        "A11", "01", "With ReLU a network converges several times faster than with tanh.", FALSE,
        "to 1 % training error, each at its best rate, ReLU takes 4.7 epochs, tanh 3.6 and the sigmoid 16.9; at a "
        "rate of 0.1 for all it is 6.0 for ReLU and 8.4 for tanh. The factor 6 of a well-known figure belongs to its "
        "network.",
    ),
    Claim(
        "A12", "01", "N layers further on, the share of active ReLUs has fallen by 2^N.", FALSE,
        "with He's start 50 % of the units are active in layer 1 and 49 % in layer 20. It is the share of active "
        "paths that halves: after 20 layers it is 2 to the −20.0.",
    ),
    Claim(
        "A13", "01", "ReLU lets a deep network express more than a linear one can.", HOLDS,
        "any stack of linear layers equals one matrix. With ReLU, 8 layers of 2 units make 256 straight pieces, where "
        "16 units in one layer make at most 17. With random weights, 128 units make 79.",
    ),
    Claim(
        "V1", "02", "When each layer's factor is below 1, the gradient shrinks once per layer.", HOLDS,
        "but slope and weights make that factor together: with Xavier's weights each of 50 sigmoid layers multiplies "
        "the gradient by 0.23, a little less than the steepest slope of 0.25; with 16 times those weights it is 1.21.",
    ),
    Claim(
        "V2", "02", "Deep sigmoid networks stop converging.", IF,
        "nothing is done about the factor: after 20 epochs at the best of nine rates the training error is 0.25 % with "
        "2 hidden layers of sigmoids, 89 % with 5 (18 % after 100 epochs) and 90 % with 20, where tanh has 0.2 %; "
        "batch normalisation brings the 20 layers to 0.31 %, skip connections to 0.04 %.",
    ),
    Claim(
        "V3", "02", "With ReLU no gradient vanishes, because its slope is constant.", IF,
        "the weights fit: over 50 layers of 64 units each multiplies the gradient by 1 with He's weights, but by 0.5 "
        "with half of them (10^−15 in all) and by 2 with twice them (10^15). Half of the slopes are 0.",
    ),
    Claim(
        "V4", "02", "A saturated unit lets almost no gradient through.", HOLDS,
        "the slope falls under 1 % of its steepest, 0.25 for the sigmoid and 1 for tanh, beyond z = ±5.99 and ±2.99; "
        "ReLU, ELU and GELU shut on the left only.",
    ),
    Claim(
        "V5", "02", "The initialisations of Xavier and He keep the variance from layer to layer.", IF,
        "the activation is the one they were made for: from layer 1 to 50 the variance goes from 0.69 to 0.65 with "
        "ReLU and He, and to 10^−15 with Xavier instead; with tanh and Xavier it starts at 0.39 and falls 60-fold.",
    ),
    Claim(
        "D1", "03", "p is the probability of dropping; or is it that of keeping?", NAMING,
        "with p = 0.8 PyTorch leaves 20 % of 500,000 units: PyTorch, Keras, Flax and MATLAB drop with this "
        "probability, the paper of 2014 and TensorFlow 1 keep with it.",
    ),
    Claim(
        "D2", "03", "Of 1000 units and a rate of 0.4, about 400 become 0.", HOLDS,
        "20,000 masks of PyTorch drop 400 of 1000 units on average, give or take √(1000 · 0.4 · 0.6) = 15.5; exactly "
        "as many in 1 mask of 39.",
    ),
    Claim(
        "D3", "03", "Scaling up while training or scaling down when testing comes to the same.", IF,
        "what follows is linear and the learning rate is converted by 1/(1 − p)²: then all 60 losses of both forms "
        "agree. Behind a ReLU the mean over all masks of 3 and −1 is 2.5, and testing gives 2.",
    ),
    Claim(
        "D4", "03", "The scaling leaves the sum over all inputs unchanged.", FALSE,
        "only the expected sum is unchanged: 1, 2, 3, 4 with p = 0.5 still add up to 10 in 2 of 16 masks, and the sum "
        "of 1000 ones has a standard deviation of 31.6.",
    ),
    Claim(
        "D5", "03", "n units make 2^n sub-networks, too many to average.", IF,
        "one by one is meant: 12 units make 4,096. One pass gives their mean exactly for anything linear, and exactly "
        "their normalised geometric mean for a softmax. Behind a ReLU it gives 1 where the mean is 6.15, and 100 draws "
        "find that with an error of 0.8, however many there are to draw from.",
    ),
    Claim(
        "D6", "03", "With many units, no mask ever comes twice.", IF,
        "p is not small: among 12,000 masks of 128 units a repeat has the probability 10^−31 with p = 0.5. With p = "
        "0.05 it is practically certain, since one mask in 710 keeps all units.",
    ),
    Claim(
        "D7", "03", "Dropout reduces overfitting.", HOLDS,
        "over 10 seeds with 200 digits, 1 in 5 of them wrongly labelled, the gap between the losses falls from 0.69 to "
        "0.45 with p = 0.5 and to 0.17 with p = 0.8, and the validation error from 21.4 % to 16.6 % and 12.7 %. With "
        "right labels only it falls from 6.4 % by 0.5 ± 0.2 and 0.6 ± 0.3 points.",
    ),
    Claim(
        "D8", "03", "Averaging several networks reduces overfitting as dropout does.", HOLDS,
        "over 20 sets of 200 digits one network gets 12.8 % of the test digits wrong, 5 averaged 0.8 points less, 5 "
        "voting 0.7 and one with dropout 0.9 (± 0.1 each); the 5 cost 5 times as much.",
    ),
    Claim(
        "D9", "03", "Dropout keeps units from relying on each other.", HOLDS,
        "with p = 0.5 the loss rises by 8.7 % when the hidden unit that is missed most is deleted, without dropout by "
        "23.5 %; a random half of the units gets 9.3 % of the digits wrong, without dropout 20.4 % (all units: 5.8 % "
        "and 6.4 %). But two units are no less alike: they correlate by 0.18, without dropout by 0.17.",
    ),
    Claim(
        "D10", "03", "A training step changes only the weights of the units that were kept.", IF,
        "the batch is one example and the step only its gradient: with p = 0.5 that is exactly 0 for 50 % of the units "
        "then, for 3 % in a batch of 5 and for 0 % in one of 20. Momentum of 0.9 moves a dropped unit's weight by "
        "0.18, Adam by 0.07.",
    ),
    Claim(
        "D11", "03", "The mask leaves all other units as they are.", FALSE,
        "they are multiplied by 1/(1 − p): by 1.25 with p = 0.2, by 2 with p = 0.5 and by 5 with p = 0.8. Only the "
        "form of 2014 leaves them alone while training.",
    ),
    Claim(
        "D12", "03", "A rate outside [0, 1) is an error; two lines of NumPy do the rest.", FALSE,
        "−0.1, 1.5 and nan are refused, but PyTorch takes 1 and gives zeros. The two lines write into their input, so "
        "that after 10 calls with 0.5 less than 1 % of it is left, and they fail on whole numbers.",
    ),
    Claim(
        "D13", "03", "Dropout belongs into fully connected layers; in convolutions it does little.", FALSE,
        "one layer of dropout in a small CNN on 200 digits, p = 0.5: single values behind convolution 1 lower the test "
        "error by 2.9 points, behind convolution 2 by 1.7, in the fully connected layer by 1.9; whole maps by 0.5 and "
        "1.2 (standard errors from 0.3 to 0.7). Of a dropped value 66 % and 62 % of the variance can be guessed, of a "
        "dropped unit 51 %.",
    ),
    Claim(
        "D14", "03", "Good rates are 0.5, or 0.3, or 0.2 at the input.", UNSUPPORTED,
        "in 24 cases (3 places, 4 numbers of digits, right labels or 1 in 5 wrong; 10 seeds) the best p lies between "
        "0.1 and 0.8. 0.3 cannot be told from it in 14 of them, 0.5 in 11 and, at the input, 0.2 in 4 of 8.",
    ),
    Claim(
        "D15", "03", "Without dropout the first batches weigh more than the later ones.", FALSE,
        "the last ones weigh most: wrong labels in the last tenth of an epoch raise the loss by 2.02, in the first by "
        "0.01; with dropout by 1.78 and 0.01, which 20 starts cannot tell apart. Shown first, circles are forgotten to "
        "100 %, with dropout too; mixed with squares, to 3 %.",
    ),
    Claim(
        "D16", "03", "Dropout before max-pooling draws the pooled value at random.", IF,
        "no value is negative: of 8, 6, 4, 2 with p = 0.5 comes out 8 in 50 % of the masks, 6 in 25 %, 4 in 12.5 %, 2 "
        "in 6.25 % and 0 in 6.25 %. Scaled up, that is 12.25 on average, and testing gives 8.",
    ),
    Claim(
        "D17", "03", "Dropout does nothing when testing; forget to say so and predictions become random.", HOLDS,
        "testing twice gives the same to the last bit. Left in training mode, networks with p = 0.5 read 12 % of the "
        "validation digits differently the second time, and 11 % wrong in place of 6 %.",
    ),
    Claim(
        "D18", "03", "Dropout goes with a bound on the length of each unit's weights.", IF,
        "the learning rate is high: with dropout the bound lowers the test error from 18.1 % to 13.4 % at a rate of "
        "0.5 and from 78 % to 27 % at 0.7. At 0.1, the best rate without it, the error is 12.4 % without and 12.5 % "
        "with it. Without dropout it helps as well: at 0.7, 4 of 20 networks get more than half wrong, with it 0.",
    ),
    Claim(
        "P1", "04", "2×2 max-pooling halves the image, and only because its stride is 2.", IF,
        "the side is even: of 32 pixels, 2×2 windows with strides of 1, 2 and 3 leave 31, 16 and 11, and 1×1 windows "
        "with a stride of 2 also 16. Of 5 pixels a stride of 2 leaves 2, with ceil_mode 3.",
    ),
    Claim(
        "P2", "04", "Pooling has no parameters; a convolution with stride 2 has.", HOLDS,
        "2×2 pooling of 64 maps learns 0 numbers, a 2×2 convolution with stride 2 learns 16,448, and both make 16×16 "
        "of 32×32.",
    ),
    Claim(
        "P3", "04", "Pooling makes a network invariant to shifts, rotations and scale.", FALSE,
        "for digits of 10 pixels, 2 max poolings put the shift at which half of a network's answers are gone from "
        "1.5 pixels to 1.9, a blur to 2.8. Trained on shifted digits, 82 % stay at 3 pixels without pooling and 84 % "
        "with it. Before a global mean, 100 % stay at 2 pixels without pooling, 58 % with it, 93 % blurred. Turned "
        "by 30° it is 43 % and 38 %, 1.41 times as large 50 % and 56 %.",
    ),
    Claim(
        "P4", "04", "Pooling saves computation and later parameters, and so reduces overfitting.", FALSE,
        "it saves both (560,800 products become 79,600, and 65,280 parameters 5,280), but fewer parameters are "
        "not what helps. With centred digits the gap between test and training error goes from 7 % to 9 %, and as few "
        "parameters without pooling give 9 % too. With digits anywhere it goes from 54 % to 28 %, and as few "
        "parameters without pooling leave 52 %.",
    ),
    Claim(
        "P5", "04", "Pooling enlarges the receptive field, and so does dilation.", HOLDS,
        "three layers of 3×3 see 7×7 pixels, with two 2×2 poolings between them 18×18, with dilations of 1, 2 and 4 "
        "15×15, by the formula and by where the gradient arrives. The middle, half as wide, gets 50 %, 42 % and 40 % "
        "of it.",
    ),
    Claim(
        "P6", "04", "Who needs exact positions avoids pooling for interpolation or strides.", FALSE,
        "networks say where a dot is to 0.05 pixels with nothing made smaller, to 0.12 with max pooling, and no better "
        "with what should replace it: 0.11 with strides, 0.12 with averages, which at half the size is bilinear "
        "interpolation. Global pooling does lose the place: 3.59, where a blind guess is off by 3.67.",
    ),
    Claim(
        "P7", "04", "Max-pooling keeps the strongest response, average pooling blends.", HOLDS,
        "of 4 numbers a maximum passes on 1 and hands it the whole gradient (the first of equals, as in torch); an "
        "average takes 0.25 of each and gives 0.25 back. Overlaps add up: who wins 4 windows hears from 4.",
    ),
    Claim(
        "C1", "05", "The output is (W − F + 2P)/S + 1 wide: 5×5×3, a 3×3×3 filter and P = 1 give 5×5×1.", IF,
        "the division is rounded down: then it is torch's size in all 6,222 settings of a sweep, dilation included; "
        "in 3,607 of them there is a remainder.",
    ),
    Claim(
        "C2", "05", "A 5×5×3 filter makes one 28×28 map of a 32×32×3 image; two filters make two.", HOLDS,
        "torch gives (1, 28, 28) for one filter and (2, 28, 28) for two.",
    ),
    Claim(
        "C3", "05", "A filter is as deep as its input.", IF,
        "the layer has one group: of 36 pairs of depths from 1 to 6 torch takes the 6 equal ones, but with groups = 2 "
        "a filter over 6 channels is 3 deep.",
    ),
    Claim(
        "C4", "05", "An output is the sum of all products over all channels, plus the bias.", HOLDS,
        "in whole numbers, 27 products and the bias give exactly torch's value in all 9 windows of a 5×5×3 input "
        "(F = 3, P = 1, S = 2).",
    ),
    Claim(
        "C5", "05", "The padding that keeps the size is 1 for F = 3, 2 for F = 5, 3 for F = 7: a rule of thumb.", IF,
        "the filter is odd: a search over F up to 15 and d up to 4 finds d(F − 1)/2 and nothing else, so it is "
        "computed, not a rule of thumb; F = 4 has none, unless d is even.",
    ),
    Claim(
        "C6", "05", "With that padding the output is the same size as the input.", IF,
        "only height and width are meant: 5×5×3 becomes 5×5×10 with 10 filters.",
    ),
    Claim(
        "C7", "05", "A convolution slides the filter over the image as it is.", NAMING,
        "that is a cross-correlation, and torch computes it for 100 of 100 random filters; the flipped filter of a "
        "true convolution agrees for 0 of them, and for 100 of 100 that look the same after a half turn.",
    ),
    Claim(
        "C8", "05", "Padding with zeros has no influence on the input.", FALSE,
        "a 3×3 mean over an 8×8 image of ones falls to 0.67 at the edges and 0.44 in the corners, in 28 of 64 outputs; "
        "with reflect or replicate padding all are 1.",
    ),
    Claim(
        "C9", "05", "Stacking gives deeper features: each layer sees more of the image than the one before.", HOLDS,
        "1, 2 and 3 layers of 3×3 read 3×3, 5×5 and 7×7 pixels; the three have 27·C² weights, one layer of 7×7 has "
        "49·C² (C = 64: 110,592 and 200,704).",
    ),
    Claim(
        "C10", "05", "What happens when the division has a remainder?", SHOWN,
        "the pixels right of the last window are never read: with W = 8, F = 3, S = 2 the last 1 gets no gradient. "
        "Rounding up adds a window only if it starts inside, so W = 10, F = 1, S = 2 gives 5, not 6.",
    ),
    Claim(
        "W1", "06", "Without sharing, 10 maps of 32×32 need 768,000 weights; with it 760.", IF,
        "the padding is 2 and biases are not counted: there are 10,240 of them, and 778,240 parameters against 760. "
        "Without padding the maps are 28×28 and take 588,000 weights. Fully connected it would be 31,457,280.",
    ),
    Claim(
        "W2", "06", "The weights are shared because one filter sweeps over the whole image.", HOLDS,
        "in 200 random settings the layer is a matrix with the same weights in every row, to 10^−12. One 3×3 filter "
        "on 16×16 pixels fills 2,116 of its 65,536 entries with 9 different numbers; nothing has to sweep.",
    ),
    Claim(
        "W3", "06", "Sharing makes a layer respond alike everywhere.", IF,
        "the place is not at the border and the shift is a multiple of the stride: of 16 columns with 3×3 windows 14 "
        "follow any shift exactly, but with stride 2 none follows an odd one. Without sharing none follows.",
    ),
    Claim(
        "W4", "06", "Sharing is what makes CNNs trainable on images.", FALSE,
        "untied they learn, too. On 16×16 pixels, of digits up to 4 pixels off the middle, the locally connected one "
        "reads 89.2 %, the CNN 90.4 %, one of as many weights 92.9 %; a fully connected network 87.2 %. Trained in "
        "the middle only, the CNN reads 15 % of those 3 pixels aside; pooled, with stride 1, it reads 92 %.",
    ),
    Claim(
        "W5", "06", "The gradient of a shared weight is the sum over all its positions.", HOLDS,
        "in 200 random settings it is that sum to 10^−12: each place sends back what a filter of its own would get. A "
        "mean over a map of 32×32 would be 1,024 times smaller.",
    ),
    Claim(
        "W6", "06", "CNNs escape a cost that grows exponentially with the size of the image.", FALSE,
        "the cost is a power of the side: twice the side takes 16 times the weights when fully connected, 4 times "
        "when locally connected, and as many as before when shared. The products of a convolution still grow 4 times.",
    ),
    Claim(
        "F1", "07", "The usual order: convolution, ReLU, pooling, again and again; then fully connected layers.", HOLDS,
        "so is the network of PyTorch's MNIST example. Of its 1,199,882 parameters 98 % sit in the first fully "
        "connected layer, of its products 89 % in the second convolution; with the mean of each map in its place "
        "19,466 are left. But ReLU and max-pooling may change places, and the softmax belongs to the loss.",
    ),
    Claim(
        "F2", "07", "The layers of this course, chained, are the PyTorch network.", HOLDS,
        "over 100 steps of SGD, of Nesterov's momentum and of Adam, on the same batches and with the same dropout "
        "masks, no loss, weight or running mean differs by more than 10^−9, batch normalisation included.",
    ),
    Claim(
        "F3", "07", "Batch normalisation makes learning faster and lets each layer learn on its own.", IF,
        "“on its own” means disturbed less. With it 95 % of the digits are read after 1.5 epochs, without it after "
        "2.9, and 80 % of moved ones after 2.9 and 6.1 (medians of 10 seeds, each at its best rate). A step of the "
        "layers below turns the last layer's gradient by 5° with it and by 25° without.",
    ),
    Claim(
        "F4", "07", "Batch normalisation goes before dropout; or after it?", IF,
        "dropout is strong and the ReLU stands between them: with p = 0.5 that gets 32.2 % of moved digits wrong, "
        "turned round 59.3 %; side by side it is 45.5 and 44.5 %. In the worst order batch norm gets 0.16 of the "
        "variance it expects; told the truth, with the same weights, the error is 24.5 %. With p = 0.2 the four lie "
        "between 16.3 and 18.5 %.",
    ),
    Claim(
        "F5", "07", "The more dropout layers, the better.", FALSE,
        "with p = 0.2 the error is 8.9 % without, 7.0 % with 2 layers, and with 3 no better: 7.7 % (200 digits to "
        "learn from: 15.9, 13.0 and 14.1 %). With p = 0.5, 3 layers bring it to 27.3 % (53.1 %), for then the "
        "network does not even learn what it is shown.",
    ),
    Claim(
        "F6", "07", "CNNs need little preparation of their images.", IF,
        "the scale is right: without batch norm pixels up to 255 leave 59.9 % of the digits misread at the best of "
        "12 rates, pixels up to 1 only 11.5 %, with mean 0 and variance 1 10.5 %. With batch norm it is 8.1, 8.0 "
        "and 8.6 %.",
    ),
    Claim(
        "F7", "07", "Such a network reads MNIST, 60,000 + 10,000 handwritten digits.", HOLDS,
        "a network of 44,922 parameters reads 99.51 % of the 10,000 test digits after 4 epochs (99.46 to 99.54, 5 "
        "seeds), and in 0.04 of the time of PyTorch's own example it reads 98.5 % (2 seeds).",
    ),
    Claim(
        "F8", "07", "Hidden units stand for abstract features.", SHOWN,
        "class means read 19 % of the moved test digits from the pixels and 76 % from the last hidden layer, before "
        "training 25 %. But the class explains only 19 % of what a unit does there: none stands for a digit.",
    ),
    Claim(
        "F9", "07", "The learned features are independent of each other, although the pixels are not.", FALSE,
        "two channels at one place correlate by 0.38, 0.18 and 0.13 in layers 1, 2 and 3, neighbouring pixels by "
        "0.56, unrelated numbers by 0.02. Before training it is 0.39, 0.21 and 0.17, so it is hardly the learning; "
        "with dropout 0.29, 0.08 and 0.09.",
    ),
)  # fmt: skip

CLAIMS: dict[str, Claim] = {claim.id: claim for claim in _ALL}
