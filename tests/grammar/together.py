"""Statements that only make sense beside one another."""

from __future__ import annotations

from tests.grammar import ops, settings
from tests.grammar.place import Place
from tests.grammar.statements import Statement, repeated, run, settle_repeat
from tests.grammar.values import Channels, Tensor, number


def together(place: Place) -> list[Statement]:
    """Two or three statements; none where what was drawn does not fit here."""
    way = place.chance.pick(
        [_alternatives, _same_condition, _learned, _gate, _flattened, _growing, _dense_block]
    )
    assert isinstance(place.now, Tensor)
    return way(place, place.now)


def _alternatives(place: Place, now: Tensor) -> list[Statement]:
    """One of two under the same id, whichever the condition says."""
    id = place.id()
    if id is None:
        return []
    wanted, _ = settings.condition(place)
    found = []
    for condition in (wanted, settings.opposite(wanted)):
        action, _ = ops.plain(place, now, exact=True)
        found.append({**action, "id": id, "when": condition})
    place.know(id, now)
    place.drawing.spent += place.copies * 2
    return found


def _same_condition(place: Place, now: Tensor) -> list[Statement]:
    """What is left out by a condition is read under the same one."""
    fits = [
        (name, condition)
        for name, (condition, one) in place.space.conditional.items()
        if one == now and name not in place.space.names
    ]
    if not fits:
        return []
    name, condition = place.chance.pick(fits)
    if name in place.roles:
        return []
    place.drawing.spent += place.copies
    return [{"add": {}, "from": ["prev", name], "when": condition}]


def _learned(place: Place, now: Tensor) -> list[Statement]:
    """A learned tensor, added to the value."""
    id = place.id()
    learned = place.id()
    if id is None or learned is None:
        return []
    shape = ["$in.channels"] if now.is_row else ["$in.channels", *[1] * place.drawing.rank]
    if place.chance.maybe():
        shape[0] = place.channels(now.channels)
    place.know(id, now)
    place.drawing.spent += place.copies
    return [
        {"identity": {}, "id": id},
        {"parameter": {"shape": shape}, "id": learned},
        {"add": {}, "from": [id, learned]},
    ]


def _gate(place: Place, now: Tensor) -> list[Statement]:
    """Each channel times a number that follows from the whole."""
    id = place.id()
    if id is None or now.is_row or now.size == "1":
        return []
    place.know(id, now)
    place.drawing.spent += place.copies
    out = place.channels(now.channels, Tensor(now.channels, "1"))
    return [
        {"tanh": {}, "id": id},
        "global_avg_pool",
        {"conv": {"out": out, "kernel": 1}},
        "sigmoid",
        {"multiply": {}, "from": [id, "prev"]},
    ]


def _growing(place: Place, now: Tensor) -> list[Statement]:
    """A layer that is wider each time."""
    if place.copies > 3 or now.is_row:
        return []
    id = place.id() if place.chance.maybe() else None
    times = 2 + place.chance.upto(1)
    place.drawing.spent += place.copies * times
    place.now = now.with_channels(number(2 * times))
    named = {} if id is None else {"id": id}
    if id is not None:
        place.know(id, place.now)
    return [{"conv": "$(2 * (i + 1))", "repeat": times, **named}]


def _dense_block(place: Place, now: Tensor) -> list[Statement]:
    """Each turn sees everything before it."""
    if place.copies > 3 or now.is_row or now.channels.about > 8:
        return []
    id = place.id() if place.chance.maybe() else None
    times, count = settings.times(place)
    inner = repeated(place, id)
    inner.keep, inner.home = True, now.size
    growth = number(2)
    inner.now = now.with_channels(growth)
    before = set(place.space.names)
    conv: Statement = {"conv": {"out": 2, "kernel": 3, "padding": 1}}
    inside = inner.id()
    if inside is not None and place.chance.maybe():
        conv = {**conv, "id": inside}
        inner.know(inside, inner.now)
    body = [place.chance.pick(["relu", "batch_norm"]), conv, *run(inner, 1, inner.now)]
    settle_repeat(place if id is None else inner, count, before)
    if count is not None:
        place.now = now.with_channels(now.channels + number(2 * count))
    else:
        said = times[2:-1] if times.startswith("$(") else times[1:]
        place.now = now.with_channels(now.channels + Channels(f"2 * ({said})", 4, 2))
    place.drawing.spent += place.copies * 4
    named = {} if id is None else {"id": id}
    if id is not None:
        place.know(id, place.now)
    return [{"dense": body, "repeat": times, **named}]


def _flattened(place: Place, now: Tensor) -> list[Statement]:
    """All cells as a row of features; its weights depend on the size of the picture."""
    if place.keep or place.drawing.symbolic or now.is_row or now.channels.about > 12:
        return []
    out = place.width()
    place.drawing.sized = True
    place.drawing.spent += place.copies
    place.now = Tensor(out)
    return ["flatten", {"linear": place.channels(out)}]
