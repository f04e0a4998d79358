"""Lists of what the turns of loops make, for what is read outside of its turn.

A feature pyramid reads what each stage made: a list is begun before the loop, each turn appends
its value, and what reads one takes it by its place, which may differ from turn to turn of the
loop that reads.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphcnn.backends.keras.place import Case, Loop, Place
from graphcnn.backends.keras.steps import Listing, Slot
from graphcnn.backends.python.precedence import infix
from graphcnn.backends.python.printer import Text, literal
from graphcnn.backends.python.unit import Mismatch, same
from graphcnn.ir import Item, Value

_ANY_NAME = "features"


@dataclass(frozen=True)
class _Source:
    """Where a wanted value is made, and in how many of the reader's loops that is."""

    slot: Slot
    case: Case
    depth: int


@dataclass
class Lists:
    """The values of one function, and the lists that hold some of them."""

    made: list[Slot] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)

    def state(self) -> tuple[int, int]:
        return len(self.made), len(self.listings)

    def restore(self, saved: tuple[int, int]) -> None:
        made, listings = saved
        del self.made[made:]
        del self.listings[listings:]

    def note(self, slot: Slot, place: Place | None = None) -> None:
        """A value that is made at a place, or comes in."""
        slot.number = len(self.made)
        slot.loops = () if place is None else loops_around(place)
        self.made.append(slot)

    def item(self, values: Sequence[Value], place: Place, reachable: Sequence[Slot]) -> Slot:
        """The item of a list that is these values, one for each case.

        ``reachable`` are the values that the place itself sees.

        Raises:
            Mismatch: they are not all made in loops, or not alike.
        """
        return self._of(
            self._known(values, place) or self._new(values, place, reachable), values, place
        )

    def whole(
        self, slots: Sequence[Slot], values: Sequence[Sequence[Value]], place: Place
    ) -> list[Slot] | None:
        """The items of a list in place of slots that are all that it holds; None if they are not.

        What a loop ends with has a variable too.
        """
        listings = {slot.item[0] for slot in slots if slot.item}
        if len(slots) < 2 or len(listings) != 1:
            return None
        (listing,) = listings
        if not all(self._holds(listing, one, place) for one in values):
            return None
        items = [self._of(listing, one, place) for one in values]
        return items if whole_list(items) else None

    def _of(self, listing: Listing, values: Sequence[Value], place: Place) -> Slot:
        depth = _depth(listing)
        places = [
            listing.places[case[:depth], id(value)]
            for case, value in zip(place.cases, values, strict=True)
        ]
        ahead = {case[:depth]: 0 for case in place.cases}
        if listing.loop not in loops_around(place):  # the list is complete
            for case, _ in listing.places:
                if case in ahead:
                    ahead[case] += 1
        lengths = [ahead[case[:depth]] for case in place.cases]
        index = _index(places, lengths, place)
        sources = [*listing.firsts, *listing.sources]
        return Slot(
            dict(zip(place.cases, values, strict=True)),
            place.shape([value.shape or () for value in values]),
            sources[0].layout,
            name=f"{listing.name}[{literal(index)}]",
            item=(listing, index),
        )

    def _known(self, values: Sequence[Value], place: Place) -> Listing | None:
        return next((one for one in self.listings if self._holds(one, values, place)), None)

    @staticmethod
    def _holds(listing: Listing, values: Sequence[Value], place: Place) -> bool:
        depth = _depth(listing)
        wanted = zip(place.cases, values, strict=True)
        return loops_around(place)[: depth - 1] == loops_around(listing.loop.outer) and all(
            (case[:depth], id(value)) in listing.places for case, value in wanted
        )

    def _new(self, values: Sequence[Value], place: Place, reachable: Sequence[Slot]) -> Listing:
        chosen = self._sources(values, place)
        loops = loops_around(place)
        level = min(source.depth for source in chosen)
        slots = sorted({source.slot for source in chosen}, key=lambda slot: slot.number)
        around = [slot.loops[level] for slot in slots if len(slot.loops) > level]
        around = around or list(loops[level : level + 1])
        if not around or len({slot.layout for slot in slots}) > 1:
            raise Mismatch
        loop = min(around, key=lambda one: one.number)
        runs = set(loop.outer.cases)
        if any(case[: level + 1] not in runs for case in place.cases):
            raise Mismatch
        for slot in slots:
            if len(slot.loops) == level and slot not in reachable:
                raise Mismatch
        firsts = [s for s in slots if len(s.loops) == level and s.number < loop.number]
        name = loop.outer.free(_name(slots, place))
        rest = [slot for slot in slots if slot not in firsts]
        listing = Listing(name, loop, firsts, rest, _places(slots, level))
        self.listings.append(listing)
        return listing

    def _sources(self, values: Sequence[Value], place: Place) -> list[_Source]:
        """Few slots that hold all of the values."""
        found: dict[Slot, dict[int, _Source]] = {}
        wanted: dict[int, list[int]] = {}
        for n, value in enumerate(values):
            wanted.setdefault(id(value), []).append(n)
        loops = loops_around(place)
        for slot in self.made:
            if slot.is_start:
                continue
            for case, value in slot.values.items():
                for n in wanted.get(id(value), ()):
                    depth = _common(place.cases[n], loops, case, slot.loops)
                    known = found.get(slot, {}).get(n)
                    if depth is not None and (known is None or known.depth < depth):
                        found.setdefault(slot, {})[n] = _Source(slot, case, depth)
        chosen: dict[int, _Source] = {}
        while len(chosen) < len(values):
            best = max(
                found,
                key=lambda s: (len(found[s].keys() - chosen.keys()), -len(s.loops), -s.number),
                default=None,
            )
            if best is None or not found[best].keys() - chosen.keys():
                raise Mismatch
            chosen = {**found.pop(best), **chosen}
        return list(chosen.values())


def loops_around(place: Place) -> tuple[Loop, ...]:
    """The loops that a place is in, from the outermost."""
    found: list[Loop] = []
    loop = place.inside
    while loop is not None:
        found.insert(0, loop)
        loop = loop.outer.inside
    return tuple(found)


def stem(items: Sequence[Item]) -> str | None:
    """What the ids of a statement's turns begin with: `down` for `down1`, `down2`."""
    found = {re.sub(r"[\d_]+$", "", item.id or "") for item in items}
    name = found.pop()
    return name if not found and len(name) > 2 and name.isidentifier() else None


def whole_list(slots: Sequence[Slot]) -> str | None:
    """The list of which values are all the items, in their order."""
    listings = {slot.item[0] if slot.item else None for slot in slots}
    listing = listings.pop()
    if listings or listing is None:
        return None
    lengths = set(Counter(case for case, _ in listing.places).values())
    indices = [slot.item[1] for slot in slots if slot.item]
    whole = lengths == {len(slots)} and indices == list(range(len(slots)))
    return listing.name if whole else None


def _common(reader: Case, loops: Sequence[Loop], case: Case, around: Sequence[Loop]) -> int | None:
    """In how many loops two cases are in the same turn; None where the uses differ."""
    if reader[0] != case[0]:
        return None
    depth = 0
    for a, b in zip(loops, around, strict=False):
        if a is not b or reader[depth + 1] != case[depth + 1]:
            break
        depth += 1
    return depth


def _depth(listing: Listing) -> int:
    """How long the cases are that a list is begun in."""
    return len(listing.loop.outer.cases[0])


def _places(slots: Sequence[Slot], level: int) -> dict[tuple[Case, int], int]:
    """Where each value stands in the list, by the case that the list is begun in."""
    rows: dict[Case, list[tuple[list[int], Value]]] = {}
    for slot in slots:
        for case, value in slot.values.items():
            rows.setdefault(case[: level + 1], []).append((_order(slot, case, level), value))
    found: dict[tuple[Case, int], int] = {}
    for begun, row in rows.items():
        row.sort(key=lambda entry: entry[0])
        for n, (_, value) in enumerate(row):
            found.setdefault((begun, id(value)), n)
    return found


def _order(slot: Slot, case: Case, level: int) -> list[int]:
    """What is made first is smaller, turn by turn."""
    turns: Iterator[tuple[Loop, int]] = zip(slot.loops[level:], case[level + 1 :], strict=True)
    return [part for loop, turn in turns for part in (loop.number, turn)] + [slot.number]


def _name(slots: Sequence[Slot], place: Place) -> str:
    stems = {slot.stem for slot in slots if slot.loops}
    only = stems.pop() if len(stems) == 1 else None
    name = f"{only}s" if only and not only.endswith("s") else _ANY_NAME
    return _ANY_NAME if name in place.unit.taken else name


def _index(places: list[int], lengths: list[int], place: Place) -> int | Text:
    """A place in a list: a number, or what the names of loops say of it."""
    if same(places):
        return places[0]
    behind = [n - length for n, length in zip(places, lengths, strict=True)]
    if same(behind):
        return behind[0]
    for name in place.loop:
        turns = [turn for env in place.envs if type(turn := env.get(name)) is int]
        if len(turns) < len(places):
            continue
        above = {n - turn for n, turn in zip(places, turns, strict=True)}
        if len(above) == 1:
            return _sum(name, above.pop())
        for begin in (places, behind):
            below = {n + turn for n, turn in zip(begin, turns, strict=True)}
            if len(below) == 1:
                return Text(infix("-", str(below.pop()), name))
    found = place.value(places, None, "index")
    return found if isinstance(found, Text) else int(found)


def _sum(name: str, number: int) -> Text:
    if number == 0:
        return Text(name)
    return Text(f"{name} {'-' if number < 0 else '+'} {abs(number)}")
