"""The `init` section of a spec: what fresh weights hold, evaluated and checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphcnn.diagnostics import Diagnostic, did_you_mean
from graphcnn.evaluate import Budget, evaluate
from graphcnn.expression import Expr, ExpressionError, parse_text
from graphcnn.ir import Graph
from graphcnn.program import Program, expression_diagnostic, text_offset
from graphcnn.syntax import Mapping as MappingNode
from graphcnn.syntax import Node, Scalar

Initial = dict[str, dict[str, Any]]

#: ops that are convolutions, and fall under what `init` says of `conv` unless it names them
CONVOLUTIONS = frozenset({"depthwise_conv", "separable_conv"})


def initialisation(program: Program, scope: Mapping[str, Any]) -> tuple[Initial, list[Diagnostic]]:
    """The schemes by op and weight, their expressions evaluated, and what is wrong with them."""
    diagnostics: list[Diagnostic] = []
    found: Initial = {}
    for op, weights in _entries(program.root.get("init")):
        section = found.setdefault(str(op.value), {})
        for weight, scheme in _entries(weights):
            section[str(weight.value)] = _value(scheme, scope, diagnostics)
    return found, diagnostics


def check_initialisation(program: Program, graph: Graph) -> list[Diagnostic]:
    """Weights that no op of the graph has, and expressions without a value."""
    if "init" not in program.root.entries:
        return []
    _, diagnostics = initialisation(program, graph.scope)
    known: dict[str, set[str]] = {}
    for node in graph.nodes:
        name = "conv" if node.op.name in CONVOLUTIONS else node.op.name
        for op in {name, node.op.name}:
            weights = known.setdefault(op, set())
            weights.update(key.rpartition(".")[2] for key in node.facts.weights)
            weights.update(node.facts.weights)
    for key, section in _entries(program.root.get("init")):
        weights = known.get(str(key.value), set())
        for weight, _ in _entries(section):
            name = str(weight.value)
            # a bias may be switched off in this variant and be there in another
            if weights and name not in weights and name not in ("weight", "bias"):
                diagnostics.append(
                    Diagnostic(
                        "unknown-attribute",
                        f"`{key.value}` has no weight `{name}`",
                        weight.span,
                        (),
                        did_you_mean(name, weights)
                        or f"it has {', '.join(f'`{one}`' for one in sorted(weights))}",
                    )
                )
    return diagnostics


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
