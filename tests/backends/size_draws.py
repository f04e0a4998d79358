"""Random specs of symbolic inputs whose attributes are read from values, in every structure."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from graphcnn.compiler import compile_file
from graphcnn.diagnostics import SpecError
from graphcnn.source import SourceFile
from tests.backends.spec_draws import Plain

Draw = st.DrawFn
Statement = dict[str, Any]

_HEADS = [
    {"image": [2, "H", "W"]},
    {"image": [2, "4*H", "4*W"]},
    {"image": [2, "2*H", "8"]},
    {"image": [2, "2*H + 1", "W"], "other": [2, "H", "V"]},
]


class _Making:
    """A spec in the making: what does not compile is left out again."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.blocks: dict[str, Any] = {}
        self.graph: list[Statement] = [{"identity": {}, "from": "image", "id": "v0"}]
        self.inputs = draw(st.sampled_from(_HEADS))
        self.values = [*self.inputs, "v0"]

    def pick(self, *options: Any) -> Any:
        return self.draw(st.sampled_from(options))

    def spec(self, graph: list[Statement], blocks: dict[str, Any]) -> SourceFile:
        one: dict[str, Any] = {"graphcnn": 1, "name": "drawn", "inputs": self.inputs}
        if blocks:
            one["blocks"] = blocks
        one["graph"] = graph
        named = [s["id"] for s in graph if "id" in s and "split" not in s]
        one["outputs"] = {f"out{n}": name for n, name in enumerate(named[-3:])}
        text = yaml.dump(one, Dumper=Plain, sort_keys=False, width=1000)
        return SourceFile("drawn.yaml", text)

    def add(self, statement: Statement, blocks: dict[str, Any] | None = None) -> bool:
        name = f"v{len(self.graph)}"
        graph = [*self.graph, {**statement, "id": name}]
        both = {**self.blocks, **(blocks or {})}
        try:
            compile_file(self.spec(graph, both))
        except SpecError:
            return False
        self.graph, self.blocks = graph, both
        self.values.append(name)
        return True

    # sizes

    def size(self, *names: str) -> str:
        """An expression over the sizes of a value."""
        name = self.pick(*(names or self.values))
        axis = self.pick("height", "width")
        form: str = self.pick(
            "{0}", "{0}", "{0} // 2", "2 * {0}", "{0} + 1", "{0} - 1", "{0} - {0} // 2"
        )
        return form.format(f"{name}.{axis}")

    def grid(self, *names: str) -> Any:
        name = self.pick(*(names or self.values))
        whole = f"$({name}.shape[1:])"
        each = [f"$({self.size(*names)})", self.pick(3, f"$({self.size(*names)})")]
        return self.pick(whole, whole, each)

    # statements

    def plain(self, *names: str) -> Statement:
        """An op that depends on sizes; ``names`` are the values in reach, by default all."""
        one, two = f"$({self.size(*names)})", f"$({self.size(*names)})"
        mode = {"mode": self.pick("nearest", "bilinear")}
        amounts = self.pick([[0, one], 1], [one, 0], [[1, one], [two, 0]])
        found: Statement = self.pick(
            {"upsample": {"size": self.grid(*names), **mode}},
            {"upsample": {"size": self.grid(*names), **mode}},
            {"adaptive_avg_pool": {"size": self.grid(*names)}},
            {"adaptive_max_pool": {"size": self.grid(*names)}},
            {"slice": {"axis": self.pick(1, 2), "start": one}},
            {"slice": {"axis": self.pick(1, -1), "stop": one, "step": self.pick(1, 2)}},
            {"crop": amounts},
            {"pad": {"amounts": amounts, "mode": self.pick("constant", "replicate")}},
            {"tile": self.pick([1, one, 1], [2, 1, two])},
            {"avg_pool": {"kernel": self.grid(*names)}},
            {"max_pool": {"kernel": [one, 1], "stride": 1}},
            {"conv": {"out": 2, "kernel": 3, "padding": 1, "stride": self.pick(1, 2)}},
            {"relu": {}},
        )
        return found

    def step(self) -> None:
        kind = self.pick("op", "op", "jump", "block", "block", "sequence", "branches", "residual")
        if kind == "op":
            self.add(self.plain())
        elif kind == "jump":
            self.add({**self.plain(), "from": self.pick(*self.values)})
        elif kind == "block":
            self.block()
        elif kind == "sequence":
            inner = [self.plain() for _ in range(self.pick(1, 2, 3))]
            self.add({"sequence": inner, **({"repeat": 2} if self.pick(False, True) else {})})
        elif kind == "residual":
            body = [{"conv": {"out": 2, "kernel": 1}}, {"upsample": {"size": "$(in.shape[1:])"}}]
            self.add({"residual": {"body": [self.plain(), *body]}})
        else:
            size = {"size": self.grid()}
            paths = [[self.plain(), {"upsample": size}], [{"adaptive_max_pool": size}]]
            self.add({"branches": {"merge": self.pick("concat", "add"), "paths": paths}})
            self.add({"conv": {"out": 2, "kernel": 1}})

    def block(self) -> None:
        """A block that reads the sizes of its input, or is given them; used once or twice."""
        name = f"part{len(self.blocks)}"
        body = [{"conv": {"out": 2, "kernel": 1}}]
        parameters: dict[str, Any] = {}
        arguments: list[dict[str, Any]] = [{}, {}]
        if self.pick(False, True):
            parameters = {"rows": "int"}
            arguments = [{"rows": f"$({self.size()})"} for _ in range(2)]
            one: Statement = self.pick(
                {"upsample": {"size": ["$rows", 3]}},
                {"adaptive_avg_pool": {"size": "$rows"}},
                {"tile": [1, "$rows", 1]},
                {"pad": [["$rows", 0], 0]},
            )
            body.append(one)
        else:
            body += [self.plain("x") for _ in range(self.pick(1, 2))]
        kind = self.pick("graph", "sequence")
        made = {name: {"parameters": parameters, "inputs": ["x"], kind: body}}
        if not parameters:
            del made[name]["parameters"]
        if self.add({name: arguments[0]}, made) and self.pick(False, True):
            self.add({name: arguments[1], "from": self.pick(*self.values)})


@st.composite
def sized_specs(draw: Draw) -> SourceFile:
    """A spec of one or two inputs of symbolic size and a few statements that depend on it."""
    making = _Making(draw)
    for _ in range(draw(st.integers(2, 6))):
        making.step()
    return making.spec(making.graph, making.blocks)
