"""The terms that lesson 08 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term("sanity check", "a test that takes seconds and that a healthy network cannot fail", ("sanity checks",)),
    Term(
        "overfit one batch",
        "to train on a few dozen examples alone until their loss is near 0: a network that cannot do it is broken",
        ("overfits one batch", "overfitting one batch"),
    ),
    Term(
        "shape mismatch", "an error because a layer is given arrays of another shape than it was built for",
        ("shape mismatches",),
    ),
    Term(
        "data leakage", "information about the test or validation examples that reaches the training",
        ("leakage", "leaking data"),
    ),
    Term("numerical overflow", "a number becomes too large for its float type and turns into inf or nan", ("nan",)),
    Term(
        "shuffling", "to put the training examples into a new random order before each epoch", ("shuffle", "shuffled"),
        "DataLoader(…, shuffle=True)", "model.fit(…, shuffle=True)",
    ),
    Term(
        "evaluation mode", "the state of a network in which dropout is off and batch norm uses its running statistics",
        ("eval mode",), "model.eval()", "model(x, training=False)",
    ),
)  # fmt: skip
