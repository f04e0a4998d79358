"""Models of keras.applications take the weights of emitted modules, and then compute the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import graphcnn
from tests.specs.random_weights import randomise
from tests.specs.zoo import REFERENCE

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


class Case(NamedTuple):
    builder: str
    size: tuple[int, int]
    #: the shortcut's name, and with which the layers begin that Keras makes right behind its own
    shortcut: str = ""
    body: str = ""


CASES = {
    "densenet121_keras": Case("DenseNet121", (65, 33)),
    "densenet169_keras": Case("DenseNet169", (65, 33)),
    "densenet201_keras": Case("DenseNet201", (65, 33)),
    "efficientnet_b0_keras": Case("EfficientNetB0", (97, 64)),
    "efficientnet_b1_keras": Case("EfficientNetB1", (97, 64)),
    "efficientnet_b2_keras": Case("EfficientNetB2", (97, 64)),
    "efficientnet_b3_keras": Case("EfficientNetB3", (97, 64)),
    "efficientnet_b4_keras": Case("EfficientNetB4", (97, 64)),
    "efficientnet_b5_keras": Case("EfficientNetB5", (97, 64)),
    "efficientnet_b6_keras": Case("EfficientNetB6", (97, 64)),
    "efficientnet_b7_keras": Case("EfficientNetB7", (97, 64)),
    "inception_v3_keras": Case("InceptionV3", (107, 83)),
    # Keras pads this one at the end, which is `same` where the size is even.
    "mobilenet_v1": Case("MobileNet", (64, 96)),
    "mobilenet_v2_keras": Case("MobileNetV2", (97, 64)),
    "nasnet_large": Case("NASNetLarge", (97, 97)),
    "nasnet_mobile": Case("NASNetMobile", (65, 65)),
    "resnet101_keras": Case("ResNet101", (97, 65), "downsample", "conv1"),
    "resnet101_v2": Case("ResNet101V2", (97, 65), "projection", "bottleneck"),
    "resnet152_keras": Case("ResNet152", (97, 65), "downsample", "conv1"),
    "resnet152_v2": Case("ResNet152V2", (97, 65), "projection", "bottleneck"),
    "resnet50_keras": Case("ResNet50", (97, 65), "downsample", "conv1"),
    "resnet50_v2": Case("ResNet50V2", (97, 65), "projection", "bottleneck"),
    "xception": Case("Xception", (107, 83), "projection", "separable1"),
}

#: what Keras builds in a few seconds, one of a family
QUICK = frozenset({"mobilenet_v1", "mobilenet_v2_keras", "efficientnet_b0_keras", "resnet50_keras"})


def test_every_variant_of_keras_is_compared() -> None:
    assert sorted(CASES) == sorted(n for n, model in REFERENCE.items() if model.peer == "keras")


@contextmanager
def in_doubles(keras: Any) -> Iterator[None]:
    """In float32 the deepest models make more of the last bits than what would tell them apart."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def nodes_of(model: Any, case: Case) -> list[Any]:
    """Those with weights, in the order in which Keras makes its layers: a shortcut's come first."""
    nodes = [node for node in model.ir.nodes if any(node.weights())]
    shortcut = f".{case.shortcut}"
    for node in [node for node in nodes if case.shortcut and shortcut in node.name]:
        path = f"{node.name.partition(shortcut)[0]}.{case.body}"
        nodes.remove(node)
        nodes.insert(next(n for n, one in enumerate(nodes) if one.name.startswith(path)), node)
    return nodes


def in_keras(weights: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The weights in Keras' layout; of a kernel, space comes first, and then input and output."""
    if weights.ndim == 2:
        weights = weights.T
    elif weights.ndim == 4 and weights.shape[1] == 1:  # each channel by itself
        weights = weights.transpose(2, 3, 0, 1)
    elif weights.ndim == 4:
        weights = weights.transpose(2, 3, 1, 0)
    assert weights.shape == shape
    return weights


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in QUICK else pytest.mark.exhaustive) for n in sorted(CASES)],
)
def test_outputs_equal_those_of_keras(name: str) -> None:
    keras = pytest.importorskip("keras")
    case = CASES[name]
    made: list[Any] = []
    add_weight = keras.layers.Layer.add_weight

    def note(layer: Any, *arguments: Any, **options: Any) -> Any:
        made.append(layer)
        return add_weight(layer, *arguments, **options)

    with in_doubles(keras), mock.patch.object(keras.layers.Layer, "add_weight", note):
        theirs = getattr(keras.applications, case.builder)(
            weights=None, input_shape=(*case.size, 3), classifier_activation=None
        )
    keras_layers = list(dict.fromkeys(made))
    for layer in theirs.layers:
        if isinstance(layer, keras.layers.Rescaling):
            layer.scale = np.float64(layer.scale)  # of a plain number TensorFlow makes a float32

    generator = torch.Generator().manual_seed(0)
    parameters: dict[str, Any] = {"size": case.size[0]} if name.startswith("nasnet") else {}
    model = graphcnn.load(name, **parameters)
    ours = graphcnn.torch_module(model)
    largest = 1.0
    if name.startswith("efficientnet"):  # which divides the image by that, and normalises it
        largest = 255.0
        statistics = dict(ours.named_buffers())
        statistics["normalization.running_mean"].uniform_(-0.5, 0.5, generator=generator)
        statistics["normalization.running_var"].uniform_(0.5, 1.5, generator=generator)
    randomise(ours, largest * torch.randn(4, 3, *case.size, generator=generator), generator)
    state = ours.state_dict()
    for node, layer in zip(nodes_of(model, case), keras_layers, strict=True):
        variables = layer.weights
        if isinstance(layer, keras.layers.Normalization):
            variables = variables[:2]  # mean and variance, without the count of samples
        for (key, _), variable in zip(node.weights(), variables, strict=True):
            variable.assign(in_keras(state[key].numpy(), tuple(variable.shape)))
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()

    x = largest * torch.randn(2, 3, *case.size, generator=generator)  # Keras' inputs are float32
    with torch.no_grad():
        found = ours.double()(x.double()).numpy()
    expected = np.asarray(theirs(x.permute(0, 2, 3, 1).numpy(), training=False))
    assert np.abs(expected[0] - expected[1]).max() > 0.1, "the weights let nothing through"
    assert np.abs(found - expected).max() < 1e-6 * np.abs(expected).max()
