"""How far apart two tensors are, in one number.

The error of a tensor ``a`` against a reference ``b`` is max |a - b| / max(max |b|, 1e-6): the
largest difference, as a part of the largest value. Relative to each cell by itself it would be
infinite for a cell that is 0 by cancellation, and rounding errors are of the size of what was
cancelled. The floor is there for tensors of zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

FLOOR = 1e-6

ULP = 2.0**-24
"""What rounding to float32 moves a number by at most, as a part of it."""

#: What rounding alone was seen to move may be this many times as far off as it was moved.
MARGIN = 10
#: how often that is looked at
ROUNDINGS = 3


def error(found: NDArray[Any], expected: NDArray[Any], floor: float = FLOOR) -> float:
    """The error of a tensor; infinite where shapes differ, or something is not finite."""
    import numpy as np

    if found.shape != expected.shape:
        return float("inf")
    if not found.size:
        return 0.0
    largest = float(np.abs(found - expected).max())
    value = largest / max(float(np.abs(expected).max()), floor)
    return value if np.isfinite(value) else float("inf")
