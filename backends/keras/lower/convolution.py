"""Convolutions in Keras."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.lower.sliding import (
    alone,
    amounts,
    is_free,
    is_same,
    is_uniform,
    zero_padding,
)
from graphcnn.backends.keras.stages import Forms, Stage, expression, layer, one
from graphcnn.backends.python.code import Call, Input, Keyword, Slice, Subscript
from graphcnn.ops.base import Shape, per_axis
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv
from graphcnn.ops.sliding import Sliding
from graphcnn.size import Size, equal


def conv(op: Conv, layout: Layout, *inputs: Shape) -> Forms:
    (image,) = inputs
    rank = len(image) - 1
    arguments = (op.out, alone(op.kernel))
    groups = Keyword("groups", op.groups, 1)
    found: dict[str, tuple[Stage, ...]] = {}
    depthwise = _depthwise_multiplier(op, image)
    if depthwise is not None:
        target = f"layers.DepthwiseConv{rank}D"
        multiplier = Keyword("depth_multiplier", depthwise, 1)
        found |= _walks("depthwise ", target, (alone(op.kernel),), op, image, "", multiplier)
    return found | _walks("", f"layers.Conv{rank}D", arguments, op, image, "", groups)


def _depthwise_multiplier(op: Conv, image: Shape) -> Size | None:
    """Channels made of each channel, where Keras has a layer for just that."""
    walk = op.sliding(image)
    single = equal(op.groups, 1) is True
    if single or equal(op.groups, image[0]) is False or len(image) > 3:
        return None
    if not is_uniform(walk.stride):  # TensorFlow asks for equal ones
        return None
    return op.out // image[0]


def _walks(
    prefix: str,
    target: str,
    arguments: tuple[Any, ...],
    op: Any,
    image: Shape,
    key: str,
    *rest: Any,
) -> dict[str, tuple[Stage, ...]]:
    """The ways to pad: not at all, as Keras' `same` does, or by a layer beforehand."""
    walk: Sliding = op.sliding(image)
    jumps = any(s != 1 for s in walk.stride)
    dilated = any(d != 1 for d in walk.dilation)
    rest = (*rest, Keyword("use_bias", op.bias, True))

    def stage(padding: str, *, stride: bool = True) -> Stage:
        code = Call(
            target,
            (
                *arguments,
                Keyword("strides", alone(op.stride) if stride else 1, 1),
                Keyword("padding", padding, "valid"),
                Keyword("dilation_rate", alone(op.dilation), 1),
                *rest,
            ),
        )
        return Stage(code, key=key)

    if jumps and dilated:  # Keras refuses both at once
        steps = (Slice(step=None if s == 1 else s) for s in walk.stride)
        jump = expression(Subscript(Input(), (Slice(), *steps)))
        return {f"{prefix}apart": (zero_padding(walk.pads), stage("valid", stride=False), jump)}
    found: dict[str, tuple[Stage, ...]] = {}
    if not walk.same and is_free(walk.pads):
        found[f"{prefix}valid"] = (stage("valid"),)
    if is_same(walk):
        found[f"{prefix}same"] = (stage("same"),)
    if not walk.same:
        found[f"{prefix}padded"] = (zero_padding(walk.pads), stage("valid"))
    return found


def depthwise_conv(op: DepthwiseConv, layout: Layout, *inputs: Shape) -> Forms:
    (image,) = inputs
    forms = _depthwise(op, image, "")
    return forms if forms is not None else conv(op.as_conv(image), layout, image)


def _depthwise(op: DepthwiseConv, image: Shape, key: str) -> Forms | None:
    rank = len(image) - 1
    plain = op.as_conv(image)
    if rank > 2 or not is_uniform(plain.sliding(image).stride):
        return None
    multiplier = Keyword("depth_multiplier", op.multiplier, 1)
    target = f"layers.DepthwiseConv{rank}D"
    return _walks("", target, (alone(op.kernel),), plain, image, key, multiplier)


def separable_conv(op: SeparableConv, layout: Layout, *inputs: Shape) -> Forms:
    (image,) = inputs
    (between,) = op.depthwise.outputs(image)
    first = _depthwise(op.depthwise, image, ".depthwise")
    if first is None:
        plain = op.depthwise.as_conv(image)
        target, groups = f"layers.Conv{len(image) - 1}D", Keyword("groups", plain.groups, 1)
        arguments = (plain.out, alone(op.kernel))
        first = _walks("", target, arguments, plain, image, ".depthwise", groups)
    bias = Keyword("use_bias", op.bias, True)
    second = Stage(Call(f"layers.Conv{len(between) - 1}D", (op.out, 1, bias)), key=".pointwise")
    return {name: (*stages, second) for name, stages in first.items()}


def conv_transpose(op: ConvTranspose, layout: Layout, *inputs: Shape) -> Forms:
    """Keras' layer as far as it goes, then the ends cut off; helpers where it has no such thing."""
    (image,) = inputs
    rank = len(image) - 1
    pads, added = op.crops(image)
    dilation = per_axis(op.dilation, rank, "dilation")
    # Cells that are cut off in any case need not be made first.
    spare = tuple(max(a - extra, 0) for (_, a), extra in zip(pads, added, strict=True))
    crop = tuple((before, cut) for (before, _), cut in zip(pads, spare, strict=True))
    extra = tuple(max(e - after, 0) for (_, after), e in zip(pads, added, strict=True))
    common = (
        op.out,
        alone(op.kernel),
        Keyword("strides", alone(op.stride), 1),
    )
    rest = (
        Keyword("dilation_rate", alone(op.dilation), 1),
        Keyword("use_bias", op.bias, True),
    )
    cut = () if is_free(crop) else (layer(f"layers.Cropping{rank}D", amounts(crop)),)
    # TensorFlow has no dilated form of it on a CPU, and Keras none with strides.
    if op.groups != 1 or any(d != 1 for d in dilation):
        end = Keyword("output_padding", extra[0] if is_uniform(extra) else extra, 0)
        groups = Keyword("groups", op.groups, 1)
        made = Call("GroupedConvTranspose", (*common, end, *rest, groups))
        return one(Stage(made, key=""), *cut)
    kernel = per_axis(op.kernel, rank, "kernel")
    stride = per_axis(op.stride, rank, "stride")
    short = any(k < s for k, s in zip(kernel, stride, strict=True))
    # Left to itself, Keras adds cells where the kernel is smaller than the stride.
    asked = short or any(extra)
    end = Keyword("output_padding", extra if asked else None, None)
    return one(Stage(Call(f"layers.Conv{rank}DTranspose", (*common, end, *rest)), key=""), *cut)
