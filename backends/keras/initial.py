"""The spec's `init` section as Keras code: what fresh weights hold.

What the section does not name starts as Keras has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphcnn.backends.python.code import Keyword, call
from graphcnn.backends.python.printer import Printer

#: the layers that an op comes to; those of `conv` follow it where they have no word of their own
_LAYERS = {
    "conv": r"Conv\dD",
    "depthwise_conv": r"DepthwiseConv\dD",
    "conv_transpose": r"Conv\dDTranspose",
    "linear": "Dense",
}
_VARIABLES = {"weight": "kernel", "bias": "bias"}

#: squares of PyTorch's gains, which Keras' scale is
_SCALES = {"linear": 1.0, "sigmoid": 1.0, "tanh": 25 / 9, "relu": 2.0, "leaky_relu": 2.0}


def init_lines(section: Mapping[str, Any], text: str) -> list[str]:
    """Statements that fill the layers of `model`; ``text`` is the code that makes them."""
    section = dict(section)
    if "conv" in section:
        section.setdefault("depthwise_conv", section["conv"])
    branches: list[tuple[list[str], list[str]]] = []
    for op, weights in section.items():
        pattern = _LAYERS.get(op)
        kinds = (
            [] if pattern is None else sorted(set(re.findall(rf"\blayers\.({pattern})\(", text)))
        )
        body = _body(weights, depthwise=op == "depthwise_conv")
        if not kinds or not body:
            continue
        names = [f"layers.{kind}" for kind in kinds]
        if branches and branches[-1][1] == body:
            branches[-1][0].extend(names)
        else:
            branches.append((names, body))
    lines: list[str] = []
    for n, (names, body) in enumerate(branches):
        shown = names[0] if len(names) == 1 else f"({', '.join(names)})"
        lines.append(f"    {'el' if n else ''}if isinstance(layer, {shown}):")
        lines += [f"        {line}" for line in body]
    return ["for layer in model.layers:", *lines] if lines else []


def _body(weights: Mapping[str, Any], *, depthwise: bool) -> list[str]:
    lines: list[str] = []
    for weight, scheme in weights.items():
        if weight == "bias" and scheme in (0, "zeros"):  # as Keras has it
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
    if name.startswith("xavier"):
        return call("initializers.VarianceScaling", 1.0, "fan_avg", distribution)
    scale = _SCALES.get(options.get("nonlinearity", "relu"), 9 / 16)  # or that of selu
    return call("initializers.VarianceScaling", scale, options.get("mode", "fan_in"), distribution)
