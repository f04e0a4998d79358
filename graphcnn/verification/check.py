"""Whether the backends compute what a model means, and one and the same."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from graphcnn import counts
from graphcnn.backends import Device, Runnable, Runner, Startable, Trainable
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.ir import Value
from graphcnn.model import CompiledModel
from graphcnn.ops.declared import Declared
from graphcnn.size import evaluate as number
from graphcnn.verification import fresh, reference, training
from graphcnn.verification.beside import importable
from graphcnn.verification.draw import Drawn
from graphcnn.verification.draw import inputs as drawn_inputs
from graphcnn.verification.errors import MARGIN, ROUNDINGS, error
from graphcnn.verification.result import (
    BackendResult,
    Count,
    TrainingResult,
    Verdict,
    Verification,
    said,
)
from graphcnn.verification.sizes import Sizes, choose, numbers
from graphcnn.verification.watch import Expected, Watch
from graphcnn.weights import Weights, load, save

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: samples that are run together, if these are not more activations
BATCH = 2
TOGETHER = 10**9
TOLERANCE = 1e-4

#: how often weights are drawn, where those before decided nothing
DRAWS = 3

#: What one sample may cost, so that a stranger's spec does not fill the memory or the day.
LIMITS = {"weights": 10**9, "activations": 2 * 10**9, "macs": 10**12}


@dataclass(frozen=True)
class Settings:
    """What a verification is made with.

    ``sizes`` are numbers for symbols in the shapes of the inputs. ``trust`` allows the classes to
    be imported, and so to be run, that the spec names for its own ops.
    """

    seed: int = 0
    tolerance: float = TOLERANCE
    sizes: Mapping[str, int] = field(default_factory=dict)
    train: bool = False
    trust: bool = False
    device: Device = Device.CPU


#: Hears what is done next, and which part of all is behind it, from 0 to 1.
Tell = Callable[[str, float], None]


def verify(
    model: CompiledModel,
    backends: Sequence[Runnable],
    settings: Settings | None = None,
    tell: Tell = lambda _what, _part: None,
) -> Verification:
    """Run a model in every backend, with the same weights from one file and the same inputs.

    A backend that cannot express the model is skipped; one that raises has failed. ``tell`` is
    called before each part of the work.

    Raises:
        UsageError: a size is wrong, the model is too large to be run, its ops are not to be
            trusted, or no two backends can train it.
        SpecError: the shape of a weight depends on the size of the input.
    """
    settings = settings or Settings()
    if settings.train and len(_learning(backends)) < 2:
        raise UsageError("--train compares two backends that learn: pytorch and keras")
    graph = model.ir
    sizes = choose(graph, settings.sizes)
    batch = BATCH if BATCH * _activations(model, sizes) <= TOGETHER else 1
    _check_trust(model, trusted=settings.trust)
    shapes = {n: (batch, *numbers(v.shape or (), sizes)) for n, v in graph.inputs.items()}
    found = Verification(
        model.program.name,
        model.variant,
        settings.seed,
        settings.tolerance,
        settings.device,
        shapes,
        dict(sizes),
    )
    with warnings.catch_warnings(), importable(model):
        # Frameworks advise against what is meant, such as a softmax over one cell.
        warnings.simplefilter("ignore")
        for found.draws in range(1, DRAWS + 1):
            found.backends.clear()
            _compare(model, backends, settings, sizes, found, tell)
            if found.verdict is not Verdict.UNDECIDED:
                break
    return found


def _compare(
    model: CompiledModel,
    backends: Sequence[Runnable],
    settings: Settings,
    sizes: Sizes,
    found: Verification,
    tell: Tell,
) -> None:
    """Run all of it with one draw of weights."""
    parts = 1 + len(backends) + settings.train
    tell("the reference", 0)
    drawn = Drawn(model.ir, settings.seed, found.draws - 1)
    session = _Session(model, backends, drawn, sizes, settings, found.inputs)
    with _stored(drawn, model) as weights:
        session.weights = weights
        for n, backend in enumerate(backends, start=1):
            tell(backend.name, n / parts)
            found.backends.append(session.result(backend))
        if settings.train and found.verdict is not Verdict.UNDECIDED:
            tell("a step of training", 1 - 1 / parts)
            found.training = _trained(model, weights, backends, found)


def _learning(backends: Sequence[Runnable]) -> list[Trainable]:
    return [backend for backend in backends if isinstance(backend, Trainable)]


def _trained(
    model: CompiledModel,
    weights: Weights,
    backends: Sequence[Runnable],
    found: Verification,
) -> TrainingResult | None:
    """What came of a training step; nothing where a backend that learns cannot run the model."""
    running = {one.backend for one in found.backends if one.errors}
    able = [backend for backend in _learning(backends) if backend.name in running]
    if len(able) < 2:
        return None
    pair = (able[0], able[1])
    return training.compare(model, weights, pair, found)


@contextmanager
def _stored(drawn: Weights, model: CompiledModel) -> Iterator[Weights]:
    """Weights in a canonical file, which is gone afterwards."""
    with TemporaryDirectory(prefix="graphcnn-") as folder:
        path = Path(folder, "weights.safetensors")
        save(path, drawn)
        yield load(path, model.ir)


def _activations(model: CompiledModel, sizes: Sizes) -> int:
    """Those of one sample.

    Raises:
        UsageError: one of the model's costs is over its limit.
    """
    total = counts.costs(model.ir.nodes)
    cost = {
        "weights": total.params + total.buffers,
        "activations": total.activations,
        "macs": total.macs,
    }
    found = {name: number(value, sizes) for name, value in cost.items()}
    for name, value in found.items():
        if isinstance(value, int) and value > LIMITS[name]:
            raise UsageError(
                f"{model.name} has {value:,} {name}, more than the {LIMITS[name]:,} that are run; "
                "verify it with smaller parameters, or on smaller inputs"
            )
    activations = found["activations"]
    return activations if isinstance(activations, int) else 0


def _check_trust(model: CompiledModel, *, trusted: bool) -> None:
    ops = [node.op for node in model.ir.nodes if isinstance(node.op, Declared)]
    names = sorted({target for op in ops for target in op.declaration.targets.values()})
    if names and not trusted:
        raise UsageError(
            f"running {model.name} imports what its spec names, {', '.join(names)}; "
            "say --trust if you know the spec's author"
        )


class _Session:
    """One model with its weights, inputs, and what the reference makes of them."""

    def __init__(
        self,
        model: CompiledModel,
        backends: Sequence[Runnable],
        weights: Weights,
        sizes: Sizes,
        settings: Settings,
        shapes: Mapping[str, tuple[int, ...]],
    ) -> None:
        self.model = model
        self.backends = backends
        self.weights = weights
        self.sizes = sizes
        self.settings = settings
        self.inputs = drawn_inputs(shapes, settings.seed)
        self.stated = fresh.expectations(model)
        self.expected = Expected(model.ir, sizes)
        fit = weights.fit if isinstance(weights, Drawn) else None
        self.outputs = self.evaluated(self.expected.see, fit=fit)

    def evaluated(
        self,
        see: reference.See | None = None,
        rounding: str | None = None,
        fit: reference.Fit | None = None,
    ) -> Mapping[str, Array]:
        return reference.evaluate(
            self.model.ir,
            self.inputs,
            self.weights,
            self.sizes,
            self.foreign,
            see,
            rounding=rounding,
            fit=fit,
        )

    def foreign(
        self, op: Declared, inputs: Sequence[Array], weights: Mapping[str, Array]
    ) -> tuple[Array, ...]:
        """An op of the spec's own, as the first backend computes it that can."""
        for backend in self.backends:
            made = None
            if isinstance(backend, Trainable):
                try:
                    made = backend.declared(op, inputs, weights)
                except Exception as failure:
                    target = op.declaration.targets.get(backend.name, backend.name)
                    message = f"{target}, the class of `{op.name}`, cannot be run: {said(failure)}"
                    raise UsageError(message) from failure
            if made is not None:
                return made
        names = ", ".join(backend.name for backend in self.backends)
        raise UsageError(f"none of {names} has a class for `{op.name}` that can be run by itself")

    def result(self, backend: Runnable) -> BackendResult:
        found = BackendResult(backend.name)
        try:
            with closing(self.started(backend)) as runner:
                found.framework = runner.framework
                self.compare(runner, found)
            if self.stated and isinstance(backend, Startable):
                found.fresh = fresh.compare(self.model, backend, self.stated, self.settings.seed)
                if found.fresh.wrong:
                    found.verdict = Verdict.FAILED
        except SpecError as refused:
            found.verdict = Verdict.SKIPPED
            found.reason = refused.diagnostics[0].message
        except UsageError:
            raise
        except Exception as failure:  # noqa: BLE001 - a framework may raise anything
            found.verdict = Verdict.FAILED
            found.reason = said(failure)
        return found

    def started(self, backend: Runnable) -> Runner:
        return backend.runner(self.model, self.weights, self.settings.device)

    def compare(self, runner: Runner, found: BackendResult) -> None:
        """Outputs, counts, and every value on the way."""
        tolerance = self.settings.tolerance
        outputs = runner.run(self.inputs)
        complaints = [*_names(outputs, self.outputs)]
        for name, expected in self.outputs.items():
            if name in outputs:
                found.errors[name] = error(outputs[name], expected)
                if outputs[name].shape != expected.shape:
                    complaints.append(
                        f"the output `{name}` has shape {outputs[name].shape}, not {expected.shape}"
                    )
        found.counts = _counts(runner)
        for name, count in found.counts.items():
            if count.found != count.inferred:
                complaints.append(f"it has {count.found:,} {name}, not {count.inferred:,}")
        watch = Watch(self.expected)
        runner.watch(self.inputs, watch.see)
        missing = watch.beyond(tolerance)
        if found.error > tolerance:
            found.rounding = self.rounded.output
        if missing:
            missing = [v for v in missing if watch.errors[v] > MARGIN * self.rounded.moves[v]]
        found.nodes, found.seen = len(watch.errors), len(watch.errors) - len(missing)
        # An output is not condemned for what rounding alone may do.
        wrong = found.rounding is not None and found.error > MARGIN * found.rounding
        if complaints or wrong or missing:
            found.verdict = Verdict.FAILED
            found.reason = "; ".join(complaints) or None
            if missing:
                found.difference = self.expected.difference(missing[0], watch.errors[missing[0]])
        elif found.error > tolerance:
            found.verdict = Verdict.UNDECIDED

    @cached_property
    def rounded(self) -> _Rounded:
        """How far things move when every value on the way is rounded to float32."""
        output, moves = 0.0, dict.fromkeys(self.expected.values, 0.0)
        for turn in range(ROUNDINGS):
            watch = Watch(self.expected)
            moved = self.evaluated(watch.own, rounding=f"{self.settings.seed}:rounding:{turn}")
            output = max(output, *(error(moved[name], y) for name, y in self.outputs.items()))
            for value, apart in watch.errors.items():
                moves[value] = max(moves[value], apart)
        return _Rounded(output, moves)


class _Rounded(NamedTuple):
    """The most that an output moved, and that each value on the way did."""

    output: float
    moves: Mapping[Value, float]


def _names(found: Iterable[str], expected: Iterable[str]) -> Iterator[str]:
    for name in expected:
        if name not in found:
            yield f"there is no output `{name}`"
    for name in found:
        if name not in expected:
            yield f"there is an output `{name}` which the spec has not"


def _counts(runner: Runner) -> dict[str, Count]:
    from math import prod

    entries = runner.entries().values()
    inferred: dict[str, Callable[[bool], bool]] = {
        "params": lambda trained: trained,
        "buffers": lambda trained: not trained,
        "weights": lambda _: True,
    }
    return {
        name: Count(value, sum(prod(e.shape) for e in entries if inferred[name](e.trained)))
        for name, value in runner.counts().items()
    }
