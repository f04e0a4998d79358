"""Random specs over all ops, ranks and structures, whose shapes are known while they are drawn.

``spec_draws`` draws what is hard to write as code: blocks in blocks, with parameters that flow.
Here every op stands on any shape that it takes, between structures of every kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import Any

import yaml
from hypothesis import strategies as st

from graphcnn.source import SourceFile
from tests.backends.op_draws import MOST, chain, result, statement
from tests.backends.spec_draws import Plain
from tests.ops.laws import Numbers

Draw = st.DrawFn

_EVEN = st.sampled_from([2, 4, 6])
_MERGES = ("add", "maximum", "average", "multiply", "subtract")


@st.composite
def shapes(draw: Draw) -> Numbers:
    """The shape of an input: features, tokens or a line, an image, a volume."""
    axes = draw(st.sampled_from([0, 1, 2, 2, 2, 3]))
    sizes = st.integers(3, {0: 6, 1: 9, 2: 8, 3: 5}[axes])
    return (draw(_EVEN), *(draw(sizes) for _ in range(axes)))


@dataclass
class Graph:
    """A graph in the making: ``values`` are the shapes of what has a name."""

    draw: Draw
    values: dict[str, Numbers]
    shape: Numbers
    statements: list[Any] = field(default_factory=list)
    blocks: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def maybe(self) -> bool:
        return self.draw(st.booleans())

    def id(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def add(self, one: dict[str, Any], shape: Numbers, *, named: bool | None = None) -> str | None:
        """A statement at the end; its id, where it gets one."""
        name = self.id() if (self.maybe() if named is None else named) else None
        if name is not None:
            one = {**one, "id": name}
            self.values[name] = shape
        self.statements.append(one)
        self.shape = shape
        return name

    # steps

    def step(self) -> None:
        steps = [self.plain, self.plain, self.plain, self.plain]
        steps += [self.merge, self.join, self.gate, self.residual, self.branches, self.dense]
        steps += [self.repeat, self.loop, self.block, self.reuse, self.split, self.product]
        steps += [self.learned, self.jump]
        self.pick(*steps)()

    def plain(self) -> None:
        one, shape = statement(self.draw, self.shape)
        self.add(one, shape)

    def jump(self) -> None:
        """Go on from an earlier value."""
        name = self.pick(*self.values)
        one, shape = statement(self.draw, self.values[name])
        self.add({**one, "from": name}, shape)

    def merge(self) -> None:
        """Two chains over one value, joined cell by cell."""
        name = self.add({"identity": {}}, self.shape, named=True)
        body, _ = chain(self.draw, self.shape, 2, keep=True)
        for one in body:
            self.add(one, self.shape)
        how = self.pick(*_MERGES)
        sources = self.pick(["prev", name], [name, "prev"])
        self.add({how: {}, "from": sources}, self.shape)

    def join(self) -> None:
        """Earlier values that fit, one behind the other; a value may stand there twice."""
        axis = self.draw(st.integers(0, len(self.shape) - 1))
        rest = [n for n in range(len(self.shape)) if n != axis]
        fits = [
            name
            for name, shape in self.values.items()
            if len(shape) == len(self.shape) and all(shape[n] == self.shape[n] for n in rest)
        ]
        times = self.draw(st.integers(1, 2))
        more = [self.pick(*fits) for _ in range(times)] if fits else ["prev"]
        sizes = [self.values.get(name, self.shape)[axis] for name in more]
        made = list(self.shape)
        made[axis] += sum(sizes)
        if prod(made) <= MOST:
            spoken = self.pick(axis, axis - len(self.shape))
            self.add({"concat": {"axis": spoken}, "from": ["prev", *more]}, tuple(made))

    def gate(self) -> None:
        """Squeeze and excite: each channel times a number that follows from the whole."""
        if len(self.shape) < 2:
            return
        whole = self.shape
        name = self.add({"identity": {}}, whole, named=True)
        small = (whole[0], *(1 for _ in whole[1:]))
        self.add({self.pick("global_avg_pool", "global_max_pool"): {}}, small)
        self.add({"conv": {"out": whole[0], "kernel": 1}}, small)
        self.add({self.pick("sigmoid", "hard_sigmoid", "softmax"): {}}, small)
        how = self.pick("multiply", "add", "maximum", "average")
        self.add({how: {}, "from": self.pick(["prev", name], [name, "prev"])}, whole)

    def residual(self) -> None:
        body, _ = chain(self.draw, self.shape, 3, keep=True)
        action: dict[str, Any] = {"body": body}
        if self.maybe():
            action["shortcut"] = chain(self.draw, self.shape, 1, keep=True)[0]
        if self.maybe():
            action["merge"] = self.pick("add", "multiply", "maximum", "average")
        self.add({"residual": action}, self.shape)

    def branches(self) -> None:
        paths, made = [], []
        first, shape = chain(self.draw, self.shape, 2)
        paths.append(first)
        made.append(shape)
        for _ in range(self.draw(st.integers(1, 2))):
            path, ending = chain(self.draw, self.shape, 2)
            if ending != shape:
                path, ending = first, shape
            paths.append(path)
            made.append(ending)
        merge = self.pick("concat", "add", "maximum", "average")
        if merge == "concat":
            shape = (sum(each[0] for each in made), *shape[1:])
            if prod(shape) > MOST:
                return
        listed: Any = paths
        if self.maybe():
            listed = {f"{self.id()}_path": path for path in paths}
        self.add({"branches": {"merge": merge, "paths": listed}}, shape)

    def dense(self) -> None:
        """Each time around, more channels: what is drawn must take them all."""
        growth, times = self.pick(1, 2), self.pick(1, 2, 3)
        channels = self.shape[0] + growth * times
        whole = (channels, *self.shape[1:])
        if prod(whole) > MOST or len(self.shape) < 2:
            return
        act = self.pick("relu", "batch_norm", "tanh", "prelu")
        body = [act, {"conv": {"out": growth, "kernel": 3, "padding": self.pick(1, "same")}}]
        self.add({"dense": body, "repeat": times}, whole)

    def repeat(self) -> None:
        body, _ = chain(self.draw, self.shape, 2, keep=True)
        one = self.pick(body[0], {"sequence": body}, {"residual": {"body": body}})
        self.add({**one, "repeat": self.pick(1, 2, 3)}, self.shape)

    def loop(self) -> None:
        if len(self.shape) < 2:
            return
        kernel = {"out": "$turn", "kernel": 3, "padding": "same"}
        turns = [self.pick(1, 2, 3, 4) for _ in range(self.draw(st.integers(1, 3)))]
        whole = (turns[-1], *self.shape[1:])
        if prod((max(turns), *self.shape[1:])) <= MOST:
            body = [{"conv": kernel}, self.pick("batch_norm", "relu", "gelu")]
            self.add({"for": {"turn": turns}, "do": body}, whole)

    def block(self) -> None:
        """A body with a name, used as often as it fits."""
        body, shape = chain(self.draw, self.shape, 3)
        name = f"part{len(self.blocks)}"
        self.blocks[name] = {self.pick("graph", "sequence"): body}
        self.add({name: {}}, shape)
        for _ in range(self.draw(st.integers(0, 2))):
            again: Numbers | None = self.shape
            for one in body:
                again = None if again is None else result(one, again)
            if again is None:
                break
            self.add({name: {}}, again)

    def reuse(self) -> None:
        one, _ = statement(self.draw, self.shape, keep=True)
        name = self.add(one, self.shape, named=True)
        if self.maybe():
            self.add({self.pick("relu", "tanh", "batch_norm"): {}}, self.shape)
        self.add({"reuse": name}, self.shape, named=False)

    def split(self) -> None:
        cuts = [(axis, n) for axis, size in enumerate(self.shape) for n in (2, 3) if size % n == 0]
        if not cuts:
            return
        axis, parts = self.pick(*cuts)
        part = list(self.shape)
        part[axis] //= parts
        name = self.add({"split": {"parts": parts, "axis": axis}}, tuple(part), named=True)
        self.values.pop(str(name))  # it has several values
        order = self.draw(st.permutations(range(parts)))
        if self.maybe():
            self.add({"concat": {"axis": axis}, "from": [f"{name}.{n}" for n in order]},
                     (*part[:axis], part[axis] * parts, *part[axis + 1 :]))  # fmt: skip
        else:
            sources = [f"{name}.{n}" for n in order[:2]]
            self.add({self.pick(*_MERGES): {}, "from": sources}, tuple(part))

    def product(self) -> None:
        if len(self.shape) < 2:
            return
        name = self.add({"identity": {}}, self.shape, named=True)
        body, _ = chain(self.draw, self.shape, 1, keep=True)
        for one in body:
            self.add(one, self.shape)
        made = (*self.shape[:-1], self.shape[-2])
        self.add({"matmul": {"transpose": True}, "from": ["prev", name]}, made)

    def learned(self) -> None:
        shape = [n if self.maybe() else 1 for n in self.shape]
        given = {"shape": shape, **({"batch": True} if self.maybe() else {})}
        name = self.id()
        before = self.id()
        self.statements.append({"identity": {}, "id": before})
        self.values[before] = self.shape
        self.statements.append({"parameter": given, "id": name})
        how = self.pick("add", "multiply", "subtract", "maximum")
        self.add({how: {}, "from": [before, name]}, self.shape)


@st.composite
def graphs(draw: Draw) -> SourceFile:
    """A spec of one to three inputs and a few steps; any value may come out beside the last."""
    inputs = {f"in{n}": draw(shapes()) for n in range(draw(st.sampled_from([1, 1, 1, 2, 3])))}
    making = Graph(draw, dict(inputs), inputs["in0"])
    if len(inputs) > 1:
        making.statements.append({"identity": {}, "from": "in0"})
    for name, shape in inputs.items():
        if name != "in0":
            making.add({"identity": {}, "from": name}, shape)
        for _ in range(draw(st.integers(1, 4))):
            making.step()
    spec: dict[str, Any] = {"graphcnn": 1, "name": "drawn"}
    spec["inputs"] = {name: list(shape) for name, shape in inputs.items()}
    if making.blocks:
        spec["blocks"] = making.blocks
    spec["graph"] = making.statements
    early = [name for name in making.values if name not in inputs]
    if early and making.maybe():
        making.add({"identity": {}}, making.shape, named=True)
        last = f"v{making.count}"
        several = draw(st.lists(st.sampled_from(early), min_size=1, max_size=2, unique=True))
        spec["outputs"] = {f"out{n}": name for n, name in enumerate([*several, last])}
        if making.maybe():
            spec["outputs"]["out0"] = {"from": several[0], "only": "training"}
    return SourceFile("drawn.yaml", yaml.dump(spec, Dumper=Plain, sort_keys=False, width=100))
