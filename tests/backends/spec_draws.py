"""Random specs that are valid by construction: blocks of blocks, with parameters that flow.

Every channel count is even, every window odd and padded by half of it, so that any statement may
follow any other. Whoever draws knows the channels at each place as an expression.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import yaml
from hypothesis import strategies as st

from graphcnn.source import SourceFile

Statement = Any
Draw = st.DrawFn

#: parameters that a block may have beside `out`, with what a use may give them
PARAMETERS: dict[str, tuple[Any, ...]] = {
    "kernel": (1, 3, 5),
    "stride": (1, 2),
    "groups": (1, 2),
    "flag": (True, False),
    "depth": (1, 2, 3),
    "act": ("relu", "silu", "sigmoid"),
    "wide": ([1, 3], [3, 3], [3, 1]),
    "rate": (0.5, 2.0),
}
ACTIVATIONS = ("relu", "relu6", "tanh", "gelu", "hard_swish", {"leaky_relu": {"slope": 0.2}})


@dataclass(frozen=True)
class Place:
    """Where a statement stands: the block around it, and the channels that reach it.

    ``kept`` says that the picture must keep its size here, ``turns`` are loop variables in
    scope, which ids must carry, and ``deep`` how far structures may still be nested.
    """

    names: frozenset[str]
    blocks: tuple[str, ...]
    channels: str
    whole: bool
    kept: bool = False
    turns: tuple[str, ...] = ()
    deep: int = 2

    def inside(self, **changes: Any) -> Place:
        return replace(self, deep=self.deep - 1, **changes)


@dataclass
class Specs:
    """One spec in the making."""

    draw: Draw
    flat: bool = True
    blocks: dict[str, Any] = field(default_factory=dict)
    lets: frozenset[str] = frozenset()
    count: int = 0

    def pick(self, *values: Any) -> Any:
        return self.draw(st.sampled_from(values))

    def maybe(self) -> bool:
        return self.draw(st.booleans())

    def id(self, place: Place) -> str:
        self.count += 1
        return f"n{self.count}" + "".join(f"_$({turn})" for turn in place.turns)

    # expressions

    def parameter(self, name: str, place: Place, *constants: Any) -> Any:
        """A parameter of the block around, where it has one, or a constant."""
        if name in place.names and self.maybe():
            return f"${name}"
        return self.pick(*constants)

    def width(self, place: Place, *, fixed: bool = False) -> str:
        """An even number of channels; a ``fixed`` one does not depend on a loop."""
        choices = ["2", "4", "6"]
        choices += [] if place.whole else ["out", "2 * out", "out + 2", "x.channels"]
        choices += [name for name in ("hidden",) if name in place.names]
        choices += [f"2 * {place.turns[-1]} + 2"] if place.turns and not fixed else []
        return str(self.pick(*choices))

    def stride(self, place: Place) -> Any:
        """A step that keeps the picture wherever the block around is told to keep it."""
        if place.kept:
            return 1
        return self.pick(1, 2) if place.whole else self.parameter("stride", place, 1)

    def argument(self, name: str, place: Place) -> Any:
        if name == "out":
            return computed(self.width(place, fixed=True))
        if name == "stride":
            return self.stride(place)
        return self.parameter(name, place, *PARAMETERS[name])

    # statements

    def body(self, place: Place, most: int = 3) -> tuple[list[Statement], str]:
        """Some statements, and the channels that come out."""
        found: list[Statement] = []
        for _ in range(self.draw(st.integers(1, most))):
            statements, channels = self.pick(*self.kinds(place))(place)
            found += statements
            place = replace(place, channels=channels)
        return found, place.channels

    def to(self, place: Place, channels: str, most: int = 2) -> list[Statement]:
        """Some statements that end in this many channels."""
        found, now = self.body(place, most)
        if now != channels:
            found.append({"conv": {"out": computed(channels), "kernel": 1}})
        return found

    def kinds(self, place: Place) -> list[Callable[[Place], tuple[list[Statement], str]]]:
        plain = [self.conv, self.conv, self.light, self.light, self.named, self.optional]
        plain += [self.repeated, self.summed]
        deep = [self.residual, self.branches, self.dense, self.loop, self.group, self.skipping]
        deep.append(self.tapped)
        uses = [self.use, self.use, self.use] if place.blocks else []
        return [*plain, *(deep if place.deep else []), *uses]

    def layer(self, place: Place, out: str, stride: Any = 1) -> Statement:
        if "wide" in place.names and self.maybe():
            kernel: Any = "$wide"
            padding: Any = ["$(wide[0] // 2)", "$(wide[1] // 2)"]
        else:
            kernel = self.parameter("kernel", place, 1, 3)
            padding = "$(kernel // 2)" if kernel == "$kernel" else kernel // 2
        attributes = {"out": computed(out), "kernel": kernel, "stride": stride, "padding": padding}
        attributes["groups"] = self.parameter("groups", place, 1, 1, 2)
        if self.maybe():
            attributes["bias"] = self.parameter("flag", place, True, False)
        return {"conv": {k: v for k, v in attributes.items() if (k, v) not in UNSAID}}

    def conv(self, place: Place) -> tuple[list[Statement], str]:
        out = self.width(place)
        name = {"id": self.id(place)} if self.draw(st.integers(0, 3)) == 0 else {}
        return [{**self.layer(place, out, self.stride(place)), **name}], out

    def light(self, place: Place) -> tuple[list[Statement], str]:
        if "act" in place.names and self.maybe():
            return [{"use": "$act"}], place.channels
        if "rate" in place.names and self.maybe():
            return [{"scale": "$rate"}], place.channels
        op = self.pick("batch_norm", "batch_norm", *ACTIVATIONS)
        return [op], place.channels

    def named(self, place: Place) -> tuple[list[Statement], str]:
        """Two layers with ids, joined; products of products would leave the numbers of a float."""
        a, b = self.id(place), self.id(place)
        layers = [{**self.layer(place, place.channels), "id": name} for name in (a, b)]
        how = self.pick("one", "concat", "block", "split")
        if how == "block":
            out = self.width(place, fixed=True)
            join: Statement = {"join": {"out": computed(out)}, "from": [a, b], "id": self.id(place)}
            use = {"subtract": {}, "from": [f"{join['id']}.{part}" for part in ("main", "side")]}
            return [*layers, join, use], out
        if how == "split":
            halves = self.id(place)
            found: list[Statement] = [*layers, {"split": {"parts": 2}, "id": halves}]
            return [*found, {"concat": {}, "from": [f"{halves}.1", f"{halves}.0"]}], place.channels
        found = [*layers, {self.pick("add", "maximum", "average"): {}, "from": [a, b]}]
        if how == "concat":
            return [*found, {"concat": {}, "from": ["prev", a]}], f"2 * ({place.channels})"
        return found, place.channels

    def summed(self, place: Place) -> tuple[list[Statement], str]:
        """A layer used twice."""
        a = self.id(place)
        found = [{**self.layer(place, place.channels), "id": a}, "relu", {"reuse": a}]
        return found, place.channels

    def optional(self, place: Place) -> tuple[list[Statement], str]:
        condition = self.parameter("flag", place, True, False)
        if "depth" in place.names and self.maybe():
            condition = "$(depth > 1)"
        statement = self.pick({"batch_norm": {}}, {"tanh": {}}, self.layer(place, place.channels))
        if self.maybe():
            statement = {**statement, "id": self.id(place)}
        found: list[dict[str, Any]] = [statement]
        if "id" in statement and self.maybe():  # several under one condition, and no chain
            joined = {self.pick("add", "maximum", "average"): {}, "from": [statement["id"], "prev"]}
            found += [{self.pick("relu", "tanh", "sigmoid"): {}}, joined]
        return [{**one, "when": condition} for one in found], place.channels

    def repeated(self, place: Place) -> tuple[list[Statement], str]:
        times = self.parameter("depth", place, 1, 2, 3)
        out = self.width(place, fixed=True)
        one = self.layer(place, out)
        if place.deep and "i" not in place.turns and self.maybe():
            inner = place.inside(kept=True, turns=(*place.turns, "i"))
            one = {"residual": {"body": self.to(inner, place.channels)}}
            out = place.channels
        elif self.maybe():
            one = {"sequence": [one, self.pick(*ACTIVATIONS)]}
        name = {"id": self.id(place)} if self.maybe() else {}
        return [{**one, "repeat": times, **name}], out

    def residual(self, place: Place) -> tuple[list[Statement], str]:
        merge = {"merge": self.pick("maximum", "average")} if self.maybe() else {}
        inner = place.inside(kept=True)
        action: dict[str, Any] = {"body": self.to(inner, place.channels), **merge}
        if self.maybe():
            action["shortcut"] = self.to(inner, place.channels)
        name = {"id": self.id(place)} if self.draw(st.integers(0, 3)) == 0 else {}
        return [{"residual": action, **name}], place.channels

    def skipping(self, place: Place) -> tuple[list[Statement], str]:
        """A residual as blocks have it: projected, or left out, where shapes differ."""
        if place.whole or place.kept or place.channels != "x.channels":
            return self.light(place)
        out = self.pick("out", "4")
        stride = self.stride(place)
        same = " and ".join(
            [*(["stride == 1"] if stride == "$stride" else []), f"x.channels == {out}"]
        )
        body = [self.layer(place, out, stride), *self.light(place)[0]]
        if self.maybe():
            return [{"residual": {"body": body, "skip": computed(same)}}], out
        project = {"conv": {"out": computed(out), "kernel": 1, "stride": stride}}
        shortcut = {"sequence": [project, "batch_norm"], "id": self.id(place)}
        shortcut["when"] = computed(f"not ({same})")
        return [{"residual": {"body": body, "shortcut": [shortcut]}}], out

    def branches(self, place: Place) -> tuple[list[Statement], str]:
        merge = self.pick("concat", "concat", "add", "maximum", "average")
        inner = place.inside(kept=True)
        widths, paths = [], []
        for _ in range(self.draw(st.integers(1 + (merge != "concat"), 3))):
            if merge == "concat":
                path, width = self.body(inner, 2)
            else:
                path, width = self.to(inner, place.channels), place.channels
            paths.append(path)
            widths.append(f"({width})")
        if self.maybe():
            paths.append([])
            widths.append(f"({place.channels})")
        listed: Any = paths
        if self.maybe():
            listed = {self.id(place): path[0] if len(path) == 1 else path for path in paths}
        if place.turns and isinstance(listed, dict):
            listed = paths
        name = {"id": self.id(place)} if self.draw(st.integers(0, 3)) == 0 else {}
        out = " + ".join(widths) if merge == "concat" else place.channels
        return [{"branches": {"merge": merge, "paths": listed}, **name}], out

    def dense(self, place: Place) -> tuple[list[Statement], str]:
        if "i" in place.turns:
            return self.light(place)
        growth = self.pick("2", "4")
        times = self.parameter("depth", place, 1, 2, 3)
        inner = place.inside(kept=True, turns=(*place.turns, "i"))
        usable = [block for block in place.blocks if self.maybe()]
        if usable:
            given = {n: self.argument(n, inner) for n in self.blocks[usable[0]]["parameters"]}
            use: Statement = {usable[0]: {**given, "out": int(growth)}}
            body = [{**use, "id": self.id(inner)} if self.maybe() else use]
        else:
            body = ["relu", {"conv": {"out": int(growth), "kernel": 3, "padding": 1}}]
        name = {"id": self.id(place)} if self.maybe() else {}
        number = str(times).removeprefix("$")
        out = f"{place.channels} + {growth} * {number}"
        return [{"dense": body, "repeat": times, **name}], f"({out})"

    def loop(self, place: Place) -> tuple[list[Statement], str]:
        self.count += 1
        turn = f"t{self.count}"
        rows = self.pick("$(range(2))", [1, 2], [2], "$(range(depth))")
        if rows == "$(range(depth))" and "depth" not in place.names:
            rows = [0, 1]
        inner = place.inside(turns=(*place.turns, turn))
        return [{"for": {turn: rows}, "do": self.to(inner, place.channels)}], place.channels

    def tapped(self, place: Place) -> tuple[list[Statement], str]:
        """A loop of layers, of which what stands further on reads single ones."""
        self.count += 2
        turn, other = f"t{self.count - 1}", f"t{self.count}"
        rows = self.pick([0, 1, 2], [1, 2])
        inner = place.inside(kept=True, turns=(*place.turns, turn))
        name = self.id(inner)
        layer = {**self.layer(inner, place.channels), "id": name}
        if rows[0] == 0 and self.maybe():
            layer["when"] = computed(f"{turn} != 1")
            rows = [0, 1, 2]
        loop = {"for": {turn: rows}, "do": [layer, *self.light(inner)[0]]}
        known = [row for row in rows if "when" not in layer or row != 1]
        merge = self.pick("add", "maximum", "average")
        if self.maybe():
            read = name.replace(f"$({turn})", str(self.pick(*known)))
            return [loop, {merge: {}, "from": ["prev", read]}], place.channels
        back = {merge: {}, "from": ["prev", name.replace(turn, other)]}
        later = replace(inner, turns=(*place.turns, other))
        again = {"for": {other: known[::-1]}, "do": [back, *self.light(later)[0]]}
        return [loop, again], place.channels

    def group(self, place: Place) -> tuple[list[Statement], str]:
        kind = self.pick("sequence", "graph")
        body, out = self.body(place.inside())
        named = self.maybe() or (kind == "graph" and bool(place.turns))
        name = {"id": self.id(place)} if named else {}
        return [{kind: body, **name}], out

    # blocks

    def use(self, place: Place) -> tuple[list[Statement], str]:
        block = self.pick(*place.blocks)
        given = {}
        for name, default in self.blocks[block]["parameters"].items():
            required = default in ("int", "list", "float", "str", "bool")
            keeps = name == "stride" and (place.kept or not place.whole)
            if required or keeps or self.maybe():
                given[name] = self.argument(name, place)
        statement: Statement = {block: given}
        if self.maybe():
            statement["id"] = self.id(place)
        if self.draw(st.integers(0, 2)) == 0:
            statement["repeat"] = self.parameter("depth", place, 1, 2, 3)
        return [statement], str(given["out"]).removeprefix("$")

    def block(self, name: str) -> None:
        known = [name for name in PARAMETERS if self.flat or name != "wide"]
        several = st.lists(st.sampled_from(known), max_size=3, unique=True)
        parameters: dict[str, Any] = {"out": "int"}
        for parameter in self.draw(several):
            first = PARAMETERS[parameter][0]
            kind = "list" if isinstance(first, list) else type(first).__name__
            parameters[parameter] = self.pick(kind, *PARAMETERS[parameter])
        lets = {"hidden": self.pick("$(2 * out)", "$(x.channels + out)")} if self.maybe() else {}
        names = frozenset([*parameters, *lets])
        place = Place(names, tuple(self.blocks), "x.channels", whole=False)
        kind = self.pick("graph", "graph", "sequence")
        body, channels = self.body(place, 4)
        if channels != "out":
            body.append({"conv": {"out": "$out", "kernel": 1}})
        self.blocks[name] = {"parameters": parameters, "let": lets, kind: body}


#: attributes that go without saying
UNSAID = (("stride", 1), ("groups", 1), ("padding", 0))


def computed(expression: str) -> Any:
    return int(expression) if expression.isdigit() else f"$({expression})"


#: a block of two inputs and two outputs, which is there whether or not it is used
JOIN = {
    "inputs": ["a", "b"],
    "parameters": {"out": "int", "kernel": 1},
    "graph": [
        {"conv": {"out": "$out", "kernel": 1}, "from": "a", "id": "main"},
        {"conv": {"out": "$out", "kernel": 1}, "from": "b"},
        {"tanh": {}, "id": "right"},
        {"add": {}, "from": ["main", "right"], "id": "side"},
    ],
    "outputs": {"main": "main", "side": "side"},
}
INPUTS: tuple[list[Any], ...] = ([4, 12, 12], [4, 12, 12], [4, "H", "W"], [4, 20], [4, 5, 6, 6])


@st.composite
def specs(draw: Draw) -> SourceFile:
    """A spec of up to three blocks and a few uses of them."""
    image = draw(st.sampled_from(INPUTS))
    making = Specs(draw, flat=len(image) == 3)
    for name in ("unit", "stage", "part")[: draw(st.integers(1, 3))]:
        making.block(name)
    place = Place(frozenset(), tuple(making.blocks), "4", whole=True)
    graph: list[Statement] = []
    for _ in range(draw(st.integers(2, 4))):
        found, channels = making.use(place)
        graph += found
        place = replace(place, channels=channels)
    graph += making.body(place, 3)[0]
    several = {"join", "split"}  # what has more than one value
    ids = [one["id"] for one in graph if "id" in one and not several & set(one)]
    spec: dict[str, Any] = {"graphcnn": 1, "name": "drawn", "inputs": {"image": image}}
    spec |= {"blocks": {**making.blocks, "join": JOIN}, "graph": graph}
    if ids and making.maybe():
        graph.append({"relu": {}, "id": "last"})
        early: Any = draw(st.sampled_from(ids))
        if making.maybe():
            early = {"from": early, "only": "training"}
        spec["outputs"] = {"early": early, "last": "last"}
    return SourceFile("drawn.yaml", yaml.dump(spec, Dumper=Plain, sort_keys=False, width=100))


class Plain(yaml.SafeDumper):
    """Writes equal lists out, as a person would."""

    def ignore_aliases(self, _: Any) -> bool:
        return True
