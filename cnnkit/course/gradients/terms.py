"""The terms that lesson 02 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term(
        "backpropagation",
        "Working out the gradient of the loss for every weight, layer by layer from the last to the first.",
        ("backpropagate",), pytorch="loss.backward()", keras="tf.GradientTape",
    ),
    Term("chain rule", "The derivative of a chain of steps is the product of the steps' derivatives."),
    Term(
        "vanishing gradient",
        "A gradient that shrinks from layer to layer on its way back, until the lowest layers hardly learn.",
        ("vanishing gradients",),
    ),
    Term(
        "exploding gradient",
        "A gradient that grows from layer to layer on its way back, until training ends in jumps or nan.",
        ("exploding gradients",),
    ),
    Term(
        "initialisation", "The rule by which the weights of a new network are drawn.", ("initialisations",),
        pytorch="nn.init", keras="keras.initializers",
    ),
    Term(
        "fan-in", "How many inputs go into one unit of a layer; fan-out is how many units the layer has.",
        ("fan-out",),
    ),
    Term(
        "gain", "A number that the standard deviation of an initialisation is multiplied with.",
        pytorch="nn.init.calculate_gain",
    ),
    Term(
        "Xavier initialisation", "Weights of variance 2/(fan-in + fan-out), made for activations like tanh.",
        ("Xavier", "Glorot"), pytorch="nn.init.xavier_normal_", keras="GlorotNormal",
    ),
    Term(
        "He initialisation", "Weights of variance 2/fan-in, made for the ReLU.", ("kaiming",),
        pytorch="nn.init.kaiming_normal_", keras="HeNormal",
    ),
    Term(
        "residual connection", "A way around a layer: the input is added to the layer's output.",
        ("residual connections", "skip connection", "skip connections"), keras="Add",
    ),
    Term(
        "gradient clipping", "Scaling a gradient down whenever its norm exceeds a bound.", ("clipping",),
        pytorch="nn.utils.clip_grad_norm_", keras="clipnorm",
    ),
)  # fmt: skip
