"""The claims of notebook 03: what is said, the verdict, and why."""

from cnnkit.course.kit.claim import FALSE, HOLDS, IF, NAMING, UNSUPPORTED, Claim

CLAIMS = (
    Claim(
        "D1", "p is the probability that a unit is dropped.", NAMING,
        "with p = 0.8 PyTorch leaves 20 % of 500,000 units: PyTorch, Keras, Flax and MATLAB drop with this "
        "probability, the paper of 2014 and TensorFlow 1 keep with it.",
        heard="[PyTorch, nn.Dropout](https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html) "
        "drops with p, [Srivastava et al.](https://jmlr.org/papers/v15/srivastava14a.html) and "
        "[CS231n](https://cs231n.github.io/neural-networks-2/) keep with p",
    ),
    Claim(
        "D2", "Of 1000 units and a rate of 0.4, about 400 become 0.", HOLDS,
        "20,000 masks of PyTorch drop 400 of 1000 units on average, give or take 15.5. Exactly 400 are dropped in 1 "
        "mask of 39.",
        heard="[Keras manual, Dropout](https://keras.io/api/layers/regularization_layers/dropout/), which "
        "calls the rate a frequency",
    ),
    Claim(
        "D3", "Scaling up while training or scaling down when testing makes no difference.", IF,
        "the learning rate is converted by 1/(1 − p)² and what follows is linear. Then all 60 losses of both forms "
        "agree. Behind a ReLU the mean over all masks of 3 and −1 is 2.5, and testing gives 2.",
        heard="[CS231n](https://cs231n.github.io/neural-networks-2/); "
        "[Srivastava et al.](https://jmlr.org/papers/v15/srivastava14a.html) add that the learning rates must be "
        "scaled",
    ),
    Claim(
        "D4", "The scaling leaves the sum over all inputs unchanged.", FALSE,
        "only the expected sum is. 1, 2, 3, 4 with p = 0.5 still add up to 10 in 2 of 16 masks. The sum of 1000 ones "
        "has a standard deviation of 31.6.",
        heard="[Keras manual, Dropout](https://keras.io/api/layers/regularization_layers/dropout/), in these "
        "words",
    ),
    Claim(
        "D5", "n units make 2^n sub-networks, too many to average.", IF,
        "one by one is meant. One pass gives their mean exactly for anything linear, and exactly their normalised "
        "geometric mean for a softmax. Behind a ReLU, 12 units give 1 in one pass where the mean is 6.15. 100 "
        "masks drawn at random find that mean with an error of 0.8.",
        heard="[Srivastava et al.](https://jmlr.org/papers/v15/srivastava14a.html), [Goodfellow et al., Deep "
        "learning](https://www.deeplearningbook.org/contents/regularization.html)",
    ),
    Claim(
        "D6", "With many units, no mask ever comes twice.", IF,
        "p is not small. Among 12,000 masks of 128 units a repeat has the probability 10^−31 with p = 0.5. With p = "
        "0.05 it is practically certain, since one mask in 710 keeps all units.",
        heard="[Krizhevsky et al., the AlexNet "
        "paper](https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html): "
        "another architecture for every input",
    ),
    Claim(
        "D7", "Dropout reduces overfitting.", HOLDS,
        "over 10 seeds with 200 digits, 1 in 5 of them wrongly labelled, p = 0.5 lowers the gap between the losses "
        "from 0.69 to 0.45. The validation error falls from 21.4 % to 16.6 %. With right labels only it falls by 0.5 "
        "± 0.2 points.",
        record="overfitting/runs",
        heard="[Srivastava et al.](https://jmlr.org/papers/v15/srivastava14a.html), [Keras manual, "
        "Dropout](https://keras.io/api/layers/regularization_layers/dropout/)",
    ),
    Claim(
        "D8", "Averaging several networks reduces overfitting as dropout does.", HOLDS,
        "over 20 sets of 200 digits, 5 networks averaged get 0.8 ± 0.1 points fewer test digits wrong than one. A "
        "single network with dropout gets 0.9 ± 0.1 fewer. The 5 cost 5 times as much.",
        record="ensembles",
        heard="[Nielsen, Neural networks and deep "
        "learning](http://neuralnetworksanddeeplearning.com/chap3.html)",
    ),
    Claim(
        "D9", "Dropout keeps units from relying on each other.", HOLDS,
        "with p = 0.5 the loss rises by 8.7 % when the hidden unit that is missed most is deleted, without dropout by "
        "23.5 %. A random half of the units gets 9.3 % of the digits wrong, without dropout 20.4 %. But two units are "
        "as much alike as before: they correlate by 0.18, without dropout by 0.17.",
        record="reliance",
        heard="[Hinton et al.](https://arxiv.org/abs/1207.0580), in the title",
    ),
    Claim(
        "D10", "A training step changes only the weights of the units that were kept.", IF,
        "the batch is one example and the step only its gradient. With p = 0.5 that is exactly 0 for 50 % of the "
        "units. It is 0 for 3 % of them in a batch of 5, and for none in one of 20. Momentum of 0.9 moves a dropped "
        "unit's weight by 0.18, Adam by 0.07.",
        heard="[a forum of "
        "DeepLearning.AI](https://community.deeplearning.ai/t/question-about-weight-updates-for-dropped-out-neurons/26375)",
    ),
    Claim(
        "D11", "The mask leaves all other units as they are.", FALSE,
        "they are multiplied by 1/(1 − p), which is 2 with p = 0.5 and 5 with p = 0.8. Only the form of 2014 leaves "
        "them alone while training.",
        heard="[Baeldung](https://www.baeldung.com/cs/ml-relu-dropout-layers), [Dot Net "
        "Tutorials](https://dotnettutorials.net/lesson/dropout-layer-in-cnn/)",
    ),
    Claim(
        "D12", "A rate outside [0, 1) is an error; two lines of NumPy do the rest.", FALSE,
        "−0.1 and 1.5 are refused, but PyTorch takes 1 and gives zeros, and nn.Dropout(nan) is refused only when it "
        "is called. The two lines write into their input: after 10 calls with 0.5 less than 1 % of it is left.",
        heard="[Keras as it was with "
        "Theano](https://github.com/keras-team/keras/blob/1.2.2/keras/backend/theano_backend.py), and "
        "lists of code that copy it",
    ),
    Claim(
        "D13", "Dropout belongs in fully connected layers; in convolutions it does little.", FALSE,
        "in a small CNN on 200 digits, p = 0.5 on single values behind convolution 1 lowers the test error by 2.9 ± "
        "0.6 points. In the fully connected layer it is 1.9 ± 0.7 points, and with whole maps 0.5 ± 0.3. Of a dropped "
        "value 66 % of the variance can be guessed, of a dropped unit 51 %.",
        record="maps",
        heard="[Good Word "
        "Alchemy](http://www.goodwordalchemy.com/blog/2018/10/12/dont-use-dropout-to-regularize-convolutional-layers)",
    ),
    Claim(
        "D14", "Good rates are 0.5, or 0.3, or 0.2 at the input.", UNSUPPORTED,
        "in 24 cases, with 10 seeds each, the best p lies between 0.1 and 0.8. 0.3 cannot be told from it in 14 of "
        "them, 0.5 in 11. At the input, 0.2 cannot in 4 of 8.",
        record="overfitting/runs",
        heard="[Srivastava et al.](https://jmlr.org/papers/v15/srivastava14a.html), [Tips for using "
        "dropout](https://datascienceguy.blogspot.com/2017/01/tips-for-using-dropout.html)",
    ),
    Claim(
        "D15", "Without dropout the first batches weigh more than the later ones.", FALSE,
        "the last ones weigh most: wrong labels in the last tenth of an epoch raise the loss by 2.02, in the first by "
        "0.01. With dropout it is 1.78 and 0.01, which 20 seeds cannot tell apart. Shown first, circles are forgotten "
        "to 100 %, with dropout too. Mixed with squares, to 3 %.",
        record="order",
        heard="[Baeldung](https://www.baeldung.com/cs/ml-relu-dropout-layers), [Dot Net "
        "Tutorials](https://dotnettutorials.net/lesson/dropout-layer-in-cnn/)",
    ),
    Claim(
        "D16", "Dropout before max-pooling draws the pooled value at random.", IF,
        "no value is negative. Of 8, 6, 4, 2 with p = 0.5 comes out 8 in 50 % of the masks and 6 in 25 %. Scaled up "
        "the mean is 12.25, and testing gives 8.",
        heard="[Wu & Gu](https://arxiv.org/abs/1512.00242)",
    ),
    Claim(
        "D17", "Dropout does nothing when testing; forget to say so and predictions become random.", HOLDS,
        "testing twice gives the same to the last bit. Left in training mode, networks with p = 0.5 read 12 % of the "
        "validation digits differently the second time. They get 11 % wrong in place of 6 %.",
        heard="[CS231n](https://cs231n.github.io/neural-networks-2/), [PyTorch, notes on "
        "autograd](https://docs.pytorch.org/docs/stable/notes/autograd.html)",
    ),
    Claim(
        "D18", "Dropout works best with a limit on the length of each unit's weights.", IF,
        "the learning rate is high. With dropout the limit lowers the test error from 18.1 % to 13.4 % at a rate of "
        "0.5, and from 78 % to 27 % at 0.7. At 0.1, the best rate without it, 20 seeds see no difference. Without "
        "dropout it helps as well: at 0.7, 4 networks of 20 get more than half wrong, with it 0.",
        record="bounds",
        heard="[Srivastava et al.](https://jmlr.org/papers/v15/srivastava14a.html), [Tips for using "
        "dropout](https://datascienceguy.blogspot.com/2017/01/tips-for-using-dropout.html)",
    ),
)  # fmt: skip
