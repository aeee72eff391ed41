"""The exercises of notebook 07, with those that count in full."""

from __future__ import annotations

from cnnkit.course.cnn.exercises.capstone import CAPSTONE
from cnnkit.course.cnn.exercises.loss import FLOOR, STABLE
from cnnkit.course.cnn.exercises.modes import EVAL, MOMENTUM, RUNNING
from cnnkit.course.cnn.exercises.order import ORDER
from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def features(n, filters, k, p, blocks):
    for _ in range(blocks):
        n = n + 2 * p - k + 1
        n = n // 2
    return filters * n * n


def learnt(c, filters, k, features, classes):
    convolution = filters * (c * k * k + 1)
    batch_norm = 2 * filters
    linear = classes * (features + 1)
    return convolution + batch_norm + linear


def feature_cases():
    """Networks of one to three blocks that something is left of, with odd sizes on the way."""
    plain = [(8, 1, 3, 1, 1), (8, 1, 3, 0, 1), (9, 1, 3, 1, 1), (28, 32, 3, 1, 2), (28, 16, 5, 0, 2), (32, 6, 5, 0, 2)]
    drawn = [
        (n, f, k, p, blocks)
        for n in (7, 8, 13, 28, 30, 33) for f in (1, 3, 16) for k in (1, 2, 3, 5) for p in (0, 1, 2)
        for blocks in (1, 2, 3)
        if _left(n, k, p, blocks)
    ]  # fmt: skip
    return [*plain, *drawn[::3]]


def _left(n, k, p, blocks):
    for _ in range(blocks):
        n = (n + 2 * p - k + 1) // 2
        if n < 1:
            return False
    return True


def learnt_cases():
    """Grey and coloured input, few filters and many."""
    return [
        (c, f, k, features, classes)
        for c in (1, 3) for f in (1, 4, 16) for k in (1, 3, 5) for features in (5, 64) for classes in (2, 10)
    ]  # fmt: skip


def _features(size, total=lambda n, filters, blocks: filters * n * n):
    """A wrong answer: `size` is what a block makes of a side, `total` the number of features."""

    def answer(n, filters, k, p, blocks):
        for _ in range(blocks):
            n = size(n, k, p)
        return total(n, filters, blocks)

    return answer


def _right(n, k, p):
    return (n + 2 * p - k + 1) // 2


def _learnt(convolution=None, batch_norm=None, linear=None):
    """A wrong answer: the counts that are given in place of the right ones."""

    def answer(c, filters, k, features, classes):
        counts = (
            convolution(c, filters, k) if convolution else filters * (c * k * k + 1),
            batch_norm(filters) if batch_norm else 2 * filters,
            linear(features, classes) if linear else classes * (features + 1),
        )
        return sum(counts)

    return answer


FEATURES = FunctionExercise(
    key="07.1",
    title="What the linear layer takes",
    name="features",
    question=(
        "PyTorch asks you for this number. A wrong guess gives `mat1 and mat2 shapes cannot be multiplied`. Write "
        "`features(n, filters, k, p, blocks)`: an image of n×n goes through `blocks` blocks, each a convolution to "
        "`filters` channels with kernel size k, stride 1 and padding p, then max pooling 2×2. How many numbers per "
        "image does `Flatten` hand to the linear layer?"
    ),
    stub="def features(n, filters, k, p, blocks):\n    ...",
    hints=(
        "Follow one side through one block: the convolution makes n + 2p − k + 1 of it. And the pooling?",
        "Pooling halves it, and an odd last row is left out: `n // 2`. The next block starts from there.",
        "Whatever the number of blocks, the last one leaves `filters` maps, of n·n numbers each.",
    ),
    solution=features,
    praise="With 28×28 pixels, 32 filters, k = 3, p = 1 and two blocks it is 32·7·7 = 1,568. And with p = 0?",
    cases=feature_cases,
    neutral={"p": 0, "blocks": 1, "filters": 1},
    mistakes=(
        Mistake(
            _features(lambda n, k, p: (n - k + 1) // 2),
            "You leave the padding out: the convolution makes n + 2p − k + 1 of n.",
        ),
        Mistake(
            _features(lambda n, k, p: (n + p - k + 1) // 2),
            "You count the padding once. It is added on both sides: 2p.",
        ),
        Mistake(
            _features(lambda n, k, p: n // 2),
            "You halve the size and take it that the convolution keeps it. That needs 2p = k − 1.",
        ),
        Mistake(
            _features(lambda n, k, p: n + 2 * p - k + 1),
            "You leave the pooling out: it halves the side in each block.",
        ),
        Mistake(
            lambda n, filters, k, p, blocks: features(n, filters, k, p, 1),
            "That is one block, however many are asked for: each starts from what the one before left.",
        ),
        Mistake(
            _features(_right, lambda n, filters, blocks: n * n),
            "That is one map. The last block leaves `filters` of them.",
        ),
        Mistake(
            _features(_right, lambda n, filters, blocks: filters * n),
            "You take one side of the maps. A map has n·n numbers.",
        ),
        Mistake(
            _features(_right, lambda n, filters, blocks: filters**blocks * n * n),
            "The channels do not multiply from block to block: each filter reads all channels and makes one map.",
        ),
        Mistake(
            _features(_right, lambda n, filters, blocks: filters * blocks * n * n),
            "The channels do not add up from block to block: what comes out is what the last block leaves.",
        ),
        Mistake(
            _features(lambda n, k, p: -(-(n + 2 * p - k + 1) // 2)),
            "You round up when a side is odd. Pooling leaves an odd last row and column out: round down.",
        ),
        Mistake(
            _features(lambda n, k, p: (n + 2 * p - k + 1) / 2),
            "`/` keeps half pixels where a side is odd, and they add up. Use `//`.",
        ),
        Mistake(
            _features(lambda n, k, p: (n + 2 * p - k) // 2),
            "The + 1 is missing: the convolution makes n + 2p − k + 1 of n, as its first place counts too.",
        ),
        Mistake(
            _features(lambda n, k, p: n // 2 + 2 * p - k + 1),
            "You pool before the convolution. In each block the convolution comes first.",
        ),
        Mistake(
            lambda n, filters, k, p, blocks: filters * ((n + blocks * (2 * p - k + 1)) // 2) ** 2,
            "You pool once, at the end. Every block has a pooling of its own.",
        ),
        Mistake(
            lambda n, filters, k, p, blocks: filters * n * n,
            "You take the maps as large as the image. Each block makes them smaller.",
        ),
    ),
)

LEARNT = FunctionExercise(
    key="07.5",
    title="How much is learnt",
    name="learnt",
    question=(
        "Write `learnt(c, filters, k, features, classes)`: how many numbers does this network learn? A convolution "
        "with bias from c channels to `filters` channels, kernel k×k; batch norm of these; ReLU, pooling and dropout; "
        "and a linear layer with bias from `features` numbers to one score for each of `classes`."
    ),
    stub="def learnt(c, filters, k, features, classes):\n    ...",
    hints=(
        "ReLU, pooling and dropout learn nothing. Three layers are left.",
        "A filter has c·k·k weights and one bias; a class has `features` weights and one bias.",
        "Batch norm learns a factor and a shift for each channel. Its running mean and variance are kept, not learnt.",
    ),
    solution=learnt,
    praise="The padding and the size of the image do not occur. Through which argument does the size count after all?",
    cases=learnt_cases,
    neutral={"c": 1, "filters": 1, "k": 1},
    mistakes=(
        Mistake(
            _learnt(lambda c, f, k: 2 * f * c * k * k, None, lambda n, classes: 2 * classes * n),
            "You count a bias for each weight. It is added to the finished sum: one a filter, and one a class.",
        ),
        Mistake(
            _learnt(lambda c, f, k: f * c * (k * k + 1)),
            "You count a bias for each channel that a filter reads. Its sum runs over all channels: one bias a filter.",
        ),
        Mistake(
            _learnt(lambda c, f, k: f * c * k * k, None, lambda n, classes: classes * n),
            "The weights are right, the biases are missing: one for each filter, one for each class.",
        ),
        Mistake(
            _learnt(lambda c, f, k: f * c * k * k),
            "One number for each filter is missing: its bias, or one of the two that batch norm learns for it.",
        ),
        Mistake(
            _learnt(linear=lambda n, classes: classes * n),
            "The biases of the linear layer are missing: one for each class.",
        ),
        Mistake(
            _learnt(linear=lambda n, classes: classes * n + n),
            "In the linear layer you count a bias for each feature. Each score has one: as many as there are classes.",
        ),
        Mistake(
            _learnt(batch_norm=lambda f: 0),
            "Two numbers for each filter are missing. Besides the convolution's bias there are a factor and a shift "
            "for each channel: batch norm learns as well.",
        ),
        Mistake(
            _learnt(lambda c, f, k: f * c * k * k, lambda f: 0, lambda n, classes: classes * n),
            "These are the weights alone. Each filter and each class has a bias, and batch norm learns as well.",
        ),
        Mistake(
            _learnt(lambda c, f, k: f * c * k * k + 1),
            "You count one bias for the whole convolution. Each filter has its own.",
        ),
        Mistake(
            _learnt(linear=lambda n, classes: classes * n + 1),
            "You count one bias for the whole linear layer. Each class has its own.",
        ),
        Mistake(
            _learnt(linear=lambda n, classes: 0),
            "The linear layer is missing: a weight for each feature and a bias, for each class.",
        ),
        Mistake(
            _learnt(batch_norm=lambda f: 4 * f),
            "You count the running mean and variance too. They are kept, but no gradient changes them: not learnt.",
        ),
        Mistake(
            _learnt(batch_norm=lambda f: 2),
            "You count one factor and one shift for all of batch norm. Each channel has its own.",
        ),
        Mistake(
            _learnt(lambda c, f, k: f * (k * k + 1)),
            "You leave the input's channels out: a filter has k·k weights for each of them.",
        ),
    ),
)

EXERCISES = (FEATURES, FLOOR, EVAL, CAPSTONE, LEARNT, ORDER, STABLE, RUNNING, MOMENTUM)  # lesson, then lab
