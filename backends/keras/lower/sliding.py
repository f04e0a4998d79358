"""Windows as the arguments of Keras' layers."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.keras.stages import Stage, layer
from graphcnn.ops.base import Pads
from graphcnn.ops.sliding import Sliding
from graphcnn.size import Size, equal


def alone(value: Any) -> Any:
    """The value as its author wrote it; a list of one is that one."""
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def amounts(pads: Pads) -> Any:
    """Padding as ``ZeroPadding2D`` takes it: a number, one per axis, or pairs."""
    if all(equal(before, after) is not False for before, after in pads):
        each = tuple(before for before, _ in pads)
        return each[0] if all(equal(each[0], size) is not False for size in each) else each
    return pads[0] if len(pads) == 1 else pads


def zero_padding(pads: Pads) -> Stage:
    return layer(f"layers.ZeroPadding{len(pads)}D", amounts(pads))


def is_free(pads: Pads) -> bool:
    """Whether nothing is padded. What symbols leave open is taken to be as the form needs it."""
    return all(equal(end, 0) is not False for pair in pads for end in pair)


def is_same(walk: Sliding) -> bool:
    """Whether Keras' `same` pads as much, and that at the same ends, whatever the input's size."""
    if walk.same:
        return True
    for (before, after), extent, kernel, stride in zip(
        walk.pads, walk.extent, walk.kernel, walk.stride, strict=True
    ):
        if equal(kernel, 1) is True and is_free(((before, after),)):
            continue
        total: Size = extent - 1
        fits = equal(before, total // 2) is not False and equal(after, total - total // 2)
        if stride != 1 or fits is False:
            return False
    return True


def is_uniform(values: tuple[Any, ...]) -> bool:
    return all(value == values[0] for value in values)
