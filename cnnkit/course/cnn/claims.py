"""The claims of notebook 07: what is said, the verdict, and why."""

from cnnkit.course.kit.claim import FALSE, HOLDS, IF, Claim

NUMPY = (
    "[Just NumPy, no magic](https://arunprakaash.github.io/lab/neural-nets/lesson-08-from-scratch/), of its own layers"
)
KERAS_R = (
    "[Computer vision with Keras in R]"
    "(https://s-ai-f.github.io/Computer-vision-keras-R/visualizing-what-convnets-leran.html)"
)

CLAIMS = (
    Claim(
        "F1", "The usual order: convolution, ReLU, pooling, again and again; then fully connected layers.", HOLDS,
        "so is the network of PyTorch's MNIST example. Of its 1,199,882 parameters 98 % sit in the first fully "
        "connected layer, of its products 89 % in the second convolution; with the mean of each map in its place "
        "19,466 are left. But ReLU and max-pooling may change places, and the softmax belongs to the loss.",
        heard="[CS231n, Convolutional networks, layer patterns](https://cs231n.github.io/convolutional-networks/#layerpat)",
    ),
    Claim(
        "F2", "The layers of this course, chained, are the PyTorch network.", HOLDS,
        "over 100 steps of SGD, of Nesterov's momentum and of Adam, on the same batches and with the same dropout "
        "masks, no loss, weight or running mean differs by more than 10^−9, batch normalisation included.",
        heard=NUMPY,
    ),
    Claim(
        "F3", "Batch normalisation makes learning faster and lets each layer learn on its own.", IF,
        "“on its own” means disturbed less. With it 95 % of the digits are read after 1.5 epochs, without it after "
        "2.9, and 80 % of moved ones after 2.9 and 6.1 (medians of 10 seeds, each at its best rate). A step of the "
        "layers below turns the last layer's gradient by 5° with it and by 25° without.",
        record="gains norm turned",
        heard="[DeepAI glossary, Batch normalization](https://deepai.org/machine-learning-glossary-and-terms/batch-normalization)",
    ),
    Claim(
        "F4", "Batch normalisation goes before dropout.", IF,
        "dropout is strong and the ReLU stands between them: with p = 0.5 that gets 32.2 % of moved digits wrong, "
        "turned round 59.3 %; side by side it is 45.5 and 44.5 %. In the worst order batch norm gets 0.16 of the "
        "variance it expects; with its statistics re-estimated, the same weights misread 24.5 %. With p = 0.2 "
        "the four lie between 16.3 and 18.5 %.",
        record="orders",
        heard="[a thread at DeepLearning.AI, Batch Norm/Drop out ordering](https://community.deeplearning.ai/t/batch-norm-drop-out-ordering/18543)",
    ),
    Claim(
        "F5", "The more dropout layers, the better.", FALSE,
        "with p = 0.2 the error is 8.9 % without, 7.0 % with 2 layers, and with 3 no better: 7.7 % (200 digits to "
        "learn from: 15.9, 13.0 and 14.1 %). With p = 0.5, 3 layers bring it to 27.3 % (53.1 %), for then the "
        "network does not even learn what it is shown.",
        record="drops",
        heard="[Learning machine, Dropout layer](https://rentruewang.github.io/learning-machine/layers/dropout/dropout.html)",
    ),
    Claim(
        "F6", "CNNs need little preparation of their images.", IF,
        "the scale is right: without batch norm pixels up to 255 leave 59.9 % of the digits misread at the best of "
        "12 rates, pixels up to 1 only 11.5 %, with mean 0 and variance 1 10.5 %. With batch norm it is 8.1, 8.0 "
        "and 8.6 %.",
        record="preparation",
        heard="[ACM IGDTUW, machine learning for beginners](https://acm-igdtuw.github.io/acm_events_main-main/90_2.14.html)",
    ),
    Claim(
        "F7", "Such a network reads MNIST, 60,000 + 10,000 handwritten digits.", HOLDS,
        "a network of 44,922 parameters reads 99.51 % of the 10,000 test digits after 4 epochs (99.46 to 99.54, 5 "
        "seeds), and in 0.04 of the time of PyTorch's own example it reads 98.5 % (2 seeds).",
        record="mnist/accuracy mnist/choices mnist/race",
        heard="[PyTorch examples, mnist](https://github.com/pytorch/examples/tree/main/mnist)",
    ),
    Claim(
        "F8", "Hidden units stand for abstract features.", IF,
        "many units together are meant: class means read 19 % of the moved test digits from the pixels and 76 % from "
        "the last hidden layer, before training 25 %. But the class explains only 19 % of what a single unit does "
        "there, on average.",
        record="features",
        heard="[R Deep Learning Projects](https://www.oreilly.com/library/view/r-deep-learning/9781788478403/693e4ac5-a9ec-404f-af41-b075f3245390.xhtml)",
    ),
    Claim(
        "F9", "The learned features are independent of each other, although the pixels are not.", FALSE,
        "two channels at one place correlate by 0.38, 0.18 and 0.13 in layers 1, 2 and 3, neighbouring pixels by "
        "0.56, unrelated numbers by 0.02. Before training it is 0.39, 0.21 and 0.17, so it is hardly the learning; "
        "with dropout 0.29, 0.08 and 0.09.",
        record="features",
        heard=f"{KERAS_R}: “relatively independent”",
    ),
)  # fmt: skip
