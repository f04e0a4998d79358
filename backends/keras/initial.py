"""The spec's `init` section as Keras code: what fresh weights hold.

What the section does not name starts as Keras has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graphcnn.backends.keras.filling import TENSOR, VARIABLES, filling
from graphcnn.backends.keras.lower.sliding import is_uniform
from graphcnn.backends.keras.names import keras_name
from graphcnn.backends.python.fresh import Part, Rule, branches, by_what, part_of, rules
from graphcnn.initialisation import Initial
from graphcnn.ir import Node
from graphcnn.ops.base import Op, Shape, per_axis
from graphcnn.ops.convolution import Conv, ConvTranspose, DepthwiseConv, SeparableConv
from graphcnn.ops.declared import Declared

#: variables of the code below, which nothing else in the function can be called then
LOCALS = frozenset([*VARIABLES, "model", "waiting"])

#: the classes of ops that have one whatever their rank
_CLASSES = {
    "attention": "layers.MultiHeadAttention",
    "batch_norm": "layers.BatchNormalization",
    "group_norm": "layers.GroupNormalization",
    "instance_norm": "layers.GroupNormalization",
    "l2_norm": "ScaledL2Normalization",
    "layer_norm": "layers.LayerNormalization",
    "linear": "layers.Dense",
    "parameter": TENSOR,
    "prelu": "layers.PReLU",
}


def init_lines(
    initial: Initial, text: str, names: Mapping[Node, str], imported: Mapping[str, str]
) -> list[str]:
    """Statements that fill the layers of `model`; ``text`` is the code that makes them.

    ``names`` are what the layers of nodes are called, and ``imported`` those of the author's
    classes.
    """
    made = set(re.findall(r"\blayers\.\w+(?=\()", text))
    owners = [node for node in names if node.facts.weights]

    def parts(node: Node, schemes: Mapping[str, Any]) -> list[Part]:
        name, section = keras_name(names[node]), initial.section(node)
        return [*_parts(node, name, section, schemes, made, imported)]

    shared = [part for node in owners for part in parts(node, initial.of_op(node))]
    whole = [part for node in owners for part in parts(node, initial.of(node))]
    # How a tensor counts its cells does not show in its layer, so each is named.
    by_class, named = rules([part for part in shared if part.kinds != (TENSOR,)], initial.ops)
    alone = {part.name for part in named}
    for of_op, of_layer in zip(shared, whole, strict=True):
        if of_op.schemes != of_layer.schemes or (of_op.schemes and of_op.kinds == (TENSOR,)):
            alone.add(of_op.name)
    tests = [
        *_by_name(part for part in whole if part.name in alone),
        *_by_class(by_class, [*imported.values()]),
    ]
    if not any(body != ["pass"] for _, body in tests):
        return []
    return _loop(tests, nested="keras.Model(" in text)


def _loop(tests: list[tuple[str, list[str]]], *, nested: bool) -> list[str]:
    found = ["for layer in model.layers:"]
    if nested:  # blocks that are used again have models of their own
        found = ["waiting = [*model.layers]", "while waiting:", "    layer = waiting.pop()"]
        tests = [("isinstance(layer, keras.Model)", ["waiting += layer.layers"]), *tests]
    for n, (test, body) in enumerate(tests):
        first, *rest = body
        is_last = n == len(tests) - 1
        if is_last and first.startswith("if ") and all(line.startswith(" ") for line in rest):
            found.append(f"    {'el' if n else ''}if {test} and {first[3:-1]}:")
            found += [f"    {line}" for line in rest]
            continue
        found.append(f"    {'el' if n else ''}if {test}:")
        found += [f"        {line}" for line in body]
    return found


def _by_name(parts: Iterable[Part]) -> Iterator[tuple[str, list[str]]]:
    """Questions for single layers, which go before their classes, with the lines that fill them."""
    for body, names in by_what((part.name, _body(part)) for part in parts):
        listed = ", ".join(f'"{name}"' for name in names)
        test = f"layer.name == {listed}" if len(names) == 1 else f"layer.name in ({listed})"
        yield test, body or ["pass"]


def _body(part: Part) -> list[str]:
    lines: list[str] = []
    for weight, scheme in part.schemes.items():
        of_kinds = [filling(kind, weight, scheme, part.held[weight]) for kind in part.kinds]
        lines += next((found for found in reversed(of_kinds) if found), [])
    return lines


def _by_class(by_class: Sequence[Rule], own: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Questions for classes, with the lines that fill their layers."""

    def body_of(rule: Rule) -> list[str]:
        of_weights = (filling(rule.kind, name, one, ()) for name, one in rule.schemes.items())
        return [line for lines in of_weights for line in lines]

    for kinds, end, body in branches(by_class, own, "layer", body_of):
        shown = kinds[0] if len(kinds) == 1 else f"({', '.join(kinds)})"
        yield f"isinstance(layer, {shown}){end}", body


def _parts(
    node: Node,
    name: str,
    section: str,
    schemes: Mapping[str, Any],
    made: set[str],
    imported: Mapping[str, str],
) -> Iterator[Part]:
    """The layers that hold a node's weights, of classes that the code has ``made``."""
    op = node.op
    held = {key: weight.shape for key, weight in node.facts.weights.items()}
    x = (node.inputs[0].shape or ()) if node.inputs else ()
    grouped: bool | None = None
    if isinstance(op, SeparableConv):
        for part, kinds, grouped in (
            ("depthwise", _depthwise(op.depthwise, x), x[0] != 1),
            ("pointwise", (f"layers.Conv{len(x) - 1}D",), False),
        ):
            weights, own = part_of(held, part), part_of(schemes, part)
            yield Part(f"{name}_{part}", kinds, section, weights, own, grouped)
        return
    if isinstance(op, (Conv, DepthwiseConv)):
        grouped = x[0] != 1 if isinstance(op, DepthwiseConv) else op.groups != 1
    yield Part(name, _kinds(op, x, made, imported), section, held, schemes, grouped)


def _depthwise(op: DepthwiseConv, x: Shape) -> tuple[str, ...]:
    """The class of a depthwise convolution: Keras has none of volumes or of unequal strides."""
    rank = len(x) - 1
    plain = rank > 2 or not is_uniform(op.as_conv(x).sliding(x).stride)
    return (f"layers.{'' if plain else 'Depthwise'}Conv{rank}D",)


def _kinds(op: Op, x: Shape, made: set[str], imported: Mapping[str, str]) -> tuple[str, ...]:
    """The classes that an op's layer may be of."""
    rank = len(x)
    match op:
        case Conv():
            # One function for several uses may have either, where one of them is depthwise.
            either = (f"layers.Conv{rank - 1}D", f"layers.DepthwiseConv{rank - 1}D")
            return tuple(k for k in either[: 1 + (1 != op.groups == x[0])] if k in made)
        case DepthwiseConv():
            return _depthwise(op, x)
        case ConvTranspose():
            dilation = per_axis(op.dilation, rank - 1, "dilation")
            plain = op.groups == 1 and all(step == 1 for step in dilation)
            return (f"layers.Conv{rank - 1}DTranspose" if plain else "GroupedConvTranspose",)
        case Declared():
            return (imported[op.declaration.targets["keras"]],)
    return (_CLASSES[op.name],)
