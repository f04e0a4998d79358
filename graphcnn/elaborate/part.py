"""One block by itself as a graph, as if a spec used it once, on inputs of given shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from graphcnn.elaborate.blocks import expand
from graphcnn.elaborate.files import File
from graphcnn.elaborate.infer import Inference
from graphcnn.elaborate.scope import Place, Use, frame_of
from graphcnn.elaborate.state import Halt, Limits, State, Stop
from graphcnn.elaborate.walk import run
from graphcnn.ir import Body, Graph, GraphOutput, Value
from graphcnn.ops.base import Shape
from graphcnn.program import Block, Program, Statement


class Part(NamedTuple):
    """A use of a block: each of its parameters, and the shapes of its inputs.

    ``statement`` is one that uses it.
    """

    block: Block
    statement: Statement
    arguments: Mapping[str, Any]
    shapes: Sequence[Shape]


def graph_of_block(
    program: Program,
    part: Part,
    parameters: Mapping[str, Any],
    limits: Limits,
    inference: Inference,
) -> Graph | None:
    """A graph that is one use of a block; ``parameters`` are those of the program.

    None where the block means nothing with such arguments.
    """
    state = State(inference, limits)
    block, statement = part.block, part.statement
    place = Place(state, run, program, (statement,))
    inputs = {
        name: Value(shape, name=name)
        for name, shape in zip(block.input_names, part.shapes, strict=True)
    }
    graph = Graph(inputs, state.nodes, {}, Body((), []), {})
    with suppress(Halt, Stop, RecursionError):
        file = state.files[id(program)] = File(place, parameters)
        frame = frame_of(place, file.values, dict(inputs))
        use = Use(statement, "block", tuple(inputs.values()), frame)
        item = expand(use, block, part.arguments)
        graph.scope = file.scope
        graph.body = Body((statement,), [item])
        graph.outputs = {
            name: GraphOutput(value, training_only=False) for name, value in item.outputs.items()
        }
    graph.files = {file.program: file.scope for file in state.files.values()}
    limits.nodes -= len(state.nodes) + state.more_values
    return graph if graph.outputs and not state.diagnostics else None
