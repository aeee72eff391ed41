"""The terms that lesson 08 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term("sanity check", "a quick test that a healthy network passes."),
    Term("learning curve", "the loss or the accuracy of a training, drawn against its steps or epochs."),
    Term("shape mismatch", "a layer or an operation is given arrays of other shapes than its author had in mind."),
    Term("off-by-one error", "a count or a size that is wrong by one, such as a padding of 1 where 2 is needed."),
    Term("broadcasting", "NumPy and PyTorch stretch sides of length 1, so that arrays of unequal shapes fit."),
    Term(
        "overfit one batch",
        "to train on a few dozen examples alone until their loss is near 0: a network that cannot do it is broken.",
        ("overfits one batch", "overfitting one batch"),
    ),
    Term(
        "data leakage", "information about the validation or test examples that reaches the training.",
        ("leakage", "leak", "leaking", "leaks"),
    ),
)  # fmt: skip
