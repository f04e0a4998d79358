"""One variant of a program as a graph: where elaboration begins and ends."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from graphcnn.diagnostics import Diagnostic
from graphcnn.elaborate.bind import settings
from graphcnn.elaborate.files import File
from graphcnn.elaborate.infer import Inference
from graphcnn.elaborate.inputs import graph_inputs
from graphcnn.elaborate.lookup import lookup, single
from graphcnn.elaborate.scope import Frame, Passing, Place, frame_of
from graphcnn.elaborate.state import Halt, Limits, State, Stop
from graphcnn.elaborate.walk import run
from graphcnn.evaluate import Names
from graphcnn.ir import Body, Graph, GraphOutput, Result, Value
from graphcnn.program import Program


def graph_of(
    program: Program,
    variant: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    inference: Inference | None = None,
    limits: Limits | None = None,
) -> tuple[Graph, list[Diagnostic]]:
    """The graph of one variant, and all that is wrong with it; with an error it is no use.

    ``inference`` and ``limits`` are shared between the variants of a spec.

    Raises:
        UsageError: ``parameters`` are not those of the program.
    """
    limits = limits or Limits()
    state = State(inference or Inference(), limits)
    place = Place(state, run, program, program.body or ())
    graph = Graph({}, state.nodes, {}, Body((), []), {})
    with suppress(Halt):
        try:
            _fill(graph, place, variant, parameters or {})
        except RecursionError:
            state.report("too-deep", "the spec is nested too deeply", program.root.span)
    graph.files = {file.program: file.scope for file in state.files.values()}
    limits.nodes -= len(state.nodes) + state.more_values
    return graph, state.diagnostics


def _fill(graph: Graph, place: Place, variant: str | None, parameters: Mapping[str, Any]) -> None:
    program, state = place.program, place.state
    sections = (program.parameters, program.let, program.inputs, program.outputs or ())
    state.begin(sum(map(len, sections)), program.root.span)
    bare = frame_of(place, Names({}))
    given = settings(program, variant, parameters, bare)
    file = state.files[id(program)] = File(place, given)
    graph.scope = file.scope
    graph.inputs = graph_inputs(program, frame_of(place, file.values))
    first = next(iter(graph.inputs.values())) if len(graph.inputs) == 1 else None
    if not graph.inputs:
        first = Value(None)  # they have been refused
    frame = frame_of(place, file.values, dict(graph.inputs), first)
    frame.space.blurred = program.unnamed
    graph.body = run(place.body, frame)
    graph.outputs = _outputs(program, frame)


def _outputs(program: Program, frame: Frame) -> dict[str, GraphOutput]:
    if program.outputs is None:
        return _last(program, frame.prev, frame)
    found = {}
    for name, output in program.outputs.items():
        term = output.source
        id = frame.value(term)
        if isinstance(id, str) and frame.space.is_left_out(id.partition(".")[0]):
            continue  # with the statement that makes it
        try:
            value = lookup(term, frame)
            found[name] = GraphOutput(value, output.training_only, output.key.span)
        except Stop:
            continue
    torso = program.refused or frame.place.state.diagnostics
    if not torso and all(output.training_only for output in found.values()):
        first = next(iter(program.outputs.values()))
        help = "an output that is there in training alone is none at inference"
        frame.report(
            "no-output",
            "nothing comes out of the network",
            first.key.span,
            help=help if found else None,
        )
    return found


def _last(program: Program, result: Result | None, frame: Frame) -> dict[str, GraphOutput]:
    """Without `outputs`, the value of the last statement; several come out by their names."""
    if isinstance(result, dict) and all(name.isidentifier() for name in result):
        return {name: GraphOutput(value, training_only=False) for name, value in result.items()}
    body = program.body or ()
    if isinstance(result, Passing):
        result = single(result, frame, body[-1].key.span)
    if isinstance(result, dict):
        named = ", ".join(f"`{name}`" for name in result)
        message = f"the last statement has {len(result)} outputs: {named}"
        help = "say under `outputs` which ones leave the network"
        frame.report("several-values", message, body[-1].key.span, help=help)
    value = result if isinstance(result, Value) else Value(None)
    return {"output": GraphOutput(value, training_only=False)}
