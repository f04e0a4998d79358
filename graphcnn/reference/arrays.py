"""Arrays, and the walks over them that several families share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from graphcnn.ops.sliding import Sliding

Array: TypeAlias = NDArray[np.float64]
Arrays: TypeAlias = tuple[Array, ...]


def numbers(sizes: Sequence[Any]) -> tuple[int, ...]:
    """Sizes that are integers by now."""
    return tuple(int(size) for size in sizes)


def along(values: Array, axis: int, rank: int) -> Array:
    """One value for each cell of ``axis``, so that it broadcasts over ``rank`` axes."""
    return values.reshape([-1 if at == axis else 1 for at in range(rank)])


def fitted(x: Array, walk: Sliding, out: Sequence[int], fill: float) -> Array:
    """The image with ``fill`` around it, as far as the windows of the walk reach."""
    ends = [(0, 0), (0, 0)]
    places = zip(x.shape[2:], walk.pads, walk.stride, walk.extent, out, strict=True)
    for n, (before, after), stride, extent, count in places:
        reach = (count - 1) * int(stride) + int(extent) - n - int(before)
        ends.append((int(before), max(int(after), reach)))
    return np.pad(x, ends, constant_values=fill)


def windows(x: Array, walk: Sliding, out: Sequence[int]) -> Iterator[tuple[tuple[int, ...], Array]]:
    """For each cell of the window, its place, and what it sees at every step of the walk."""
    for place in product(*(range(k) for k in numbers(walk.kernel))):
        cut = tuple(
            slice(at * d, at * d + (count - 1) * s + 1, s)
            for at, d, s, count in zip(
                place, numbers(walk.dilation), numbers(walk.stride), out, strict=True
            )
        )
        yield place, x[(slice(None), slice(None), *cut)]
