"""Small uses of every op, and the specs that hold them: in a graph, a sequence and a block."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from graphcnn.source import SourceFile

Attributes = dict[str, Any]
Shape = list[int]


@dataclass(frozen=True)
class Uses:
    """An op on some inputs, first with ``base``, then with each of ``variations`` instead.

    ``other`` is another shape of the (first) input that it takes as well. ``after`` joins what
    comes out to one value.
    """

    op: str
    inputs: tuple[Shape, ...]
    base: Attributes = field(default_factory=dict)
    variations: tuple[Attributes, ...] = ()
    other: Shape | None = None
    after: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.op}-{len(self.inputs[0]) if self.inputs else 0}"

    @property
    def attributes(self) -> list[str]:
        """What the uses set."""
        return list(dict.fromkeys(name for each in self.each() for name in each))

    def each(self) -> list[Attributes]:
        return [self.base, *({**self.base, **changes} for changes in self.variations)]

    @property
    def names(self) -> list[str]:
        return ["a", "b", "c"][: len(self.inputs)]

    # specs

    def file(self, **content: Any) -> SourceFile:
        inputs = dict(zip(self.names, self.inputs, strict=True)) or {"a": [2]}
        spec = {"graphcnn": 1, "name": f"with_{self.op}", "inputs": inputs, **content}
        return SourceFile(f"{self.op}.yaml", yaml.safe_dump(spec, sort_keys=False))

    def statement(self, attributes: Attributes) -> dict[str, Any]:
        source = {"from": self.names} if self.inputs else {}
        return {self.op: attributes, "id": "it", **source}

    def in_graph(self) -> SourceFile:
        return self.file(graph=[self.statement(self.base), *self.after, "relu"])

    def in_sequence(self) -> SourceFile:
        body = ["identity", {self.op: self.base}, "relu"]
        return self.file(graph=[{"sequence": body, "id": "body"}])

    def in_blocks(self, kind: str) -> SourceFile:
        """A block with a parameter for each attribute, used with all that they can be."""
        names = self.attributes
        given = {name: f"${name}" for name in names}
        block: dict[str, Any] = {"parameters": dict.fromkeys(names, "any")}
        if kind == "sequence":
            block["sequence"] = [{self.op: given}, "tanh"]
        else:
            block |= {"inputs": self.names} if len(self.inputs) > 1 else {}
            source = {"from": self.names if len(self.inputs) > 1 else "x"} if self.inputs else {}
            block["graph"] = [{self.op: given, "id": "it", **source}, *self.after]
        defaults = self.defaults()
        graph, outputs = [], {}
        others = [(name, shape) for name, shape in (("other", self.other),) if shape]
        sources: list[list[str]] = [self.names or ["a"], *([name] for name, _ in others)]
        for n, attributes in enumerate(self.each()):
            for k, source_names in enumerate(sources):
                name = f"use{n}{'ab'[k]}"
                arguments = {key: attributes.get(key, defaults[key]) for key in names}
                graph.append({"unit": arguments, "id": name, "from": source_names})
                outputs[name] = name
        spec = {"blocks": {"unit": block}, "graph": graph, "outputs": outputs}
        inputs = dict(zip(self.names, self.inputs, strict=True)) or {"a": [2]}
        return self.file(**(spec | {"inputs": {**inputs, **dict(others)}}))

    def defaults(self) -> Attributes:
        from graphcnn.ops import BY_NAME

        declared = BY_NAME[self.op].attributes()
        return {name: None if a.required else a.default for name, a in declared.items()}


IMAGE, OTHER = [4, 9, 7], [6, 11, 8]
LINE, OTHER_LINE = [4, 12], [6, 10]
VOLUME = [4, 5, 6, 7]
TOKENS = [6, 8]

_WINDOW: tuple[Attributes, ...] = (
    {"kernel": 2},
    {"kernel": [3, 1], "padding": [1, 0]},
    {"stride": 2},
    {"stride": [1, 2], "padding": 1},
    {"padding": "same"},
    {"padding": "valid"},
    {"padding": "same", "stride": 2},
    {"padding": [[0, 1], [1, 0]]},
)
_POOL: tuple[Attributes, ...] = (*_WINDOW, {"ceil": True, "stride": 2}, {"stride": 3, "padding": 1})
_NORM: tuple[Attributes, ...] = ({"eps": 0.001}, {"scale": False}, {"shift": False})
_PLAIN = [
    *("relu", "relu6", "selu", "silu", "mish"),
    *("hard_sigmoid", "hard_swish", "sigmoid", "tanh", "identity"),
]


def _conv(op: str, *more: Attributes, **base: Any) -> list[Uses]:
    line = ({"stride": 2}, {"padding": 1, "bias": False}, *more)
    base = {"kernel": 3, **base}
    return [
        Uses(op, (IMAGE,), base, (*_WINDOW, {"dilation": 2}, {"bias": False}, *more), OTHER),
        Uses(op, (LINE,), base, line, OTHER_LINE),
        Uses(op, (VOLUME,), base, (*more, {"padding": [1, 0, 1]})),
    ]


def _pool(op: str, *more: Attributes) -> list[Uses]:
    return [
        Uses(op, (IMAGE,), {"kernel": 3}, (*_POOL, *more), OTHER),
        Uses(op, (LINE,), {"kernel": 3}, ({"stride": 2, "padding": 1}, *more), OTHER_LINE),
        Uses(op, (VOLUME,), {"kernel": [3, 2, 2]}, ({"ceil": True}, *more)),
    ]


def _every_rank(op: str, *variations: Attributes, **base: Any) -> list[Uses]:
    return [
        Uses(op, (IMAGE,), base, variations, OTHER),
        Uses(op, (LINE,), base, variations, OTHER_LINE),
        Uses(op, (VOLUME,), base, variations),
    ]


_UPSAMPLE = ({"factor": 3}, {"factor": [1, 2]}, {"mode": "bilinear"})
_ALIGNED = {"mode": "bilinear", "align_corners": True}
_SHARES = ({"rate": 0.0}, {"rate": 0.75})
_JOINED = ({"subtract": {}, "from": ["it.1", "it.0"]},)
_FRAMES = ({"amounts": [1, 0]}, {"amounts": [[0, 0], [1, 2], [0, 1]]}, {"amounts": 2})

USES: list[Uses] = [
    *_conv("conv", {"out": 8}, {"groups": 2}, {"kernel": 1}, out=4),
    *_conv("depthwise_conv", {"multiplier": 2}),
    *_conv("separable_conv", {"out": 6}, {"multiplier": 2}, out=4),
    Uses(
        "conv_transpose",
        (IMAGE,),
        {"out": 4, "kernel": 3},
        (
            {"stride": 2},
            {"stride": 2, "padding": 1, "output_padding": 1},
            {"stride": 2, "padding": "same"},
            {"padding": [[0, 1], [1, 0]]},
            {"dilation": 2, "bias": False},
            {"groups": 2, "out": 6},
        ),
        OTHER,
    ),
    Uses("conv_transpose", (LINE,), {"out": 4, "kernel": 4}, ({"stride": 2, "padding": 1},)),
    Uses("conv_transpose", (VOLUME,), {"out": 4, "kernel": 2}, ({"stride": [1, 2, 2]},)),
    Uses("linear", ([8],), {"out": 4}, ({"out": 6}, {"bias": False}), [5]),
    Uses("linear", (TOKENS,), {"out": 4}, ({"out": 6},), [3, 5]),
    Uses("attention", (TOKENS,), {"heads": 2}, ({"heads": 4}, {"bias": False}, {"dropout": 0.5})),
    Uses(
        "parameter",
        (),
        {"shape": [3, 2]},
        ({"init": "normal"}, {"init": "normal", "std": 1.0}, {"init": 2.5}, {"batch": True}),
    ),
    Uses("parameter", (), {"shape": [3]}, ({"shape": [4]}, {"init": 1.0})),
    Uses("matmul", ([5, 5], [5, 5]), {}, ({"transpose": True},)),
    Uses("matmul", ([2, 3, 4], [2, 4, 5])),
    *_pool("max_pool", {"dilation": 2}),
    Uses("max_pool", ([1, 2, 2],), {"kernel": 2, "padding": [0, 2], "dilation": 2, "ceil": True}),
    *_pool("avg_pool", {"padding": 1, "count_padding": False}),
    *_every_rank("global_avg_pool", {"keepdims": False}),
    *_every_rank("global_max_pool", {"keepdims": False}),
    *_every_rank("adaptive_avg_pool", {"size": 3}, size=2),
    *_every_rank("adaptive_max_pool", {"size": 3}, size=2),
    Uses("adaptive_avg_pool", (IMAGE,), {"size": [2, 3]}, ({"size": 1}, {"size": [3, 3]}), OTHER),
    *_every_rank("batch_norm", {"momentum": 0.3}, {"frozen": True}, *_NORM),
    Uses("batch_norm", ([6],), {}, _NORM, [5]),
    *_every_rank("layer_norm", {"axes": [-1]}, *_NORM, axes=[0]),
    Uses("layer_norm", (TOKENS,), {}, ({"axes": [0]}, *_NORM), [3, 5]),
    Uses("layer_norm", (IMAGE,), {"axes": [0, 1, 2]}, ({"axes": [1, 2]}, *_NORM)),
    *_every_rank("group_norm", {"groups": 1}, *_NORM, groups=2),
    *_every_rank("instance_norm", {"scale": True}, {"shift": True}, {"eps": 0.1}),
    Uses("instance_norm", (IMAGE,), {"scale": True, "shift": True}, ({"scale": False},), OTHER),
    *_every_rank("local_response_norm", {"alpha": 0.1}, {"beta": 0.5}, {"k": 2.0}, size=3),
    *_every_rank("l2_norm", {"axis": 1}, {"eps": 0.1}, {"scale": 10.0}),
    *[Uses(op, (IMAGE,), other=OTHER) for op in _PLAIN],
    Uses("leaky_relu", (IMAGE,), {}, ({"slope": 0.2},)),
    Uses("prelu", (IMAGE,), {}, ({"shared": True}, {"init": 0.5}), OTHER),
    Uses("elu", (IMAGE,), {}, ({"alpha": 0.5},)),
    Uses("gelu", (IMAGE,), {}, ({"approximation": "tanh"},)),
    Uses("softplus", (IMAGE,), {}, ({"beta": 2.0},)),
    Uses("softmax", (IMAGE,), {}, ({"axis": 1}, {"axis": -1})),
    Uses("log_softmax", (IMAGE,), {}, ({"axis": 1}, {"axis": -1})),
    Uses("dropout", (IMAGE,), {}, _SHARES),
    *_every_rank("spatial_dropout", *_SHARES),
    Uses("drop_path", (IMAGE,), {"rate": 0.2}, _SHARES),
    *[Uses(op, ([4, 5, 6],) * 3) for op in ("add", "multiply", "maximum", "average")],
    *[Uses(op, ([4, 5, 6], [4, 1, 1])) for op in ("add", "subtract", "multiply", "average")],
    Uses("subtract", ([4, 5, 6],) * 2),
    Uses("concat", ([4, 5, 6],) * 3, {}, ({"axis": 1}, {"axis": -1})),
    Uses("concat", ([4, 5],)),
    Uses("scale", (IMAGE,), {"factor": 2.0}, ({"factor": 0.5}, {"factor": -1.0})),
    Uses("flatten", (IMAGE,), {}, ({"start": 1}, {"end": 1}, {"start": -2}), OTHER),
    Uses("reshape", (IMAGE,), {"shape": [4, 63]}, ({"shape": [252]}, {"shape": [7, 9, 4]})),
    Uses("reshape", ([12],), {"shape": [3, 4]}, ({"shape": [12, 1, 1]},)),
    Uses("permute", (IMAGE,), {"axes": [1, 2, 0]}, ({"axes": [2, 0, 1]}, {"axes": [0, -1, 1]})),
    Uses(
        "pad",
        (IMAGE,),
        {"amounts": 1},
        (*_FRAMES, {"mode": "reflect"}, {"mode": "replicate"}, {"value": 1.5}),
        OTHER,
    ),
    Uses("pad", ([5],), {"amounts": 1}, ({"amounts": [[0, 2]]},)),
    Uses("pad", (VOLUME,), {"amounts": [1, 0, 1]}, ({"mode": "replicate"},)),
    Uses("pad", (IMAGE,), {"amounts": [[1, 0], [0, 0], [0, 0]]}),
    Uses("crop", (IMAGE,), {"amounts": 1}, _FRAMES, OTHER),
    Uses("slice", (IMAGE,), {"stop": 2}, ({"axis": 1}, {"start": 1}, {"step": 2}, {"stop": -1})),
    Uses("slice", (IMAGE,), {"axis": -1, "start": -3}, ({"stop": -1},), OTHER),
    Uses("split", (IMAGE,), {"parts": 2}, after=_JOINED, other=OTHER),
    Uses("split", ([4, 6, 6],), {"parts": 2}, ({"axis": 1}, {"axis": -1}), after=_JOINED),
    Uses("split", (IMAGE,), {"sizes": [2, 2]}, after=_JOINED),
    Uses("tile", (IMAGE,), {"repeats": [1, 2, 3]}, ({"repeats": [2, 1, 1]},), OTHER),
    *_every_rank("upsample", {"factor": 3}, _ALIGNED, factor=2),
    Uses("upsample", (IMAGE,), {"factor": 2}, _UPSAMPLE, OTHER),
    Uses("upsample", (IMAGE,), {"size": 5}, ({"size": [12, 6]}, {"mode": "bilinear"}), OTHER),
    Uses("channel_shuffle", (IMAGE,), {"groups": 2}, ({"groups": 4},)),
    Uses("pixel_shuffle", ([36, 4, 5],), {"factor": 2}, ({"factor": 3},), [72, 3, 3]),
    Uses("space_to_depth", ([3, 6, 12],), {"block": 2}, ({"block": 3},), [4, 6, 6]),
    *[
        Uses(op, (IMAGE,), {"axes": [1, 2]}, ({"axes": [0]}, {"axes": [-1]}, {"keepdims": True}))
        for op in ("mean", "sum", "max")
    ],
]
