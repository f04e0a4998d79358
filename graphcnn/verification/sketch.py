"""Tensors remembered by a few numbers, so that all of a model's can be compared at once.

Of a small tensor all cells are kept. Of a large one, eight random projections: sums of its cells,
each cell times a number that is drawn once. The differences between the projections of two
tensors have the size of the difference between the tensors (Johnson and Lindenstrauss, 1984), so
that they estimate |a - b| / |b|, in Euclidean lengths, without either being held.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from graphcnn.verification.draw import stream
from graphcnn.verification.errors import FLOOR, error

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHOLE = 4096
_BLOCK = 1 << 14
_PROJECTIONS = 8


class Sketch(NamedTuple):
    """What is kept of a tensor: its cells, or projections of them and their length."""

    numbers: NDArray[Any]
    length: float | None


def sketch(x: NDArray[Any]) -> Sketch:
    """What to remember of a tensor."""
    import numpy as np

    cells = np.ascontiguousarray(x).reshape(-1)
    if cells.size <= _WHOLE:
        return Sketch(cells.astype(np.float64), None)
    found = np.zeros(_PROJECTIONS)
    for n, start in enumerate(range(0, cells.size, _BLOCK)):
        block = cells[start : start + _BLOCK].astype(np.float64)
        found += _signs(n) * (_directions()[:, : block.size] @ block)
    return Sketch(found, float(np.sqrt(np.einsum("i,i->", cells, cells, dtype=np.float64))))


def distance(found: Sketch, expected: Sketch) -> float:
    """The relative error between two tensors of one shape; an estimate where they are large."""
    import numpy as np

    if expected.length is None:
        return error(found.numbers, expected.numbers)
    apart = float(np.sqrt(np.mean((found.numbers - expected.numbers) ** 2)))
    value = apart / max(expected.length, FLOOR)
    return value if np.isfinite(value) else float("inf")


@cache
def _directions() -> NDArray[Any]:
    return stream("directions").standard_normal((_PROJECTIONS, _BLOCK))


@cache
def _signs(block: int) -> NDArray[Any]:
    """Blocks share their directions but for a sign, so that no two can trade places unseen."""
    return stream(f"signs:{block}").choice([-1.0, 1.0], _PROJECTIONS)
