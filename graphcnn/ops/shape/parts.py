"""Ops that add cells at the ends of axes, or take a part of one."""

from __future__ import annotations

from typing import Any, ClassVar

from graphcnn.ops.attributes import AXIS, Amounts, Choice, Integer, Listing, Maybe, Number
from graphcnn.ops.base import (
    Free,
    Lost,
    Op,
    OpError,
    Pads,
    Shape,
    Window,
    attribute,
    require,
    require_at_least,
    require_known,
    require_same,
    resolve_axis,
    show_shape,
)
from graphcnn.ops.shape.checks import COUNT, only_one, require_divides
from graphcnn.size import UNKNOWN, Size, at_least, ceil_div, equal

_MOST_PARTS = 1_000


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
    step: int = attribute(COUNT, 1, doc="distance between the cells that are kept")

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

    parts: int | None = attribute(Maybe(COUNT), None, doc="number of equal parts")
    sizes: Any = attribute(Maybe(Listing(Integer(1))), None, doc="size of each part")
    axis: int = attribute(AXIS, 0, doc="axis that is cut; 0 is the channels")

    def outputs(self, *inputs: Shape) -> tuple[Shape, ...]:
        (x,) = inputs
        axis = resolve_axis(self.axis, len(x))
        only_one("parts", self.parts, "sizes", self.sizes)
        sizes: Shape
        if self.parts is not None:
            require_known(self.parts, "parts")
            if self.parts > _MOST_PARTS:
                message = f"an axis is cut into at most {_MOST_PARTS:,} parts, not {self.parts:,}"
                raise OpError(message, code="out-of-range", attribute="parts")
            require_divides(self.parts, x[axis], f"the size of axis {axis}", "parts")
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
