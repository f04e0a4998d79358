"""Two specs, compared variant by variant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from graphcnn.compiler import Model, Spec, elaborate, require_variant
from graphcnn.diagnostics import Diagnostic, Severity
from graphcnn.difference.changes import ModelDiff, compare
from graphcnn.elaborate import Inference, Limits
from graphcnn.summary import Summary


class Status(StrEnum):
    """What became of a variant; it is ``BROKEN`` where one side of it does not compile."""

    SAME = "same"
    CHANGED = "changed"
    CAME = "came"
    WENT = "went"
    BROKEN = "broken"


class Side:
    """A spec in one state, and what its variants come to.

    ``variant`` is the one that was asked for, if one was. What ``expect`` says of the spec is not
    held against it: a change that breaks it is to be seen all the same.

    Raises:
        UsageError: the spec has no such variant.
    """

    def __init__(self, spec: Spec, variant: str | None = None) -> None:
        if variant is not None and spec.program is not None:
            require_variant(variant, spec.program)
        self.spec = spec
        self.variant = variant
        self.diagnostics = _errors(spec, spec.diagnostics)
        self._sound = not self.diagnostics
        self._inference, self._limits = Inference(), Limits()

    @property
    def is_read(self) -> bool:
        """Whether it could be read at all, so that its variants are known."""
        return self.spec.program is not None

    @property
    def variants(self) -> list[str]:
        return [] if self.spec.program is None else [*self.spec.program.variants]

    @property
    def default(self) -> str | None:
        """The variant that was asked for; without one that of the spec's own name, if it has it."""
        if self.variant is not None:
            return self.variant
        program = self.spec.program
        return program.name if program is not None and program.name in program.variants else None

    def model(self, variant: str | None) -> Model | None:
        """One variant, or None where it does not compile, which adds to ``diagnostics``."""
        program = self.spec.program
        if program is None or program.body is None or self._limits.is_spent():
            return None
        model, found = elaborate(
            program, variant, None, self._inference, self._limits, sound=self._sound
        )
        known = {(one.code, one.span) for one in self.diagnostics}
        errors = _errors(self.spec, found)
        self.diagnostics += [one for one in errors if (one.code, one.span) not in known]
        return model if self._sound and not errors else None


def _errors(spec: Spec, diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    return [
        one for one in diagnostics if one.severity is Severity.ERROR and not spec.is_of_expect(one)
    ]


@dataclass(frozen=True)
class VariantDiff:
    """One variant on both sides: what is known of it, and the difference where both compile.

    ``variant`` is None where a spec has no variants.
    """

    variant: str | None
    status: Status
    before: Summary | None
    after: Summary | None
    diff: ModelDiff | None = None


class SpecDiff:
    """One spec on both sides, or on one: then it is new, or deleted. ``title`` is its name."""

    def __init__(self, title: str, before: Side | None, after: Side | None) -> None:
        self.title = title
        self.before = before
        self.after = after
        self.variants: tuple[VariantDiff, ...] = (*_variants(before, after),)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What keeps either side from compiling."""
        return [one for side in (self.before, self.after) if side for one in side.diagnostics]

    @property
    def is_broken(self) -> bool:
        """Whether the spec, as it is after the change, does not compile."""
        return self.after is not None and bool(self.after.diagnostics)

    @property
    def is_empty(self) -> bool:
        return all(one.status is Status.SAME for one in self.variants)


class _Half(NamedTuple):
    """A variant on one side."""

    side: Side
    variant: str | None


def _variants(before: Side | None, after: Side | None) -> Iterator[VariantDiff]:
    for one, other in _paired(before, after):
        old = one and one.side.model(one.variant)
        new = other and other.side.model(other.variant)
        if old and new:
            diff = compare(old, new)
            status = Status.SAME if diff.is_empty else Status.CHANGED
            yield VariantDiff(_called(one, other), status, diff.before, diff.after, diff)
            continue
        status = Status.CAME if one is None else Status.WENT
        if (one and not old) or (other and not new):
            status = Status.BROKEN
        was, is_now = (None if model is None else model.summary() for model in (old, new))
        yield VariantDiff(_called(one, other), status, was, is_now)


def _called(one: _Half | None, other: _Half | None) -> str | None:
    old, new = one and one.variant, other and other.variant
    return f"{old} → {new}" if old and new and old != new else new or old


def _paired(before: Side | None, after: Side | None) -> Iterator[tuple[_Half | None, _Half | None]]:
    """Which variant is compared with which: all by name, unless one was asked for.

    A spec without variants is compared with what the other means without one. A side that cannot be
    read is taken to have the variants of the other.
    """
    sides = [side for side in (before, after) if side is not None]
    old, new = (_halves(side, sides) for side in (before, after))
    if before is not None and after is not None:
        asked = before.variant or after.variant
        if asked or (None in old) != (None in new):
            yield _Half(before, before.default), _Half(after, after.default)
            if asked:
                return
            old.pop(before.default, None)
            new.pop(after.default, None)
    yield from ((old.get(name), half) for name, half in new.items())
    yield from ((half, None) for name, half in old.items() if name not in new)


def _halves(side: Side | None, sides: list[Side]) -> dict[str | None, _Half]:
    """The variants of a side by name."""
    if side is None:
        return {}
    readable = side if side.is_read else next((one for one in sides if one.is_read), side)
    names: list[str | None] = [*readable.variants] or [None]
    return {name: _Half(side, name) for name in names}
