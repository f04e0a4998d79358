"""Random uses of the ops that keep weights or slide windows: right ones, and such as do not fit."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from graphcnn.ops import attention, convolution, linear, normalisation, parameter, pooling
from graphcnn.ops.base import Op
from tests.ops.laws import Numbers, make

Case = tuple[Op, tuple[Numbers, ...]]
Draw = st.DrawFn

channels = st.sampled_from([1, 2, 3, 4, 6])
kernels = st.integers(1, 4)
steps = st.integers(1, 3)
flags = st.booleans()
eps = st.sampled_from([1e-12, 1e-5, 1e-3, 0.5])


def some(draw: Draw, **attributes: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Values for some of the attributes; the others are left to their defaults."""
    return {name: draw(values) for name, values in attributes.items() if draw(flags)}


def per_axis(values: st.SearchStrategy[Any], axes: int) -> st.SearchStrategy[Any]:
    """One for all axes, or one for each; now and then a wrong count of them."""
    right = st.lists(values, min_size=axes, max_size=axes)
    wrong = st.lists(values, min_size=1, max_size=3)
    return st.one_of(values, values, right, right, wrong)


def paddings(axes: int, most: int = 3) -> st.SearchStrategy[Any]:
    amount = st.integers(0, most)
    pair = st.lists(amount, min_size=2, max_size=2)
    return st.one_of(
        st.sampled_from(["same", "same", "valid"]),
        per_axis(amount, axes),
        st.lists(st.one_of(amount, pair), min_size=axes, max_size=axes),
    )


@st.composite
def images(draw: Draw, least: int = 1) -> Numbers:
    axes = draw(st.integers(1, 3))
    sizes = st.integers(least, 8 if axes < 3 else 5)
    return (draw(channels), *draw(st.lists(sizes, min_size=axes, max_size=axes)))


def window(image: Numbers) -> dict[str, st.SearchStrategy[Any]]:
    axes = len(image) - 1
    return {
        "stride": per_axis(steps, axes),
        "padding": paddings(axes),
        "dilation": per_axis(steps, axes),
    }


@st.composite
def conv(draw: Draw) -> Case:
    image = draw(images())
    drawn = some(
        draw,
        kernel=per_axis(kernels, len(image) - 1),
        **window(image),
        groups=st.integers(1, 3),
        bias=flags,
    )
    return make(convolution.Conv, out=draw(channels), **drawn), (image,)


@st.composite
def depthwise_conv(draw: Draw) -> Case:
    image = draw(images())
    kernel = draw(per_axis(kernels, len(image) - 1))
    drawn = some(draw, **window(image), multiplier=steps, bias=flags)
    return make(convolution.DepthwiseConv, kernel=kernel, **drawn), (image,)


@st.composite
def separable_conv(draw: Draw) -> Case:
    image = draw(images())
    kernel = draw(per_axis(kernels, len(image) - 1))
    drawn = some(draw, **window(image), multiplier=steps, bias=flags)
    op = make(convolution.SeparableConv, out=draw(channels), kernel=kernel, **drawn)
    return op, (image,)


@st.composite
def conv_transpose(draw: Draw) -> Case:
    image = draw(images())
    axes = len(image) - 1
    kernel = draw(per_axis(kernels, axes))
    drawn = some(draw, **window(image), groups=st.integers(1, 3), bias=flags)
    if draw(st.integers(0, 2)) == 0:
        drawn["output_padding"] = draw(per_axis(st.integers(0, 2), axes))
    op = make(convolution.ConvTranspose, out=draw(channels), kernel=kernel, **drawn)
    return op, (image,)


@st.composite
def max_pool(draw: Draw) -> Case:
    image = draw(images())
    kernel = draw(per_axis(kernels, len(image) - 1))
    drawn = some(draw, **window(image), ceil=flags)
    return make(pooling.MaxPool, kernel=kernel, **drawn), (image,)


@st.composite
def avg_pool(draw: Draw) -> Case:
    image = draw(images())
    kernel = draw(per_axis(kernels, len(image) - 1))
    drawn = some(draw, **window(image), ceil=flags, count_padding=flags)
    drawn.pop("dilation", None)
    return make(pooling.AvgPool, kernel=kernel, **drawn), (image,)


@st.composite
def global_pool(draw: Draw, op: type[Op]) -> Case:
    return make(op, **some(draw, keepdims=flags)), (draw(images()),)


@st.composite
def adaptive_pool(draw: Draw, op: type[Op]) -> Case:
    image = draw(images())
    return make(op, size=draw(per_axis(st.integers(1, 9), len(image) - 1))), (image,)


@st.composite
def linears(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    return make(linear.Linear, out=draw(channels), **some(draw, bias=flags)), (tuple(shape),)


@st.composite
def matmul(draw: Draw) -> Case:
    sizes = st.integers(1, 4)
    first = draw(st.lists(sizes, min_size=2, max_size=4))
    transpose = draw(flags)
    second = [*first[:-2], *((draw(sizes), first[-1]) if transpose else (first[-1], draw(sizes)))]
    if draw(st.integers(0, 3)) == 0:
        second[draw(st.integers(0, len(second) - 1))] = draw(sizes)
    if draw(st.integers(0, 9)) == 0:
        second = [1, *second]
    drawn = {"transpose": True} if transpose else {}
    return make(linear.Matmul, **drawn), (tuple(first), tuple(second))


@st.composite
def attentions(draw: Draw) -> Case:
    heads = draw(st.integers(1, 3))
    features = heads * draw(st.integers(1, 4)) + (draw(st.integers(0, 4)) == 0)
    drawn = some(draw, bias=flags, dropout=st.sampled_from([0.0, 0.5, 1.0]))
    op = make(attention.Attention, heads=heads, **drawn)
    return op, ((draw(st.integers(1, 6)), features),)


@st.composite
def parameters(draw: Draw) -> Case:
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    init = st.sampled_from([0, 1, 1e-6, -2.5, "normal"])
    drawn = some(draw, init=init, std=st.sampled_from([0.02, 1]), batch=flags)
    return make(parameter.Parameter, shape=shape, **drawn), ()


@st.composite
def batch_norm(draw: Draw) -> Case:
    shape = draw(st.one_of(images(), channels.map(lambda c: (c,))))
    momentum = st.sampled_from([0.0, 0.01, 0.1, 1.0])
    drawn = some(draw, eps=eps, momentum=momentum, scale=flags, shift=flags, frozen=flags)
    return make(normalisation.BatchNorm, **drawn), (shape,)


@st.composite
def layer_norm(draw: Draw) -> Case:
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    axes = st.lists(st.integers(-4, 3), min_size=1, max_size=4)
    likely = st.sampled_from(
        [[0], [-1], list(range(len(shape))), list(range(1, len(shape))) or [0]]
    )
    drawn = some(draw, axes=st.one_of(likely, axes), eps=eps, scale=flags, shift=flags)
    return make(normalisation.LayerNorm, **drawn), (shape,)


@st.composite
def group_norm(draw: Draw) -> Case:
    drawn = some(draw, eps=eps, scale=flags, shift=flags)
    groups = draw(st.integers(1, 3))
    return make(normalisation.GroupNorm, groups=groups, **drawn), (draw(images()),)


@st.composite
def instance_norm(draw: Draw) -> Case:
    drawn = some(draw, eps=eps, scale=flags, shift=flags)
    return make(normalisation.InstanceNorm, **drawn), (draw(images(least=2)),)


@st.composite
def local_response_norm(draw: Draw) -> Case:
    drawn = some(
        draw,
        alpha=st.sampled_from([1e-4, 0.5]),
        beta=st.sampled_from([0.5, 0.75, 1.0]),
        k=st.sampled_from([1.0, 2.0]),
    )
    size = draw(st.integers(1, 5))
    return make(normalisation.LocalResponseNorm, size=size, **drawn), (draw(images()),)


@st.composite
def l2_norm(draw: Draw) -> Case:
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    scale = st.sampled_from([None, 1.0, 20.0])
    drawn = some(draw, axis=st.integers(-4, 3), eps=eps, scale=scale)
    return make(normalisation.L2Norm, **drawn), (shape,)


CASES: dict[type[Op], st.SearchStrategy[Case]] = {
    convolution.Conv: conv(),
    convolution.DepthwiseConv: depthwise_conv(),
    convolution.SeparableConv: separable_conv(),
    convolution.ConvTranspose: conv_transpose(),
    linear.Linear: linears(),
    attention.Attention: attentions(),
    parameter.Parameter: parameters(),
    linear.Matmul: matmul(),
    pooling.MaxPool: max_pool(),
    pooling.AvgPool: avg_pool(),
    pooling.GlobalAvgPool: global_pool(pooling.GlobalAvgPool),
    pooling.GlobalMaxPool: global_pool(pooling.GlobalMaxPool),
    pooling.AdaptiveAvgPool: adaptive_pool(pooling.AdaptiveAvgPool),
    pooling.AdaptiveMaxPool: adaptive_pool(pooling.AdaptiveMaxPool),
    normalisation.BatchNorm: batch_norm(),
    normalisation.LayerNorm: layer_norm(),
    normalisation.GroupNorm: group_norm(),
    normalisation.InstanceNorm: instance_norm(),
    normalisation.LocalResponseNorm: local_response_norm(),
    normalisation.L2Norm: l2_norm(),
}
