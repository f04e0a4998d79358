"""Convolutions in one, two and three dimensions."""

from __future__ import annotations

from math import gcd
from typing import Any, ClassVar

from graphcnn.ops.attributes import Boolean, Integer, Padding, PerAxis
from graphcnn.ops.base import (
    Op,
    OpError,
    Pads,
    Shape,
    Weight,
    Window,
    attribute,
    per_axis,
    require,
    require_at_least,
)
from graphcnn.ops.sliding import STEP, Sliding, ratio, sliding
from graphcnn.size import Size, at_least, divides, maximum, product


def require_groups(groups: Size, channels: Size, what: str) -> None:
    """Raise unless the channels fall into equal groups."""
    require(
        divides(groups, channels),
        OpError(
            f"{groups} groups do not divide {channels} {what} channels",
            code="groups-do-not-divide",
            attribute="groups",
        ),
        groups,
        channels,
    )


def _with_bias(weight: Shape, bias: bool, out: Size) -> dict[str, Weight]:
    weights = {"weight": Weight(weight)}
    if bias is True:  # and not lost to an earlier error
        weights["bias"] = Weight((out,))
    return weights


class Conv(Op):
    """Convolution over the spatial axes, its rank that of its input.

    Output: (out, floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1, …),
    with `same` padding (out, ceil(n / stride), …).
    Weights: weight (out, in / groups, kernel…), bias (out).
    MACs: one for each weight at each output cell.
    Cross-correlation, as every framework computes it. With `same` and a stride Keras puts the odd
    cell of padding at the end and PyTorch has no `same`; this is Keras'. The layout of the weight
    is PyTorch's. `torch.nn.Conv2d`, `keras.layers.Conv2D`.
    """

    name: ClassVar[str] = "conv"
    numbered: ClassVar[bool] = True
    group: ClassVar[str] = "convolution"
    main: ClassVar[str | None] = "out"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    out: Size = attribute(Integer(1), doc="channels that come out")
    kernel: Any = attribute(PerAxis(Integer(1)), 1, doc="size of the window")
    stride: Any = attribute(PerAxis(STEP), 1, doc="step of the window")
    padding: Any = attribute(Padding(), 0, doc="zeros added around the input")
    dilation: Any = attribute(PerAxis(STEP), 1, doc="distance between cells of the window")
    groups: Size = attribute(Integer(1), 1, doc="parts of the channels that do not mix")
    bias: bool = attribute(Boolean(), True, doc="add a trained value to each output channel")

    def sliding(self, image: Shape) -> Sliding:
        """The window over this input."""
        return sliding(
            image,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
        )

    def pads(self, image: Shape) -> Pads:
        """Explicit zeros before and after each spatial axis."""
        return self.sliding(image).pads

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        require_groups(self.groups, image[0], "input")
        require_groups(self.groups, self.out, "output")
        return ((self.out, *self.sliding(image).output()),)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        (image,) = inputs
        kernel = per_axis(self.kernel, len(image) - 1, "kernel")
        return _with_bias((self.out, image[0] // self.groups, *kernel), self.bias, self.out)

    def macs(self, *inputs: Shape) -> Size:
        (output,) = self.outputs(*inputs)
        return product(self.weights(*inputs)["weight"].shape) * product(output[1:])

    def window(self, *inputs: Shape) -> Window | None:
        return self.sliding(inputs[0]).window


class DepthwiseConv(Op):
    """Convolution of each channel by itself, into `multiplier` channels each.

    Output: (in * multiplier, floor((n + before + after - dilation * (kernel - 1) - 1) / stride)
    + 1, …), with `same` padding (in * multiplier, ceil(n / stride), …).
    Channel c of the input makes the channels from c * multiplier on, in every framework.
    Weights: weight (in * multiplier, 1, kernel…), bias (in * multiplier).
    MACs: one for each weight at each output cell.
    PyTorch writes it as a convolution whose groups are its input channels, Keras as
    `DepthwiseConv2D`, whose kernel is laid out (kernel…, in, multiplier); the layout is PyTorch's.
    Howard et al., 2017, https://arxiv.org/abs/1704.04861
    """

    name: ClassVar[str] = "depthwise_conv"
    group: ClassVar[str] = "convolution"
    main: ClassVar[str | None] = "kernel"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    kernel: Any = attribute(PerAxis(Integer(1)), doc="size of the window")
    stride: Any = attribute(PerAxis(STEP), 1, doc="step of the window")
    padding: Any = attribute(Padding(), 0, doc="zeros added around the input")
    dilation: Any = attribute(PerAxis(STEP), 1, doc="distance between cells of the window")
    multiplier: Size = attribute(Integer(1), 1, doc="channels made from each input channel")
    bias: bool = attribute(Boolean(), True, doc="add a trained value to each output channel")

    def as_conv(self, image: Shape) -> Conv:
        """The same as an ordinary convolution."""
        return Conv(
            out=image[0] * self.multiplier,
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            groups=image[0],
            bias=self.bias,
        )

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        conv = self.as_conv(image)
        return ((conv.out, *conv.sliding(image).output()),)

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        (image,) = inputs
        out = image[0] * self.multiplier
        kernel = per_axis(self.kernel, len(image) - 1, "kernel")
        return _with_bias((out, 1, *kernel), self.bias, out)

    def macs(self, *inputs: Shape) -> Size:
        (output,) = self.outputs(*inputs)
        return product(self.weights(*inputs)["weight"].shape) * product(output[1:])

    def window(self, *inputs: Shape) -> Window | None:
        return self.as_conv(inputs[0]).window(*inputs)


class SeparableConv(Op):
    """Depthwise convolution, then a pointwise one that mixes the channels.

    Output: (out, floor((n + before + after - dilation * (kernel - 1) - 1) / stride) + 1, …),
    with `same` padding (out, ceil(n / stride), …).
    Weights: depthwise.weight (in * multiplier, 1, kernel…), pointwise.weight (out, in *
    multiplier, 1…), pointwise.bias (out). Nothing stands between the two, and only the second has
    a bias, as in Keras' `SeparableConv2D`; PyTorch has no such layer.
    MACs: those of the two convolutions.
    Chollet, 2016, https://arxiv.org/abs/1610.02357
    """

    name: ClassVar[str] = "separable_conv"
    group: ClassVar[str] = "convolution"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    out: Size = attribute(Integer(1), doc="channels that come out")
    kernel: Any = attribute(PerAxis(Integer(1)), doc="size of the depthwise window")
    stride: Any = attribute(PerAxis(STEP), 1, doc="step of the depthwise window")
    padding: Any = attribute(Padding(), 0, doc="zeros added around the input")
    dilation: Any = attribute(PerAxis(STEP), 1, doc="distance between cells of the window")
    multiplier: Size = attribute(Integer(1), 1, doc="channels between the two, per input channel")
    bias: bool = attribute(Boolean(), True, doc="add a trained value to each output channel")

    @property
    def depthwise(self) -> DepthwiseConv:
        """The first of the two convolutions."""
        return DepthwiseConv(
            kernel=self.kernel,
            stride=self.stride,
            padding=self.padding,
            dilation=self.dilation,
            multiplier=self.multiplier,
            bias=False,
        )

    @property
    def pointwise(self) -> Conv:
        """The second of the two convolutions."""
        return Conv(out=self.out, bias=self.bias)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        return self.pointwise.outputs(*self.depthwise.outputs(*inputs))

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        between = self.depthwise.outputs(*inputs)
        return {
            **{f"depthwise.{k}": w for k, w in self.depthwise.weights(*inputs).items()},
            **{f"pointwise.{k}": w for k, w in self.pointwise.weights(*between).items()},
        }

    def macs(self, *inputs: Shape) -> Size:
        between = self.depthwise.outputs(*inputs)
        return self.depthwise.macs(*inputs) + self.pointwise.macs(*between)

    def window(self, *inputs: Shape) -> Window | None:
        return self.depthwise.window(*inputs)


class ConvTranspose(Op):
    """Transposed convolution: the gradient of a convolution, which enlarges its input.

    Output: (out, (n - 1) * stride - before - after + dilation * (kernel - 1) + output_padding
    + 1, …), with `same` padding (out, n * stride, …).
    Weights: weight (in, out / groups, kernel…), bias (out).
    MACs: one for each weight at each input cell.
    `padding` takes cells off the output, as in PyTorch: it is the padding of the convolution that
    this one reverses. With `same`, which PyTorch lacks, it is TensorFlow's: of an odd amount the
    extra cell is taken off the end, and where the kernel is smaller than the stride the cells
    that no input reaches stand at the end. `torch.nn.ConvTranspose2d`,
    `keras.layers.Conv2DTranspose`; Zeiler et al., 2010, Deconvolutional networks.
    """

    name: ClassVar[str] = "conv_transpose"
    group: ClassVar[str] = "convolution"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    out: Size = attribute(Integer(1), doc="channels that come out")
    kernel: Any = attribute(PerAxis(Integer(1)), doc="size of the window")
    stride: Any = attribute(PerAxis(STEP), 1, doc="how far apart the inputs are laid")
    padding: Any = attribute(Padding(), 0, doc="cells taken off each end of the output")
    output_padding: Any = attribute(
        PerAxis(Integer(0, fixed=True)),
        0,
        doc="cells added at the end of the output",
    )
    dilation: Any = attribute(PerAxis(STEP), 1, doc="distance between cells of the window")
    groups: Size = attribute(Integer(1), 1, doc="parts of the channels that do not mix")
    bias: bool = attribute(Boolean(), True, doc="add a trained value to each output channel")

    def crops(self, image: Shape) -> tuple[Pads, Shape]:
        """Cells taken off the output before and after each axis, and those added at its end."""
        axes = len(image) - 1
        added = per_axis(self.output_padding, axes, "output_padding")
        walk = sliding(
            image,
            kernel=self.kernel,
            stride=self.stride,
            padding="valid" if self.padding == "same" else self.padding,
            dilation=self.dilation,
        )
        if self.padding != "same":
            return walk.pads, added
        surplus = [extent - s for extent, s in zip(walk.extent, walk.stride, strict=True)]
        totals = [maximum(cells, 0) for cells in surplus]
        pads = tuple((total // 2, total - total // 2) for total in totals)
        return pads, tuple(maximum(-cells, 0) for cells in surplus)

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        require_groups(self.groups, image[0], "input")
        require_groups(self.groups, self.out, "output")
        axes = len(image) - 1
        kernel = per_axis(self.kernel, axes, "kernel")
        stride = per_axis(self.stride, axes, "stride")
        dilation = per_axis(self.dilation, axes, "dilation")
        self._check_output_padding(axes, stride, dilation)
        if self.padding == "same":
            return ((self.out, *(n * s for n, s in zip(image[1:], stride, strict=True))),)
        pads, added = self.crops(image)
        sizes = []
        for axis, (n, k, s, d, (before, after), extra) in enumerate(
            zip(image[1:], kernel, stride, dilation, pads, added, strict=True)
        ):
            full = (n - 1) * s + d * (k - 1) + extra + 1
            size = full - before - after
            require_at_least(
                size,
                1,
                OpError(
                    f"padding takes {before + after} cells off an output of {full} "
                    f"along spatial axis {axis}",
                    code="padding-too-large",
                    attribute="padding",
                ),
            )
            sizes.append(size)
        return ((self.out, *sizes),)

    def _check_output_padding(self, axes: int, stride: Shape, dilation: Shape) -> None:
        added = per_axis(self.output_padding, axes, "output_padding")
        for extra, s, d in zip(added, stride, dilation, strict=True):
            if self.padding == "same" and at_least(extra, 1):
                raise OpError(
                    f"`same` padding makes the output {s} times the input, "
                    f"which leaves no room for an output padding of {extra}",
                    code="conflicting-attributes",
                    attribute="output_padding",
                    help="give `padding` as numbers, or leave `output_padding` out",
                )
            bound = maximum(s, d)
            require_at_least(
                bound - 1,
                extra,
                OpError(
                    f"an output padding of {extra} is not less than the stride or dilation, "
                    f"{bound}",
                    code="out-of-range",
                    attribute="output_padding",
                ),
            )

    def weights(self, *inputs: Shape) -> dict[str, Weight]:
        (image,) = inputs
        kernel = per_axis(self.kernel, len(image) - 1, "kernel")
        return _with_bias((image[0], self.out // self.groups, *kernel), self.bias, self.out)

    def macs(self, *inputs: Shape) -> Size:
        (image,) = inputs
        return product(self.weights(image)["weight"].shape) * product(image[1:])

    def window(self, *inputs: Shape) -> Window | None:
        axes = len(inputs[0]) - 1
        kernel = per_axis(self.kernel, axes, "kernel")
        stride = per_axis(self.stride, axes, "stride")
        dilation = per_axis(self.dilation, axes, "dilation")
        extents: list[Size] = []
        for k, s, d in zip(kernel, stride, dilation, strict=True):
            # An output cell is reached by those kernel cells whose place agrees with it modulo
            # the stride; they lie s / gcd apart and see inputs that lie d / gcd apart.
            common = gcd(s, d) if isinstance(s, int) and isinstance(d, int) else 1
            extents.append((k - 1) // (s // common) * (d // common) + 1)
        return Window(tuple(extents), tuple(ratio(1, s) for s in stride))
