"""Steps made tidy: what nobody reads is left out, conditions in a row are joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from graphcnn.backends.keras.steps import (
    Listing,
    Part,
    Repeat,
    Slot,
    Step,
    When,
    made_by,
    slots_read,
)
from graphcnn.backends.python.code import Input
from graphcnn.backends.python.precedence import are_opposite


def tidied(parts: list[Part], results: Iterable[Slot]) -> list[Part]:
    """The steps that lead to ``results``."""
    results = list(results)
    wanted: set[Slot] = set()
    _want(wanted, results)
    needed = _needed(parts, wanted)
    _list({slot.item[0] for slot in wanted if slot.item is not None}, needed)
    _aliased(needed, Counter([*slots_read(needed), *results]))
    return _joined(_joined(needed, _continued), _alternatives)


def _want(wanted: set[Slot], slots: Iterable[Slot | None]) -> None:
    """Note what is needed; with an item of a list, all that the list holds."""
    for slot in slots:
        if slot is None or slot in wanted:
            continue
        wanted.add(slot)
        if slot.item is not None:
            listing, _ = slot.item
            _want(wanted, (*listing.firsts, *listing.sources))


def _needed(parts: list[Part], wanted: set[Slot]) -> list[Part]:
    kept: list[Part] = []
    for part in reversed(parts):
        if isinstance(part, Step):
            held = part.holds is not None and _holds(kept, part.holds)
            if held or any(slot in wanted for slot in part.targets):
                _want(wanted, part.sources)
                kept.append(part)
        elif isinstance(part, Repeat):
            if _keep_loop(part, wanted):
                kept.append(part)
        elif _keep_condition(part, wanted):
            kept.append(part)
    return kept[::-1]


def _keep_condition(part: When, wanted: set[Slot]) -> bool:
    """Whether a condition is needed: its result, or what its bodies put into lists."""
    if not _is_wanted(part, wanted):
        return False
    _want(wanted, (part.entry, part.end, part.other_end))
    part.otherwise = _needed(part.otherwise, wanted)
    part.body = _needed(part.body, wanted)
    return True


def _keep_loop(part: Repeat, wanted: set[Slot]) -> bool:
    """Whether a loop is needed, and what goes through it from turn to turn, if anything does."""
    if not _is_wanted(part, wanted):
        return False
    if _is_carried(part, wanted):
        _want(wanted, (part.entry, part.begin, part.end))
    else:
        part.entry = part.begin = None
        part.end = part.end if part.result in wanted else None
        _want(wanted, (part.end,))
    part.body = _needed(part.body, wanted)
    return True


def _is_wanted(part: Repeat | When, wanted: set[Slot]) -> bool:
    return any(slot in wanted for slot in _made_in([part]))


def _is_carried(part: Repeat, wanted: set[Slot]) -> bool:
    """Whether a turn needs what the one before made, or a use without turns what goes in."""
    read = part.result in wanted
    if read and not all(part.loop.rows):
        return True
    found = set(wanted)
    _want(found, (part.end if read else None,))
    _reach(part.body, found)
    return part.begin in found


def _reach(parts: Iterable[Part], wanted: set[Slot]) -> None:
    """Note all that is needed for what is wanted of some steps, which stay as they are."""
    for part in reversed(list(parts)):
        if isinstance(part, Step):
            if any(slot in wanted for slot in part.targets):
                _want(wanted, part.sources)
        elif _is_wanted(part, wanted):
            if isinstance(part, When):
                _want(wanted, (part.entry, part.end, part.other_end))
                _reach(part.otherwise, wanted)
            elif _is_carried(part, wanted):
                _want(wanted, (part.entry, part.begin, part.end))
            elif part.result in wanted:
                _want(wanted, (part.end,))
            _reach(part.body, wanted)


def _made_in(parts: Iterable[Part]) -> Iterator[Slot]:
    """All that is made in steps, what their bodies keep to themselves too."""
    for part in parts:
        yield from made_by(part)
        if not isinstance(part, Step):
            yield from _made_in(part.body)
        if isinstance(part, When):
            yield from _made_in(part.otherwise)


def _list(listings: Iterable[Listing], parts: Iterable[Part]) -> None:
    """Begin lists before their loops, and append to them what they hold."""
    loops = {part.loop: part for part in _loops_in(parts)}
    for listing in sorted(listings, key=lambda one: one.name):
        loops[listing.loop].lists.append(listing)
        for slot in listing.sources:
            slot.lists.append(listing)


def _loops_in(parts: Iterable[Part]) -> Iterator[Repeat]:
    for part in parts:
        if isinstance(part, Repeat):
            yield part
        if not isinstance(part, Step):
            yield from _loops_in(part.body)
        if isinstance(part, When):
            yield from _loops_in(part.otherwise)


def _aliased(parts: list[Part], reads: Counter[Slot]) -> None:
    """A second name for what a line has just made is the first one of it."""
    for part in parts:
        if not isinstance(part, Step):
            _aliased(part.body, reads)
            _aliased(part.otherwise if isinstance(part, When) else [], reads)
    for before, part in reversed(list(pairwise(parts))):
        if not isinstance(before, Step) or not isinstance(part, Step) or part.code != Input():
            continue
        (source,), (target,) = part.sources, part.targets
        if source in before.targets and reads[source] == 1 and before.training is part.training:
            before.targets = [target if slot is source else slot for slot in before.targets]
            target.hint = target.hint or source.hint
            parts.remove(part)


def _holds(parts: Iterable[Part], name: str) -> bool:
    """Whether a layer that was kept in a variable is called."""
    return any(
        name in repr(part.code) if isinstance(part, Step) else _holds(part.body, name)
        for part in parts
    )


def _joined(parts: list[Part], join: Callable[[When, When], When | None]) -> list[Part]:
    """Conditions in a row as one, where ``join`` can say two of them at once."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, (Repeat, When)):
            part.body = _joined(part.body, join)
        if isinstance(part, When):
            part.otherwise = _joined(part.otherwise, join)
        before = found[-1] if found else None
        joined = None
        if isinstance(part, When) and isinstance(before, When) and _follows(before, part, parts):
            joined = join(before, part)
        if joined is None:
            found.append(part)
        else:
            found[-1] = joined
    return found


def _continued(first: When, second: When) -> When | None:
    """The same condition twice."""
    if first.condition != second.condition:
        return None
    _replace(second.body, first.result, first.end)
    end = first.end if second.end is first.result else second.end
    body = [*first.body, *second.body]
    return When(first.condition, first.entry, end, second.result, body, training=second.training)


def _alternatives(first: When, second: When) -> When | None:
    """A condition and its opposite."""
    if not are_opposite(first.condition, second.condition):
        return None
    _replace(second.body, first.result, first.entry)
    end = first.entry if second.end is first.result else second.end
    return replace(first, result=second.result, otherwise=second.body, other_end=end)


def _follows(first: When, second: When, parts: list[Part]) -> bool:
    """Whether the second goes on where the first ends, whose result nothing else reads."""
    if second.entry is not first.result:
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
