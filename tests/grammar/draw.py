"""Whole specs: what a number stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.grammar import settings
from tests.grammar.blocks import block
from tests.grammar.place import Chance, Drawing, Place
from tests.grammar.statements import run
from tests.grammar.values import Channels, Space, Tensor, number

Tree = dict[str, Any]

#: names of a file's parameters by role
FILE_NAMES = {
    "width": ("base", "classes"),
    "count": ("depth", "layers"),
    "flag": ("wide", "flag"),
    "act": ("act", "nonlinearity"),
    "rate": ("rate", "alpha"),
    "kernel": ("kernel", "window"),
    "widths": ("stages", "rows"),
}


@dataclass(frozen=True)
class Drawn:
    """A spec as trees of its files, the main one first, and the variant that is looked at."""

    seed: int
    files: dict[str, Tree]
    variant: str | None

    @property
    def tree(self) -> Tree:
        return self.files["drawn.yaml"]


def draw(seed: int) -> Drawn:
    """The spec of a number; a third of them leave sizes open."""
    chance = Chance(seed)
    symbolic = seed % 3 == 0
    drawing = Drawing(chance, symbolic, rank=chance.pick([1, 2, 2, 2, 2, 3]))
    files: dict[str, Tree] = {"drawn.yaml": {"graphcnn": 1, "name": "drawn"}}
    tree = files["drawn.yaml"]
    if chance.maybe(0.1):
        tree["title"] = chance.pick(["Drawn", "A Drawn-Net 2"])
    if chance.maybe(0.15):
        tree["doc"] = chance.pick(["A drawn network.", "As SelfAttention; with `keras.ops`."])
    if chance.maybe(0.05):
        tree["source"] = "https://example.org"
    roles, written, defaults = _parameters(drawing)
    uses = _imports(drawing, files, roles)
    if written:
        tree["parameters"] = written
    variant = _variants(drawing, tree, roles, defaults)
    _let(drawing, tree, roles)
    if chance.maybe(0.2):
        tree["defaults"] = chance.pick(
            [
                {"conv": {"bias": False}},
                {"batch_norm": {"eps": 0.001}, "conv": {"bias": "$(1 > 2)"}},
            ]
        )
    _ops(drawing, tree)
    inputs = _inputs(drawing, tree, roles)
    blocks: Tree = {}
    for name in chance.some(["unit", "cell", "stem", "part_block"], chance.upto(3)):
        blocks[name] = block(drawing, name, roles, (*uses, *blocks))
    if blocks:
        tree["blocks"] = blocks
    drawing.spent = 0
    now = next(iter(inputs.values())) if len(inputs) == 1 else None
    place = Place(drawing, Space(None, dict(inputs), taken={*inputs}), roles, now,
                  uses=(*uses, *blocks))  # fmt: skip
    tree["graph"] = run(place, 5, least=2, any_end=True)
    _outputs(place, tree, inputs)
    _init(drawing, tree)
    if chance.maybe(0.1):
        tree["expect"] = {"params": ">= 0"}
    return Drawn(seed, files, variant)


def _parameters(
    drawing: Drawing,
) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
    chance = drawing.chance
    roles: dict[str, str] = {}
    written: dict[str, Any] = {}
    for role in chance.some(sorted(FILE_NAMES), chance.upto(4)):
        name = chance.pick(FILE_NAMES[role])
        roles[name] = role
        written[name] = chance.pick(settings.GIVEN[role])
    return roles, written, dict(written)


def _variants(
    drawing: Drawing, tree: Tree, roles: dict[str, str], defaults: dict[str, Any]
) -> str | None:
    """Some variants; a parameter may have a type then, if all of them give it a value."""
    chance = drawing.chance
    if not roles or chance.maybe(0.6):
        return None
    names = chance.some(["small", "large", "drawn"], 1 + chance.upto(1))
    variants: Tree = {}
    typed = chance.pick(sorted(roles)) if chance.maybe(0.4) else None
    for name in names:
        chosen = [one for one in roles if one == typed or chance.maybe()]
        variants[name] = {one: chance.pick(settings.GIVEN[roles[one]]) for one in chosen}
    if typed is not None:
        tree["parameters"] = {**tree["parameters"], typed: settings.KINDS[roles[typed]]}
    tree["variants"] = variants
    return chance.pick(names)


def _let(drawing: Drawing, tree: Tree, roles: dict[str, str]) -> None:
    chance = drawing.chance
    if chance.maybe(0.7):
        return
    widths = [name for name, role in roles.items() if role == "width"]
    let: Tree = {"double": f"$(2 * {widths[0]})" if widths else "$(2 * 2)"}
    if chance.maybe():
        let["chosen"] = "$(max(1, 2) if true else 1)"
        roles["chosen"] = "count"
    tree["let"] = let
    roles["double"] = "width"


def _ops(drawing: Drawing, tree: Tree) -> None:
    """Ops of the spec's own, of which the tests have the classes."""
    if drawing.chance.maybe(0.94):
        return
    layers = {"pytorch": "tests.backends.layers", "keras": "tests.backends.keras_layers"}
    tree["ops"] = {
        "gate": {
            "doc": "Scales each channel by a trained value.",
            "attributes": {"channels": "int", "power": 1.0},
            "shape": "$(in.shape)",
            "macs": 0,
            "weights": {"weight": "$([channels])"},
            **{name: f"{module}.Gate" for name, module in layers.items()},
        },
        "cell_op": {
            "attributes": {"factor": 3.0},
            "shape": "$(in.shape)",
            "macs": 0,
            **{name: f"{module}.Cell" for name, module in layers.items()},
        },
    }
    drawing.own = ("gate", "cell_op")


def _inputs(drawing: Drawing, tree: Tree, roles: dict[str, str]) -> dict[str, Tensor]:
    """One to three of them; half of the further ones of the size of the first."""
    chance = drawing.chance
    count = chance.pick([1, 1, 1, 2, 2, 3])
    names = ["image"] if count == 1 else chance.some(["image", "left", "right", "x"], count)
    found: dict[str, Tensor] = {}
    written: Tree = {}
    sides = ["H", "W", "D"][: drawing.rank]
    for n, name in enumerate(names):
        channels = chance.pick([number(2), number(4), number(4), number(6)])
        widths = [one for one, role in roles.items() if role == "width"]
        said: Any = channels.about
        if widths and chance.maybe(0.2):
            channels = Channels(chance.pick(widths), 4, 2)
            said = f"${channels.text}"
        if chance.maybe(0.12):
            found[name], written[name] = Tensor(channels), [said]
            continue
        again = next((one for one, tensor in found.items() if not tensor.is_row), None)
        if again is not None and chance.maybe():
            found[name], written[name] = (
                Tensor(channels, found[again].size),
                [said, *written[again][1:]],
            )
            continue
        if drawing.symbolic:
            factor, more = chance.pick([("", ""), ("2*", ""), ("", " + 1")])
            sizes: list[Any] = [f"{factor}{side}{n or ''}{more}" for side in sides]
        else:
            sizes = [chance.pick([4, 5, 6, 8]) if drawing.rank < 3 else 4 for _ in sides]
        found[name], written[name] = Tensor(channels, f"g{n}"), [said, *sizes]
    tree["inputs"] = written
    return found


def _imports(drawing: Drawing, files: dict[str, Tree], roles: dict[str, str]) -> tuple[str, ...]:
    """A file of blocks, with values for its parameters or without."""
    chance = drawing.chance
    if chance.maybe(0.75):
        return ()
    theirs = {"gain": "rate", "kind": "act", "size": "kernel"}
    chosen = chance.some(sorted(theirs), 1 + chance.upto(1))
    their_roles = {name: theirs[name] for name in chosen}
    library: Tree = {"graphcnn": 1, "name": "parts", "parameters": {}, "blocks": {}}
    required = chance.pick(chosen) if chance.maybe(0.3) else None
    for name in chosen:
        role = theirs[name]
        one = settings.KINDS[role] if name == required else chance.pick(settings.GIVEN[role])
        library["parameters"][name] = one
    if chance.maybe(0.3):
        library["defaults"] = {"conv": {"bias": False}}
    for name in chance.some(["imported", "other"], 1 + chance.upto(1)):
        library["blocks"][name] = block(drawing, name, their_roles, (*library["blocks"],))
    files["parts.yaml"] = library
    given: Tree = {}
    for name in chosen:
        if name == required or chance.maybe():
            mine = [one for one, role in roles.items() if role == theirs[name]]
            given[name] = (
                f"${chance.pick(mine)}" if mine else chance.pick(settings.GIVEN[theirs[name]])
            )
    files["drawn.yaml"]["imports"] = [{"parts.yaml": given} if given else "parts.yaml"]
    return (*library["blocks"],)


def _outputs(place: Place, tree: Tree, inputs: dict[str, Tensor]) -> None:
    """Any values of the network, at random; one may be there in training alone."""
    chance = place.chance
    known = place.known()
    early = [name for name in known if name not in inputs or chance.maybe(0.1)]
    named = not isinstance(place.now, dict) or all(one.isidentifier() for one in place.now)
    if not early or (named and chance.maybe(0.35)):
        if not named:
            tree["graph"].append({"tanh": {}, "from": chance.pick(sorted(known))})
        return
    chosen = chance.some(sorted(early), 1 + chance.upto(2))
    outputs: Tree = {}
    for n, name in enumerate(chosen):
        outputs[
            chance.pick(["logits", "features", "aux", "y", "p3", "c3"]) + (str(n) if n else "")
        ] = name
    if chance.maybe(0.5) and isinstance(place.now, Tensor):
        last = "last_value"
        tree["graph"].append({"identity": {}, "id": last})
        outputs["output"] = last
    if len(outputs) > 1 and chance.maybe(0.3):
        first = next(iter(outputs))
        outputs[first] = {"from": outputs[first], "only": "training"}
    tree["outputs"] = outputs


def _init(drawing: Drawing, tree: Tree) -> None:
    chance = drawing.chance
    if chance.maybe(0.1):
        tree["init"] = chance.pick(
            [
                {"conv": {"weight": "kaiming_normal", "bias": 0}},
                {"linear": {"weight": {"normal": 0.02}}, "batch_norm": {"weight": "ones"}},
            ]
        )
