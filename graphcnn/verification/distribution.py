"""Whether numbers come from a distribution, as far as so many of them can tell.

Each question is put so that numbers which do come from it are refused less than once in a million
times. What is asked: the constant itself; of random numbers, whether the mean is 0, whether the
mean square is that of the distribution, and whether the largest is neither beyond its bounds nor
further below them than so many numbers leave it.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp, pi, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple

from graphcnn.weights.schemes import Scheme

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: how often numbers may be refused that are right, for each question
ALARM = 1e-7

#: a number is rounded to float32, some of them after a product
_ROUNDING = 1e-6

_NORMAL = NormalDist()
_Z = _NORMAL.inv_cdf(1 - ALARM / 2)

#: where a truncated normal distribution is cut off, in standard deviations
_CUT = 2.0


class Sample(NamedTuple):
    """What is kept of numbers: how many there are, and what is asked of them."""

    size: int
    mean: float
    square: float
    least: float
    most: float

    @property
    def largest(self) -> float:
        return max(abs(self.least), abs(self.most))


def sample(arrays: Iterable[NDArray[Any]]) -> Sample:
    """The numbers of all the arrays."""
    import numpy as np

    count, total, squares, least, most = 0, 0.0, 0.0, np.inf, -np.inf
    for array in arrays:
        cells = array.reshape(-1)
        count += cells.size
        total += float(cells.sum(dtype=np.float64))
        squares += float(np.einsum("i,i->", cells, cells, dtype=np.float64))
        least, most = min(least, float(cells.min())), max(most, float(cells.max()))
    return Sample(count, total / count, squares / count, least, most)


def complaint(found: Sample, scheme: Scheme) -> str | None:
    """What is wrong with numbers that are to come from a scheme; None where nothing is."""
    if scheme.kind == "constant" or scheme.spread == 0:
        return _constant(found, scheme.spread)
    variance, peak = _moments(scheme)
    deviation = sqrt(variance)
    low, high = _mean_square(found.size, peak)
    if not low <= found.square / variance <= high:
        return f"the standard deviation is {sqrt(max(found.square, 0)):.3g}, not {deviation:.3g}"
    if not abs(found.mean) <= _Z * deviation / sqrt(found.size):
        return f"the mean is {found.mean:.3g}, not 0"
    low, high = (scheme.spread * bound for bound in _largest(scheme.kind, found.size))
    if found.largest > high * (1 + _ROUNDING):
        return f"the largest is {found.largest:.3g}, beyond {high:.3g}"
    if found.largest < low * (1 - _ROUNDING):
        return (
            f"the largest is {found.largest:.3g}, where one of {low:.3g} at least is to be expected"
        )
    return None


def said(scheme: Scheme) -> str:
    """A distribution for people."""
    match scheme.kind:
        case "constant":
            return f"{scheme.spread:g}"
        case "uniform":
            return f"uniform within {scheme.spread:.3g}"
        case "normal":
            return f"normal with deviation {scheme.spread:.3g}"
    return f"normal with deviation {scheme.spread:.3g}, cut off at {_CUT * scheme.spread:.3g}"


def _constant(found: Sample, number: float) -> str | None:
    near = _ROUNDING * abs(number)
    if abs(found.least - number) <= near and abs(found.most - number) <= near:
        return None
    if found.least == found.most:
        return f"it is {found.least:g} everywhere, not {number:g}"
    return f"it is between {found.least:.3g} and {found.most:.3g}, not {number:g} everywhere"


def _moments(scheme: Scheme) -> tuple[float, float]:
    """The variance, and the mean of the fourth powers as a part of its square."""
    square = scheme.spread**2
    match scheme.kind:
        case "uniform":
            return square / 3, 9 / 5
        case "normal":
            return square, 3.0
    edge = 2 * _CUT * exp(-(_CUT**2) / 2) / sqrt(2 * pi) / _inside(_CUT)
    second = 1 - edge
    return square * second, (3 * second - _CUT**2 * edge) / second**2


def _inside(distance: float) -> float:
    """The part of a normal distribution within so many deviations."""
    return 2 * _NORMAL.cdf(distance) - 1


def _mean_square(count: int, peak: float) -> tuple[float, float]:
    """Bounds of the mean square, as parts of the variance.

    Squares of normal numbers add up to a chi-squared distribution, whose quantiles follow Wilson
    and Hilferty (1931); other distributions have lighter tails, and are as good as more numbers.
    The lower tail of those is nearer to a normal one, so that the wider bound of both is taken.
    """
    degrees = 2 * count / (peak - 1)
    step = 2 / (9 * degrees)
    low, high = (max(0.0, 1 - step + z * sqrt(step)) ** 3 for z in (-_Z, _Z))
    spread = _Z * sqrt((peak - 1) / count)
    return min(low, 1 - spread), max(high, 1 + spread)


def _largest(kind: str, count: int) -> tuple[float, float]:
    """Bounds of the largest absolute value of so many numbers, as parts of the spread."""
    least = ALARM ** (1 / count)  # the part below which all of them are as rarely as that
    if kind == "uniform":
        return least, 1.0
    if kind == "normal":
        return _NORMAL.inv_cdf((1 + least) / 2), _NORMAL.inv_cdf(1 - ALARM / (2 * count))
    return _NORMAL.inv_cdf((1 + least * _inside(_CUT)) / 2), _CUT
