"""Blocks: drawn once, for every use that suits their inputs."""

from __future__ import annotations

from typing import Any

from tests.grammar import ops, settings
from tests.grammar.place import Block, Drawing, Place
from tests.grammar.statements import run
from tests.grammar.values import Channels, Space, Tensor, number

Definition = dict[str, Any]

#: names of parameters by role; those of widths are never those of a file's
NAMES = {
    "width": ("out", "width", "hidden", "planes"),
    "count": ("depth", "n", "times"),
    "flag": ("flag", "shortcut", "training"),
    "act": ("act", "activation"),
    "rate": ("rate", "ratio"),
    "stride": ("stride", "step"),
    "kernel": ("kernel", "k"),
    "widths": ("widths", "outs"),
}


def block(drawing: Drawing, name: str, roles: dict[str, str], uses: tuple[str, ...]) -> Definition:
    """A block's definition; what its uses need to know goes to ``drawing``.

    ``roles`` are the names of the file, ``uses`` the blocks that are there already.
    """
    chance = drawing.chance
    definition: Definition = {}
    if chance.maybe(0.2):
        definition["doc"] = chance.pick(
            ["What it is.", "As SelfAttention, in `torch.nn` and \\\\."]
        )
    needs, parameters, defaults = _parameters(drawing, roles)
    if parameters:
        definition["parameters"] = parameters
    several = chance.maybe(0.25)
    inputs = tuple(chance.some(["high", "low", "side", "x", "before"], 2)) if several else ("x",)
    if several or chance.maybe(0.1):
        inputs = inputs if several else (chance.pick(["x", "value"]),)
        definition["inputs"] = list(inputs)
    row = not several and chance.maybe(0.15)
    entering = {
        one: Tensor(Channels(f"{one}.channels", 4, 2), "" if row else "s") for one in inputs
    }
    own = {**roles, **{one: role for one, (role, _) in needs.items()}}
    own = {one: role for one, role in own.items() if one not in inputs}
    let, meant = _let(drawing, own, entering[inputs[0]])
    if let:
        definition["let"] = let
        own |= {one: "width" if one in meant else "flag" for one in let}
    before, sized, drawing.spent, drawing.sized = drawing.spent, drawing.sized, 0, False
    whole, drawing.limit = drawing.limit, 14
    space = Space(None, dict(entering), taken={*inputs})
    now = None if several else entering[inputs[0]]
    place = Place(drawing, space, own, now, deep=2, uses=uses)
    kind = chance.pick(["graph", "graph", "sequence"])
    statements = _body(place, needs, name)
    outputs, makes = _outputs(place)
    definition[kind] = statements
    if outputs is not None:
        definition["outputs"] = outputs
    makes = {one: tensor.put(meant) for one, tensor in makes.items()}
    implicit = outputs is None and isinstance(place.now, dict)
    drawing.blocks[name] = Block(
        name,
        inputs,
        row,
        needs,
        defaults,
        makes,
        len(makes) == 1 and not implicit,
        all(tensor.size == "s" for tensor in makes.values()),
        not drawing.sized,
        max(1, drawing.spent),
    )
    drawing.limit, drawing.spent = whole, before
    drawing.sized = sized
    return definition


def _parameters(
    drawing: Drawing, around: dict[str, str]
) -> tuple[dict[str, tuple[str, bool]], dict[str, Any], dict[str, Channels]]:
    """Roles and whether a use must give them, what is written, and the widths of the defaults."""
    chance = drawing.chance
    needs: dict[str, tuple[str, bool]] = {}
    written: dict[str, Any] = {}
    defaults: dict[str, Channels] = {}
    roles = chance.some(["width", "width", "count", "flag", "act", "rate", "stride", "kernel"],
                        chance.upto(4))  # fmt: skip
    for role in roles:
        name = chance.pick(NAMES[role])
        if name in needs:
            continue
        required = chance.maybe(0.4)
        needs[name] = (role, required)
        written[name] = settings.KINDS[role] if required else chance.pick(settings.GIVEN[role])
        if role == "width" and not required:
            options = [number(written[name])]
            options += [Channels(one, 4, 2) for one, what in around.items() if what == "width"]
            options += [Channels(one, 4, 2).times(number(2)) for one in written
                        if one != name and needs[one][0] == "width"]  # fmt: skip
            defaults[name] = chance.pick(options)
            text = defaults[name].text
            written[name] = int(text) if text.isdigit() else f"$({text})"
        elif role == "count" and not required:
            defaults[name] = number(written[name])
    return needs, written, defaults


def _let(
    drawing: Drawing, roles: dict[str, str], entering: Tensor
) -> tuple[dict[str, Any], dict[str, Channels]]:
    """Names for each use: widths, with what they come to, and flags."""
    chance = drawing.chance
    let: dict[str, Any] = {}
    meant: dict[str, Channels] = {}
    widths = [name for name, role in roles.items() if role == "width"]
    if chance.maybe(0.35):
        base = [Channels(name, 4, 2) for name in widths] + [entering.channels]
        one = chance.pick(base)
        meant["inner"] = chance.pick([one.times(number(2)), one + entering.channels, one])
        let["inner"] = f"$({meant['inner'].text})"
    counts = [name for name, role in roles.items() if role in ("count", "stride")]
    if counts and chance.maybe(0.3):
        let["deep"] = f"$({chance.pick(counts)} > 1)"
    return let, meant


def _body(place: Place, needs: dict[str, tuple[str, bool]], name: str) -> list[Any]:
    """Statements: a stride is that of the first of them, and the block may use itself."""
    chance, drawing = place.chance, place.drawing
    strides = [one for one, (role, _) in needs.items() if role == "stride"]
    found: list[Any] = []
    now = place.now
    if strides and isinstance(now, Tensor) and not now.is_row:
        out = place.width()
        found.append(ops.convolution(place, now, out, f"${strides[0]}"))
        place.now = Tensor(out, "t")
        drawing.spent += 1
    found += run(place, 3, least=1, any_end=True)
    counts = [one for one, (role, _) in needs.items() if role == "count"]
    if counts and not strides and isinstance(now, Tensor) and chance.maybe(0.4):
        found += _again(place, now, needs, name, counts[0])
    return found


def _again(
    place: Place, entering: Tensor, needs: dict[str, tuple[str, bool]], name: str, count: str
) -> list[Any]:
    """The block itself, one level less deep, on what it makes; what it makes stays the same."""
    end = place.now
    inputs_alone = entering.channels.names
    if not isinstance(end, Tensor) or end.size != entering.size:
        return []
    if end.channels.factor % 2 or end.channels.names & (inputs_alone | {count}):
        return []
    given = {one: f"${one}" for one in needs if one != count}
    place.drawing.spent *= 3
    return [{name: {**given, count: f"$({count} - 1)"}, "when": f"$({count} > 1)"}]


def _outputs(place: Place) -> tuple[Any, dict[str, Tensor]]:
    """What leaves the block: its last value, or values by name, one alone too."""
    chance = place.chance
    known = place.known()
    if not known or chance.maybe(0.55):
        assert place.now is not None
        return None, place.now if isinstance(place.now, dict) else {"": place.now}
    names = chance.some(sorted(known), 1 + chance.upto(2))
    if chance.maybe(0.4) and all("$" not in name for name in names):
        return names, {name: known[name] for name in names}
    ways = ["main", "side", "skip", "out", "features"]
    written = dict(zip(ways, names, strict=False))
    return written, {way: known[name] for way, name in written.items()}
