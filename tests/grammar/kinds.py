"""The kinds of statements, and how often each is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.grammar import ops, settings, structures
from tests.grammar.place import Place
from tests.grammar.statements import Ask, Made
from tests.grammar.uses import block, reuse, use_block
from tests.grammar.values import Tensor

Draw = Callable[[Place, Ask], Made | None]


class Kind(NamedTuple):
    """A kind of statement; ``anew`` where it can do without a value that enters."""

    draw: Draw
    weight: int
    anew: bool = False
    nests: bool = False


def _plain(place: Place, ask: Ask) -> Made | None:
    if ask.value is None:
        return None
    place.drawing.spent += place.copies
    action, result = ops.plain(place, ask.value, ask.exact)
    assert isinstance(result, Tensor)
    return Made(action, result, (), (ask.value,), result.size == ask.value.size)


def _split(place: Place, ask: Ask) -> Made | None:
    made = None if ask.value is None else ops.split(place, ask.value, ask.exact)
    return None if made is None or ask.value is None else Made(*made, (), (ask.value,), True)


def _merge(place: Place, ask: Ask) -> Made | None:
    if ask.value is None:
        return None
    made = ops.merge(place, ask.value, ask.exact)
    if made is None:
        return None
    action, result, more = made
    known = place.known()
    takes = (ask.value, *(known.get(name, ask.value) for name in more))
    if place.chance.maybe(0.1):
        ((word, _),) = action.items()
        action = {"use": f"$('{word}')"}
    return Made(action, result, tuple(more), takes)


def _learned(place: Place, ask: Ask) -> Made | None:
    """A learned tensor, whatever came before."""
    if ask.exact or (place.keep and place.home not in ("", "1")):
        return None
    row = place.home == "" if place.keep else place.chance.maybe(0.3)
    out = place.width()
    shape = [place.channels(out), *([] if row else [1] * place.drawing.rank)]
    return Made({"parameter": {"shape": shape}}, Tensor(out, "" if row else "1"))


def _use_op(place: Place, ask: Ask) -> Made | None:
    """An op whose name is computed."""
    if ask.value is None:
        return None
    place.drawing.spent += place.copies
    if ask.value.is_row or place.chance.maybe():
        return Made({"use": settings.activation(place)}, ask.value, (), (ask.value,), True)
    flag = place.chance.pick([*place.said("flag"), "1 < 2"])
    name = f"$('conv' if {flag} else 'separable_conv')"
    out = ask.value.channels if ask.exact else place.width()
    given = {"out": place.channels(out, ask.value), "kernel": 3, "padding": "same"}
    made = ask.value.with_channels(out)
    return Made({"use": name, "with": given}, made, (), (ask.value,), True)


KINDS = (
    Kind(_plain, 14),
    Kind(_merge, 4),
    Kind(_split, 2),
    Kind(_use_op, 2),
    Kind(_learned, 2, anew=True),
    Kind(reuse, 3),
    Kind(block, 5),
    Kind(use_block, 1),
    Kind(structures.sequence, 2, anew=True, nests=True),
    Kind(structures.graph, 2, anew=True, nests=True),
    Kind(structures.residual, 3, anew=True, nests=True),
    Kind(structures.branches, 3, anew=True, nests=True),
    Kind(structures.dense, 1, nests=True),
    Kind(structures.loop, 3, anew=True, nests=True),
)


def kind_for(place: Place) -> Kind:
    """One that can stand here."""
    fits = [kind for kind in KINDS if place.deep > 0 or not kind.nests]
    if not isinstance(place.now, Tensor) and place.chance.maybe() and place.deep > 0:
        fits = [kind for kind in fits if kind.anew]
    if isinstance(place.now, dict):
        blocks = [kind for kind in fits if kind.draw is block]
        return place.chance.pick([*fits, *blocks, *blocks])
    if place.chance.maybe(0.2):  # what is rare meets what is rare
        return place.chance.pick(fits)
    return place.chance.pick([kind for kind in fits for _ in range(kind.weight)])
