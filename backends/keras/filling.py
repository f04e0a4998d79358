"""The lines that fill one weight of a Keras layer with what `init` says of it.

A scheme that counts cells is asked for numbers in a shape in which Keras counts what the canonical
weight has, where that of its own variable is another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphcnn.backends.python.code import Keyword, call
from graphcnn.backends.python.fresh import times
from graphcnn.backends.python.printer import Printer, Text, literal
from graphcnn.initialisation import counts_cells
from graphcnn.ops.base import Shape

#: variables of the lines below
VARIABLES = (
    *("channels", "features", "fresh", "held", "kernel", "layer", "numbers", "out", "part"),
    *("size", "times", "variable"),
)

#: the class that holds a tensor of the author's
TENSOR = "LearnedTensor"

_KERNEL = {"weight": ("xavier_uniform",), "bias": (0, "zeros")}
_NORM = {
    "weight": (1, "ones"),
    "bias": (0, "zeros"),
    "running_mean": (0, "zeros"),
    "running_var": (1, "ones"),
}

#: what fresh layers hold anyway, by their class less its rank
_ANYWAY: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "GroupedConvTranspose": _KERNEL,
    "layers.BatchNormalization": _NORM,
    "layers.ConvD": _KERNEL,
    "layers.ConvDTranspose": _KERNEL,
    "layers.Dense": _KERNEL,
    "layers.DepthwiseConvD": {"bias": (0, "zeros")},
    "layers.GroupNormalization": _NORM,
    "layers.LayerNormalization": _NORM,
}

#: variables of norms, and what says whether a layer has them
_NORMS = {
    "weight": ("gamma", "scale"),
    "bias": ("beta", "center"),
    "running_mean": ("moving_mean", None),
    "running_var": ("moving_variance", None),
}

#: classes of their own for some ways to scale
_SCALED = {
    (1.0, "fan_avg", "uniform"): "GlorotUniform",
    (1.0, "fan_in", "uniform"): "LecunUniform",
    (2.0, "fan_in", "uniform"): "HeUniform",
}

#: squares of PyTorch's gains, which Keras' scale is
_SCALES = {"linear": 1.0, "sigmoid": 1.0, "tanh": 25 / 9, "relu": 2.0, "leaky_relu": 2.0}


def filling(kind: str, weight: str, scheme: Any, shape: Shape) -> list[str]:
    """Lines that fill a weight of `layer`, of the class ``kind``; none where it holds that anyway.

    ``shape`` is the canonical one.
    """
    plain = re.sub(r"\d", "", kind)
    if scheme in _ANYWAY.get(plain, {}).get(weight, ()):
        return []
    fresh = Printer().text(_initializer(scheme))
    counted = counts_cells(scheme)
    match plain:
        case "layers.MultiHeadAttention":
            return _attention(weight, fresh, counted=counted)
        case "layers.PReLU":
            return [_assigned("layer.alpha", fresh)]
        case "ScaledL2Normalization":
            return [_assigned("layer.weight", fresh)]
        case "LearnedTensor":
            return [_assigned("layer.value", fresh, shape if counted else None)]
    if plain in _ANYWAY:
        return _norm(weight, fresh) if weight in _NORMS and "Norm" in plain else _kernel(
            plain, weight, fresh, counted=counted
        )  # fmt: skip
    return _own(weight, fresh, counted=counted)


def _assigned(variable: str, fresh: str, shape: Shape | None = None) -> str:
    """A variable filled; with the canonical ``shape`` the cells are counted as that has them."""
    if shape is None:
        return f"{variable}.assign({fresh}({variable}.shape))"
    out, channels, *size = shape
    drawn = literal((*size, channels, out))
    return f"{variable}.assign(ops.reshape({fresh}({drawn}), {variable}.shape))"


def _norm(weight: str, fresh: str) -> list[str]:
    name, there = _NORMS[weight]
    line = _assigned(f"layer.{name}", fresh)
    return [line] if there is None else [f"if layer.{there}:", f"    {line}"]


def _kernel(kind: str, weight: str, fresh: str, *, counted: bool) -> list[str]:
    if weight == "bias":
        return ["if layer.use_bias:", f"    {_assigned('layer.bias', fresh)}"]
    if counted and kind == "layers.DepthwiseConvD":  # each channel sees itself alone
        return [
            f"fresh = {fresh}",
            "*size, channels, times = layer.kernel.shape",
            "kernel = fresh((*size, 1, channels * times))",
            "layer.kernel.assign(ops.reshape(kernel, layer.kernel.shape))",
        ]
    return [f"fresh = {fresh}", _assigned("layer.kernel", "fresh")]


def _attention(weight: str, fresh: str, *, counted: bool) -> list[str]:
    """Three projections, which are one matrix to everyone else, and that of the result."""
    three = "(layer.query_dense, layer.key_dense, layer.value_dense)"
    match weight:
        case "in_proj_bias":
            line = _assigned("part.bias", fresh)
            return [f"for part in {three}:", "    if part.bias is not None:", f"        {line}"]
        case "out_proj.bias":
            line = _assigned("layer.output_dense.bias", fresh)
            return ["if layer.output_dense.bias is not None:", f"    {line}"]
        case "in_proj_weight" if counted:
            return [
                "features = layer.query_dense.kernel.shape[0]",
                f"numbers = {fresh}((features, 3 * features))",
                f"for part, held in zip({three}, ops.split(numbers, 3, axis=1), strict=True):",
                "    part.kernel.assign(ops.reshape(held, part.kernel.shape))",
            ]
        case "in_proj_weight":
            return [f"for part in {three}:", f"    {_assigned('part.kernel', fresh)}"]
    kernel = "layer.output_dense.kernel"
    if not counted:
        return [_assigned(kernel, fresh)]
    return [
        f"features = {kernel}.shape[-1]",
        f"{kernel}.assign(ops.reshape({fresh}((features, features)), {kernel}.shape))",
    ]


def _own(weight: str, fresh: str, *, counted: bool) -> list[str]:
    """A variable of the author's class, by its name."""
    lines = [_assigned("variable", fresh)]
    if counted:
        drawn = f"{fresh}((*size, channels, out))"
        lines = [
            "out, channels, *size = variable.shape",
            f"variable.assign(ops.reshape({drawn}, variable.shape))",
        ]
    return [
        "for variable in layer.variables:",
        f'    if variable.name == "{weight}":',
        *(f"        {line}" for line in lines),
    ]


def _initializer(scheme: Any) -> Any:
    if isinstance(scheme, (int, float, Text)):
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
        return call("initializers.RandomUniform", times(-1, given), given)
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
