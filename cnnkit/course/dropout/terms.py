"""The terms that notebook 03 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term(
        "overfitting", "learning the training examples by heart: better and better on them, not on new ones.",
        forms=("overfit", "overfits", "overfitted"),
    ),
    Term("generalisation gap", "how much larger the loss is on new examples than on those that were trained on."),
    Term(
        "regularisation", "anything done while training so that a network does better on new examples.",
        forms=("regularise", "regularises", "regulariser"),
    ),
    Term(
        "validation set", "examples kept out of training, on which settings are chosen.",
        forms=("validation digits", "validation examples"),
    ),
    Term(
        "hyperparameter", "a number that a person chooses and that training does not change, such as p.",
        forms=("hyperparameters",),
    ),
    Term(
        "dropout", "setting units to 0 at random while training.", forms=("drop out",), pytorch="nn.Dropout",
        keras="layers.Dropout",
    ),
    Term("mask", "the zeros and ones that say which units are kept in this step.", forms=("masks",)),
    Term(
        "inverted dropout", "dropout that divides what is kept by 1 − p while training, so that testing needs nothing.",
        pytorch="nn.Dropout", keras="layers.Dropout",
    ),
    Term(
        "co-adaptation", "units that are only useful together, because each relies on certain others.",
        forms=("co-adapt", "co-adapted"),
    ),
    Term(
        "sub-network", "what is left of a network when a mask has dropped units.", forms=("subnetwork", "subnetworks"),
    ),
    Term("ensemble", "several networks whose answers are averaged.", forms=("ensembles",)),
    Term(
        "weight decay", "shrinking every weight a little in each step.", pytorch="weight_decay=",
        keras="weight_decay=",
    ),
    Term(
        "early stopping", "ending the training when the loss on the validation set stops falling.",
        keras="callbacks.EarlyStopping",
    ),
    Term(
        "augmentation", "training on changed copies of the examples, such as shifted pictures.",
        forms=("data augmentation",), pytorch="torchvision.transforms", keras="layers.RandomTranslation",
    ),
    Term(
        "MC dropout", "leaving dropout on when testing and averaging many passes, to see how unsure a network is.",
        forms=("Monte Carlo dropout",),
    ),
)  # fmt: skip
