"""Which tensor of a file is which weight of a model: by name, by rules, by structure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from graphcnn.ops.base import show_shape
from graphcnn.weights.rules import Rules
from graphcnn.weights.slots import Slot, Slots, divided
from graphcnn.weights.source import FLOATS, Source, Tensor
from graphcnn.weights.structure import Given, Group, Structure, Target, kind_of, pattern

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


_LISTED = 6  # layers that a problem names


@dataclass(slots=True)
class Matching:
    """The tensor for each slot, by their names; how it was found; and all that is wrong.

    ``by_order`` are the layers of which only the order said which is which. ``skipped`` are
    tensors of integers, which no weight is, and those that a rule leaves out.
    """

    tensors: dict[str, str] = field(default_factory=dict)
    by_rules: dict[str, None] = field(default_factory=dict)
    by_structure: dict[str, None] = field(default_factory=dict)
    by_order: int = 0
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
        _by_structure(source, slots, found, rest)
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
        if slot.form(tensor) is None:
            is_ = f"is {show_shape(tensor.shape)}, not {slot.shown()}"
            found.problems.append(f"another shape: {called} {is_}")
        elif tensor.type not in FLOATS:
            found.problems.append(f"another type: {called} is of {tensor.type}, not of floats")
    found.problems += [f"missing: {name} {slot.shown()}" for name, slot in missing.items()]
    found.problems += slots.problems


# --- by structure ------------------------------------------------------------------------

_Shapes = tuple[tuple[int, ...], ...]


def _by_structure(source: Source, slots: Slots, found: Matching, rest: dict[str, str]) -> None:
    """Match layers that are left by the shapes of their tensors; see :mod:`.structure`.

    Layers of which the file has more or fewer than the model are left alone, and so are those of
    which nothing says which is which.
    """
    tensors = source.tensors
    waiting: dict[_Shapes, list[Given]] = defaultdict(list)
    for layer in _given(source, rest):
        waiting[_signature(tensors[name].shape for name in layer.names)].append(layer)
    wanted: dict[_Shapes, list[Target]] = defaultdict(list)
    for target in _targets(slots, found):
        wanted[_shapes(slots, target.keys, waiting)].append(target)
    alphabet = not source.layers and [*rest] == sorted(rest)
    structure = Structure(slots.nodes, source.needs, alphabetical=alphabet, runs=source.runs)
    for signature, targets in wanted.items():
        given = waiting.get(signature, [])
        if len(given) != len(targets):
            continue
        for group in structure.divided(given, targets):
            if group.open:
                found.problems.append(_unclear(group))
                continue
            found.by_order += len(group.given) if group.ordered else 0
            for one, target in zip(group.given, group.targets, strict=True):
                for key, name in _paired(target.keys, one.names, tensors, slots):
                    found.tensors[key] = name
                    found.by_structure[key] = None
                    del rest[name]


def _given(source: Source, rest: Iterable[str]) -> list[Given]:
    """The layers of a file that are left, in the order in which they run, if it says so."""
    kinds: dict[str, str] = {}
    places: dict[str, int] = {}
    numbered: set[str] = set()
    for layer in source.layers:
        kinds[layer.name] = kinds.get(layer.name) or kind_of(layer.kind)
        places.setdefault(layer.name, len(places))
        if layer.kind and pattern(layer.name) == layer.kind:
            numbered.add(layer.name)
    layers: dict[str, list[str]] = defaultdict(list)
    for name in rest:
        layers[divided(name)[0]].append(name)
    owners = {name: _owner(name, kinds) for name in layers}
    found = [
        Given(name, kinds.get(owner, ""), tuple(layers[name]), owner, owner in numbered)
        for name, owner in owners.items()
    ]
    if source.runs:  # a file of weights alone has the layers of each class in order
        found.sort(key=lambda one: places.get(owners[one.name], len(places)))
    return found


def _owner(name: str, layers: Mapping[str, object]) -> str:
    """The layer of which a layer is a part, such as one of the projections of attention."""
    while name not in layers and "/" in name:
        name = name.rpartition("/")[0]
    return name


def _targets(slots: Slots, found: Matching) -> Iterator[Target]:
    """The places without a tensor, layer by layer in the model's order."""
    layers: dict[str, list[str]] = defaultdict(list)
    for key, slot in slots.by_name.items():
        if key not in found.tensors:
            layers[slot.module].append(key)
    for module, keys in layers.items():
        slot = slots.by_name[keys[0]]
        part = module.partition("/")[2]
        name = divided(slot.weight)[0] if not part else f"{slot.node.name}/{part}"
        yield Target(name, slot.node, tuple(keys))


def _unclear(group: Group) -> str:
    given = ", ".join(one.name for one in group.given[:_LISTED])
    targets = ", ".join(target.name for target in group.targets[:_LISTED])
    more = ", …" if len(group.given) > _LISTED else ""
    return (
        f"open: which of {given}{more} is which of {targets}{more}: they have the same shapes, and "
        "neither their kinds, nor the ends of their names, nor their order decide; rules do"
    )


def _signature(shapes: Iterable[tuple[int, ...]]) -> _Shapes:
    return tuple(sorted(shapes))


def _shapes(slots: Slots, keys: Sequence[str], waiting: Mapping[_Shapes, object]) -> _Shapes:
    """The shapes of a layer's places; of several that they may have, those that are there."""
    forms = [[form.shape for form in slots.by_name[key].forms] for key in keys]
    several = [_signature(shapes) for shapes in product(*forms)] if len(keys) < 10 else []
    return next((one for one in several if one in waiting), _signature(one[0] for one in forms))


def _paired(
    keys: Sequence[str], names: Sequence[str], tensors: Mapping[str, Tensor], slots: Slots
) -> Iterator[tuple[str, str]]:
    """The tensors of a layer for its places: by what they are called, or else in order."""
    roles = {_role(divided(name)[1]): name for name in names}
    wanted = {_role(slots.by_name[key].role): key for key in keys}
    fits = roles.keys() == wanted.keys() and len(roles) == len(names) == len(keys)
    if fits and all(slots.by_name[key].form(tensors[roles[role]]) for role, key in wanted.items()):
        for role, key in wanted.items():
            yield key, roles[role]
        return
    left = [*names]
    for key in keys:
        name = next((n for n in left if slots.by_name[key].form(tensors[n])), None)
        if name is not None:
            left.remove(name)
            yield key, name


def _role(name: str) -> str:
    return _ROLES.get(name, name)
