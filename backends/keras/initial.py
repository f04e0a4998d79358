"""The spec's `init` section as Keras code: what fresh weights hold.

What the section does not name starts as Keras has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphcnn.backends.keras.names import keras_name
from graphcnn.backends.python.code import Keyword, call
from graphcnn.backends.python.printer import Printer
from graphcnn.initialisation import LAYERS, Initial, Schemes
from graphcnn.ir import Node

#: the layers that an op comes to; those of `conv` follow it where they have no word of their own
_LAYERS = {
    "conv": r"Conv\dD",
    "depthwise_conv": r"DepthwiseConv\dD",
    "conv_transpose": r"Conv\dDTranspose",
    "linear": "Dense",
    "batch_norm": "BatchNormalization",
    "layer_norm": "LayerNormalization",
}

#: variables of the code below, which the function of a block cannot be called then
LOCALS = frozenset(["channels", "fresh", "kernel", "layer", "model", "size", "times", "waiting"])

_VARIABLES = {"weight": "kernel", "bias": "bias"}

#: what fresh kernels and biases hold anyway, but for depthwise kernels
_DEFAULTS = {"weight": ("xavier_uniform",), "bias": (0, "zeros")}

#: classes of their own for some ways to scale
_SCALED = {
    (1.0, "fan_avg", "uniform"): "GlorotUniform",
    (1.0, "fan_in", "uniform"): "LecunUniform",
    (2.0, "fan_in", "uniform"): "HeUniform",
}

#: variables of a norm, what says whether it has them, and what they hold anyway
_NORMS = {"weight": ("gamma", "scale", (1, "ones")), "bias": ("beta", "center", (0, "zeros"))}

#: squares of PyTorch's gains, which Keras' scale is
_SCALES = {"linear": 1.0, "sigmoid": 1.0, "tanh": 25 / 9, "relu": 2.0, "leaky_relu": 2.0}


class NoInitialiser(Exception):
    """An op whose fresh weights this code cannot set."""

    def __init__(self, op: str, reason: str) -> None:
        super().__init__(reason)
        self.op = op
        self.reason = reason


def init_lines(
    initial: Initial, text: str, nodes: Sequence[Node], names: Mapping[Node, str]
) -> list[str]:
    """Statements that fill the layers of `model`; ``text`` is the code that makes them.

    ``names`` are what the layers of nodes are called.

    Raises:
        NoInitialiser: no layer of Keras' stands for the op alone.
    """
    branches = [*_layers(initial, names), *_ops(initial.ops, text, nodes)]
    if not branches:
        return []
    found = ["for layer in model.layers:"]
    if "keras.Model(" in text:  # blocks that are used again have models of their own
        found = ["waiting = [*model.layers]", "while waiting:", "    layer = waiting.pop()"]
        branches.insert(0, ("isinstance(layer, keras.Model)", ["waiting += layer.layers"]))
    for n, (test, body) in enumerate(branches):
        first, *rest = body
        if n == len(branches) - 1 and rest and all(line.startswith(" ") for line in rest):
            found.append(f"    {'el' if n else ''}if {test} and {first[3:-1]}:")
            found += [f"    {line}" for line in rest]
            continue
        found.append(f"    {'el' if n else ''}if {test}:")
        found += [f"        {line}" for line in body]
    return found


def _layers(initial: Initial, names: Mapping[Node, str]) -> Iterator[tuple[str, list[str]]]:
    """Questions for single layers, which go before their classes, with the lines that fill them."""
    for node, called in names.items():
        if node.name not in initial.layers:
            continue
        name, op, weights = keras_name(called), node.op.name, initial.of(node)
        if op not in _LAYERS or not weights.keys() <= _VARIABLES.keys():
            raise NoInitialiser(LAYERS, f"no layer's kernel or bias stands for `{node.name}`")
        there = {key: scheme for key, scheme in weights.items() if key in node.facts.weights}
        body = _norm_body(there) if "norm" in op else _body(there, depthwise="depthwise" in op)
        yield f'layer.name == "{name}"', body or ["pass"]


def _ops(
    section: Mapping[str, Schemes], text: str, nodes: Sequence[Node]
) -> Iterator[tuple[str, list[str]]]:
    """Questions for the classes of ops, likewise."""
    for names, body in _branches(section, text, nodes):
        shown = names[0] if len(names) == 1 else f"({', '.join(names)})"
        yield f"isinstance(layer, {shown})", body


def _branches(
    section: Mapping[str, Schemes], text: str, nodes: Sequence[Node]
) -> list[tuple[list[str], list[str]]]:
    """Classes of layers, with the lines that fill theirs."""
    used = {node.op.name for node in nodes if node.facts.weights}
    section = {op: weights for op, weights in section.items() if op in used or op == "conv"}
    if "separable_conv" in section:  # which is two layers that others are made of too
        if section["separable_conv"] != section.get("conv"):
            raise NoInitialiser("separable_conv", "to Keras it is convolutions like the others")
        del section["separable_conv"]
    if "conv" in section:
        section.setdefault("depthwise_conv", section["conv"])
    branches: list[tuple[list[str], list[str]]] = []
    for op, given in section.items():
        weights = _beyond_default(given) if "norm" in op else given
        if not weights:
            continue
        if op not in _LAYERS or not weights.keys() <= _VARIABLES.keys():
            raise NoInitialiser(op, "no layer's kernel or bias stands for it")
        kinds = sorted(set(re.findall(rf"\blayers\.({_LAYERS[op]})\(", text)))
        body = (
            _norm_body(weights)
            if "norm" in op
            else _body(weights, depthwise=op == "depthwise_conv")
        )
        if not kinds or not body:
            continue
        names = [f"layers.{kind}" for kind in kinds]
        if branches and branches[-1][1] == body:
            branches[-1][0].extend(names)
        else:
            branches.append((names, body))
    return branches


def _beyond_default(weights: Mapping[str, Any]) -> Mapping[str, Any]:
    """Schemes of a norm but for those that Keras has anyway."""
    return {
        name: scheme
        for name, scheme in weights.items()
        if name not in _NORMS or scheme not in _NORMS[name][2]
    }


def _norm_body(weights: Mapping[str, Any]) -> list[str]:
    lines: list[str] = []
    for weight, scheme in weights.items():
        variable, there, _ = _NORMS[weight]
        fresh = Printer().text(_initializer(scheme))
        lines += [
            f"if layer.{there}:",
            f"    layer.{variable}.assign({fresh}(layer.{variable}.shape))",
        ]
    return lines


def _body(weights: Mapping[str, Any], *, depthwise: bool) -> list[str]:
    lines: list[str] = []
    for weight, scheme in weights.items():
        if scheme in _DEFAULTS[weight] and not (weight == "weight" and depthwise):
            continue
        variable = f"layer.{_VARIABLES[weight]}"
        fresh = Printer().text(_initializer(scheme))
        if weight == "bias":
            lines += ["if layer.use_bias:", f"    {variable}.assign({fresh}({variable}.shape))"]
        elif depthwise and "VarianceScaling" in fresh:  # each channel sees itself alone
            lines += [
                f"fresh = {fresh}",
                f"*size, channels, times = {variable}.shape",
                "kernel = fresh((*size, 1, channels * times))",
                f"{variable}.assign(ops.reshape(kernel, {variable}.shape))",
            ]
        else:
            lines += [f"fresh = {fresh}", f"{variable}.assign(fresh({variable}.shape))"]
    return lines


def _initializer(scheme: Any) -> Any:
    if isinstance(scheme, (int, float)):
        return call("initializers.Constant", scheme)
    name: str
    given: Any
    name, given = (scheme, None) if isinstance(scheme, str) else next(iter(scheme.items()))
    if name in ("zeros", "ones"):
        return call(f"initializers.{name.title()}")
    if name == "normal":
        return call("initializers.RandomNormal", Keyword("stddev", given))
    if name == "truncated_normal":
        return call("initializers.TruncatedNormal", Keyword("stddev", given))
    if name == "uniform":
        return call("initializers.RandomUniform", -given, given)
    options = given if isinstance(given, Mapping) else {}
    distribution = "uniform" if name.endswith("uniform") else "untruncated_normal"
    scale = _SCALES.get(options.get("nonlinearity", "relu"), 9 / 16)  # or that of selu
    settings = (scale, options.get("mode", "fan_in"), distribution)
    if name.startswith("xavier"):
        settings = (1.0, "fan_avg", distribution)
    known = _SCALED.get(settings)
    if known is not None:
        return call(f"initializers.{known}")
    return call("initializers.VarianceScaling", *settings)
