"""Uses of blocks, by their names or by computed ones, and of weights that are there already."""

from __future__ import annotations

from typing import Any

from tests.grammar import settings
from tests.grammar.place import Block, Place
from tests.grammar.statements import Ask, Made, source
from tests.grammar.values import Channels, Known, Shared, Tensor, number


def _fits(place: Place, ask: Ask, one: Block) -> bool:
    if ask.value is None or one.row != ask.value.is_row:
        return False
    drawing = place.drawing
    return place.copies * one.cost + drawing.spent < drawing.limit + 20


def _chosen(place: Place, ask: Ask) -> Block | None:
    known = [place.drawing.blocks[name] for name in place.uses]
    fits = [one for one in known if _fits(place, ask, one)]
    return place.chance.pick(fits) if fits else None


def block(place: Place, ask: Ask) -> Made | None:
    """A block under its name."""
    found = _chosen(place, ask)
    return None if found is None else _used(place, ask, found, {})


def use_block(place: Place, ask: Ask) -> Made | None:
    """A block whose name is computed."""
    found = _chosen(place, ask)
    if found is None:
        return None
    middle = len(found.name) // 2
    name = f"$('{found.name[:middle]}' + '{found.name[middle:]}')"
    flags = place.said("flag")
    if flags and place.chance.maybe():
        name = f"$('{found.name}' if {place.chance.pick(flags)} or true else 'relu')"
    return _used(place, ask, found, {"use": name})


def _used(place: Place, ask: Ask, one: Block, computed: dict[str, Any]) -> Made | None:
    value = ask.value
    assert value is not None
    entering = [value]
    more: list[str] = []
    known = place.known()
    for _ in one.inputs[1:]:
        fits = [name for name in place.sized(value) if known[name].channels.factor % 2 == 0]
        more.append(place.chance.pick(fits) if fits else "prev")
        if more[-1] == "prev" and not (isinstance(place.now, Tensor) and place.now == value):
            return None
        entering.append(known.get(more[-1], value))
    if any(each.channels.factor % 2 for each in entering):
        return None
    arguments, given, strided = _arguments(place, ask, one)
    for name, each in zip(one.inputs, entering, strict=True):
        given[f"{name}.channels"] = each.channels
    sizes = {"s": value.size, "t": place.drawing.fresh("z") if strided else value.size}
    made = {
        name: Tensor(tensor.channels.put(given), _size(tensor, sizes, place))
        for name, tensor in one.makes.items()
    }
    result: Known = next(iter(made.values())) if one.single else made
    if ask.exact and result != value:
        return None
    place.drawing.spent += place.copies * one.cost
    place.drawing.sized = place.drawing.sized or not one.free
    action = {**computed, "with": arguments} if computed else {one.name: arguments}
    if computed and not arguments and place.chance.maybe():
        action = dict(computed)
    return Made(action, result, tuple(more), tuple(entering), one.free and one.keeps)


def _size(tensor: Tensor, sizes: dict[str, str], place: Place) -> str:
    """A size outside of the block; what follows from no size that entered is like no other."""
    first, slash, rest = tensor.size.partition("/")
    if first in ("", "1"):
        return tensor.size
    return (sizes.get(first) or place.drawing.fresh("z")) + slash + rest


def _arguments(
    place: Place, ask: Ask, one: Block
) -> tuple[dict[str, Any], dict[str, Channels], bool]:
    """What is written, what each width comes to, and whether the size may change."""
    chance = place.chance
    written: dict[str, Any] = {}
    given: dict[str, Channels] = dict(one.defaults)
    strided = False
    assert ask.value is not None
    for name, (role, required) in one.needs.items():
        kept = role == "stride" and (place.keep or ask.exact)
        if not (required or kept or chance.maybe(0.6)):
            strided = strided or role == "stride"
            continue
        if role == "width":
            width = ask.value.channels if ask.exact or chance.maybe(0.3) else place.width()
            if width.factor % 2 or width.about > 12:
                width = number(4)
            given[name] = width
            written[name] = place.channels(width, ask.value)
        elif kept:
            written[name] = 1
        else:
            strided = strided or role == "stride"
            written[name] = settings.setting(place, role, *settings.GIVEN[role])
            if role == "count":
                given[name] = _count(written[name])
    return written, given, strided


def _count(written: Any) -> Channels:
    return number(written) if isinstance(written, int) else Channels(written.strip("$()"), 2)


def reuse(place: Place, ask: Ask) -> Made | None:
    """The weights of an earlier statement once more."""
    found = _again(place, ask)
    if found is None:
        return None
    name, one, more = found
    made = one.makes
    if ask.value is not None and one.takes and one.takes[0].size != ask.value.size:
        assert isinstance(made, Tensor)
        made = Tensor(made.channels, ask.value.size)
    if ask.exact and made != ask.value:
        return None
    place.drawing.spent += place.copies
    said = source(place, name)
    # An expression that is the value itself names no statement.
    action = {"reuse": said if said.startswith("$('") else name}
    takes = one.takes if ask.value is None or one.takes[0] == ask.value else (ask.value,)
    return Made(action, made, more, takes, one.free)


def _again(place: Place, ask: Ask) -> tuple[str, Shared, tuple[str, ...]] | None:
    """What can be applied to the value, and to which beside it."""
    fits = []
    for name, one in place.reusable().items():
        if ask.value is None:
            continue
        more = [place.like(other) for other in one.takes[1:]]
        if not all(more):
            continue
        first = one.takes[0]
        free = one.free and len(one.takes) == 1 and first.channels == ask.value.channels
        free = free and first.is_row == ask.value.is_row and isinstance(one.makes, Tensor)
        if first == ask.value or free:
            fits.append((name, one, tuple(place.chance.pick(names) for names in more)))
    return place.chance.pick(fits) if fits else None
