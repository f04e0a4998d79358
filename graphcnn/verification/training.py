"""The loss and the gradients of one forward and backward pass, in two backends.

Both compute in double precision where they can (TensorFlow has no volume pools in it): what is
compared is the function that they differentiate. In single precision a gradient is known to fewer
digits than an output, since a cell within rounding of a kink of `relu` goes one way or the other.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import nan
from typing import TYPE_CHECKING, Any

from graphcnn.backends import Precision, Step, Trainable
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.model import CompiledModel
from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Op
from graphcnn.ops.regularisation import Dropout, DropPath, SpatialDropout
from graphcnn.verification.draw import inputs as drawn
from graphcnn.verification.draw import stream
from graphcnn.verification.errors import MARGIN, ROUNDINGS, ULP, error
from graphcnn.verification.result import TrainingResult, Verdict, Verification, said
from graphcnn.verification.sizes import numbers
from graphcnn.weights import Weights, canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: A gradient that is 0 but for rounding, as that of a bias before a batch norm, is compared with
#: this part of the largest gradient of the model, by precision: 2e-6 of it was seen in float32.
_SHARES: Mapping[Precision, float] = {"float64": 1e-6, "float32": 0.1}

#: The largest gradient that is taken for one: behind an `l2_norm` of one channel, which is 1 or -1,
#: all of them are of rounding, 1e-16.
_LEAST = 1e-9

BATCH = 3


def compare(
    model: CompiledModel,
    weights: Weights,
    backends: tuple[Trainable, Trainable],
    found: Verification,
) -> TrainingResult:
    """Train one step in each backend, as the rest was verified; dropout has a rate of 0."""
    graph, sizes, seed = model.ir, found.sizes, found.seed
    inputs = {name: numbers(value.shape or (), sizes) for name, value in graph.inputs.items()}
    outputs = {name: numbers(o.value.shape or (), sizes) for name, o in graph.outputs.items()}
    device = found.device
    given = drawn({name: (BATCH, *shape) for name, shape in inputs.items()}, seed)
    targets = drawn({f"target:{name}": (BATCH, *shape) for name, shape in outputs.items()}, seed)
    wanted = {name.partition(":")[2]: array for name, array in targets.items()}
    both = (backends[0].name, backends[1].name)
    try:
        with without_chance(model):
            first, second = (one.step(model, weights, given, wanted, device) for one in backends)
    except (SpecError, UsageError):
        raise
    except Exception as failure:  # noqa: BLE001 - a framework may raise anything
        return TrainingResult(both, (nan, nan), {}, (), Verdict.FAILED, said(failure))
    names = [name for name, entry in canonical(graph).items() if entry.trained]
    missing = [n for n in names if (n in first.gradients) != (n in second.gradients)]
    missing = [n for n in missing if _matters(first, second, n)]
    errors = _errors(first, second, names)
    beyond = [name for name, value in errors.items() if value > found.tolerance]
    rounding = None
    if beyond:

        def moved(inputs: Mapping[str, Any]) -> Step:
            with without_chance(model):
                return backends[0].step(model, weights, inputs, wanted, device)

        steps = (moved(_rounded(given, f"{seed}:rounding:{n}")) for n in range(ROUNDINGS))
        moves = [_errors(first, step, names) for step in steps]
        rounding = max(max(each.values()) for each in moves)
        beyond = [n for n in beyond if errors[n] > MARGIN * max(each[n] for each in moves)]
    return TrainingResult(
        both,
        (first.loss, second.loss),
        errors,
        tuple(missing),
        Verdict.FAILED if beyond or missing else Verdict.PASSED,
        rounding=rounding,
    )


def _rounded(inputs: Mapping[str, Any], stream_name: str) -> dict[str, Any]:
    """Inputs moved as rounding to float32 may move them.

    Some of Keras' layers have their constants in single precision, whatever they compute in.
    """
    generator = stream(stream_name)
    return {
        name: x.astype("float64") * (1 + generator.uniform(-ULP, ULP, x.shape))
        for name, x in inputs.items()
    }


def _matters(first: Step, second: Step, name: str) -> bool:
    """Whether the one gradient that there is has a cell that is not 0."""
    held = first.gradients.get(name, second.gradients.get(name))
    return held is not None and bool(held.any())


def _errors(first: Step, second: Step, names: list[str]) -> dict[str, float]:
    """The error of each gradient in the graph's order; that of the loss under no name."""
    import numpy as np

    both = [name for name in names if name in first.gradients and name in second.gradients]
    largest = max((_largest(first.gradients[name]) for name in both), default=0.0)
    floor = max(_SHARES[first.precision], _SHARES[second.precision])
    floor = max(floor * largest, _LEAST)
    found = {"": error(np.array([second.loss]), np.array([first.loss]))}
    for name in both:
        found[name] = error(second.gradients[name], first.gradients[name], floor)
    return found


def _largest(array: NDArray[Any]) -> float:
    return float(abs(array).max(initial=0))


_RATES: Mapping[type[Op], str] = {
    Dropout: "rate",
    SpatialDropout: "rate",
    DropPath: "rate",
    Attention: "dropout",
}


@contextmanager
def without_chance(model: CompiledModel) -> Iterator[None]:
    """The model with every rate of dropout at 0, for as long as the context lasts.

    Emitters elaborate a spec anew to see which of its parameters can stay arguments, and would
    meet the rates again; so it has no parameters meanwhile, only their values.
    """
    program, parameters = model.program, model.program.parameters
    before = [(node, node.op) for node in model.ir.nodes if type(node.op) in _RATES]
    try:
        for node, op in before:
            node.op = dataclasses.replace(op, **{_RATES[type(op)]: 0.0})
            program.parameters = {}
        yield
    finally:
        program.parameters = parameters
        for node, op in before:
            node.op = op
