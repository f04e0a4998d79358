"""The spec's `init` section as PyTorch code: what fresh weights hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphcnn.initialisation import CONVOLUTIONS, Initial, Schemes, scheme_of
from graphcnn.ir import Node

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
    "prelu": ("nn.PReLU",),
    "attention": ("nn.MultiheadAttention",),
}


#: what a fresh normalisation of PyTorch's holds anyway
_FRESH_NORM: dict[str, tuple[Any, ...]] = {"weight": (1, "ones"), "bias": (0, "zeros")}


class NoInitialiser(Exception):
    """An op whose fresh weights PyTorch code cannot set by its class."""

    def __init__(self, op: str, reason: str) -> None:
        super().__init__(reason)
        self.op = op
        self.reason = reason


def init_lines(initial: Initial, nodes: Sequence[Node]) -> list[str]:
    """Statements for the end of `__init__`.

    Raises:
        NoInitialiser: PyTorch code, which goes by classes, cannot tell the op from others.
    """
    return [*_lines_of_ops(initial.ops, nodes), *_lines_of_layers(initial.layers, nodes)]


def _lines_of_layers(layers: Mapping[str, Schemes], nodes: Sequence[Node]) -> Iterator[str]:
    """Those for what a layer does not share with all of its class."""
    for node in nodes:
        given = layers.get(node.name, {}) if node.owner is None else {}
        for key, weight in node.facts.weights.items():
            scheme = scheme_of(key, given)
            if scheme is not None:
                kind = "parameter" if weight.trained else "buffer"
                yield _call(f'self.get_{kind}("{node.name}.{key}")', scheme)


def _lines_of_ops(section: Mapping[str, Schemes], nodes: Sequence[Node]) -> list[str]:
    ranks, sometimes, present = _presence(section, nodes)
    branches: list[tuple[list[str], list[str]]] = []
    for op, weights in section.items():
        there = {key: scheme for key, scheme in weights.items() if (op, key) in present}
        body = _body(op, there, sometimes)
        if not body:
            continue
        if op not in _CLASSES:
            raise NoInitialiser(op, "no class of PyTorch's stands for it alone")
        names = [form.format(rank - 1) for form in _CLASSES[op] for rank in sorted(ranks[op])]
        if branches and branches[-1][1] == body:
            branches[-1][0].extend(names)
        else:
            branches.append((names, body))
    lines: list[str] = []
    for n, (names, body) in enumerate(branches):
        question = _question(list(dict.fromkeys(names)), attention="attention" in ranks)
        note = "  # not the subclass that attention has" if "type(" in question else ""
        lines.append(f"    {'el' if n else ''}if {question}:{note}")
        lines += [f"        {line}" for line in body]
    return ["for module in self.modules():", *lines] if lines else []


def _question(kinds: list[str], *, attention: bool) -> str:
    """Whether ``module`` is of one of these classes.

    ``nn.MultiheadAttention`` holds an instance of a subclass of ``nn.Linear``, which is none of
    the author's linear layers.
    """
    exact = [kind for kind in kinds if attention and kind == "nn.Linear"]
    others = [kind for kind in kinds if kind not in exact]
    shown = others[0] if len(others) == 1 else f"({', '.join(others)})"
    questions = [f"isinstance(module, {shown})"] if others else []
    return " or ".join([*questions, *(f"type(module) is {kind}" for kind in exact)])


def _presence(
    section: Mapping[str, Any], nodes: Sequence[Node]
) -> tuple[dict[str, set[int]], set[tuple[str, str]], set[tuple[str, str]]]:
    """The ranks at which each op appears, and the weights that some of its nodes lack, or have."""
    ranks: dict[str, set[int]] = {}
    lacking: set[tuple[str, str]] = set()
    present: set[tuple[str, str]] = set()
    for node in nodes:
        name = node.op.name
        if name in CONVOLUTIONS and name not in section:
            name = "conv"
        if node.inputs and node.owner is None:
            ranks.setdefault(name, set()).add(len(node.inputs[0].shape or ()))
            weights = {key.rpartition(".")[2] for key in node.facts.weights}
            for key in section.get(name, ()):
                (present if key in weights else lacking).add((name, key))
    named = [op for op in section if ranks.get(op) and (op == "conv" or op in CONVOLUTIONS)]
    if any(section[op] != section[named[0]] for op in named):
        raise NoInitialiser(named[-1], "it is a convolution to PyTorch, like the others")
    return ranks, lacking, present


def _body(op: str, weights: Mapping[str, Any], sometimes: set[tuple[str, str]]) -> list[str]:
    lines = []
    for weight, scheme in weights.items():
        if "norm" in op and scheme in _FRESH_NORM.get(weight, ()):
            continue
        call = _call(f"module.{weight}", scheme)
        # nn.Conv2d declares its bias optional, so a type checker wants to see the question
        optional = weight == "bias" and (op.startswith("conv") or op in CONVOLUTIONS)
        if optional or (op, weight) in sometimes:
            lines += [f"if module.{weight} is not None:", f"    {call}"]
        else:
            lines.append(call)
    return lines


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
