"""Structures as statements: what they hold is drawn as any other list is."""

from __future__ import annotations

from typing import Any

from tests.grammar import settings
from tests.grammar.place import Place
from tests.grammar.statements import Ask, Made, Statement, forget, run, statement
from tests.grammar.turns import settle
from tests.grammar.values import Channels, Known, Tensor, number

Listed = tuple[list[Statement], Tensor]


def _aim(ask: Ask) -> Tensor | None:
    return ask.value if ask.exact else None


def _most(place: Place) -> int:
    return 2 if place.deep < 2 else 3


def _listed(
    place: Place, now: Tensor | None, *, scope: bool, aim: Tensor | None = None, least: int = 0,
    **changes: Any,
) -> tuple[list[Statement], Tensor, Place]:  # fmt: skip
    """The list of a structure, the value at its end, and its place then."""
    inner = place.inside(now, scope=scope, **changes)
    if aim is not None:
        inner.keep, inner.home = True, aim.size
    body = run(inner, _most(place), aim, least)
    assert isinstance(inner.now, Tensor)
    return body, inner.now, inner


def sequence(place: Place, ask: Ask) -> Made | None:
    return _group(place, ask, "sequence", scope=True)


def graph(place: Place, ask: Ask) -> Made | None:
    return _group(place, ask, "graph", scope=ask.id is not None)


def _group(place: Place, ask: Ask, kind: str, *, scope: bool) -> Made:
    """A list, at the end of which there may be several values if it has an id to read them by."""
    inner = place.inside(ask.value, scope=scope)
    aim = _aim(ask)
    if aim is not None:
        inner.keep, inner.home = True, aim.size
    body = run(inner, _most(place), aim, any_end=aim is None and ask.id is not None)
    assert inner.now is not None
    return Made({kind: body}, inner.now)


def residual(place: Place, ask: Ask) -> Made | None:
    """Both ways end alike, or their channels are put one behind the other."""
    chance = place.chance
    action: dict[str, Any] = {}
    skip, known = (None, True) if chance.maybe(0.7) else settings.condition(place)
    whole = place.inside(ask.value, scope=ask.id is not None)
    whole.deep += 1
    if skip is not None:
        action["skip"] = skip
    joins = ask.value is not None and not ask.exact and known is True and chance.maybe(0.15)
    if joins:
        assert ask.value is not None
        body, end, _ = _listed(whole, ask.value, scope=False, keep=True, home=ask.value.size)
        made = end.with_channels(end.channels + ask.value.channels)
        return Made({"residual": {"body": body, **action, "merge": "concat"}}, made)
    merges: list[Any] = ["add", "add", "multiply", "maximum", "average", "$('a' + 'dd')"]
    if chance.maybe(0.4):
        action["merge"] = chance.pick(merges)
    own_shortcut = ask.value is None or chance.maybe(0.4)
    if own_shortcut:
        body, end, _ = _listed(whole, ask.value, scope=False, aim=_aim(ask), least=1)
        start = ask.value
        if start is not None and start.size != end.size and not _reaches(place, end):
            return None
        before = set(whole.space.names)
        action["shortcut"], _ = _toward(whole, start, end)
        if known is not True:
            forget(whole, before)
        return Made({"residual": {"body": body, **action}}, end)
    assert ask.value is not None
    body, end, _ = _listed(whole, ask.value, scope=False, aim=ask.value)
    return Made({"residual": {"body": body, **action}}, end)


def _reaches(place: Place, end: Tensor) -> bool:
    """Whether something that is known has this size, so that a way can begin with it."""
    return any(one.size == end.size for one in place.known().values())


def _toward(whole: Place, start: Tensor | None, end: Tensor) -> Listed:
    """A list from one value to one like another."""
    if start is not None and start.size != end.size:
        start = None
    body, made, _ = _listed(whole, start, scope=False, aim=end)
    return body, made


def branches(place: Place, ask: Ask) -> Made | None:
    chance = place.chance
    merge: Any = chance.pick([None, None, "concat", "add", "maximum", "average", "multiply"])
    if chance.maybe(0.35):
        merge = chance.pick(["none", "$none"])
    if ask.exact or (ask.value is None and merge not in ("none", "$none")):
        merge = chance.pick(["add", "maximum", "average", "$('add')"])
    apart = merge in ("none", "$none")
    if apart and ask.exact:
        return None
    scope = ask.id is not None
    whole = place.inside(ask.value, scope=scope)
    whole.deep += 1
    if not apart and ask.value is not None:
        whole.keep, whole.home = True, ask.value.size
    named = (scope or not place.turns) and not whole.mute and chance.maybe()
    paths: list[tuple[str, Any, Tensor]] = []
    joined = merge not in (None, "concat") and not apart
    aim = _aim(ask)
    for turn in range(1 + chance.upto(2) + (apart or joined)):
        name = _path_name(whole) if named else str(turn)
        body, end = _path(whole, ask.value, aim, named=named)
        if named:
            whole.know(name, end)
        if joined and aim is None:
            aim = end
        paths.append((name, body, end))
    ends = [end for _, _, end in paths]
    written = {name: body for name, body, _ in paths} if named else [body for _, body, _ in paths]
    action = {**({} if merge is None else {"merge": merge}), "paths": written}
    return Made({"branches": action}, _joined(paths, ends, apart=apart, joined=joined))


def _path_name(whole: Place) -> str:
    """A name, which has no expression in it and is no name of a value here."""
    name = whole.id() or ""
    if "$" in name or not name:
        name = whole.drawing.fresh("p")
        whole.space.taken.add(name)
    return name


def _path(
    whole: Place, value: Tensor | None, aim: Tensor | None, *, named: bool
) -> tuple[Any, Tensor]:
    chance = whole.chance
    if value is not None and aim in (None, value) and chance.maybe(0.15):
        return [], value
    if value is not None and aim is not None and aim.size != value.size:
        value = None
    if value is not None and named and aim in (None, value) and chance.maybe(0.5):
        inner = whole.inside(value, scope=True)
        if aim is not None:
            inner.keep, inner.home = True, aim.size
        one = statement(inner, named=inner.chance.maybe(0.2), single=True)
        assert isinstance(inner.now, Tensor)
        if aim is None or inner.now == aim:
            return one, inner.now
        return [one, *run(inner, 0, aim)], aim
    body, end, _ = _listed(whole, value, scope=named, aim=aim)
    return body, end


def _joined(
    paths: list[tuple[str, Any, Tensor]], ends: list[Tensor], *, apart: bool, joined: bool
) -> Known:
    if apart:
        return ends[0] if len(ends) == 1 else {name: end for name, _, end in paths}
    if joined:
        return ends[0]
    channels = ends[0].channels
    for end in ends[1:]:
        channels = channels + end.channels
    return ends[0].with_channels(channels)


def dense(place: Place, ask: Ask) -> Made | None:
    """The value, and what is made of it, which has the same size."""
    if ask.exact or ask.value is None or ask.value.channels.about > 12:
        return None
    home = ask.value.size
    body, end, _ = _listed(place, ask.value, scope=ask.id is not None, keep=True, home=home)
    return Made({"dense": body}, end.with_channels(ask.value.channels + end.channels))


def loop(place: Place, ask: Ask) -> Made | None:
    """`for` over numbers, texts or ranges; the value stays, or each turn begins it anew."""
    if place.copies > 3:
        return None
    chance = place.chance
    names, lists, roles, turn, values = _lists(place)
    scope = ask.id is not None
    whole = place.inside(ask.value, scope=scope, copies=place.copies * 2)
    whole.roles = {**place.roles, **roles}
    if len(values) != 1 or chance.maybe():
        whole.turns = (*whole.turns, turn)
    if any(name in (one.split("[")[0]) for one in place.turns for name in names):
        whole.mute = True
    before = ask.value
    aim = before
    wide = [name for name, role in roles.items() if role == "width"]
    if before is not None and not ask.exact and wide and values and chance.maybe(0.7):
        return _stages(place, ask, whole, (names, lists, turn, values, wide[0]))
    known = set(whole.space.names)
    body, end, inner = _listed(whole, before, scope=False, aim=aim)
    if before is None and len(values) != 1 and _says(end, roles):
        return None
    settle(inner.space, turn, values, known)
    return Made({"for": dict(zip(names, lists, strict=True)), "do": body}, end)


def _says(end: Tensor, roles: dict[str, str]) -> bool:
    return bool(end.channels.names & set(roles))


def _stages(
    place: Place, ask: Ask, whole: Place, drawn: tuple[list[str], list[Any], str, list[Any], str]
) -> Made:
    """Each turn begins with a convolution to as many channels as its item says."""
    names, lists, turn, values, wide = drawn
    assert ask.value is not None
    out = Channels(wide, 4, 2)
    strides = [name for name, role in whole.roles.items() if role == "stride" and name in names]
    changes = bool(strides) and not place.keep and not ask.value.is_row
    size = place.drawing.fresh("z") if changes else ask.value.size
    entering = Tensor(Channels("?", 4), ask.value.size)
    inner = whole.inside(entering, scope=False)
    inner.keep, inner.home = True, size
    from tests.grammar import ops

    stride = f"${strides[0]}" if changes else 1
    if entering.is_row:
        first = ops.linear(inner, entering, out)
    else:
        first = ops.convolution(inner, entering, out, stride)
    made = Tensor(out, size)
    known = set(inner.space.names)
    id = inner.id() if place.chance.maybe() else None
    if id is not None:
        first = {**first, "id": id}
        inner.know(id, made)
    inner.now = made
    body = [first, *run(inner, _most(place), made)]
    settle(inner.space, turn, [] if changes else values, known)
    place.drawing.spent += place.copies * 2
    end = Tensor(
        out.put({wide: number(int(values[-1]))}), place.drawing.fresh("z") if changes else size
    )
    return Made({"for": dict(zip(names, lists, strict=True)), "do": body}, end)


def _lists(place: Place) -> tuple[list[str], list[Any], dict[str, str], str, list[Any]]:
    """Names and their lists, what they stand for, and what tells the turns apart: its values."""
    chance = place.chance
    how = chance.pick(["widths", "widths", "two", "two", "range", "words", "parameter", "tapped"])
    name = _name(place)
    if how == "parameter" and place.said("widths"):
        return [name], [f"${chance.pick(place.said('widths'))}"], {name: "width"}, name, []
    if how == "two":
        other = _name(place, name)
        widths = chance.some([2, 4, 6, 8], 2)
        strides = [chance.pick([1, 2]) for _ in widths]
        return [name, other], [widths, strides], {name: "width", other: "stride"}, name, widths
    if how == "range":
        return [name], [chance.pick(["$(range(2))", "$(range(1, 3))", "$([n for n in [0, 1]])"])], {
            name: "index"}, name, []  # fmt: skip
    if how == "words":
        return [name], [["relu", "tanh"]], {name: "act"}, name, ["relu", "tanh"]
    if how == "tapped":
        return [name], [[1, 2]], {name: "count"}, name, [1, 2]
    widths = chance.some([2, 4, 6, 8], 1 + chance.upto(2))
    return [name], [widths], {name: "width"}, name, widths


def _name(place: Place, other: str = "") -> str:
    """A name for what a loop binds, which may hide a parameter that no number of channels says."""
    said = {name for one in place.known().values() for name in one.channels.names}
    hidden = [
        name
        for name, role in place.roles.items()
        if role != "width" and name not in said and name not in ("i", other)
    ]
    if hidden and place.chance.maybe(0.2):
        return place.chance.pick(hidden)
    return place.drawing.fresh(place.chance.pick(["n", "stage", "w", "k"]))
