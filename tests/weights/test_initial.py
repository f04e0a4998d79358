"""Fresh weights: of the right kind and spread, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from graphcnn import load
from graphcnn.compiler import Model
from graphcnn.diagnostics import SpecError
from graphcnn.weights import fresh
from graphcnn.weights.schemes import Scheme, read
from tests.inline import model, spec

Array = NDArray[np.float32]

SHAPE = (64, 32, 3, 3)


def initialised(section: str, graph: str = "- {conv: {out: 64, kernel: 3}, id: c}") -> Any:
    return fresh(model(f"{spec(graph, image='[32, 8, 8]')}init: {section}\n"))


def test_the_same_seed_gives_the_same_weights() -> None:
    net = load("lenet5")
    first, again, other = fresh(net, 1), fresh(net, 1), fresh(net, 2)
    for name in first:
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.array_equal(first[name], other[name])


def test_the_numbers_are_those_of_every_machine() -> None:
    weights = fresh(load("lenet5"), 0)
    assert [f"{x:.6f}" for x in weights["c1.weight"].flat[:4]] == [
        "-0.006825",
        "0.137304",
        "0.075364",
        "0.005587",
    ]


def test_each_tensor_has_a_stream_of_its_own() -> None:
    few = fresh(model(spec("- {conv: {out: 4, kernel: 3}, id: a}")))
    more = fresh(
        model(spec("- {conv: {out: 3, kernel: 1}, id: b}\n- {conv: {out: 4, kernel: 3}, id: a}"))
    )
    np.testing.assert_array_equal(few["a.weight"], more["a.weight"])
    assert not np.array_equal(more["b.bias"], more["a.bias"][:3])


SCHEMES: dict[str, Callable[[torch.Tensor], object]] = {
    "zeros": nn.init.zeros_,
    "ones": nn.init.ones_,
    "0.5": lambda w: nn.init.constant_(w, 0.5),
    "{normal: 0.01}": lambda w: nn.init.normal_(w, std=0.01),
    "{uniform: 0.2}": lambda w: nn.init.uniform_(w, -0.2, 0.2),
    "{truncated_normal: 0.3}": lambda w: nn.init.trunc_normal_(w, std=0.3, a=-0.6, b=0.6),
    "kaiming_normal": nn.init.kaiming_normal_,
    "kaiming_uniform": nn.init.kaiming_uniform_,
    "{kaiming_normal: {mode: fan_out, nonlinearity: relu}}": lambda w: nn.init.kaiming_normal_(
        w, mode="fan_out", nonlinearity="relu"
    ),
    "{kaiming_uniform: {nonlinearity: tanh}}": lambda w: nn.init.kaiming_uniform_(
        w, nonlinearity="tanh"
    ),
    "{kaiming_normal: {nonlinearity: selu}}": lambda w: nn.init.kaiming_normal_(
        w, nonlinearity="selu"
    ),
    "{kaiming_normal: {nonlinearity: linear}}": lambda w: nn.init.kaiming_normal_(
        w, nonlinearity="linear"
    ),
    "{kaiming_normal: {nonlinearity: leaky_relu}}": lambda w: nn.init.kaiming_normal_(
        w, nonlinearity="leaky_relu"
    ),
    "{kaiming_normal: {nonlinearity: sigmoid}}": lambda w: nn.init.kaiming_normal_(
        w, nonlinearity="sigmoid"
    ),
    "xavier_normal": nn.init.xavier_normal_,
    "xavier_uniform": nn.init.xavier_uniform_,
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_schemes_are_pytorch_s(scheme: str) -> None:
    found = initialised(f"{{conv: {{weight: {scheme}}}}}")["c.weight"]
    expected = torch.empty(SHAPE)
    SCHEMES[scheme](expected)
    alike(found, expected.numpy())


def alike(found: Array, expected: Array) -> None:
    """Of one distribution, as far as thousands of numbers show it."""
    assert found.shape == expected.shape
    spread = float(expected.std()) or 1.0
    assert abs(found.mean() - expected.mean()) < 0.1 * spread
    assert found.std() == pytest.approx(expected.std(), rel=0.05)
    limits = np.quantile(found, [0.01, 0.25, 0.75, 0.99])
    wanted = np.quantile(expected, [0.01, 0.25, 0.75, 0.99])
    np.testing.assert_allclose(limits, wanted, atol=0.15 * spread)
    assert np.abs(found).max() <= 1.3 * np.abs(expected).max()


LAYERS: dict[str, tuple[str, nn.Module]] = {
    "conv": ("- {conv: {out: 64, kernel: 3, groups: 2}, id: x}", nn.Conv2d(32, 64, 3, groups=2)),
    "conv_transpose": (
        "- {conv_transpose: {out: 64, kernel: 3}, id: x}",
        nn.ConvTranspose2d(32, 64, 3),
    ),
    "linear": ("- flatten\n- {linear: 50, id: x}", nn.Linear(2048, 50)),
    "batch_norm": ("- {batch_norm: {}, id: x}", nn.BatchNorm2d(32)),
    "prelu": ("- {prelu: {}, id: x}", nn.PReLU(32)),
    "attention": (
        "- reshape: [32, 64]\n- {attention: {heads: 4}, id: x}",
        nn.MultiheadAttention(64, 4),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_what_init_leaves_out_is_as_pytorch_s_layers_have_it(name: str) -> None:
    graph, layer = LAYERS[name]
    weights = fresh(model(spec(graph, image="[32, 8, 8]")))
    for key, tensor in layer.state_dict().items():
        if tensor.dim() and tensor.numel() > 1000:
            alike(weights[f"x.{key}"], tensor.numpy())
        elif tensor.dim():
            bound = 1.05 * max(float(tensor.abs().max()), 1e-9)
            assert np.abs(weights[f"x.{key}"]).max() <= 1.5 * bound


def test_a_bias_takes_the_fan_in_of_its_weight() -> None:
    graph = "- {separable_conv: {out: 500, kernel: 3}, id: s}"
    weights = fresh(model(spec(graph, image="[32, 8, 8]")))
    assert np.abs(weights["s.depthwise.weight"]).max() == pytest.approx(1 / 3, rel=0.05)
    assert np.abs(weights["s.pointwise.bias"]).max() == pytest.approx(1 / sqrt(32), rel=0.05)


def test_what_an_op_states_of_itself() -> None:
    graph = (
        "- {parameter: {shape: [3], init: 2.5}, id: a}\n"
        "- {parameter: {shape: [100, 100], init: normal, std: 0.3}, id: b}\n"
        "- {l2_norm: {scale: 20}, id: n, from: image}"
    )
    weights = fresh(model(spec(graph)))
    assert weights["a"].tolist() == [2.5] * 3
    assert weights["b"].std() == pytest.approx(0.3, rel=0.05)
    assert weights["n.weight"].tolist() == [20.0] * 3


def test_convolutions_are_a_family() -> None:
    graph = (
        "- {depthwise_conv: 3, id: d}\n"
        "- {separable_conv: {out: 8, kernel: 3}, id: s}\n"
        "- {conv: {out: 4, kernel: 1}, id: c}"
    )
    weights = initialised("{conv: {weight: 2, bias: 1}, depthwise_conv: {weight: 3}}", graph)
    assert set(weights["c.weight"].flat) == {2}
    assert set(weights["s.depthwise.weight"].flat) == {2}
    assert set(weights["s.pointwise.bias"].flat) == {1}
    assert set(weights["d.weight"].flat) == {3}
    assert len(set(weights["d.bias"].flat)) > 1


def test_init_may_be_computed() -> None:
    text = spec("- {conv: {out: 4, kernel: 3}, id: c}", head="parameters: {level: 3}")
    weights = fresh(model(f"{text}init: {{conv: {{weight: $(level / 2)}}}}\n"))
    assert set(weights["c.weight"].flat) == {1.5}


def test_a_scheme_may_ask_for_more_axes_than_there_are() -> None:
    with pytest.raises(SpecError, match=r"`bias` of `conv` has fewer than two axes"):
        initialised("{conv: {bias: xavier_normal}}")


def test_resnet_begins_as_torchvision_s() -> None:
    net: Model = load("resnet18")
    weights = fresh(net)
    deviation = sqrt(2 / (64 * 9))
    assert weights["layer1.0.conv1.weight"].std() == pytest.approx(deviation, rel=0.02)
    assert set(weights["bn1.weight"].flat) == {1}
    assert np.abs(weights["fc.weight"]).max() <= 1 / sqrt(512)


def test_a_scheme_is_read() -> None:
    assert read(1, ()) == Scheme("constant", 1.0)
    assert read("normal(0.02)", (3,)) == Scheme("normal", 0.02)
    with pytest.raises(ValueError, match="no initial value"):
        read("orthogonal", (3, 3))
