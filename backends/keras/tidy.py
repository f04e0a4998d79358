"""Steps made tidy: what nobody reads is left out, equal conditions in a row become one."""

from __future__ import annotations

from collections.abc import Iterable

from graphcnn.backends.keras.steps import Part, Repeat, Slot, Step, When, slots_read


def tidied(parts: list[Part], results: Iterable[Slot]) -> list[Part]:
    """The steps that lead to ``results``."""
    return _joined(_needed(parts, set(results)))


def _needed(parts: list[Part], wanted: set[Slot]) -> list[Part]:
    kept: list[Part] = []
    for part in reversed(parts):
        if isinstance(part, Step):
            held = part.holds is not None and _holds(kept, part.holds)
            if held or any(slot in wanted for slot in part.targets):
                wanted.update(part.sources)
                kept.append(part)
        elif part.result in wanted:
            wanted.update((part.entry, part.end))
            if isinstance(part, When):
                wanted.update(() if part.other_end is None else (part.other_end,))
                part.otherwise = _needed(part.otherwise, wanted)
            part.body = _needed(part.body, wanted)
            kept.append(part)
    return kept[::-1]


def _holds(parts: Iterable[Part], name: str) -> bool:
    """Whether a layer that was kept in a variable is called."""
    return any(
        name in repr(part.code) if isinstance(part, Step) else _holds(part.body, name)
        for part in parts
    )


def _joined(parts: list[Part]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        if isinstance(part, (Repeat, When)):
            part.body = _joined(part.body)
        before = found[-1] if found else None
        if isinstance(part, When) and isinstance(before, When) and _alike(before, part, parts):
            _replace(part.body, before.result, before.end)
            end = before.end if part.end is before.result else part.end
            body = [*before.body, *part.body]
            found[-1] = When(
                part.condition, before.entry, end, part.result, body, training=part.training
            )
        else:
            found.append(part)
    return found


def _alike(first: When, second: When, parts: list[Part]) -> bool:
    """Whether the second is a continuation of the first, whose result nothing else reads."""
    if first.condition != second.condition or second.entry is not first.result:
        return False
    if first.otherwise or second.otherwise or first.training is not second.training:
        return False
    others = [part for part in parts if part is not second]
    return first.result not in set(slots_read(others))


def _replace(parts: Iterable[Part], old: Slot, new: Slot) -> None:
    for part in parts:
        if isinstance(part, Step):
            part.sources = [new if slot is old else slot for slot in part.sources]
            continue
        part.entry = new if part.entry is old else part.entry
        part.end = new if part.end is old else part.end
        _replace(part.body, old, new)
        if isinstance(part, When):
            part.other_end = new if part.other_end is old else part.other_end
            _replace(part.otherwise, old, new)
