"""What ONNX cannot express, as diagnostics at the op's line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphcnn.backends.onnx.tensor import Call
from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.ir import Graph, Node
from graphcnn.ops.base import OpError
from graphcnn.ops.declared import Declared


def raise_for(found: Iterable[Diagnostic]) -> None:
    """Raise SpecError where there is a diagnostic; one that several nodes share is listed once."""
    distinct: dict[tuple[str, str, int], Diagnostic] = {}
    for diagnostic in found:
        place = (diagnostic.code, diagnostic.span.file.name, diagnostic.span.start)
        distinct.setdefault(place, diagnostic)
    if distinct:
        raise SpecError(list(distinct.values()))


def refusal(node: Node, error: OpError) -> Diagnostic:
    """An op, or this use of it, that has no form in ONNX."""
    op = node.op
    notes: tuple[str, ...] = ()
    help = error.help
    if isinstance(op, Declared):
        notes = (f"it is declared at {op.declaration.span}",)
        help = help or "give it `onnx: domain::Operator`"
    message = f"the ONNX backend cannot express `{op.name}`: {error.message}"
    return Diagnostic(error.code, message, node.span, notes, help)


def too_new(call: Call, first: int | None, opset: int) -> OpError:
    """An operator that the spec names, and that the file's opset does not have."""
    if first is not None:
        return OpError(
            f"`{call.operator}` is in no opset before {first}, and opset {opset} was asked for",
            code="unsupported-op",
            help=f"ask for opset {first} or newer",
        )
    given = ", ".join(f"`{name}`" for name in call.attributes) or "none"
    return OpError(
        f"ONNX has no operator `{call.operator}` of {len(call.inputs)} inputs and {call.outputs} "
        f"outputs with these attributes: {given}",
        code="unsupported-op",
        help="give it `onnx: domain::Operator`, as the runtime that has it calls it",
    )


def shared_names(graph: Graph) -> Iterator[Diagnostic]:
    """Outputs called as a weight is, or as an input that they are not.

    Within a file all names are different, but an input may be an output as it is.
    """
    weights = {name: node for node in graph.nodes for name, _ in node.weights()}
    for name, output in graph.outputs.items():
        node = weights.get(name) or output.value.node
        other = name in graph.inputs and graph.inputs[name] is not output.value
        span = node.span if node is not None else output.span
        if output.training_only or span is None or not (name in weights or other):
            continue
        what = "a weight" if name in weights else "an input"
        yield Diagnostic(
            "reserved-name",
            f"the output `{name}` has the name of {what}, and an ONNX file holds each name once",
            span,
            (),
            "choose another name for the output",
        )
