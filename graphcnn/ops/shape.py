"""Ops that arrange cells anew: their count, order or grid changes, their values do not."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, ClassVar

from graphcnn.ops.attributes import (
    AXIS,
    Amounts,
    Boolean,
    Choice,
    Integer,
    Listing,
    Maybe,
    Number,
    PerAxis,
)
from graphcnn.ops.base import (
    Elementwise,
    Free,
    Lost,
    Op,
    OpError,
    Pads,
    Shape,
    Window,
    attribute,
    per_axis,
    require,
    require_at_least,
    require_known,
    require_same,
    resolve_axes,
    resolve_axis,
    show_shape,
)
from graphcnn.size import UNKNOWN, Size, at_least, ceil_div, divides, equal, product

_COUNT = Integer(1, fixed=True)

_MOST_PARTS = 1_000


def _only_one(first: str, a: object, second: str, b: object) -> None:
    """Two attributes of which exactly one is given."""
    if a is None and b is None:
        raise OpError(
            f"neither `{first}` nor `{second}` is given",
            code="missing-attribute",
            help=f"give one of `{first}` and `{second}`",
        )
    if a is not None and b is not None:
        raise OpError(
            f"both `{first}` and `{second}` are given",
            code="conflicting-attributes",
            attribute=second,
            help=f"leave out one of `{first}` and `{second}`",
        )


def _require_divides(parts: Size, size: Size, what: str, attribute: str) -> None:
    error = OpError(
        f"{parts} does not divide {what}, {size}", code="does-not-divide", attribute=attribute
    )
    require(divides(parts, size), error, parts, size)


class Identity(Elementwise, Op):
    """Its input, unchanged.

    Output: x.
    `nn.Identity`, `layers.Identity`.
    """

    name: ClassVar[str] = "identity"
    group: ClassVar[str] = "shape"


class Flatten(Free, Op):
    """Several neighbouring axes as one; by default all of them.

    Output: the sizes before `start`, the product of those from `start` to `end`, those after.
    The last axis runs fastest, and the channels come first: PyTorch's order. Keras' `Flatten` of
    channels-last data has another order, which its backend puts right. `start` and `end` count
    the axes of a sample; PyTorch's count the batch axis too.
    """

    name: ClassVar[str] = "flatten"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "start"

    start: int = attribute(AXIS, 0, doc="first axis that is joined")
    end: int = attribute(AXIS, -1, doc="last axis that is joined")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        start = resolve_axis(self.start, len(x), "start")
        end = resolve_axis(self.end, len(x), "end")
        if start > end:
            raise OpError(
                f"`start` is axis {start}, behind `end`, axis {end}",
                code="out-of-range",
                attribute="start",
            )
        return ((*x[:start], product(x[start : end + 1]), *x[end + 1 :]),)


class Reshape(Free, Op):
    """The same cells in the same order, under another shape.

    Output: of shape `shape`, which holds as many cells as the input.
    The order is that of channels-first data, the last axis fastest, as PyTorch has it; Keras'
    `Reshape` of channels-last data has another, which its backend puts right. Every size is
    written out: there is no -1, but an expression can ask for the sizes of the input.
    """

    name: ClassVar[str] = "reshape"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "shape"

    shape: Any = attribute(Listing(Integer(1)), doc="sizes of the output, channels first")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        if self.shape is UNKNOWN:
            raise Lost("shape")
        before, after = product(x), product(self.shape)
        require_same(
            before,
            after,
            OpError(
                f"{show_shape(x)} of {before} cells does not fit into {show_shape(self.shape)} "
                f"of {after} cells",
                attribute="shape",
            ),
        )
        return (self.shape,)


class Permute(Free, Op):
    """The axes in another order.

    Output: axis i is axis `axes[i]` of the input.
    `axes` names the axes of a sample, from 0, each once. PyTorch's `Tensor.permute` counts the
    batch axis too; Keras' `layers.Permute` leaves it out but counts from 1.
    """

    name: ClassVar[str] = "permute"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "axes"

    axes: tuple[int, ...] = attribute(Listing(AXIS), doc="for each axis, where it comes from")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        axes = resolve_axes(self.axes, len(x))
        if len(axes) != len(x):
            raise OpError(
                f"`axes` names {len(axes)} of the {len(x)} axes of {show_shape(x)}",
                code="wrong-length",
                attribute="axes",
            )
        return (tuple(x[axis] for axis in axes),)


def _ends(amounts: Any, rank: int) -> Pads:
    """The amount before and after each axis, the channels included."""
    if not isinstance(amounts, tuple):
        # a vector has no spatial axes, so that its one axis is meant
        return ((0, 0),) * min(rank - 1, 1) + ((amounts, amounts),) * max(rank - 1, 1)
    if len(amounts) not in (rank - 1, rank):
        axes = f"{rank} axes, or without the channels {rank - 1}" if rank > 1 else "one axis"
        raise OpError(
            f"`amounts` has {len(amounts)} values for an input of {axes}",
            code="wrong-length",
            attribute="amounts",
        )
    ends = tuple(one if isinstance(one, tuple) else (one, one) for one in amounts)
    return ((0, 0),) * (rank - len(ends)) + ends


class Pad(Free, Op):
    """Adds cells before and after along any axis.

    Output: n + before + after along each axis.
    `constant` adds `value`; `reflect` mirrors the cells without the one at the border, `replicate`
    repeats the one at the border. `reflect` adds fewer cells than there are. As the frameworks
    have it, these two pad at most three axes, so of a (C, D, H, W) sample the spatial ones alone.
    PyTorch's `F.pad`, which lists the last axis first; Keras' `ops.pad` has no `replicate`.
    """

    name: ClassVar[str] = "pad"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "amounts"
    ranks: ClassVar[tuple[int, ...] | None] = (1, 2, 3, 4)

    amounts: Any = attribute(
        Amounts(),
        doc="cells to add; a list is one per spatial axis, or one per axis, the channels first",
    )
    mode: str = attribute(
        Choice("constant", "reflect", "replicate"), "constant", doc="what is added"
    )
    value: float = attribute(Number(), 0.0, doc="the constant")

    def ends(self, x: Shape) -> Pads:
        """Cells before and after each axis, the channels included."""
        return _ends(self.amounts, len(x))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        ends = self.ends(x)
        if self.mode in ("reflect", "replicate"):
            if self.value not in (0.0, UNKNOWN):
                raise OpError(
                    f"`value` {self.value:g} is for mode `constant`, but the mode is `{self.mode}`",
                    code="conflicting-attributes",
                    attribute="value",
                )
            if len(x) == 4 and any(equal(end, 0) is False for end in ends[0]):
                raise OpError(
                    f"mode `{self.mode}` pads at most 3 axes, so not the channels of "
                    f"{show_shape(x)} too",
                    code="unsupported-rank",
                    attribute="mode",
                )
        for axis, (n, pair) in enumerate(zip(x, ends, strict=True)):
            for amount in pair if self.mode == "reflect" else ():
                require_at_least(
                    n - 1,
                    amount,
                    OpError(
                        f"reflecting {amount} along axis {axis} needs more than its {n} cells",
                        code="padding-too-large",
                        attribute="amounts",
                        help=f"reflect at most {n - 1}",
                    ),
                )
        return (tuple(before + n + after for n, (before, after) in zip(x, ends, strict=True)),)


class Crop(Free, Op):
    """Takes cells away before and after along any axis.

    Output: n - before - after along each axis, at least 1.
    Keras' `layers.Cropping2D`; in PyTorch it is a slice.
    """

    name: ClassVar[str] = "crop"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "amounts"
    ranks: ClassVar[tuple[int, ...] | None] = (1, 2, 3, 4)

    amounts: Any = attribute(
        Amounts(),
        doc="cells to take away; a list is one per spatial axis, or one per axis, channels first",
    )

    def ends(self, x: Shape) -> Pads:
        """Cells taken before and after each axis, the channels included."""
        return _ends(self.amounts, len(x))

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        sizes: list[Size] = []
        for axis, (n, (before, after)) in enumerate(zip(x, self.ends(x), strict=True)):
            left = n - before - after
            require_at_least(
                left,
                1,
                OpError(
                    f"nothing is left of the {n} cells of axis {axis} when {before} are taken "
                    f"before and {after} after",
                    code="out-of-range",
                    attribute="amounts",
                ),
            )
            sizes.append(left)
        return (tuple(sizes),)


class Slice(Free, Op):
    """A part of one axis: the cells from `start` up to, not including, `stop`.

    Output: ceil((stop - start) / step) along `axis`, at least 1.
    What is negative counts from the end. Stricter than Python, PyTorch and Keras, which cut off a
    `start` or `stop` beyond the axis: here it is an error, since it hides a wrong size.
    """

    name: ClassVar[str] = "slice"
    group: ClassVar[str] = "shape"

    axis: int = attribute(AXIS, 0, doc="axis that is cut; 0 is the channels")
    start: Size = attribute(Integer(), 0, doc="first cell that is kept")
    stop: Size | None = attribute(Maybe(Integer()), None, doc="first cell that is not; none is all")
    step: int = attribute(_COUNT, 1, doc="distance between the cells that are kept")

    def _index(self, n: Size, value: Size, axis: int, attribute: str) -> Size:
        """A position that may be counted from the end, as one from 0 to n."""
        positive = at_least(value, 0)
        require(
            None if positive is None else True,
            OpError(f"`{attribute}` {value} is negative", attribute=attribute),
            value,
        )
        index = n + value if positive is False else value
        inside = OpError(
            f"`{attribute}` {value} is beyond the {n} cells of axis {axis}",
            code="out-of-range",
            attribute=attribute,
        )
        require_at_least(index, 0, inside)
        require_at_least(n, index, inside)
        return index

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        axis = resolve_axis(self.axis, len(x))
        start = self._index(x[axis], self.start, axis, "start")
        stop = x[axis] if self.stop is None else self._index(x[axis], self.stop, axis, "stop")
        require_at_least(
            stop,
            start + 1,
            OpError(
                f"no cell of axis {axis} lies between `start` {start} and `stop` {stop}",
                code="out-of-range",
                attribute="start" if self.stop is None else "stop",
            ),
        )
        return ((*x[:axis], ceil_div(stop - start, self.step), *x[axis + 1 :]),)

    def window(self, *inputs: Shape) -> Window | None:
        (x,) = inputs
        axis = resolve_axis(self.axis, len(x))
        if axis == 0 or equal(self.step, 1):
            return None
        stride = tuple(self.step if at == axis else 1 for at in range(1, len(x)))
        return Window((1,) * len(stride), stride)


class Split(Free, Op):
    """Cuts an axis into parts, each an output of its own: `half.0`, `half.1`.

    Output i: n / parts along `axis`, or `sizes[i]`.
    Equal parts divide the axis exactly, and sizes add up to it; stricter than PyTorch's `chunk`,
    whose last part may be smaller. Keras' `ops.split` is as strict, but takes places and not sizes.
    """

    name: ClassVar[str] = "split"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "parts"

    parts: int | None = attribute(Maybe(_COUNT), None, doc="number of equal parts")
    sizes: Any = attribute(Maybe(Listing(Integer(1))), None, doc="size of each part")
    axis: int = attribute(AXIS, 0, doc="axis that is cut; 0 is the channels")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        axis = resolve_axis(self.axis, len(x))
        _only_one("parts", self.parts, "sizes", self.sizes)
        sizes: Shape
        if self.parts is not None:
            require_known(self.parts, "parts")
            if self.parts > _MOST_PARTS:
                message = f"an axis is cut into at most {_MOST_PARTS:,} parts, not {self.parts:,}"
                raise OpError(message, code="out-of-range", attribute="parts")
            _require_divides(self.parts, x[axis], f"the size of axis {axis}", "parts")
            sizes = (x[axis] // self.parts,) * self.parts
        else:
            if self.sizes is UNKNOWN:
                raise Lost("sizes")
            sizes = self.sizes
            total: Size = sum(sizes)
            require_same(
                total,
                x[axis],
                OpError(
                    f"the sizes {' + '.join(map(str, sizes))} add up to {total}, "
                    f"but axis {axis} has {x[axis]}",
                    attribute="sizes",
                ),
            )
        return tuple((*x[:axis], size, *x[axis + 1 :]) for size in sizes)


class Tile(Free, Op):
    """The input several times over along each axis.

    Output: n * repeats along each axis.
    `repeats` names every axis, the channels first. `torch.tile`, `keras.ops.tile`.
    """

    name: ClassVar[str] = "tile"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "repeats"

    repeats: Any = attribute(Listing(Integer(1)), doc="how often, for each axis")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        if self.repeats is UNKNOWN:
            return ((UNKNOWN,) * len(x),)
        if len(self.repeats) != len(x):
            raise OpError(
                f"`repeats` has {len(self.repeats)} values for the {len(x)} axes of "
                f"{show_shape(x)}",
                code="wrong-length",
                attribute="repeats",
            )
        return (tuple(n * times for n, times in zip(x, self.repeats, strict=True)),)


def _step(n: Size, out: Size) -> Size | Fraction:
    """How far apart on a grid of n cells the cells of a grid of ``out`` lie."""
    if isinstance(n, int) and isinstance(out, int):
        return Fraction(n, out)
    if divides(out, n):
        return n // out
    if divides(n, out):
        times = out // n
        if isinstance(times, int):
            return Fraction(1, times)
    return UNKNOWN


class Upsample(Free, Op):
    """A finer grid over the same picture, by a factor or to a size.

    Output: (C, n * factor, …), or (C, size…), which may be smaller too.
    Where cell i of `out` lies on the input's grid of n cells:
    `nearest`: floor(i * n / out). The same in Keras where `out` is a multiple of n; elsewhere
    Keras takes floor((i + 0.5) * n / out).
    `bilinear` (linear on a line, trilinear in a volume): (i + 0.5) * n / out - 0.5, kept within
    the grid, as PyTorch, Keras and TensorFlow 2 have it. With `align_corners` i * (n - 1) /
    (out - 1), so that the outermost cells keep their values, which Keras has not. A smaller grid
    is sampled without smoothing (PyTorch's `antialias=False`).
    """

    name: ClassVar[str] = "upsample"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "factor"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    factor: Any = attribute(Maybe(PerAxis(_COUNT)), None, doc="how many cells each becomes")
    size: Any = attribute(Maybe(PerAxis(Integer(1))), None, doc="spatial sizes of the output")
    mode: str = attribute(Choice("nearest", "bilinear"), "nearest", doc="how cells are filled")
    align_corners: bool = attribute(
        Boolean(), False, doc="bilinear: outermost cells lie on each other, not their outer edges"
    )

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        _only_one("factor", self.factor, "size", self.size)
        if self.align_corners is True and self.mode == "nearest":
            raise OpError(
                "`align_corners` is for mode `bilinear`, but the mode is `nearest`",
                code="conflicting-attributes",
                attribute="align_corners",
            )
        axes = len(image) - 1
        if self.factor is None:
            return ((image[0], *per_axis(self.size, axes, "size")),)
        factors = per_axis(self.factor, axes, "factor")
        return ((image[0], *(n * f for n, f in zip(image[1:], factors, strict=True))),)

    def window(self, *inputs: Shape) -> Window | None:
        (image,) = inputs
        (output,) = self.outputs(image)
        blend = 1 if self.mode == "nearest" else 2
        if self.factor is None:
            steps = tuple(_step(n, out) for n, out in zip(image[1:], output[1:], strict=True))
        else:
            factors = per_axis(self.factor, len(image) - 1, "factor")
            steps = tuple(UNKNOWN if f is UNKNOWN else Fraction(1, f) for f in factors)
        # a grid that stays as it is takes each cell from one
        return Window(tuple(1 if step == 1 else blend for step in steps), steps)


class ChannelShuffle(Free, Op):
    """Mixes the channels of groups: the first of each group, then the second of each, and so on.

    Output: of the input's shape; channel i * groups + g is channel g * (C / groups) + i.
    PyTorch's `nn.ChannelShuffle`; Keras has none, a reshape and a transpose do it.
    Zhang et al., 2018 (ShuffleNet).
    """

    name: ClassVar[str] = "channel_shuffle"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "groups"
    ranks: ClassVar[tuple[int, ...] | None] = (2, 3, 4)

    groups: Size = attribute(Integer(1), doc="parts of the channels to mix")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (image,) = inputs
        error = OpError(
            f"{self.groups} groups do not divide {image[0]} input channels",
            code="groups-do-not-divide",
            attribute="groups",
        )
        require(divides(self.groups, image[0]), error, self.groups, image[0])
        return (image,)


class PixelShuffle(Free, Op):
    """Channels become space: each cell of `factor` ** 2 channels a square of cells.

    Output: (C / factor ** 2, H * factor, W * factor); cell (c, y, x) is input channel
    c * factor ** 2 + (y % factor) * factor + x % factor at (y / factor, x / factor).
    PyTorch's order, ONNX' `CRD`. TensorFlow's `depth_to_space` takes channel
    ((y % factor) * factor + x % factor) * (C / factor ** 2) + c. Shi et al., 2016.
    """

    name: ClassVar[str] = "pixel_shuffle"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "factor"
    ranks: ClassVar[tuple[int, ...] | None] = (3,)

    factor: int = attribute(_COUNT, doc="side of the square that a cell becomes")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        ((channels, height, width),) = inputs
        square = self.factor * self.factor
        _require_divides(square, channels, "the number of channels", "factor")
        return ((channels // square, height * self.factor, width * self.factor),)

    def window(self, *inputs: Shape) -> Window | None:
        require_known(self.factor, "factor")
        return Window((1, 1), (Fraction(1, self.factor),) * 2)


class SpaceToDepth(Free, Op):
    """Space becomes channels: each square of cells one cell with `block` ** 2 times the channels.

    Output: (C * block ** 2, H / block, W / block); channel c * block ** 2 + i * block + j is
    channel c at (y * block + i, x * block + j). The inverse of `pixel_shuffle`.
    PyTorch's order, that of `nn.PixelUnshuffle`. TensorFlow's and ONNX' `space_to_depth` put that
    cell into channel (i * block + j) * C + c.
    """

    name: ClassVar[str] = "space_to_depth"
    group: ClassVar[str] = "shape"
    main: ClassVar[str | None] = "block"
    ranks: ClassVar[tuple[int, ...] | None] = (3,)

    block: int = attribute(_COUNT, doc="side of the square that becomes one cell")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        ((channels, height, width),) = inputs
        _require_divides(self.block, height, "the height", "block")
        _require_divides(self.block, width, "the width", "block")
        square = self.block * self.block
        return ((channels * square, height // self.block, width // self.block),)

    def window(self, *inputs: Shape) -> Window | None:
        return Window((self.block,) * 2, (self.block,) * 2)
