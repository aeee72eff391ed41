"""The terms that lesson 01 introduces."""

from cnnkit.course.kit.term import Term

TERMS = (
    Term("unit", "adds up its inputs, each times a weight, adds a bias and bends the sum; also called a neuron.",
         forms=("units", "neuron", "neurons"), pytorch="nn.Linear(…, 1)", keras="Dense(1)"),
    Term("pre-activation", "the sum of a unit, before the activation; some pictures call it z.",
         forms=("pre-activations",)),
    Term("activation function", "the bend: a function that is applied to every sum on its own.",
         forms=("activation functions", "activation", "activations"), pytorch="nn.ReLU()", keras='Activation("relu")'),
    Term("ReLU", "the activation function max(0, z): rectified linear unit.", forms=("ReLUs", "rectified linear unit"),
         pytorch="nn.ReLU()", keras="ReLU()"),
    Term("zig-zag", "the way of weights that one example can only move up together or down together.",
         forms=("zig-zags", "zigzag")),
    Term("saturation", "the state of a unit whose sum lies where its activation is flat, so that hardly any gradient "
         "passes.", forms=("saturated", "saturates", "saturate")),
    Term("gradient", "how much the loss changes for each small change of a number.", forms=("gradients",),
         pytorch="tensor.grad", keras="GradientTape"),
    Term("subgradient", "the slope of any line that touches a curve from below at a corner; for the ReLU any number "
         "from 0 to 1.", forms=("subgradients",)),
    Term("sparsity", "the share of a layer's outputs that are exactly 0.", forms=("sparse",)),
    Term("loss", "one number that says how wrong the network is.", forms=("losses",), pytorch="nn.CrossEntropyLoss()",
         keras="loss="),
    Term("learning rate", "how far a step goes: each weight moves by this number times its gradient.",
         forms=("learning rates",), pytorch="lr", keras="learning_rate"),
    Term("batch", "the examples whose mean gradient makes one step; also called mini-batch.",
         forms=("batches", "mini-batch", "mini-batches"), pytorch="batch_size", keras="batch_size"),
    Term("stochastic gradient descent", "training in steps downhill, each with the gradient of one batch drawn at "
         "random.", forms=("SGD",), pytorch="optim.SGD", keras="SGD"),
    Term("epoch", "one pass through all training examples.", forms=("epochs",), keras="epochs="),
    Term("random seed", "the number that a random generator starts from: the same seed gives the same run.",
         forms=("seed", "seeds"), pytorch="torch.manual_seed", keras="keras.utils.set_random_seed"),
    Term("dead unit", "a unit that is 0 on every input, so that no gradient reaches its weights.",
         forms=("dead units", "dying ReLU")),
)  # fmt: skip
