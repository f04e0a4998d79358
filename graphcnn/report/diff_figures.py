"""Figures before and after a change, as people read them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from graphcnn.difference.changes import change
from graphcnn.difference.specs import VariantDiff
from graphcnn.ops.base import Shape, show_shape
from graphcnn.report.figures import field
from graphcnn.size import Size
from graphcnn.size.figures import exact, rounded
from graphcnn.summary import Summary

Show = Callable[[Size], str]

_COUNTS: dict[str, tuple[str, Show]] = {
    "params": ("params", exact),
    "buffers": ("buffers", exact),
    "macs": ("MACs", rounded),
    "activations": ("activations", rounded),
}

_SMALLEST = 0.00005
"""The smallest share of a change that is shown: what is less would read as 0.00%."""


class Figure(NamedTuple):
    """A figure on both sides and how much it grew, as text; empty where there is none.

    ``share`` is the growth in proportion, where it is not too small to be shown.
    """

    label: str
    before: str
    after: str
    growth: str = ""
    share: str = ""

    @property
    def has_changed(self) -> bool:
        """Whether it is another in two models that are there."""
        known = bool(self.before and self.after)
        return bool(self.growth) or (known and self.before != self.after)

    @property
    def change(self) -> str:
        """How much it grew, in itself and in proportion."""
        return f"{self.growth} ({self.share})" if self.share else self.growth

    @property
    def both(self) -> str:
        """`1 → 2`, or one of them where they are the same or one is missing."""
        if self.before and self.after and self.has_changed:
            return f"{self.before} → {self.after}"
        return self.after or self.before


def figures(variant: VariantDiff) -> list[Figure]:
    """All figures of a variant, and those shapes that go in or come out and differ."""
    before, after = variant.before, variant.after
    found = [count(variant, name) for name in _COUNTS]
    old, new = ("" if one is None else field(one.receptive_field) for one in (before, after))
    found.append(Figure("receptive field", old, new))
    return [*found, *_shapes(before, after)]


def count(variant: VariantDiff, name: str) -> Figure:
    """One of the counts, such as `macs`."""
    label, show = _COUNTS[name]
    before, after = variant.before, variant.after
    old = None if before is None else getattr(before, name)
    new = None if after is None else getattr(after, name)
    if old is None or new is None:
        return Figure(label, *("" if size is None else show(size) for size in (old, new)))
    return Figure(
        label, show(old), show(new), signed(change(old, new), show=show), _share(old, new)
    )


def _share(before: Size, after: Size) -> str:
    if not isinstance(before, int) or not isinstance(after, int) or not before:
        return ""
    share = (after - before) / before
    return f"{share:+.2%}" if abs(share) >= _SMALLEST else ""


def signed(size: Size, *, show: Show = exact) -> str:
    """A size with its sign; empty for 0."""
    if not isinstance(size, int):
        return show(size)
    return f"{'-' if size < 0 else '+'}{show(abs(size))}" if size else ""


def _shapes(before: Summary | None, after: Summary | None) -> Iterator[Figure]:
    kinds = (("input", "inputs"), ("output", "outputs"), ("training output", "training_outputs"))
    for label, attribute in kinds:
        old: dict[str, Shape] = getattr(before, attribute, {})
        new: dict[str, Shape] = getattr(after, attribute, {})
        if before is None or after is None:
            continue
        for name in {**new, **old}:
            was, is_now = (show_shape(one[name]) if name in one else "" for one in (old, new))
            if was != is_now:
                state = "" if was and is_now else "came" if is_now else "went"
                yield Figure(f"{label} {name}", was, is_now, state)


def listed(names: Iterable[str], most: int = 3) -> str:
    """Names in a row, the first of many."""
    names = [*names]
    rest = len(names) - most
    if rest <= 1:  # which takes no more place than to say so
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {rest} more"


def quoted(name: str) -> str:
    """A name in backticks, of which it has none itself."""
    return f"`{name.replace('`', chr(39))}`"
