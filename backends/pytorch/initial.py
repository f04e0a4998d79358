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


#: what a fresh normalisation of PyTorch's holds anyway
_FRESH_NORM: dict[str, tuple[Any, ...]] = {"weight": (1, "ones"), "bias": (0, "zeros")}


class NoInitialiser(Exception):
    """An op whose fresh weights PyTorch code cannot set by its class."""


def init_lines(
    section: Mapping[str, Any], ranks: Mapping[str, set[int]], biased: Mapping[str, bool]
) -> list[str]:
    """Statements for the end of `__init__`.

    ``ranks`` says which ops the model has and of which ranks, ``biased`` whether all of them
    keep a bias.
    """
    branches: list[tuple[list[str], list[str]]] = []
    for op, weights in section.items():
        used = sorted(ranks.get(op, ()))
        if not used:
            continue
        if op not in _CLASSES:
            raise NoInitialiser(op)
        names = [form.format(rank - 1) for form in _CLASSES[op] for rank in used]
        body = []
        for weight, scheme in weights.items():
            if "norm" in op and scheme in _FRESH_NORM.get(weight, ()):
                continue
            call = _call(f"module.{weight}", scheme)
            # nn.Conv2d declares its bias optional, so a type checker wants to see the question
            sure = biased.get(op, True) and not op.startswith(("conv", "depthwise", "separable"))
            guarded = weight == "bias" and not sure
            body += ["if module.bias is not None:", f"    {call}"] if guarded else [call]
        if not body:
            continue
        if branches and branches[-1][1] == body:
            branches[-1][0].extend(names)
        else:
            branches.append((names, body))
    lines: list[str] = []
    for n, (names, body) in enumerate(branches):
        kinds = list(dict.fromkeys(names))
        shown = kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"
        lines.append(f"    {'el' if n else ''}if isinstance(module, {shown}):")
        lines += [f"        {line}" for line in body]
    return ["for module in self.modules():", *lines] if lines else []


def _call(target: str, scheme: Any) -> str:
    if isinstance(scheme, (int, float)):
        names = {0: "zeros_", 1: "ones_"}
        if scheme in names:
            return f"nn.init.{names[int(scheme)]}({target})"
        return f"nn.init.constant_({target}, {scheme!r})"
    name: str
    given: Any
    name, given = (scheme, None) if isinstance(scheme, str) else next(iter(scheme.items()))
    if name == "normal":
        return f"nn.init.normal_({target}, std={given!r})"
    if name == "truncated_normal":
        return f"nn.init.trunc_normal_({target}, std={given!r}, a={-2 * given!r}, b={2 * given!r})"
    if name == "uniform":
        return f"nn.init.uniform_({target}, {-given!r}, {given!r})"
    if name in ("zeros", "ones"):
        return f"nn.init.{name}_({target})"
    options = given if isinstance(given, Mapping) else {}
    extra = "".join(f", {key}={value!r}" for key, value in options.items())
    return f"nn.init.{name}_({target}{extra})"
