"""The spec's `init` section as PyTorch code: what fresh weights hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphcnn.backends.python.fresh import Part, Rule, branches, by_what, part_of, rules, times
from graphcnn.backends.python.printer import Text
from graphcnn.initialisation import Initial
from graphcnn.ir import Node
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Op
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv
from graphcnn.ops.declared import Declared
from graphcnn.ops.normalisation import BatchNorm, GroupNorm, InstanceNorm, L2Norm, LayerNorm
from graphcnn.ops.parameter import Parameter

#: variables of the code below
LOCALS = frozenset(["module", "name"])

#: classes that stand for an op alone, whatever its rank
_CLASSES = {
    "attention": "nn.MultiheadAttention",
    "group_norm": "nn.GroupNorm",
    "l2_norm": "ScaledL2Norm",
    "layer_norm": "nn.LayerNorm",
    "linear": "nn.Linear",
    "prelu": "nn.PReLU",
}

_FROZEN = "FrozenBatchNorm"

_NORMS = (BatchNorm, GroupNorm, InstanceNorm, LayerNorm)

#: what a fresh normalisation of PyTorch's holds anyway
_FRESH_NORM: dict[str, tuple[Any, ...]] = {"weight": (1, "ones"), "bias": (0, "zeros")}


def init_lines(initial: Initial, nodes: Sequence[Node], imported: Mapping[str, str]) -> list[str]:
    """Statements for the end of `__init__`; ``imported`` are the names of the author's classes."""
    owners = [node for node in nodes if node.owner is None]
    parts = [part for node in owners for part in _parts(node, initial, imported)]
    by_class, named = rules(parts, initial.ops)
    tensors = [(_full(p.name, weight), s) for p in named for weight, s in p.schemes.items()]
    for node in owners:
        if isinstance(node.op, Parameter):  # no module holds it by itself
            tensors += [(_full(node.name, key), s) for key, s in initial.of_op(node).items()]
    alone = [
        (_full(node.name, key), scheme)
        for node in owners
        for key, scheme in initial.of_layer(node).items()
    ]
    buffers = {
        _full(node.name, key)
        for node in owners
        for key, weight in node.facts.weights.items()
        if not weight.trained
    }
    return [
        *_loop(by_class, owners, imported),
        *_lines_of_tensors(tensors, buffers),
        *_lines_of_tensors(alone, buffers),
    ]


def _full(name: str, key: str) -> str:
    return f"{name}.{key}" if key else name


def _parts(node: Node, initial: Initial, imported: Mapping[str, str]) -> Iterator[Part]:
    """The modules that a node is held as, also those that happen to have no weights."""
    op = node.op
    x = (node.inputs[0].shape or ()) if node.inputs else ()
    section, schemes = initial.section(node), initial.of_op(node)
    held = {key: weight.shape for key, weight in node.facts.weights.items()}
    if isinstance(op, SeparableConv):
        for name in ("depthwise", "pointwise"):
            yield Part(
                f"{node.name}.{name}",
                (f"nn.Conv{len(x) - 1}d",),
                section,
                part_of(held, name),
                part_of(schemes, name),
                grouped=name == "depthwise" and x[0] != 1,
            )
        return
    grouped = None
    if isinstance(op, (Conv, DepthwiseConv)):
        grouped = x[0] != 1 if isinstance(op, DepthwiseConv) else op.groups != 1
    kind = _kind(op, len(x), imported)
    if kind is not None:
        yield Part(node.name, (kind,), section, held, schemes, grouped)


def _kind(op: Op, rank: int, imported: Mapping[str, str]) -> str | None:
    """The class that an op's module is an instance of; None where it has none."""
    match op:
        case Conv() | DepthwiseConv():
            return f"nn.Conv{rank - 1}d"
        case ConvTranspose():
            return f"nn.ConvTranspose{rank - 1}d"
        case BatchNorm():
            return _FROZEN if op.frozen else f"nn.BatchNorm{max(rank - 1, 1)}d"
        case InstanceNorm():
            return f"nn.InstanceNorm{rank - 1}d"
        case Declared():
            return imported[op.declaration.targets["pytorch"]]
        case L2Norm() if op.scale is None:
            return None
    return _CLASSES.get(op.name)


def _loop(
    by_class: Sequence[Rule], nodes: Sequence[Node], imported: Mapping[str, str]
) -> list[str]:
    """The loop over all modules, with a branch for each class."""

    def body_of(rule: Rule) -> list[str]:
        constants = _leaves_constants(rule.kind, nodes, imported)
        return _body(rule, constants=constants, own=rule.kind in own)

    own = [*imported.values()]
    found = branches(by_class, own, "module", body_of)
    attention = any(isinstance(node.op, Attention) for node in nodes)
    lines: list[str] = []
    for n, (kinds, end, body) in enumerate(found):
        question = _question(kinds, attention=attention)
        note = "  # not the subclass that attention has" if "type(" in question else ""
        lines.append(f"    {'el' if n else ''}if {question}{end}:{note}")
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


def _leaves_constants(kind: str, nodes: Sequence[Node], imported: Mapping[str, str]) -> bool:
    """Whether a norm of this class has a scale or a shift alone, and a constant for the other."""
    return any(
        isinstance(node.op, _NORMS)
        and node.op.scale != node.op.shift
        and _kind(node.op, len(node.inputs[0].shape or ()), imported) == kind
        for node in nodes
    )


def _body(rule: Rule, *, constants: bool, own: bool) -> list[str]:
    is_norm = "Norm" in rule.kind and rule.kind != _CLASSES["l2_norm"] and not own
    lines = []
    for weight, scheme in rule.schemes.items():
        if is_norm and scheme in _FRESH_NORM.get(weight, ()):
            continue
        target = f"module.{weight}"
        call = _call(target, scheme)
        # what PyTorch declares optional, so that a type checker wants to see the question
        optional = (weight == "bias" and rule.kind.startswith("nn.Conv")) or (
            is_norm and (rule.kind == _FROZEN or weight.startswith("running"))
        )
        if weight in rule.lacking and is_norm and constants and rule.kind != _FROZEN:
            lines += [f"if isinstance({target}, nn.Parameter):", f"    {call}"]
        elif optional or weight in rule.lacking:
            lines += [f"if {target} is not None:", f"    {call}"]
        else:
            lines.append(call)
    return lines


def _lines_of_tensors(tensors: Iterable[tuple[str, Any]], buffers: set[str]) -> Iterator[str]:
    """Those for weights that a class does not tell from others."""
    kinds = ((name, (scheme, name in buffers)) for name, scheme in tensors)
    for (scheme, is_buffer), names in by_what(kinds):
        get = f"self.get_{'buffer' if is_buffer else 'parameter'}"
        if len(names) == 1:
            yield _call(f'{get}("{names[0]}")', scheme)
        else:
            listed = ", ".join(f'"{name}"' for name in names)
            yield f"for name in ({listed}):"
            yield f"    {_call(f'{get}(name)', scheme)}"


def _call(target: str, scheme: Any) -> str:
    if isinstance(scheme, (int, float, Text)):
        if scheme in (0, 1):
            return f"nn.init.{'ones_' if scheme else 'zeros_'}({target})"
        return f"nn.init.constant_({target}, {scheme})"
    name: str
    given: Any
    name, given = (scheme, None) if isinstance(scheme, str) else next(iter(scheme.items()))
    if name == "normal":
        return f"nn.init.normal_({target}, std={given})"
    if name == "truncated_normal":
        ends = f"a={times(-2, given)}, b={times(2, given)}"
        return f"nn.init.trunc_normal_({target}, std={given}, {ends})"
    if name == "uniform":
        return f"nn.init.uniform_({target}, {times(-1, given)}, {given})"
    if name in ("zeros", "ones"):
        return f"nn.init.{name}_({target})"
    options = given if isinstance(given, Mapping) else {}
    extra = "".join(f', {key}="{value}"' for key, value in options.items())
    return f"nn.init.{name}_({target}{extra})"
