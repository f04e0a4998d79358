"""The `init` section of a spec: what fresh weights hold, evaluated and checked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from graphcnn.diagnostics import Diagnostic, did_you_mean
from graphcnn.evaluate import Budget, evaluate
from graphcnn.expression import Expr, ExpressionError, parse_text
from graphcnn.ir import Graph
from graphcnn.ir import Node as GraphNode
from graphcnn.program import Program, expression_diagnostic, text_offset
from graphcnn.syntax import Mapping as MappingNode
from graphcnn.syntax import Node, Scalar

#: ops that are convolutions, and fall under what `init` says of `conv` unless it names them
CONVOLUTIONS: Final = frozenset({"depthwise_conv", "separable_conv"})

#: the key of `init` under which single layers are named, and not ops
LAYERS: Final = "layers"

#: schemes by weight
Schemes = dict[str, Any]


class Initial(NamedTuple):
    """What `init` says of the weights of ops, and of those of single layers by their full names."""

    ops: dict[str, Schemes]
    layers: dict[str, Schemes]

    def of(self, node: GraphNode) -> Schemes:
        """The schemes of a layer's weights; its own go before those of its op."""
        op = node.op.name
        if op in CONVOLUTIONS and op not in self.ops:
            op = "conv"
        return {**self.ops.get(op, {}), **self.layers.get(node.name, {})}


def scheme_of(weight: str, schemes: Schemes) -> Any:
    """The scheme of a weight, which the section calls by its key or the last part of it."""
    return schemes.get(weight, schemes.get(weight.rpartition(".")[2]))


def initialisation(program: Program, scope: Mapping[str, Any]) -> tuple[Initial, list[Diagnostic]]:
    """The section with its expressions evaluated, and what is wrong with those."""
    diagnostics: list[Diagnostic] = []
    found = Initial({}, {})
    for is_layer, key, weights in _sections(program):
        schemes = (found.layers if is_layer else found.ops).setdefault(str(key.value), {})
        for weight, scheme in _entries(weights):
            schemes[str(weight.value)] = _value(scheme, scope, diagnostics)
    return found, diagnostics


def check_initialisation(program: Program, graph: Graph) -> list[Diagnostic]:
    """Weights that no op or layer of the graph has, and expressions without a value."""
    if "init" not in program.root.entries:
        return []
    _, diagnostics = initialisation(program, graph.scope)
    ops: dict[str, set[str]] = {}
    layers: dict[str, set[str]] = {}
    for node in graph.nodes:
        name = "conv" if node.op.name in CONVOLUTIONS else node.op.name
        weights = {*node.facts.weights, *(key.rpartition(".")[2] for key in node.facts.weights)}
        for op in {name, node.op.name}:
            ops.setdefault(op, set()).update(weights)
        layers[node.name] = weights
    for is_layer, key, section in _sections(program):
        known = (layers if is_layer else ops).get(str(key.value))
        for weight, _ in _entries(section):
            # a bias may be switched off in this variant and be there in another
            if known is not None and weight.value not in {*known, "weight", "bias"}:
                diagnostics += _no_weight(key, weight, known)
    return diagnostics


def _no_weight(key: Scalar, weight: Scalar, known: Collection[str]) -> Iterator[Diagnostic]:
    if known:
        message = f"`{key.value}` has no weight `{weight.value}`"
        listed = f"it has {', '.join(f'`{one}`' for one in sorted(known))}"
        help = did_you_mean(str(weight.value), known) or listed
        yield Diagnostic("unknown-attribute", message, weight.span, (), help)


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


def _value(node: Node, scope: Mapping[str, Any], diagnostics: list[Diagnostic]) -> Any:
    if isinstance(node, MappingNode):
        return {str(k.value): _value(v, scope, diagnostics) for k, v in node.entries.values()}
    if not isinstance(node, Scalar) or not isinstance(node.value, str) or "$" not in node.value:
        return node.value if isinstance(node, Scalar) else None
    try:
        expr = parse_text(node.value, text_offset(node))
        return evaluate(expr, scope, Budget()) if isinstance(expr, Expr) else expr
    except ExpressionError as error:
        diagnostics.append(expression_diagnostic(error, node))
        return 0
