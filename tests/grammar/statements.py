"""Statements: what they do, and what stands beside it: `id`, `from`, `when`, `repeat`, `doc`."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, NamedTuple

from tests.grammar import ops, settings
from tests.grammar.place import Place
from tests.grammar.turns import settle
from tests.grammar.values import Known, Tensor

Statement = Any
Action = dict[str, Any]


class NoValue(Exception):
    """There is nothing that the next statement could take."""


class Ask(NamedTuple):
    """What a statement is drawn for: the value that enters, None where each begins with `from`.

    ``exact`` asks for a value like the one that enters. The statement has this ``id``, if any.
    """

    value: Tensor | None
    exact: bool
    id: str | None


class Made(NamedTuple):
    """An action, what it makes, and values that it takes beside the first.

    ``takes`` is what may enter when its weights are used again, in any size if it is ``free``.
    """

    action: Action
    result: Known
    more: tuple[str, ...] = ()
    takes: tuple[Tensor, ...] | None = None
    free: bool = False


def run(
    place: Place, most: int, target: Tensor | None = None, least: int = 0, *, any_end: bool = False
) -> list[Statement]:
    """A list of statements, which ends with one value, that of ``target`` where there is one.

    With ``any_end`` it may end with several.
    """
    found: list[Statement] = []
    count = least + place.chance.upto(most - least)
    drawing = place.drawing
    while len(found) < count or not isinstance(place.now, Tensor):
        if any_end and isinstance(place.now, dict) and place.chance.maybe():
            return found
        if drawing.spent > drawing.limit and isinstance(place.now, Tensor):
            break
        found += statements(place)
    now = place.now
    if target is not None and now.channels != target.channels:
        found.append(ops.fitting(place, now, target.channels))
        drawing.spent += place.copies
        place.now = target
    return found


def statements(place: Place) -> list[Statement]:
    """One statement, or a few that belong together."""
    from tests.grammar.together import together

    if isinstance(place.now, Tensor) and place.chance.maybe(0.12):
        found = together(place)
        if found:
            return found
    return [statement(place)]


def statement(place: Place, *, named: bool | None = None, single: bool = False) -> Statement:
    """One statement; with or without an id, where that is said, and with one value."""
    for _ in range(30):
        saved, spent, sized = place.space.saved(), place.drawing.spent, place.drawing.sized
        with suppress(NoValue):
            found = _attempt(place, named, single=single)
            if found is not None:
                return found
        place.space.restore(saved)
        place.drawing.spent, place.drawing.sized = spent, sized
    return _fallback(place)


def _fallback(place: Place) -> Statement:
    """What always fits: an op on a value that there is."""
    if isinstance(place.now, Tensor):
        return "tanh"
    known = place.known()
    fits = [one for one in known if _fits(place, known[one])]
    if not fits:
        raise NoValue
    name = place.chance.pick(fits)
    place.now = known[name]
    return {"tanh": {}, "from": name}


def _fits(place: Place, value: Tensor) -> bool:
    """Whether a value may be gone on with here."""
    return not place.keep or value.size == place.home


class Guard(NamedTuple):
    """What stands beside a statement and decides whether and how often it is there.

    ``holds`` and ``turns`` are what the condition and the times come to, None where they differ.
    """

    condition: Any = None
    holds: bool | None = True
    times: Any = None
    turns: int | None = 1

    @property
    def exact(self) -> bool:
        """Whether the value must stay as it is, for it may pass by or go through again."""
        return self.holds is not True or self.times not in (None, 1)

    def written(self) -> dict[str, Any]:
        both = {"repeat": self.times, "when": self.condition}
        return {key: one for key, one in both.items() if one is not None}


def _guard(place: Place) -> Guard:
    guard = Guard()
    if not isinstance(place.now, Tensor):
        return guard
    if place.chance.maybe(0.16):
        condition, holds = settings.condition(place)
        guard = guard._replace(condition=condition, holds=holds)
    if place.copies < 4 and place.chance.maybe(0.16):
        times, count = settings.times(place)
        guard = guard._replace(times=times, turns=count)
    return guard


def _attempt(place: Place, named: bool | None, *, single: bool) -> Statement | None:
    """A statement as it comes; None where what was drawn does not fit together."""
    from tests.grammar.kinds import kind_for

    chance, kind, guard = place.chance, kind_for(place), _guard(place)
    name, value = _entering(place, guard.exact)
    if name is not None and guard.times is not None and of_repeat(name):
        return None  # it would mean the turn of this repeat
    if name is None and value is None and not kind.anew:
        return None
    likely = 0.8 if isinstance(place.now, dict) else 0.4
    id = place.id() if (chance.maybe(likely) if named is None else named) else None
    before = set(place.space.names)
    if guard.times is None:
        made = kind.draw(place, Ask(value, guard.exact, id))
    else:
        inner = repeated(place, id)
        made = kind.draw(inner, Ask(value, guard.exact, None))
        settle_repeat(place if id is None else inner, guard.turns, before)
    if made is None or not _stands(place, made, name, id, single=single):
        return None
    if guard.holds is not True:
        forget(place, before)
    header = {**_from(place, name, made.more), **guard.written()}
    if chance.maybe(0.05):
        remarks = ["A remark.", 'Uses SelfAttention: torch, `nn`, "keras".', "100 %"]
        header["doc"] = chance.pick(remarks)
    place.now = made.result
    if id is not None:
        header["id"] = id
        _remember(place, id, made, guard)
    return _written(place, made.action, header)


def _stands(
    place: Place, made: Made, name: str | None, id: str | None, *, single: bool
) -> bool:  # fmt: skip
    """Whether what was drawn can stand here, under this id and with this `from`."""
    if "parameter" in made.action and name is not None:
        return False
    if isinstance(made.result, Tensor):
        return _fits(place, made.result)
    return id is not None and not single


def of_repeat(name: str) -> bool:
    """Whether a name is another one in each turn of the nearest repeat."""
    return "$i" in name or "$(i)" in name


def repeated(place: Place, id: str | None) -> Place:
    """Inside of a repeat. Copies within copies hide the outer number."""
    inner = place.inside(place.now, scope=id is not None, copies=place.copies * 2)
    inner.deep += 1
    inner.mute = inner.mute or "i" in inner.turns
    inner.turns = (*[turn for turn in inner.turns if turn != "i"], "i")
    inner.roles = {**place.roles, "i": "index"}
    inner.veiled = place.veiled | {name for name in place.space.visible() if of_repeat(name)}
    return inner


def settle_repeat(place: Place, count: int | None, before: set[str]) -> None:
    """What the copies of a repeat have made, once it is over."""
    turns = [] if count is None else [*range(count)]
    settle(place.space, "i", turns, before)
    if not turns:
        forget(place, before)


def _entering(place: Place, exact: bool) -> tuple[str | None, Tensor | None]:
    """What `from` names, and the value; neither where a structure begins by itself."""
    chance, now = place.chance, place.now
    known = place.known()
    fits = [name for name, one in known.items() if _fits(place, one)]
    if isinstance(now, Tensor):
        if exact:
            fits = [name for name in fits if known[name] == now]
        if chance.maybe(0.03):
            return "prev", now
        if fits and chance.maybe(0.2):
            name = chance.pick(fits)
            return name, known[name]
        return None, now
    if chance.maybe(0.25) or not fits:
        return None, None
    name = chance.pick(fits)
    return name, known[name]


def _from(place: Place, name: str | None, more: tuple[str, ...]) -> dict[str, Any]:
    if not more:
        return {} if name is None else {"from": source(place, name)}
    names = ["prev" if name is None else name, *more]
    ways: list[Any] = [[source(place, one) for one in names]] * 3
    if not any("$" in one for one in names):
        ways.append("$([" + ", ".join(f"'{one}'" for one in names) + "])")
    return {"from": place.chance.pick(ways)}


def source(place: Place, name: str) -> str:
    """A value as `from` may name it."""
    if "$" in name:
        return re.sub(r"\$(\w+)\.", r"$(\1).", name)
    ways = [name] * 3
    if name == "prev":
        return place.chance.pick([*ways, "$in"]) if isinstance(place.now, Tensor) else name
    ways.append(f"$('{name}')")
    if name.isidentifier() and name not in place.roles:
        ways.append(f"${name}")
    return place.chance.pick(ways)


def forget(place: Place, before: set[str]) -> None:
    """Values that may not be there: all but those that were known before."""
    space = place.space
    space.names = {name: one for name, one in space.names.items() if name in before}
    space.shared = {name: one for name, one in space.shared.items() if name in before}


def _remember(place: Place, id: str, made: Made, guard: Guard) -> None:
    """What the id stands for from here on."""
    place.space.taken.add(id)
    if guard.holds is True:
        place.know(id, made.result)
        if made.takes is not None and guard.times is None:
            place.share(id, made.takes, made.result, free=made.free)
    elif guard.condition is not False and isinstance(made.result, Tensor):
        place.space.conditional[id] = (guard.condition, made.result)


def _written(place: Place, action: Action, header: dict[str, Any]) -> Statement:
    """The statement in one of the ways in which it can be written."""
    chance = place.chance
    ((key, value), *rest) = action.items()
    if not rest and not header and value in ({}, None):
        return key if chance.maybe(0.8) else {key: {}}
    if value == {} and chance.maybe(0.1):
        action = {**action, key: None}
    if "id" in header and chance.maybe(0.1):
        return {"id": header.pop("id"), **action, **header}
    return {**action, **header}
