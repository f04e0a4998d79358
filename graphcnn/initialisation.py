"""The `init` section of a spec: what fresh weights hold, evaluated and checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from graphcnn.diagnostics import Diagnostic, did_you_mean
from graphcnn.evaluate import Budget, evaluate
from graphcnn.expression import Expr, ExpressionError, parse_text
from graphcnn.ir import Graph
from graphcnn.ir import Node as GraphNode
from graphcnn.ops.attributes import Boolean, Maybe, Number
from graphcnn.ops.declared import Declared
from graphcnn.program import Program, expression_diagnostic, text_offset
from graphcnn.size import UNKNOWN
from graphcnn.syntax import Mapping as MappingNode
from graphcnn.syntax import Node, Scalar

#: ops that are convolutions, and fall under what `init` says of `conv` unless it names them
CONVOLUTIONS: Final = frozenset({"depthwise_conv", "separable_conv"})

#: the key of `init` under which single layers are named, and not ops
LAYERS: Final = "layers"

#: what stands for every weight of a layer whose name ends so
SHORT: Final = ("weight", "bias")

#: schemes that are a number of their own, and those that count cells
_SPREADS: Final = frozenset({"normal", "truncated_normal", "uniform"})
_WORDS: Final = frozenset(
    {"zeros", "ones", "kaiming_normal", "kaiming_uniform", "xavier_normal", "xavier_uniform"}
)

#: schemes by weight
Schemes = dict[str, Any]


class Initial(NamedTuple):
    """What `init` says of the weights of ops, and of those of single layers by their full names."""

    ops: dict[str, Schemes]
    layers: dict[str, Schemes]

    def of(self, node: GraphNode) -> Schemes:
        """The schemes of a layer's weights, each by its key; its own go before those of its op."""
        return {**self.of_op(node), **self.of_layer(node)}

    def of_op(self, node: GraphNode) -> Schemes:
        """Those that the layer shares with the others of its op."""
        return _by_key(node, self.ops.get(self.section(node), {}))

    def of_layer(self, node: GraphNode) -> Schemes:
        """Those that are said of it alone."""
        return _by_key(node, self.layers.get(node.name, {}))

    def section(self, node: GraphNode) -> str:
        """The op under which the layer's weights stand."""
        op = node.op.name
        return "conv" if op in CONVOLUTIONS and op not in self.ops else op


def _by_key(node: GraphNode, schemes: Schemes) -> Schemes:
    if not schemes:
        return {}
    found = {key: scheme_of(key, schemes) for key in node.facts.weights}
    return {key: scheme for key, scheme in found.items() if scheme is not None}


def scheme_of(weight: str, schemes: Schemes) -> Any:
    """The scheme of a weight, which the section calls by its key or by what the key ends in."""
    return schemes.get(weight, schemes.get(short(weight)))


def short(weight: str) -> str:
    """What stands for a weight beside its key.

    >>> short("depthwise.weight"), short("in_proj_bias"), short("running_mean"), short("")
    ('weight', 'bias', 'running_mean', 'weight')
    """
    last = weight.replace(".", "_").rpartition("_")[2] or "weight"
    return last if last in SHORT else weight


def counts_cells(scheme: Any) -> bool:
    """Whether a scheme asks how many cells go into and come out of one."""
    name = next(iter(scheme), None) if isinstance(scheme, Mapping) else scheme
    return isinstance(name, str) and name.startswith(("kaiming", "xavier"))


def initialisation(program: Program, scope: Mapping[str, Any]) -> tuple[Initial, list[Diagnostic]]:
    """The section with its expressions evaluated, and what is wrong with those."""
    diagnostics: list[Diagnostic] = []

    def value(node: Scalar) -> Any:
        try:
            found = _parsed(node)
            return evaluate(found, scope, Budget()) if isinstance(found, Expr) else found
        except ExpressionError as error:
            diagnostics.append(expression_diagnostic(error, node))
            return 0

    return _read(program, value), diagnostics


def as_written(program: Program) -> Initial:
    """The section with its expressions as they are, where :func:`initialisation` has values."""
    return _read(program, _parsed)


def check_initialisation(program: Program, graph: Graph) -> list[Diagnostic]:
    """Weights that no op or layer of the graph has, and values that none of them can have."""
    if "init" not in program.root.entries:
        return []
    initial, diagnostics = initialisation(program, graph.scope)
    weights = _Weights(graph, initial)
    for is_layer, key, section in _sections(program):
        name = str(key.value)
        known = (weights.layers if is_layer else weights.ops).get(name)
        given = (initial.layers if is_layer else initial.ops)[name]
        for weight, node in _entries(section):
            scheme, said = given[str(weight.value)], str(weight.value)
            if (wrong := _misfit(scheme)) is not None:
                diagnostics.append(Diagnostic("wrong-type", wrong, node.span))
            elif known is not None and said not in known:
                diagnostics += _no_weight(key, weight, known)
            elif known is not None and counts_cells(scheme) and known[said] < 2:
                diagnostics.append(_no_fan(key, weight, node))
    return diagnostics


class _Weights:
    """The weights that each op and each layer may have, and how many axes the flattest has.

    Each is known by its key, and by what is short for it. A layer has those too that it would have
    with a bias, a scale or a shift, which may be switched off in this variant and not in another.
    """

    def __init__(self, graph: Graph, initial: Initial) -> None:
        self.ops: dict[str, dict[str, int]] = {}
        self.layers: dict[str, dict[str, int]] = {}
        possible: dict[Any, dict[str, int]] = {}
        for node in graph.nodes:
            if node.owner is not None:
                continue
            shapes = tuple(value.shape for value in node.inputs)
            if (known := possible.get((node.op, shapes))) is None:
                known = possible[node.op, shapes] = _possible(node)
            self.layers[node.name] = known
            for op in {initial.section(node), node.op.name}:
                of_op = self.ops.setdefault(op, {})
                for weight, axes in known.items():
                    of_op[weight] = min(axes, of_op.get(weight, axes))


def _possible(node: GraphNode) -> dict[str, int]:
    switches = {
        name: True if attribute.kind == Boolean() else 1.0
        for name, attribute in node.op.attributes().items()
        if attribute.kind in (Boolean(), Maybe(Number()))
    }
    weights = dict(node.facts.weights)
    shapes = [value.shape for value in node.inputs]
    if (
        switches
        and not isinstance(node.op, Declared)
        and all(shape is not None for shape in shapes)
    ):
        op = dataclasses.replace(node.op, **switches)
        weights |= op.weights(*(shape or () for shape in shapes))
    found: dict[str, int] = {}
    for key, weight in weights.items():
        for name in (key, short(key)):
            found[name] = min(len(weight.shape), found.get(name, len(weight.shape)))
    return {name: axes for name, axes in found.items() if name}


def _misfit(scheme: Any) -> str | None:
    """What is wrong with a value that was computed."""
    if isinstance(scheme, Mapping):
        name, given = next(iter(scheme.items()))
        number = isinstance(given, (int, float)) and not isinstance(given, bool)
        if name in _SPREADS and given is not UNKNOWN and not (number and given >= 0):
            return f"`{name}` takes a number of at least 0, found `{given}`"
        return None
    plain = isinstance(scheme, (int, float)) and not isinstance(scheme, bool)
    if scheme is UNKNOWN or plain or scheme in _WORDS:
        return None
    return f"a weight starts as a number or by a scheme, not as `{scheme}`"


def _no_weight(key: Scalar, weight: Scalar, known: Collection[str]) -> Iterator[Diagnostic]:
    message = f"`{key.value}` has no weight `{weight.value}`"
    listed = f"it has {', '.join(f'`{one}`' for one in sorted(known))}" if known else None
    help = did_you_mean(str(weight.value), known) or listed
    yield Diagnostic("unknown-attribute", message, weight.span, (), help)


def _no_fan(key: Scalar, weight: Scalar, node: Node) -> Diagnostic:
    return Diagnostic(
        "no-fan",
        f"`{weight.value}` of `{key.value}` has fewer than two axes, by which such a scheme "
        "counts the cells that come in",
        node.span,
        (),
        "give it a number, `normal` or `uniform`",
    )


class NamedLayers:
    """The single layers that the section names, looked for in the graphs of all variants."""

    def __init__(self, program: Program) -> None:
        self._keys = [key for is_layer, key, _ in _sections(program) if is_layer]
        self._known: dict[str, None] = {}

    def look_in(self, graph: Graph) -> None:
        if self._keys:
            self._known.update((node.name, None) for node in graph.nodes)

    def missing(self) -> Iterator[Diagnostic]:
        """Those that were found nowhere."""
        for key in self._keys:
            if key.value not in self._known:
                message = f"the network has no layer `{key.value}`"
                help = did_you_mean(str(key.value), self._known)
                yield Diagnostic("unknown-layer", message, key.span, (), help)


def _sections(program: Program) -> Iterator[tuple[bool, Scalar, Node]]:
    """Ops and layers with their weights; whether it is a layer stands first."""
    for key, node in _entries(program.root.get("init")):
        if key.value == LAYERS:
            for layer, weights in _entries(node):
                yield True, layer, weights
        else:
            yield False, key, node


def _entries(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    if isinstance(node, MappingNode):
        yield from node.entries.values()


_Value = Callable[[Scalar], Any]


def _read(program: Program, value: _Value) -> Initial:
    found = Initial({}, {})
    for is_layer, key, weights in _sections(program):
        schemes = (found.layers if is_layer else found.ops).setdefault(str(key.value), {})
        for weight, scheme in _entries(weights):
            schemes[str(weight.value)] = _plain(scheme, value)
    return found


def _plain(node: Node, value: _Value) -> Any:
    if isinstance(node, MappingNode):
        return {str(k.value): _plain(v, value) for k, v in node.entries.values()}
    return value(node) if isinstance(node, Scalar) else None


def _parsed(node: Scalar) -> Any:
    """A value, or the expression that it is computed from."""
    if isinstance(node.value, str) and "$" in node.value:
        return parse_text(node.value, text_offset(node))
    return node.value
