"""A drawn spec run in every backend, in every way in which people run models."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from graphcnn.backends import Device, Runnable
from graphcnn.compiler import Model
from graphcnn.diagnostics import SpecError
from graphcnn.verification import Verdict, reference
from graphcnn.verification.errors import ROUNDINGS, error
from graphcnn.verification.sizes import choose, numbers
from graphcnn.weights import Held
from tests.backends.interpreter import random_weights
from tests.verification.runs import backends, verified

Array = Any
Outputs = Mapping[str, Array]

TOLERANCE = 1e-4

#: how a model is run beside plainly, and for which part of the draws
WAYS = {
    "trained": 4,
    "scripted": 4,
    "traced": 8,
    "exported": 16,
    "compiled": 16,
    "saved": 8,
    "cloned": 8,
}


@dataclass
class Outcome:
    """What came of a draw: what was compared, what a backend does not take, what is wrong."""

    ran: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)


#: runs a model otherwise, and says what is wrong
Way = Callable[["Case", Any], str]


def ways_of(seed: int) -> set[str]:
    """The ways that a draw is run: each is some draws', spread over all kinds of them."""
    return {way for n, (way, part) in enumerate(WAYS.items()) if (seed // 3 + n) % part == 0}


class Case:
    """A model with weights, two batches of inputs, and what the reference makes of them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        drawn = random_weights(model.ir)
        self.weights = {name: tensor.float().numpy() for name, tensor in drawn.items()}
        self.given: list[tuple[dict[str, Array], Mapping[str, int]]] = []
        chosen = choose(model.ir, {})
        larger = {name: size + 3 + n for n, (name, size) in enumerate(chosen.items())}
        for batch, sizes in ((2, chosen), (3, larger), (1, chosen)):
            self.given.append((self._inputs(batch, sizes), sizes))
        self.expected = [self.evaluated(n) for n in range(len(self.given))]
        every = [y for outputs in self.expected for y in outputs.values()]
        #: whether all numbers are of a size that float32 can tell apart
        self.steady = all(bool((abs(y) < 1e12).all()) for y in every)

    def _inputs(self, batch: int, sizes: Mapping[str, int]) -> dict[str, Array]:
        generator = np.random.default_rng(batch)
        return {
            name: generator.standard_normal((batch, *numbers(value.shape or (), sizes)), np.float32)
            for name, value in self.model.ir.inputs.items()
        }

    def evaluated(self, number: int, rounding: str | None = None) -> Outputs:
        inputs, sizes = self.given[number]
        return reference.evaluate(
            self.model.ir, inputs, self.weights, sizes, _foreign, rounding=rounding
        )

    def complaint(self, run: Callable[[Outputs], Outputs], numbers: Iterator[int] | range) -> str:
        """What is wrong with what comes out of a way to run the model; nothing if it is right."""
        for number in numbers:
            found = run(self.given[number][0])
            expected = self.expected[number]
            if found.keys() != expected.keys():
                return f"outputs {sorted(found)}, not {sorted(expected)}"
            for name, wanted in expected.items():
                if found[name].shape != wanted.shape:
                    return f"shape of an output {found[name].shape}, not {wanted.shape}"
                apart = error(found[name], wanted)
                if apart > TOLERANCE and apart > 10 * self._moves(number, name):
                    return f"values: off by {apart:.1e}"
        return ""

    def _moves(self, number: int, name: str) -> float:
        """How far rounding alone moves an output."""
        wanted = self.expected[number][name]
        turns = (self.evaluated(number, f"drawn:{n}") for n in range(ROUNDINGS))
        return max(error(moved[name], wanted) for moved in turns)


def _foreign(op: Any, inputs: Any, weights: Any) -> Any:
    made = backends("pytorch")[0].declared(op, inputs, weights)  # type: ignore[attr-defined]
    assert made is not None
    return made


def examined(model: Model, ways: set[str]) -> Outcome:
    """All backends on all inputs, and the ways beside."""
    found = Outcome()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = Case(model)
        if not case.steady:
            found.ran.append("too large")
            return found
        for backend in backends():
            _ran(case, backend, ways, found)
        if "trained" in ways:
            _trained(model, found)
    return found


def _ran(case: Case, backend: Runnable, ways: set[str], found: Outcome) -> None:
    name = backend.name
    try:
        runner = backend.runner(case.model, Held(case.weights), Device.CPU)
    except SpecError as refused:
        found.refused[name] = refused.diagnostics[0].message
        return
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is wrong
        found.wrong[name] = _said(failure)
        return
    with closing(runner):
        note(found, name, lambda: case.complaint(runner.run, range(len(case.given))))
        more: Mapping[str, Way] = {"pytorch": _TORCH, "keras": _KERAS}.get(name, {})
        if name in found.wrong:
            return
        for way, run in more.items():
            if way in ways:
                note(found, way, lambda: run(case, runner))  # noqa: B023 - called at once


def note(found: Outcome, what: str, complaint: Callable[[], str]) -> None:
    """Put down that something ran, and what is wrong with it."""
    found.ran.append(what)
    try:
        said = complaint()
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is wrong
        said = _said(failure)
    if said:
        found.wrong[what] = said


def _said(failure: Exception) -> str:
    lines = str(failure).strip().splitlines() or [""]
    return f"{type(failure).__name__}: {lines[0]}"


def _trained(model: Model, found: Outcome) -> None:
    """Nodes, counts, and the gradients of a step with the outputs of training."""

    def complaint() -> str:
        verification = verified(model, train=True)
        if verification.verdict is not Verdict.FAILED:
            return ""
        return (
            "; ".join(
                f"{one.backend}: {one.reason or one.difference}"
                for one in verification.backends
                if str(one.verdict) == "failed"
            )
            or f"training: {verification.training}"
        )

    note(found, "trained", complaint)


# ways to run a module of PyTorch


def _torch_run(case: Case, module: Any) -> Callable[[Outputs], Outputs]:
    def run(inputs: Outputs) -> Outputs:
        with torch.no_grad():
            result = module(*(torch.tensor(inputs[name]) for name in case.model.ir.inputs))
        named = result if isinstance(result, dict) else {next(iter(case.expected[0])): result}
        return {name: tensor.detach().numpy() for name, tensor in named.items()}

    return run


def _examples(case: Case, number: int) -> tuple[torch.Tensor, ...]:
    inputs, _ = case.given[number]
    return tuple(torch.tensor(inputs[name]) for name in case.model.ir.inputs)


def _scripted(case: Case, runner: Any) -> str:
    module: Any = torch.jit.script(runner._module)
    return case.complaint(_torch_run(case, module), range(len(case.given)))


def _traced(case: Case, runner: Any) -> str:
    """A trace is of one size, and of the outputs as they are then."""
    module = torch.jit.trace(
        runner._module,
        _examples(case, 0),
        check_trace=False,
        strict=False,
    )
    return case.complaint(_torch_run(case, module), range(1))


def _exported(case: Case, runner: Any) -> str:
    module = torch.export.export(runner._module, _examples(case, 0))
    return case.complaint(_torch_run(case, module.module()), range(1))


def _compiled(case: Case, runner: Any) -> str:
    torch._dynamo.reset()
    module = torch.compile(runner._module, fullgraph=True, backend="eager")
    return case.complaint(_torch_run(case, module), range(len(case.given)))


_TORCH: dict[str, Way] = {
    "scripted": _scripted,
    "traced": _traced,
    "exported": _exported,
    "compiled": _compiled,
}

# ways to come by a model of Keras


def _again(case: Case, runner: Any, live: Any) -> str:
    """What another model in the place of the runner's computes."""
    before, runner._live = runner._live, live
    try:
        return case.complaint(runner.run, range(len(case.given)))
    finally:
        runner._live = before


def _saved(case: Case, runner: Any) -> str:
    import keras

    with TemporaryDirectory(prefix="graphcnn-drawn-") as folder:
        path = Path(folder, "model.keras")
        runner._live.save(path)
        return _again(case, runner, keras.models.load_model(path))


def _cloned(case: Case, runner: Any) -> str:
    import keras

    live = keras.models.clone_model(runner._live)
    live.set_weights(runner._live.get_weights())
    return _again(case, runner, live)


_KERAS: dict[str, Way] = {"saved": _saved, "cloned": _cloned}


def kind_of(said: str) -> str:
    """A complaint without what differs between specs of the same mistake."""
    return re.sub(r"`[^`]*`|'[^']*'|[0-9][0-9.e+-]*|\[[^\]]*\]|\([^)]*\)", "", said)[:70]
