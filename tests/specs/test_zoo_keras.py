"""Models of keras.applications take the weights of emitted modules, and then compute the same."""

from __future__ import annotations

import os
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
    #: with which name the layers begin that Keras makes right behind those of the shortcut
    body: str = ""


CASES = {
    "inception_v3_keras": Case("InceptionV3", (107, 83)),
    # Keras pads this one at the end, which is `same` where the size is even.
    "mobilenet_v1": Case("MobileNet", (64, 96)),
    "nasnet_large": Case("NASNetLarge", (97, 97)),
    "nasnet_mobile": Case("NASNetMobile", (65, 65)),
    "resnet101_v2": Case("ResNet101V2", (97, 65), body="bottleneck"),
    "resnet152_v2": Case("ResNet152V2", (97, 65), body="bottleneck"),
    "resnet50_v2": Case("ResNet50V2", (97, 65), body="bottleneck"),
    "xception": Case("Xception", (107, 83), body="separable1"),
}

#: what Keras builds in about a second
QUICK = "mobilenet_v1"


def test_every_variant_of_keras_is_compared() -> None:
    assert sorted(CASES) == sorted(n for n, model in REFERENCE.items() if model.peer == "keras")


def nodes_of(model: Any, body: str) -> list[Any]:
    """Those with weights, in the order in which Keras makes its layers: a shortcut's come first."""
    nodes = [node for node in model.ir.nodes if any(node.weights())]
    for node in [node for node in nodes if ".projection" in node.name]:
        path = f"{node.name.partition('.projection')[0]}.{body}"
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
    [pytest.param(n, marks=() if n == QUICK else pytest.mark.exhaustive) for n in sorted(CASES)],
)
def test_outputs_equal_those_of_keras(name: str) -> None:
    keras = pytest.importorskip("keras")
    case = CASES[name]
    made: list[Any] = []
    add_weight = keras.layers.Layer.add_weight

    def note(layer: Any, *arguments: Any, **options: Any) -> Any:
        made.append(layer)
        return add_weight(layer, *arguments, **options)

    with mock.patch.object(keras.layers.Layer, "add_weight", note):
        theirs = getattr(keras.applications, case.builder)(
            weights=None, input_shape=(*case.size, 3), classifier_activation=None
        )
    keras_layers = list(dict.fromkeys(made))

    generator = torch.Generator().manual_seed(0)
    parameters: dict[str, Any] = {"size": case.size[0]} if name.startswith("nasnet") else {}
    model = graphcnn.load(name, **parameters)
    ours = graphcnn.torch_module(model)
    randomise(ours, torch.randn(4, 3, *case.size, generator=generator), generator)
    state = ours.state_dict()
    for node, layer in zip(nodes_of(model, case.body), keras_layers, strict=True):
        shapes = [tuple(variable.shape) for variable in layer.weights]
        keys = [key for key, _ in node.weights()]
        layer.set_weights(
            [in_keras(state[key].numpy(), shape) for key, shape in zip(keys, shapes, strict=True)]
        )

    x = torch.randn(2, 3, *case.size, generator=generator)
    with torch.no_grad():
        found = ours(x).numpy()
    expected = np.asarray(theirs(x.permute(0, 2, 3, 1).numpy(), training=False))
    assert np.abs(expected[0] - expected[1]).max() > 0.1, "the weights let nothing through"
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()
