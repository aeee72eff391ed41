"""The capstone: what `check` sees while somebody's training runs, and what it says of trainings by other hands."""

import numpy as np
import pytest

from cnnkit import check, cross_entropy_backward
from cnnkit.course.cnn.exercises import capstone
from cnnkit.course.cnn.exercises.capstone import CAPSTONE, data, train
from cnnkit.course.cnn.exercises.faults import FAULTS
from cnnkit.course.cnn.exercises.lookout import find_images
from cnnkit.course.kit.training import digit_parts
from cnnkit.network import (
    Activation,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    accuracy,
    adam,
    fit,
    sgd,
)


def said(answer) -> str:
    verdict = check("07.4", answer)
    assert verdict.passed is False, verdict
    return verdict.message


def layers(*more):
    return [Conv2d(1, 6, 3, padding=1), Activation("relu"), MaxPool2d(2), *more, Flatten(), Linear(96, 10)]


def trained(images, labels, *, step, epochs=4, scale=255.0, dtype=np.float64, smoothing=0.0, net=None):
    """A training without a fault, by any step: the network."""
    rng = np.random.default_rng(1)
    net = net or Network(layers(), rng=rng, dtype=dtype)
    for _ in range(epochs):
        for some in np.array_split(rng.permutation(len(images)), 40):
            logits = net.forward((images[some] / scale).astype(dtype), training=True)
            net.backward(cross_entropy_backward(1.0, logits, labels[some], label_smoothing=smoothing))
            step(net)
    return net


def ours(step, **options):
    def answer(images, labels, new, new_labels):
        net = trained(images, labels, step=step, **options)
        return accuracy(net, new / options.get("scale", 255.0), new_labels)

    return answer


def test_the_digits_are_those_of_the_course_with_pixels_up_to_255():
    given, (learn, new, _) = data(), digit_parts().values()
    assert np.array_equal(given.images, np.rint(255 * learn.images.astype(float)))
    assert np.array_equal(given.new_labels, new.labels)
    assert (given.images.min(), given.images.max(), len(given.images), len(given.new)) == (0, 255, 1000, 442)


def test_the_solution_is_well_above_the_target_with_other_seeds_too():
    verdict = CAPSTONE.check(train)
    assert verdict.passed
    share = float(verdict.message.split("%")[0].split()[-1]) / 100
    assert share > 0.97
    assert "Of the 355 test digits" in verdict.message


@pytest.mark.parametrize(
    "answer",
    [
        ours(lambda net: sgd(net, 0.1, momentum=0.9, nesterov=True), epochs=5),
        ours(lambda net: sgd(net, 0.1, momentum=0.9, weight_decay=5e-4), smoothing=0.1, epochs=5),
        ours(lambda net: adam(net, 0.01), epochs=6),
        ours(lambda net: sgd(net, 0.1, momentum=0.9), dtype=np.float32, epochs=5),
        ours(lambda net: sgd(net, 0.1, momentum=0.9), scale=128.0, epochs=5),
    ],
    ids=["nesterov", "smoothing", "adam", "float32", "another scale"],
)
def test_a_sound_training_passes_whatever_its_step(answer):
    assert check("07.4", answer).passed, check("07.4", answer)


def test_standardised_digits_and_dropout_pass():
    def answer(images, labels, new, new_labels):
        mean, std = images.mean(), images.std()
        net = Network(layers(Dropout(0.1)), rng=np.random.default_rng(0))
        for _ in fit(net, (images - mean) / std, labels, epochs=6, rng=np.random.default_rng(0), peak=0.05):
            pass
        return np.array([accuracy(net, (new - mean) / std, new_labels)])

    assert check("07.4", answer).passed, check("07.4", answer)


def test_unscaled_pixels_pass_behind_batch_norm():
    """Batch norm scales by itself, so nothing is wrong with it."""

    def answer(images, labels, new, new_labels):
        net = Network([Conv2d(1, 8, 3, padding=1), BatchNorm2d(8), *layers()[1:-1], Linear(128, 10)],
                      rng=np.random.default_rng(0))  # fmt: skip
        trained(images, labels, step=lambda net: sgd(net, 0.1, momentum=0.9), scale=1.0, net=net, epochs=6)
        return accuracy(net, new, new_labels)

    assert check("07.4", answer).passed, check("07.4", answer)


def test_a_second_softmax_that_is_chained_is_seen_as_well():
    from cnnkit import softmax, softmax_backward

    def answer(images, labels, new, new_labels):
        rng = np.random.default_rng(0)
        net = Network(layers(), rng=rng)
        for some in np.array_split(rng.permutation(len(images)), 40):
            logits = net.forward(images[some] / 255, training=True)
            dp = cross_entropy_backward(1.0, softmax(logits, 1), labels[some])
            net.backward(softmax_backward(dp, logits, 1))
            sgd(net, 0.1)
        return accuracy(net, new / 255, new_labels)

    assert FAULTS["twice"] in said(answer)


@pytest.mark.parametrize("when", ["among others", "at the end"])
def test_steps_on_new_digits_are_seen(when):
    def answer(images, labels, new, new_labels):
        net, step = Network(layers(), rng=np.random.default_rng(0)), lambda net: sgd(net, 0.1, momentum=0.9)
        if when == "among others":
            images, labels = np.concatenate([images, new]), np.concatenate([labels, new_labels])
        trained(images, labels, step=step, net=net)
        if when == "at the end":
            trained(new, new_labels, step=step, net=net, epochs=1)
        return accuracy(net, new / 255, new_labels)

    assert FAULTS["leak"] in said(answer)


def test_another_loss_is_not_taken_for_a_fault():
    def answer(images, labels, new, new_labels):
        rng = np.random.default_rng(0)
        net = Network(layers(), rng=rng)
        for _ in range(3):
            for some in np.array_split(rng.permutation(len(images)), 40):
                scores = net.forward(images[some] / 255, training=True)
                net.backward(2 * (scores - np.eye(10)[labels[some]]) / len(some))  # mean squares
                sgd(net, 0.02, momentum=0.9)
        return accuracy(net, new / 255, new_labels)

    message = check("07.4", answer).message
    assert not [fault for fault in ("uphill", "twice", "apart", "sum") if FAULTS[fault] in message]


def test_a_plus_in_the_step_is_uphill():
    def answer(images, labels, new, new_labels):
        net = Network(layers(), rng=np.random.default_rng(0))
        for i in range(0, 960, 24):
            logits = net.forward(images[i : i + 24] / 255, training=True)
            net.backward(cross_entropy_backward(1.0, logits, labels[i : i + 24]))
            for layer in net.layers:
                for name, g in layer.gradients.items():
                    layer.parameters[name] = layer.parameters[name] + 0.1 * g
        return accuracy(net, new / 255, new_labels)

    assert FAULTS["uphill"] in said(answer)


def test_a_new_network_in_every_epoch_is_named():
    def answer(images, labels, new, new_labels):
        for _ in range(3):
            net = trained(images, labels, step=lambda net: sgd(net, 0.01), epochs=1)
        return accuracy(net, new / 255, new_labels)

    assert FAULTS["new net"] in said(answer)


def test_an_activation_behind_the_last_layer_is_named():
    def answer(images, labels, new, new_labels):
        net = Network([*layers(), Activation("relu")], rng=np.random.default_rng(0))
        trained(images, labels, step=lambda net: sgd(net, 0.1, momentum=0.9), net=net)
        return accuracy(net, new / 255, new_labels)

    assert FAULTS["capped"] in said(answer)


def test_always_the_same_batch_is_named():
    def answer(images, labels, new, new_labels):
        net = Network(layers(), rng=np.random.default_rng(0))
        for _ in range(60):
            logits = net.forward(images[:32] / 255, training=True)
            net.backward(cross_entropy_backward(1.0, logits, labels[:32]))
            sgd(net, 0.05)
        return accuracy(net, new / 255, new_labels)

    assert FAULTS["one batch"] in said(answer)


def test_a_part_of_the_new_digits_is_not_all():
    def answer(images, labels, new, new_labels):
        net = trained(images, labels, step=lambda net: sgd(net, 0.1, momentum=0.9))
        return accuracy(net, new[:200] / 255, new_labels[:200])

    assert "Of the 442 digits in `new`, 200 went through" in said(answer)


def test_a_network_without_a_convolution_is_refused():
    def answer(images, labels, new, new_labels):
        net = Network([Flatten(), Linear(64, 10)], rng=np.random.default_rng(0))
        trained(images, labels, step=lambda net: sgd(net, 0.1, momentum=0.9), net=net, epochs=9)
        return accuracy(net, new / 255, new_labels)

    assert FAULTS["dense"] in said(answer)


def test_numbers_that_are_not_the_share_hear_what_they_are():
    step = lambda net: sgd(net, 0.1, momentum=0.9)  # noqa: E731
    right = ours(step, epochs=5)
    assert "share of misread digits" in said(lambda *given: 1 - right(*given))
    assert "That is per cent" in said(lambda *given: 100 * right(*given))
    assert "You return `0.5`" in said(lambda *given: right(*given) * 0 + 0.5)
    assert "should return a share" in said(lambda *given: [right(*given)] * 2)
    assert "should return a share" in said(lambda *given: (right(*given), None)[1])
    assert "Of the 442 digits in `new`, 0 went" in said(lambda images, labels, *rest: (
        trained(images, labels, step=step), 0.97)[1])  # fmt: skip


def test_measuring_in_batches_counts():
    def answer(images, labels, new, new_labels):
        net = trained(images, labels, step=lambda net: sgd(net, 0.1, momentum=0.9), epochs=5)
        read = [net.forward(some / 255).argmax(axis=1) for some in np.array_split(new, 7)]
        return (np.concatenate(read) == new_labels).mean()

    assert check("07.4", answer).passed, check("07.4", answer)


def test_it_stops_early_when_the_fault_is_certain():
    steps = []

    def answer(images, labels, new, new_labels):
        net = Network(layers(), rng=np.random.default_rng(0))
        for _ in range(10_000):
            steps.append(1)
            logits = net.forward(images[:32] / 255, training=True)
            net.backward(cross_entropy_backward(-1.0, logits, labels[:32]))
            sgd(net, 0.01)

    assert FAULTS["uphill"] in said(answer)
    assert len(steps) < 20


def test_the_network_is_as_it_was_when_all_is_over():
    before = Network.forward, Network.backward
    said(lambda *given: 1 / 0)
    said(capstone._wrong("uphill"))
    assert (Network.forward, Network.backward) == before


def test_an_image_is_found_however_it_is_scaled():
    images = data().images[:50]
    order = np.random.default_rng(0).permutation(50)
    assert np.array_equal(find_images((images[order] - 40) / 7, images), order)
    assert (find_images(images[:, :, ::-1], images) < 0).all()
    assert (find_images(np.zeros((3, 1, 9, 9)), images) < 0).all()
