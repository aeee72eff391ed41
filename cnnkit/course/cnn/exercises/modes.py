"""The exercises of notebook 07 on what a network keeps: batch norm's statistics, and the momentum of the steps."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def normalise(x, mean, var, training):
    if training:
        mean = x.mean(axis=0)
        var = x.var(axis=0)
    return (x - mean) / np.sqrt(var + 1e-5)


def running_var(var, x, momentum):
    batch = x.var(axis=(0, 2, 3), ddof=1)
    return (1 - momentum) * var + momentum * batch


def walk(w, gradients, lr, momentum):
    v = np.zeros_like(w)
    for g in gradients:
        v = momentum * v + g
        w = w - lr * v
    return w


def normalise_cases():
    """Batches whose own statistics are not the running ones; one example alone only outside training."""
    rng = np.random.default_rng(76)
    cases = [(np.array([[1.0], [1.2]]), np.array([0.0]), np.array([0.04]), training) for training in (True, False)]
    for n, c in ((2, 2), (3, 1), (4, 3), (6, 2)):
        x, mean, var = rng.normal(2, 3, (n, c)), rng.normal(size=c), rng.uniform(0.5, 4, c)
        cases += [(x, mean, var, True), (x, mean, var, False)]
    steady = np.array([[1.0], [1.01]]), np.array([1.0]), np.array([1e-4])  # here eps counts
    cases += [(*steady, True), (*steady, False)]
    return [*cases, (np.array([[2.0, -1.0]]), np.array([1.0, 0.0]), np.array([1.0, 9.0]), False)]


def running_cases():
    """Few values in a channel, where the divisor shows, and shares of the new variance from a tenth to all of it."""
    rng = np.random.default_rng(77)
    shapes = ((2, 1, 1, 1), (2, 1, 1, 2), (2, 3, 2, 2), (3, 2, 1, 4), (4, 2, 3, 3))
    shares = (0.1, 0.25, 0.75)
    cases = [(np.array([1.0]), np.array([0.0, 2.0]).reshape(2, 1, 1, 1), 0.1)]
    cases += [(rng.uniform(0.5, 5, shape[1]), rng.normal(1, 2, shape), share) for shape in shapes for share in shares]
    return cases


def walk_cases():
    """One step and more, with gradients that agree and that change their sign."""
    rng = np.random.default_rng(78)
    cases = [(np.zeros(1), np.ones((3, 1)), 0.1, 0.9), (np.ones(2), np.array([[1.0, -2.0]]), 0.5, 0.9)]
    for steps, size, lr, momentum in ((2, 1, 0.1, 0.5), (3, 2, 0.1, 0.9), (5, 3, 0.01, 0.9), (4, 2, 0.5, 0.25)):
        cases.append((rng.normal(size=size), rng.normal(size=(steps, size)), lr, momentum))
    return cases


def _batch(x):
    return x.var(axis=(0, 2, 3), ddof=1)


def _walked(move):
    """A wrong answer: move(w, v, g, lr, momentum) gives the next w and v."""

    def answer(w, gradients, lr, momentum):
        v = np.zeros_like(w)
        for g in gradients:
            w, v = move(w, v, g, lr, momentum)
        return w

    return answer


def _started(w, gradients, lr, momentum, v):
    for g in gradients:
        v = momentum * v + g
        w = w - lr * v
    return w


def _velocity(gradients, momentum):
    v = np.zeros_like(gradients[0])
    for g in gradients:
        v = momentum * v + g
    return v


EVAL = FunctionExercise(
    key="07.3",
    title="Training and evaluation",
    name="normalise",
    question=(
        "Write `normalise(x, mean, var, training)`: batch norm of x, an array of shape (N, features), without γ and β. "
        "mean and var are the running ones, of shape (features,). In training each feature is normalised "
        "with its own batch's mean and variance, the variance divided by N; otherwise with the running ones. "
        "eps = 1e-5 is added to the variance."
    ),
    stub="def normalise(x, mean, var, training):\n    ...",
    hints=(
        "Which mean and which variance count? That is all that `training` decides.",
        "A feature is a column: its mean over the batch is `x.mean(axis=0)`.",
        "(x − mean) / √(var + 1e-5), with whichever of the two pairs.",
    ),
    solution=normalise,
    praise="That switch is what `model.train()` and `model.eval()` set. What does one image alone become in training?",
    cases=normalise_cases,
    mistakes=(
        Mistake(
            lambda x, mean, var, training: normalise(x, mean, var, True),
            "You use the batch's own statistics always, as if `eval()` had been forgotten: what is said of one image "
            "depends on the others in its batch, and an image alone becomes all zeros.",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x, mean, var, False),
            "You use the running statistics always. In training it is the batch's own mean and variance.",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x, mean, var, not training),
            "Training and evaluation have changed places: the batch's own statistics belong to training.",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x.T, 0, 1, True).T if training else normalise(x, mean, var, False),
            "In training you normalise each example over its features (axis 1). It is each feature over the batch.",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x, x.mean(), x.var(), False)
            if training else normalise(x, mean, var, False),
            "In training you take one mean and variance for all features. Each feature has its own: axis 0.",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x, x.mean(axis=0), x.var(axis=0, ddof=1), False)
            if training else normalise(x, mean, var, False),
            "In training you divide the variance by N − 1. That one goes into the running variance; to normalise, "
            "it is divided by N.",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x, x.mean(axis=0), var, False)
            if training else normalise(x, mean, var, False),
            "In training you take the batch's mean, but the running variance. Both are the batch's then.",
        ),
        Mistake(
            lambda x, mean, var, training: (x - x.mean(axis=0)) / (x.var(axis=0) + 1e-5)
            if training else (x - mean) / (var + 1e-5),
            "You divide by the variance. Its root, the standard deviation, makes the variance 1.",
        ),
        Mistake(
            lambda x, mean, var, training: (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-5)
            if training else (x - mean) / (np.sqrt(var) + 1e-5),
            "Your eps stands outside of the root: √(var + eps), not √var + eps.",
        ),
        Mistake(
            lambda x, mean, var, training: (x - x.mean(axis=0)) / x.std(axis=0)
            if training else (x - mean) / np.sqrt(var),
            "The eps is missing: √(var + 1e-5). Without it a feature that never changes is divided by 0.",
        ),
        Mistake(
            lambda x, mean, var, training: x - x.mean(axis=0) / np.sqrt(x.var(axis=0) + 1e-5)
            if training else x - mean / np.sqrt(var + 1e-5),
            "The brackets are missing: only the mean is divided. Take it away first, then divide: (x − mean) / √(…).",
        ),
        Mistake(
            lambda x, mean, var, training: (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0)) + 1e-5
            if training else (x - mean) / np.sqrt(var) + 1e-5,
            "You add eps to the finished quotient. It belongs inside the root, to the variance: √(var + 1e-5).",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x, mean, var, True) if training else x,
            "Outside of training you leave x as it is, as dropout would. Batch norm takes the running ones then.",
        ),
        Mistake(
            lambda x, mean, var, training: x - (x.mean(axis=0) if training else mean),
            "You take the mean away, and do not divide by the standard deviation.",
        ),
        Mistake(
            lambda x, mean, var, training: x / np.sqrt((x.var(axis=0) if training else var) + 1e-5),
            "You divide by the standard deviation, and do not take the mean away first.",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x, mean, x.var(axis=0) if training else var, False),
            "In training you take the batch's variance, but the running mean. Both are the batch's then.",
        ),
        Mistake(
            lambda x, mean, var, training: normalise(x, 0.9 * mean + 0.1 * x.mean(axis=0),
                                                     0.9 * var + 0.1 * x.var(axis=0), False)
            if training else normalise(x, mean, var, False),
            "In training you renew the running ones and use them. They are for later: x gets the batch's own.",
        ),
    ),
)  # fmt: skip

RUNNING = FunctionExercise(
    key="07.8",
    title="What batch norm remembers",
    name="running_var",
    question=(
        "Write `running_var(var, x, momentum)`: the running variance after one batch, as PyTorch computes it. var is "
        "the old one, of shape (C,), x the batch of shape (N, C, H, W). It moves towards the batch's variance by the "
        "share `momentum`, and this variance is divided by M − 1, where M counts all values of a channel. Return a new "
        "array of shape (C,)."
    ),
    stub="def running_var(var, x, momentum):\n    ...",
    hints=(
        "A channel is everything with the same index on axis 1: take the variance over the three other axes.",
        "`x.var(axis=(0, 2, 3), ddof=1)` divides by M − 1.",
        "By the share momentum towards it: (1 − momentum)·old + momentum·new.",
    ),
    solution=running_var,
    praise="With the usual 0.1, the value at the start, 1, still counts for 35 % after ten batches: 0.9¹⁰.",
    cases=running_cases,
    mistakes=(
        Mistake(
            lambda var, x, momentum: (1 - momentum) * var + momentum * x.var(axis=(0, 2, 3)),
            "You divide by M. To normalise, that is right; what is remembered is divided by M − 1, the estimate for "
            "all images (`ddof=1`).",
        ),
        Mistake(
            lambda var, x, momentum: momentum * var + (1 - momentum) * _batch(x),
            "Old and new have changed places. In PyTorch momentum is the share of the new one; in Keras of the old.",
        ),
        Mistake(
            lambda var, x, momentum: _batch(x),
            "You forget the old one. A single batch is noisy: only the share `momentum` of it comes in.",
        ),
        Mistake(
            lambda var, x, momentum: var + momentum * _batch(x),
            "The old one must shrink by what comes in: (1 − momentum)·old. Otherwise it grows with each batch.",
        ),
        Mistake(
            lambda var, x, momentum: (1 - momentum) * var + momentum * np.sqrt(_batch(x)),
            "You mix the standard deviation in. It is the variance that is kept.",
        ),
        Mistake(
            lambda var, x, momentum: (1 - momentum) * var + momentum * x.var(ddof=1),
            "You take one variance for all channels. Each has its own: leave axis 1 out.",
        ),
        Mistake(
            lambda var, x, momentum: (1 - momentum) * var + momentum * x.var(axis=(2, 3)).mean(axis=0),
            "You take the variance of each image, then the mean. How the images differ from one another counts too.",
        ),
        Mistake(
            lambda var, x, momentum: (1 - momentum) * var
            + momentum * x.var(axis=(0, 2, 3)) * len(x) / (len(x) - 1),
            "You divide by N − 1, as if a channel had one value an image. M counts its pixels as well: N·H·W.",
        ),
        Mistake(
            lambda var, x, momentum: (1 - momentum) * var + momentum * np.square(x).mean(axis=(0, 2, 3)),
            "That is the mean of the squares. The variance takes the channel's mean away first.",
        ),
        Mistake(
            lambda var, x, momentum: (1 - momentum) * var + momentum * x.mean(axis=(0, 2, 3)),
            "You take the batch's mean in. That is how the running mean moves; the variance is asked for.",
        ),
        Mistake(
            lambda var, x, momentum: (1 - momentum) * var + momentum * x.std(axis=(0, 2, 3)),
            "You mix the standard deviation in, and divide by M. It is the variance that is kept, with M − 1.",
        ),
        Mistake(
            lambda var, x, momentum: momentum * var + (1 - momentum) * x.var(axis=(0, 2, 3)),
            "Old and new have changed places, and you divide by M: momentum is the share of the new, with M − 1.",
        ),
        Mistake(
            lambda var, x, momentum: 0.9 * var + 0.1 * _batch(x),
            "You take a tenth of the new one always. The share is the argument `momentum`.",
        ),
        Mistake(
            lambda var, x, momentum: momentum * _batch(x),
            "The old one is missing: its share is 1 − momentum.",
        ),
    ),
)  # fmt: skip

MOMENTUM = FunctionExercise(
    key="07.9",
    title="A step remembers the last one",
    name="walk",
    question=(
        "Write `walk(w, gradients, lr, momentum)`: where the weights w are after SGD with momentum has used the "
        "gradients one after the other. gradients has shape (steps, len(w)). The velocity starts at 0; each step makes "
        "it momentum·v + g, and w moves by −lr·v. Return a new array."
    ),
    stub="def walk(w, gradients, lr, momentum):\n    ...",
    hints=(
        "`for g in gradients:` gives one gradient after the other. What has to outlive a step?",
        "The velocity v is made once, before the loop, and never again: `v = np.zeros_like(w)`.",
        "`v = momentum * v + g`, then `w = w - lr * v`. Not `w -= …`, which would change the caller's array.",
    ),
    solution=walk,
    praise="If the gradient is always 1, where does v end? With momentum 0.9 the steps become ten times as long.",
    cases=walk_cases,
    mistakes=(
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - lr * g, v)),
            "That is SGD without momentum: each step knows its own gradient only. Is the velocity set to 0 anew in "
            "each step? It is made once, before the loop.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - lr * (momentum * v + (1 - momentum) * g),
                                                   momentum * v + (1 - momentum) * g)),
            "You take (1 − momentum)·g, as in a running mean. Here, as in PyTorch, the gradient comes in whole.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w + lr * (momentum * v + g), momentum * v + g)),
            "The sign: the gradient points uphill, so w moves by −lr·v.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - lr * (g + momentum * (momentum * v + g)), momentum * v + g)),
            "That is Nesterov's momentum, which looks one step ahead. The plain one is asked for: w moves by −lr·v.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - lr * v, momentum * v + g)),
            "You move with the old velocity, and only then renew it: each step comes one gradient late.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - lr * (v + momentum * g), v + momentum * g)),
            "You multiply the gradient by momentum. It is the old velocity that shrinks: momentum·v + g.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - lr * (v + g), v + g)),
            "Your velocity never fades: all gradients count in full for ever. Multiply the old one by momentum.",
        ),
        Mistake(
            lambda w, gradients, lr, momentum: _started(w, gradients, lr, momentum, gradients[0]),
            "Your velocity starts at the first gradient, which then counts twice in the first step. It starts at 0.",
        ),
        Mistake(
            lambda w, gradients, lr, momentum: _started(w, gradients, lr, momentum, w),
            "Your velocity starts at w. It starts at 0: `np.zeros_like(w)` has the shape of w, and zeros in it.",
        ),
        Mistake(
            lambda w, gradients, lr, momentum: w - lr * gradients[0],
            "That is where w is after the first step. Does the `return` stand inside the loop?",
        ),
        Mistake(
            lambda w, gradients, lr, momentum: w - lr * _velocity(gradients, momentum),
            "You move once, at the end. Every step moves w by its own velocity.",
        ),
        Mistake(
            lambda w, gradients, lr, momentum: _velocity(gradients, momentum),
            "That is the velocity after the last step. Where w has come to is asked for.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - (momentum * v + g), momentum * v + g)),
            "The learning rate is missing: w moves by −lr·v.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - lr * ((1 - momentum) * v + momentum * g),
                                                   (1 - momentum) * v + momentum * g)),
            "You take momentum for the share of the new gradient. It is what stays of the old velocity.",
        ),
        Mistake(
            lambda w, gradients, lr, momentum: w - lr * gradients[-1],
            "Only the last gradient is left. Every step moves w, from where the one before left it.",
        ),
        Mistake(
            _walked(lambda w, v, g, lr, momentum: (w - lr * (momentum * v + lr * g), momentum * v + lr * g)),
            "The learning rate comes in twice: in the velocity and in the step. Leave it out of the velocity.",
        ),
    ),
)  # fmt: skip
