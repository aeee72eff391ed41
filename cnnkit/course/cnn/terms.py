"""The terms that notebook 07 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term("logits", "The scores that a network gives last, one for each class, before any softmax.", ("logit",)),
    Term(
        "flatten", "Laying all maps out in one row of numbers.", ("flattened", "flattening", "flattens"),
        pytorch="nn.Flatten", keras="Flatten",
    ),
    Term(
        "softmax", "What makes probabilities of scores: powers of e, divided by their sum.", ("softmaxes",),
        pytorch="nn.Softmax", keras="Softmax",
    ),
    Term(
        "cross-entropy", "The loss of a classifier: minus the logarithm of the right class's probability.",
        ("cross entropy",), pytorch="nn.CrossEntropyLoss", keras="CategoricalCrossentropy",
    ),
    Term(
        "batch normalisation",
        "A layer that gives each channel mean 0 and variance 1 over the batch, then a learnt scale and shift.",
        ("batch norm", "BatchNorm", "batch normalization"), pytorch="nn.BatchNorm2d", keras="BatchNormalization",
    ),
    Term(
        "running statistics", "The mean and variance that batch norm keeps for evaluation.",
        ("running mean", "running variance"), pytorch="running_mean, running_var", keras="moving_mean, moving_variance",
    ),
    Term(
        "layer normalisation", "Normalising each example over its own features, whatever the batch.",
        ("layer norm", "LayerNorm"), pytorch="nn.LayerNorm", keras="LayerNormalization",
    ),
    Term(
        "momentum", "The share of the old velocity that an SGD step keeps, so that steps in one direction grow.",
        pytorch="SGD(momentum=)", keras="SGD(momentum=)",
    ),
    Term(
        "Adam", "An optimiser whose step in each weight is divided by the usual size of that weight's gradient.",
        pytorch="optim.Adam", keras="Adam",
    ),
    Term("baseline", "What a much simpler method gets on the same data.", ("baselines",)),
    Term(
        "confusion matrix", "A table that counts how often each class is read as each.", ("confusion matrices",),
        keras="confusion_matrix",
    ),
    Term(
        "saliency map", "A picture of which pixels a prediction depends on; occlusion makes one by covering parts.",
        ("occlusion", "saliency", "saliency maps"),
    ),
    Term(
        "residual block", "A few layers whose input is added to their output through a shortcut.",
        ("residual blocks", "shortcut", "shortcuts"),
    ),
)  # fmt: skip
