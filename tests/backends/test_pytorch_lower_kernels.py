"""Ops with weights or windows, in PyTorch: shapes, names and numbers are those the op declares."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor, nn

from graphcnn.backends.python.code import Call, Keyword, Self, Subscript
from graphcnn.backends.python.printer import Printer
from graphcnn.backends.pytorch.lower import LOWER
from graphcnn.ops import convolution, normalisation, pooling
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Op, OpError
from graphcnn.ops.linear import Linear, Matmul
from graphcnn.ops.parameter import Parameter
from graphcnn.ops.sliding import Sliding
from graphcnn.size import symbol
from tests.backends.evaluator import Built, counted
from tests.ops.kernel_draws import CASES
from tests.ops.laws import Numbers, make, outcome

Array = NDArray[np.float64]


def built(op: Op, *shapes: Numbers) -> Built:
    """The op in double precision, its weights drawn at random, not in training."""
    made = Built(LOWER[type(op)](op, *shapes))
    if isinstance(made.module, nn.Module):
        made.module.double().eval()
        generator = torch.Generator().manual_seed(0)
        state: dict[str, Tensor] = made.module.state_dict()
        for tensor in state.values():
            if tensor.is_floating_point():
                tensor.uniform_(0.5, 2, generator=generator)
    return made


def run(op: Op, *shapes: Numbers) -> tuple[dict[str, Array], list[Array], Array]:
    """The weights, the inputs, and what PyTorch makes of them."""
    made = built(op, *shapes)
    inputs = [x.double() for x in counted(*shapes)]
    with torch.no_grad():
        output = made.forward(*inputs)
        if made.lowered.forward is not None and isinstance(made.module, nn.Module):
            torch.testing.assert_close(made.module(*inputs), output)
    state: dict[str, Tensor] = (
        made.module.state_dict() if isinstance(made.module, nn.Module) else {}
    )
    weights = {name: tensor.numpy() for name, tensor in state.items()}
    return weights, [x.numpy() for x in inputs], output.numpy()


def agree(found: Array, expected: Array) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


# The contract


def is_stricter(op: Op, error: OpError) -> bool:
    """Whether PyTorch may accept what the op refuses; the docstrings of the ops say why."""
    match op:
        case convolution.ConvTranspose():
            return error.code == "conflicting-attributes"
        case pooling.MaxPool() | pooling.AvgPool():
            return error.code == "padding-too-large"
        case Linear():
            return error.code == "wrong-rank"
        case Matmul():
            return True  # it repeats matrices
        case normalisation.L2Norm() | normalisation.LayerNorm():
            return error.code in ("missing-attribute", "no-such-axis", "repeated-axis")
    return error.code == "wrong-length"


def refused_or_empty(op: Op, shapes: tuple[Numbers, ...], inputs: list[Tensor]) -> None:
    try:
        y = Built(LOWER[type(op)](op, *shapes)).forward(*inputs)
    except (RuntimeError, ValueError, AssertionError, OpError):
        return
    assert y.numel() == 0, f"{op} on {shapes} gives {tuple(y.shape)}"


@pytest.mark.parametrize("op", CASES)
@given(data=st.data())
def test_accepts_what_the_op_accepts(op: type[Op], data: st.DataObject) -> None:
    case, shapes = data.draw(CASES[op])
    expected = outcome(case, *shapes)
    inputs = counted(*shapes)
    if isinstance(expected, OpError):
        if not is_stricter(case, expected):
            refused_or_empty(case, shapes, inputs)
        return
    lowered = LOWER[op](case, *shapes)
    assert hash(lowered) == hash(LOWER[op](case, *shapes))  # plain values at the leaves
    made = Built(lowered)
    y = made.forward(*inputs)
    batch = 1 if op is Parameter else 2
    assert [tuple(y.shape)] == [(batch, *sizes) for sizes in expected]
    weights = case.weights(*shapes)
    assert list(made.state().items()) == [(name, w.shape) for name, w in weights.items()]
    if isinstance(made.module, nn.Module):
        assert [name for name, _ in made.module.named_parameters()] == [
            name for name, weight in weights.items() if weight.trained
        ]


@pytest.mark.parametrize("op", CASES)
@settings(max_examples=10)
@given(data=st.data())
def test_begins_as_the_op_says(op: type[Op], data: st.DataObject) -> None:
    case, shapes = data.draw(CASES[op])
    assume(not isinstance(outcome(case, *shapes), OpError))
    module = Built(LOWER[op](case, *shapes)).module
    state: dict[str, Tensor] = module.state_dict() if isinstance(module, nn.Module) else {}
    if isinstance(module, nn.Parameter):
        state = {"": module.data}
    for name, weight in case.weights(*shapes).items():
        if isinstance(weight.initial, float):
            torch.testing.assert_close(state[name], torch.full_like(state[name], weight.initial))


# Convolutions and pools, cell by cell


def cells(walk: Sliding, out: Numbers) -> Any:
    """For each output cell and each cell of its window: the places, before padding."""
    for at in np.ndindex(*out):
        for j in product(*(range(int(str(k))) for k in walk.kernel)):
            steps: Any = zip(at, walk.stride, j, walk.dilation, walk.pads, strict=True)
            yield at, j, tuple(i * s + k * d - before for i, s, k, d, (before, _) in steps)


def inside(place: Numbers, spatial: Any, pads: Any = None) -> bool:
    ends = pads or ((0, 0),) * len(place)
    return all(-b <= p < n + a for p, n, (b, a) in zip(place, spatial, ends, strict=True))


def convolved(op: convolution.Conv, x: Array, weight: Array) -> Array:
    (image,) = (x.shape[1:],)
    (output,) = op.outputs(image)
    walk = op.sliding(image)
    y: Array = np.zeros((x.shape[0], *output))
    groups: Any = op.groups
    parts = zip(
        np.split(x, groups, 1), np.split(weight, groups, 0), np.split(y, groups, 1), strict=True
    )
    for a, w, b in parts:
        for at, j, place in cells(walk, b.shape[2:]):
            if inside(place, walk.spatial):
                b[(..., *at)] += a[(..., *place)] @ w[(..., *j)].T
    return y


def biased(y: Array, weights: dict[str, Array], name: str = "bias") -> Array:
    bias = weights.get(name, np.zeros(1))
    return y + bias.reshape(-1, *[1] * (y.ndim - 2))


def accepted(data: st.DataObject, op: type[Op]) -> tuple[Any, Numbers]:
    case, (image,) = data.draw(CASES[op])
    assume(not isinstance(outcome(case, image), OpError))
    return case, image


@given(data=st.data())
def test_conv(data: st.DataObject) -> None:
    op, image = accepted(data, convolution.Conv)
    weights, (x,), y = run(op, image)
    agree(y, biased(convolved(op, x, weights["weight"]), weights))


@given(data=st.data())
def test_depthwise_conv(data: st.DataObject) -> None:
    op, image = accepted(data, convolution.DepthwiseConv)
    weights, (x,), y = run(op, image)
    for channel in range(image[0]):
        one = convolution.Conv(
            out=op.multiplier,
            kernel=op.kernel,
            stride=op.stride,
            padding=op.padding,
            dilation=op.dilation,
        )
        made = slice(channel * op.multiplier, (channel + 1) * op.multiplier)
        expected = convolved(one, x[:, channel : channel + 1], weights["weight"][made])
        bias = {"bias": weights["bias"][made]} if op.bias else {}
        agree(y[:, made], biased(expected, bias))


@given(data=st.data())
def test_separable_conv(data: st.DataObject) -> None:
    op, image = accepted(data, convolution.SeparableConv)
    weights, (x,), y = run(op, image)
    depthwise = op.depthwise.as_conv(image)
    between = convolved(depthwise, x, weights["depthwise.weight"])
    expected = convolved(op.pointwise, between, weights["pointwise.weight"])
    agree(y, biased(expected, weights, "pointwise.bias"))


@given(data=st.data())
def test_conv_transpose(data: st.DataObject) -> None:
    op, image = accepted(data, convolution.ConvTranspose)
    weights, (x,), y = run(op, image)
    # the convolution that is reversed, from the output to the input
    conv = convolution.Conv(
        out=1, kernel=op.kernel, stride=op.stride, dilation=op.dilation, padding=op.padding
    )
    walk = conv.sliding(y.shape[1:])
    expected = np.zeros_like(y)
    parts = zip(
        np.split(x, op.groups, 1),
        np.split(weights["weight"], op.groups, 0),
        np.split(expected, op.groups, 1),
        strict=True,
    )
    for a, w, b in parts:
        for at, j, place in cells(walk, image[1:]):
            if inside(place, y.shape[2:]):
                b[(..., *place)] += a[(..., *at)] @ w[(..., *j)]
    agree(y, biased(expected, weights))


@given(data=st.data())
def test_max_pool(data: st.DataObject) -> None:
    op, image = accepted(data, pooling.MaxPool)
    _, (x,), y = run(op, image)
    expected = np.full_like(y, -math.inf)
    for at, _, place in cells(op.sliding(image), y.shape[2:]):
        if inside(place, image[1:]):
            expected[(..., *at)] = np.maximum(expected[(..., *at)], x[(..., *place)])
    agree(y, expected)


@given(data=st.data())
def test_avg_pool(data: st.DataObject) -> None:
    op, image = accepted(data, pooling.AvgPool)
    _, (x,), y = run(op, image)
    walk = op.sliding(image)
    total, count = np.zeros_like(y), np.zeros(y.shape[2:])
    for at, _, place in cells(walk, y.shape[2:]):
        if inside(place, image[1:]):
            total[(..., *at)] += x[(..., *place)]
        if inside(place, image[1:], walk.pads if op.count_padding else None):
            count[at] += 1
    agree(y, total / count)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("image", [(3, 5), (3, 5, 4), (3, 5, 4, 2)])
def test_global_pools(image: Numbers, *, keepdims: bool) -> None:
    over = tuple(range(2, len(image) + 1))
    _, (x,), y = run(make(pooling.GlobalAvgPool, keepdims=keepdims), image)
    agree(y, x.mean(over, keepdims=keepdims))
    _, (x,), y = run(make(pooling.GlobalMaxPool, keepdims=keepdims), image)
    agree(y, x.max(over, keepdims=keepdims))


@pytest.mark.parametrize("image", [(3, 5), (3, 5, 8), (2, 5, 4, 3)])
@pytest.mark.parametrize("size", [1, 2, 4, 7])
def test_adaptive_pools(image: Numbers, size: int) -> None:
    _, (x,), averages = run(make(pooling.AdaptiveAvgPool, size=size), image)
    _, _, maxima = run(make(pooling.AdaptiveMaxPool, size=size), image)
    for at in np.ndindex(*averages.shape[2:]):
        seen: Any = tuple(
            slice(i * n // size, -(-(i + 1) * n // size))
            for i, n in zip(at, image[1:], strict=True)
        )
        part = x[(slice(None), slice(None), *seen)].reshape(*x.shape[:2], -1)
        agree(averages[(..., *at)], part.mean(-1))
        agree(maxima[(..., *at)], part.max(-1))


# Matrices


def test_linear_and_matmul() -> None:
    weights, (x,), y = run(make(Linear, out=5), (4, 3))
    agree(y, x @ weights["weight"].T + weights["bias"])
    _, (a, b), y = run(make(Matmul), (2, 4, 3), (2, 3, 5))
    agree(y, a @ b)
    _, (a, b), y = run(make(Matmul, transpose=True), (4, 3), (5, 3))
    agree(y, a @ np.swapaxes(b, -1, -2))


@pytest.mark.parametrize("bias", [False, True])
def test_attention(*, bias: bool) -> None:
    heads, tokens, features = 2, 5, 6
    weights, (x,), y = run(make(Attention, heads=heads, bias=bias), (tokens, features))
    projected = x @ weights["in_proj_weight"].T + weights.get("in_proj_bias", 0)
    parts = projected.reshape(2, tokens, 3, heads, features // heads)
    q, k, v = (parts[:, :, i].swapaxes(1, 2) for i in range(3))
    scores = np.exp(q @ k.swapaxes(2, 3) / math.sqrt(features // heads))
    mixed = (scores / scores.sum(-1, keepdims=True)) @ v
    joined = mixed.swapaxes(1, 2).reshape(2, tokens, features)
    agree(y, joined @ weights["out_proj.weight"].T + weights.get("out_proj.bias", 0))


def test_parameter_is_drawn() -> None:
    torch.manual_seed(0)
    drawn = Built(LOWER[Parameter](make(Parameter, shape=[200, 100], init="normal", std=0.5)))
    assert isinstance(drawn.module, nn.Parameter)
    assert abs(float(drawn.module.data.mean())) < 0.02
    assert abs(float(drawn.module.data.std()) - 0.5) < 0.02


# Normalisation


def normalised(x: Array, over: tuple[int, ...], eps: float) -> Array:
    mean, variance = x.mean(over, keepdims=True), x.var(over, keepdims=True)
    scaled: Array = (x - mean) / np.sqrt(variance + eps)
    return scaled


def affine(y: Array, weights: dict[str, Array], shape: Any) -> Array:
    """Scaled and shifted by what there is of the two, which meets a batch in this shape."""
    scaled = y * weights["weight"].reshape(shape) if "weight" in weights else y
    return scaled + weights["bias"].reshape(shape) if "bias" in weights else scaled


def channels(shape: Numbers) -> Any:
    return (-1, *[1] * (len(shape) - 1))


@given(data=st.data())
def test_batch_norm(data: st.DataObject) -> None:
    op, shape = accepted(data, normalisation.BatchNorm)
    weights, (x,), y = run(op, shape)
    at = channels(shape)
    centred = x - weights["running_mean"].reshape(at)
    expected = centred / np.sqrt(weights["running_var"].reshape(at) + op.eps)
    agree(y, affine(expected, weights, at))


@pytest.mark.parametrize("scale", [False, True])
@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize("shape", [(3,), (3, 4), (3, 4, 5), (3, 4, 5, 2)])
def test_batch_norm_in_training(shape: Numbers, *, scale: bool, shift: bool) -> None:
    op = make(normalisation.BatchNorm, momentum=0.25, scale=scale, shift=shift)
    module = built(op, shape).module
    assert isinstance(module, nn.Module)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    (x,) = (x.double() for x in counted(shape, batch=4))
    y = module.train()(x)
    over = (0, *range(2, x.dim()))
    kept = {name: tensor.numpy() for name, tensor in before.items()}
    expected = normalised(x.numpy(), over, 1e-5)
    agree(y.detach().numpy(), affine(expected, kept, channels(shape)))
    agree(
        module.state_dict()["running_mean"].numpy(),
        0.75 * kept["running_mean"] + 0.25 * x.numpy().mean(over),
    )


def test_frozen_batch_norm_does_not_learn() -> None:
    module = built(make(normalisation.BatchNorm, frozen=True), (3, 4)).module
    assert isinstance(module, nn.Module)
    (x,) = (x.double() for x in counted((3, 4)))
    expected = module(x)
    assert not list(module.parameters())
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    torch.testing.assert_close(module.train()(x), expected)
    torch.testing.assert_close(module.state_dict(), before)


@given(data=st.data())
def test_layer_norm(data: st.DataObject) -> None:
    op, shape = accepted(data, normalisation.LayerNorm)
    weights, (x,), y = run(op, shape)
    axes = op.normalised(shape)
    expected = normalised(x, tuple(axis + 1 for axis in axes), op.eps)
    agree(y, affine(expected, weights, [n if i in axes else 1 for i, n in enumerate(shape)]))


@given(data=st.data())
def test_group_norm(data: st.DataObject) -> None:
    op, shape = accepted(data, normalisation.GroupNorm)
    weights, (x,), y = run(op, shape)
    grouped = x.reshape(2, op.groups, -1)
    expected = normalised(grouped, (2,), op.eps).reshape(x.shape)
    agree(y, affine(expected, weights, channels(shape)))


@given(data=st.data())
def test_instance_norm(data: st.DataObject) -> None:
    op, shape = accepted(data, normalisation.InstanceNorm)
    weights, (x,), y = run(op, shape)
    expected = normalised(x, tuple(range(2, x.ndim)), op.eps)
    agree(y, affine(expected, weights, channels(shape)))


@given(data=st.data())
def test_local_response_norm(data: st.DataObject) -> None:
    op, shape = accepted(data, normalisation.LocalResponseNorm)
    _, (x,), y = run(op, shape)
    expected = np.empty_like(x)
    for c in range(shape[0]):
        beside = x[:, max(c - op.size // 2, 0) : c + (op.size - 1) // 2 + 1]
        total = (beside**2).sum(1)
        expected[:, c] = x[:, c] / (op.k + op.alpha / op.size * total) ** op.beta
    agree(y, expected)


@given(data=st.data())
def test_l2_norm(data: st.DataObject) -> None:
    op, shape = accepted(data, normalisation.L2Norm)
    weights, (x,), y = run(op, shape)
    axis = op.axis % len(shape)
    length = np.sqrt((x**2).sum(axis + 1, keepdims=True))
    expected = x / np.maximum(length, op.eps)
    agree(y, affine(expected, weights, [n if i == axis else 1 for i, n in enumerate(shape)]))


# What is written


C, H, W = symbol("C"), symbol("H"), symbol("W")
IMAGE = (64, 56, 56)


def written(op: Op, *inputs: Any) -> str:
    return Printer(("x", "y"), "self.it").text(shown(LOWER[type(op)](op, *inputs).module))


def shown(tree: Any) -> Any:
    """The tree without arguments that have their default."""
    if not isinstance(tree, Call):
        return tree
    arguments = (
        Keyword(one.name, shown(one.value)) if isinstance(one, Keyword) else shown(one)
        for one in tree.arguments
        if not (isinstance(one, Keyword) and one.value == one.default)
    )
    return Call(tree.target, tuple(arguments))


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (
            make(convolution.Conv, out=64, kernel=3, stride=2, padding=1, bias=False),
            "nn.Conv2d(64, 64, 3, stride=2, padding=1, bias=False)",
        ),
        (make(convolution.Conv, out=8), "nn.Conv2d(64, 8, 1)"),
        (
            make(convolution.Conv, out=8, kernel=[3, 3], padding=[1, 1]),
            "nn.Conv2d(64, 8, (3, 3), padding=(1, 1))",
        ),
        (
            make(convolution.Conv, out=8, kernel=3, padding=[[1, 1], [1, 1]]),
            "nn.Conv2d(64, 8, 3, padding=1)",
        ),
        (
            make(convolution.Conv, out=8, kernel=[1, 7], padding="same"),
            "nn.Conv2d(64, 8, (1, 7), padding='same')",
        ),
        (make(convolution.Conv, out=8, padding="valid"), "nn.Conv2d(64, 8, 1)"),
        (
            make(convolution.Conv, out=8, kernel=3, stride=2, padding="same"),
            "SameConv2d(64, 8, 3, stride=2)",
        ),
        (make(convolution.Conv, out=8, kernel=2, padding="same"), "SameConv2d(64, 8, 2)"),
        (
            make(convolution.Conv, out=8, kernel=3, padding=[[0, 1], [2, 3]]),
            "PaddedConv2d(64, 8, 3, pads=(2, 3, 0, 1))",
        ),
        (
            make(convolution.DepthwiseConv, kernel=3, padding=1, bias=False),
            "nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False)",
        ),
        (
            make(convolution.SeparableConv, out=128, kernel=3, padding=1, bias=False),
            (
                "SeparableConv(nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False), "
                "nn.Conv2d(64, 128, 1, bias=False))"
            ),
        ),
        (
            make(convolution.ConvTranspose, out=32, kernel=4, stride=2, padding=1),
            "nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)",
        ),
        (
            make(convolution.ConvTranspose, out=32, kernel=4, stride=2, padding="same"),
            "nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)",
        ),
        (
            make(convolution.ConvTranspose, out=32, kernel=3, stride=2, padding="same"),
            "CroppedConvTranspose2d(64, 32, 3, stride=2, crop=(0, 1, 0, 1))",
        ),
        (
            make(convolution.ConvTranspose, out=32, kernel=1, stride=2, padding="same"),
            "nn.ConvTranspose2d(64, 32, 1, stride=2, output_padding=1)",
        ),
        (
            make(pooling.MaxPool, kernel=3, stride=2, padding=1),
            "nn.MaxPool2d(3, stride=2, padding=1)",
        ),
        (make(pooling.MaxPool, kernel=2, stride=2), "nn.MaxPool2d(2)"),
        (
            make(pooling.MaxPool, kernel=3, stride=1, ceil=True),
            "nn.MaxPool2d(3, stride=1, ceil_mode=True)",
        ),
        (
            make(pooling.MaxPool, kernel=3, stride=1, padding="same"),
            "nn.MaxPool2d(3, stride=1, padding=1)",
        ),
        (make(pooling.MaxPool, kernel=2, padding="same"), "SameMaxPool2d(2)"),
        (make(pooling.MaxPool, kernel=3, padding=2), "PaddedMaxPool2d(3, pads=(2, 2, 2, 2))"),
        (
            make(pooling.AvgPool, kernel=3, stride=1, padding=1, count_padding=False),
            "nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)",
        ),
        (
            make(pooling.AvgPool, kernel=2, padding=[[0, 1], 0], count_padding=False),
            "PaddedAvgPool2d(2, pads=(0, 0, 0, 1), count_include_pad=False)",
        ),
        (make(pooling.GlobalAvgPool), "nn.AdaptiveAvgPool2d(1)"),
        (
            make(pooling.GlobalMaxPool, keepdims=False),
            "nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())",
        ),
        (make(pooling.AdaptiveAvgPool, size=[7, 6]), "nn.AdaptiveAvgPool2d((7, 6))"),
        (make(normalisation.BatchNorm), "nn.BatchNorm2d(64)"),
        (
            make(normalisation.BatchNorm, eps=1e-3, momentum=0.01),
            "nn.BatchNorm2d(64, eps=0.001, momentum=0.01)",
        ),
        (
            make(normalisation.BatchNorm, scale=False, shift=False),
            "nn.BatchNorm2d(64, affine=False)",
        ),
        (
            make(normalisation.BatchNorm, scale=False),
            "partly_trained(nn.BatchNorm2d(64), scale=False)",
        ),
        (make(normalisation.BatchNorm, frozen=True), "FrozenBatchNorm(64)"),
        (make(normalisation.LayerNorm, axes=[0], eps=1e-6), "ChannelLayerNorm(64, eps=1e-06)"),
        (make(normalisation.LayerNorm, axes=[0, 1, 2]), "nn.LayerNorm((64, 56, 56))"),
        (
            make(normalisation.LayerNorm, axes=[-1], scale=False, shift=False),
            "nn.LayerNorm(56, elementwise_affine=False)",
        ),
        (make(normalisation.LayerNorm, axes=[-1], shift=False), "nn.LayerNorm(56, bias=False)"),
        (
            make(normalisation.LayerNorm, axes=[0, 1]),
            "AxesLayerNorm((64, 56), dims=(1, 2))",
        ),
        (make(normalisation.GroupNorm, groups=32), "nn.GroupNorm(32, 64)"),
        (make(normalisation.InstanceNorm), "nn.InstanceNorm2d(64)"),
        (
            make(normalisation.InstanceNorm, scale=True, shift=True),
            "nn.InstanceNorm2d(64, affine=True)",
        ),
        (
            make(normalisation.LocalResponseNorm, size=5, alpha=5e-4, k=2),
            "nn.LocalResponseNorm(5, alpha=0.0005, k=2.0)",
        ),
        (make(normalisation.L2Norm, scale=20), "ScaledL2Norm(64, 20.0)"),
    ],
    ids=str,
)
def test_reads_as_a_person_would_write_it(op: Op, expected: str) -> None:
    assert written(op, IMAGE) == expected


@pytest.mark.parametrize(
    ("op", "x", "expected"),
    [
        (make(Linear, out=10), (2048,), "nn.Linear(2048, 10)"),
        (make(Linear, out=10, bias=False), (H, 768), "nn.Linear(768, 10, bias=False)"),
        (make(Attention, heads=12), (197, 768), "SelfAttention(768, 12)"),
        (make(normalisation.LayerNorm), (197, 768), "nn.LayerNorm(768)"),
        (make(normalisation.BatchNorm), (64,), "nn.BatchNorm1d(64)"),
        (make(pooling.MaxPool, kernel=[3]), (64, H), "nn.MaxPool1d(3)"),
        (make(convolution.Conv, out=8, kernel=[3]), (64, H), "nn.Conv1d(64, 8, 3)"),
    ],
    ids=str,
)
def test_of_other_ranks(op: Op, x: Any, expected: str) -> None:
    assert written(op, x) == expected


def test_a_parameter_is_one_sample_of_a_batch() -> None:
    plain = make(Parameter, shape=[3, 4], init=0.5)
    assert LOWER[Parameter](plain).forward == Subscript(Self(), (None,))
    assert written(plain) == "nn.Parameter(torch.full((3, 4), 0.5))"
    stored = make(Parameter, shape=[3, 4], init="normal", batch=True)
    assert LOWER[Parameter](stored).forward == Self()
    assert written(stored) == "nn.Parameter(torch.randn(1, 3, 4) * 0.02)"
    assert written(make(Parameter, shape=[3])) == "nn.Parameter(torch.zeros(3))"


@pytest.mark.parametrize("op", [pooling.MaxPool, pooling.AvgPool])
def test_ceil_and_unequal_padding_need_a_size(op: type[Op]) -> None:
    pool = make(op, kernel=2, padding=[[0, 1], 0], ceil=True)
    with pytest.raises(OpError, match="symbolic size H") as caught:
        LOWER[op](pool, (64, H, W))
    assert caught.value.code == "unsupported-op"
    assert caught.value.attribute == "ceil"


# One graph


class Together(nn.Module):
    """One of everything that is a helper or more than a single call, side by side."""

    def __init__(self, image: Numbers) -> None:
        super().__init__()
        axes = len(image) - 1
        unequal = [[0, 1]] * axes
        norms = (normalisation.BatchNorm, normalisation.InstanceNorm)
        ops: list[Op] = [
            make(convolution.Conv, out=4, kernel=3, padding=unequal),
            make(convolution.Conv, out=4, kernel=3, stride=2, padding="same"),
            make(convolution.Conv, out=4, kernel=3, padding="same"),
            make(convolution.SeparableConv, out=4, kernel=3, padding="same"),
            make(convolution.ConvTranspose, out=4, kernel=3, stride=2, padding="same"),
            make(pooling.MaxPool, kernel=3, padding=unequal),
            make(pooling.MaxPool, kernel=2, stride=2, padding="same"),
            make(pooling.AvgPool, kernel=3, padding=unequal, count_padding=False),
            make(pooling.AvgPool, kernel=2, stride=2, padding="same", count_padding=False),
            make(pooling.GlobalAvgPool, keepdims=False),
            make(pooling.GlobalMaxPool, keepdims=False),
            make(pooling.AdaptiveMaxPool, size=2),
            *(make(norm, scale=True, shift=False) for norm in norms),
            *(make(norm, scale=False, shift=True) for norm in norms),
            make(normalisation.BatchNorm, frozen=True),
            make(normalisation.BatchNorm, frozen=True, scale=False),
            make(normalisation.BatchNorm, frozen=True, shift=False),
            make(normalisation.LayerNorm, axes=[0]),
            make(normalisation.LayerNorm, axes=[0, 1], scale=False),
            make(normalisation.GroupNorm, groups=2, shift=False),
            make(normalisation.LocalResponseNorm, size=3),
            make(normalisation.L2Norm, scale=20),
            make(normalisation.L2Norm),
        ]
        if axes == 1:
            ops.append(make(Attention, heads=2, dropout=0.1))
        self.built = [Built(LOWER[type(op)](op, image)) for op in ops]
        self.held = nn.ModuleList(
            made.module for made in self.built if isinstance(made.module, nn.Module)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        return [made.forward(x) for made in self.built]


def export(model: nn.Module, x: Tensor) -> nn.Module:
    batch: Any = {0: torch.export.Dim("batch", min=2)}
    return torch.export.export(model, (x,), dynamic_shapes=(batch,)).module()


@pytest.mark.parametrize("image", [(4, 8), (4, 8, 6), (4, 6, 4, 5)])
def test_exports_as_one_graph(image: Numbers) -> None:
    model, x = Together(image).eval(), torch.randn(3, *image)
    torch.testing.assert_close(export(model, x)(x), model(x))


def test_compiles_as_one_graph() -> None:
    model, x = Together((4, 8, 6)), torch.randn(3, 4, 8, 6)
    compiled: Any = torch.compile(model, fullgraph=True, backend="eager")
    torch.testing.assert_close(compiled(x), model(x))


def test_trains_as_one_graph() -> None:
    model, x = Together((4, 8)), torch.randn(3, 4, 8)
    shapes = [y.shape for y in model(x)]
    assert [y.shape for y in export(model, x)(x)] == shapes
    compiled: Any = torch.compile(model, fullgraph=True, backend="eager")
    assert [y.shape for y in compiled(x)] == shapes
