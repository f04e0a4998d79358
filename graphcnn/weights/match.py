"""Which tensor of a file is which weight of a model: by name, by rules, by order and shape."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from graphcnn.ops.base import show_shape
from graphcnn.weights.rules import Rules
from graphcnn.weights.slots import Slot, Slots, divided
from graphcnn.weights.source import FLOATS, Source, Tensor

#: what wrappers of PyTorch and classes that train a model put before every name
_WRAPPERS = ("module.", "_orig_mod.", "model.", "net.", "network.", "ema.", "ema_model.")

#: what a layer's tensors are called elsewhere
_ROLES = {
    "kernel": "weight",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


@dataclass(slots=True)
class Matching:
    """The tensor for each slot, by their names; how it was found; and all that is wrong.

    ``skipped`` are tensors of integers, which no weight is, and those that a rule leaves out.
    """

    tensors: dict[str, str] = field(default_factory=dict)
    by_rules: dict[str, None] = field(default_factory=dict)
    by_structure: dict[str, None] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def match(
    source: Source,
    slots: Slots,
    needed: Iterable[str],
    rules: Rules,
    *,
    structural: bool = False,
) -> Matching:
    """A tensor for every slot, and a slot for every tensor; what fails is in ``problems``.

    ``needed`` are the weights that must come out; others may be missing. A rule that fits nothing
    is a mistake, unless every tensor has its name already.
    """
    found = Matching()
    tensors = source.tensors
    rest: dict[str, str] = {}
    weights = [name for name, tensor in tensors.items() if tensor.type in FLOATS]
    prefix = _prefix(weights, slots)
    for name, tensor in tensors.items():
        if tensor.type not in FLOATS and slots.find(name.removeprefix(prefix)) is None:
            found.skipped.append(name)
        else:
            _by_name(name, name.removeprefix(prefix), slots, rules, found, rest)
    if structural:
        _by_structure(tensors, slots, found, rest)
    if not all(slots.find(name.removeprefix(prefix)) for name in weights):
        found.problems += rules.idle(
            n for name in tensors for n in (name, name.removeprefix(prefix))
        )
    for name, note in rest.items():
        found.problems.append(f"left over: {name} {show_shape(tensors[name].shape)}{note}")
    _check(tensors, slots, needed, found)
    return found


def _prefix(names: list[str], slots: Slots) -> str:
    """What stands before the name of every weight, and before no name of the model."""
    prefix = ""
    while names and (more := _wrapper(names, prefix)) and not _known(names, prefix, slots):
        prefix += more
    return prefix


def _known(names: list[str], prefix: str, slots: Slots) -> bool:
    return any(slots.find(name.removeprefix(prefix)) for name in names)


def _wrapper(names: list[str], prefix: str) -> str:
    return next((w for w in _WRAPPERS if all(n.startswith(prefix + w) for n in names)), "")


def _by_name(
    name: str, short: str, slots: Slots, rules: Rules, found: Matching, rest: dict[str, str]
) -> None:
    slot = slots.find(short)
    note = ""
    if slot is None:
        renamed = rules.renamed(name) or rules.renamed(short)
        if renamed == [None]:
            found.skipped.append(name)
            return
        if renamed:
            slot = slots.find(str(renamed[0]))
            note = f", which a rule calls {renamed[0]}"
        if slot is None:
            rest[name] = note
            return
        found.by_rules[slot] = None
    if slot in found.tensors:
        found.problems.append(
            f"twice: {slots.by_name[slot].weight} is both {found.tensors[slot]} and {name}"
        )
    else:
        found.tensors[slot] = name


def _check(
    tensors: Mapping[str, Tensor], slots: Slots, needed: Iterable[str], found: Matching
) -> None:
    """Whether everything is there, and of its shape and type."""
    wanted = set(needed)
    missing: dict[str, Slot] = {}
    for key, slot in slots.by_name.items():
        name = found.tensors.get(key)
        if name is None:
            if slot.weight in wanted:
                missing.setdefault(slot.weight, slot)
            continue
        tensor = tensors[name]
        called = slot.weight if name in (key, slot.weight) else f"{slot.weight}, here {name},"
        if slot.form(tensor.shape) is None:
            is_ = f"is {show_shape(tensor.shape)}, not {slot.shown()}"
            found.problems.append(f"another shape: {called} {is_}")
        elif tensor.type not in FLOATS:
            found.problems.append(f"another type: {called} is of {tensor.type}, not of floats")
    found.problems += [f"missing: {name} {slot.shown()}" for name, slot in missing.items()]
    found.problems += slots.problems


# --- by order and shape ------------------------------------------------------------------

_Shapes = tuple[tuple[int, ...], ...]


def _by_structure(
    tensors: Mapping[str, Tensor], slots: Slots, found: Matching, rest: dict[str, str]
) -> None:
    """Match layers that are left by the shapes of their tensors, in order.

    Of several layers with the same shapes the first of the file is the first of the model. Layers
    of which the file has more or fewer than the model are left alone.
    """
    layers: dict[str, list[str]] = defaultdict(list)
    for name in _ordered([*rest]):
        layers[divided(name)[0]].append(name)
    waiting: dict[_Shapes, deque[list[str]]] = defaultdict(deque)
    for names in layers.values():
        waiting[_signature(tensors[name].shape for name in names)].append(names)
    wanted: dict[_Shapes, list[list[str]]] = defaultdict(list)
    for keys in _open_layers(slots, found):
        wanted[_shapes(slots, keys, waiting)].append(keys)
    for signature, targets in wanted.items():
        sources = waiting.get(signature, deque())
        if len(sources) != len(targets):
            continue
        for keys, names in zip(targets, sources, strict=True):
            for key, name in _paired(keys, names, tensors, slots):
                found.tensors[key] = name
                found.by_structure[key] = None
                del rest[name]


def _ordered(names: list[str]) -> list[str]:
    """Names in the order of their layers; where that is the alphabet's, 10 comes behind 9."""
    if names != sorted(names):
        return names
    pieces = re.compile(r"\d+|\D+")
    return sorted(
        names,
        key=lambda name: [
            (0, int(piece), "") if piece.isdecimal() and len(piece) < 20 else (1, 0, piece)
            for piece in pieces.findall(name)
        ],
    )


def _signature(shapes: Iterable[tuple[int, ...]]) -> _Shapes:
    return tuple(sorted(shapes))


def _open_layers(slots: Slots, found: Matching) -> Iterator[list[str]]:
    """The places without a tensor, layer by layer in the model's order."""
    layers: dict[str, list[str]] = defaultdict(list)
    for key, slot in slots.by_name.items():
        if key not in found.tensors:
            layers[slot.module].append(key)
    yield from layers.values()


def _shapes(slots: Slots, keys: list[str], waiting: Mapping[_Shapes, object]) -> _Shapes:
    """The shapes of a layer's places; of several that they may have, those that are there."""
    forms = [[form.shape for form in slots.by_name[key].forms] for key in keys]
    several = [_signature(shapes) for shapes in product(*forms)] if len(keys) < 10 else []
    return next((one for one in several if one in waiting), _signature(one[0] for one in forms))


def _paired(
    keys: list[str], names: list[str], tensors: Mapping[str, Tensor], slots: Slots
) -> Iterator[tuple[str, str]]:
    """The tensors of a layer for its places: by what they are called, or else in order."""
    roles = {_role(divided(name)[1]): name for name in names}
    wanted = {_role(slots.by_name[key].role): key for key in keys}
    fits = roles.keys() == wanted.keys() and len(roles) == len(names) == len(keys)
    if fits and all(
        slots.by_name[key].form(tensors[roles[role]].shape) for role, key in wanted.items()
    ):
        for role, key in wanted.items():
            yield key, roles[role]
        return
    left = [*names]
    for key in keys:
        name = next((n for n in left if slots.by_name[key].form(tensors[n].shape)), None)
        if name is not None:
            left.remove(name)
            yield key, name


def _role(name: str) -> str:
    return _ROLES.get(name, name)
