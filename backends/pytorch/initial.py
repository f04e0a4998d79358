"""The spec's `init` section as PyTorch code: what fresh weights hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: what each op is an instance of, whatever its rank or helper class
_CLASSES: dict[str, tuple[str, ...]] = {
    "conv": ("nn.Conv{}d",),
    "depthwise_conv": ("nn.Conv{}d",),
    "separable_conv": ("nn.Conv{}d",),
    "conv_transpose": ("nn.ConvTranspose{}d",),
    "linear": ("nn.Linear",),
    "batch_norm": ("nn.BatchNorm{}d",),
    "group_norm": ("nn.GroupNorm",),
    "layer_norm": ("nn.LayerNorm",),
    "instance_norm": ("nn.InstanceNorm{}d",),
}


class NoInitialiser(Exception):
    """An op whose fresh weights PyTorch code cannot set by its class."""


def init_lines(section: Mapping[str, Any], ranks: Mapping[str, set[int]]) -> list[str]:
    """Statements for the end of `__init__`; ``ranks`` says which ops the model has."""
    lines: list[str] = []
    for op, weights in section.items():
        used = sorted(ranks.get(op, ()))
        if not used:
            continue
        if op not in _CLASSES:
            raise NoInitialiser(op)
        names = dict.fromkeys(form.format(rank - 1) for form in _CLASSES[op] for rank in used)
        test = names if len(names) > 1 else next(iter(names))
        shown = test if isinstance(test, str) else f"({', '.join(test)})"
        lines.append(f"    {'el' if lines else ''}if isinstance(module, {shown}):")
        for weight, scheme in weights.items():
            call = _call(f"module.{weight}", scheme)
            if weight == "bias" and "norm" not in op:
                lines.append("        if module.bias is not None:")
                lines.append(f"            {call}")
            else:
                lines.append(f"        {call}")
    return ["for module in self.modules():", *lines] if lines else []


def _call(target: str, scheme: Any) -> str:
    if isinstance(scheme, (int, float)):
        names = {0: "zeros_", 1: "ones_"}
        if scheme in names:
            return f"nn.init.{names[int(scheme)]}({target})"
        return f"nn.init.constant_({target}, {scheme!r})"
    name, given = (scheme, None) if isinstance(scheme, str) else next(iter(scheme.items()))
    if name == "normal":
        return f"nn.init.normal_({target}, std={given!r})"
    if name == "truncated_normal":
        return f"nn.init.trunc_normal_({target}, std={given!r}, a={-2 * given!r}, b={2 * given!r})"
    if name == "uniform":
        return f"nn.init.uniform_({target}, {-given!r}, {given!r})"
    options = given if isinstance(given, Mapping) else {}
    extra = "".join(f", {key}={value!r}" for key, value in options.items())
    return f"nn.init.{name}_({target}{extra})"
