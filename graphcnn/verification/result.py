"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import Any, NamedTuple

from graphcnn.backends import Device


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    SKIPPED = "skipped"


class Count(NamedTuple):
    """How many numbers a framework says that it holds, and how many the compiler expects."""

    found: int
    inferred: int


@dataclass(frozen=True)
class Difference:
    """The first node, in the graph's order, whose value a backend does not make.

    ``error`` is that of the nearest value of its shape, infinite where there is none.
    """

    node: str
    op: str
    file: str
    line: int
    shape: tuple[int, ...]
    error: float

    def to_dict(self) -> dict[str, Any]:
        """The record of ``verify --format json``."""
        return {
            "node": self.node,
            "op": self.op,
            "file": self.file,
            "line": self.line,
            "shape": list(self.shape),
            "error": finite(self.error),
        }


class FreshWeight(NamedTuple):
    """A weight that a fresh model does not start with as the spec says, and what is wrong."""

    weight: str
    op: str
    file: str
    line: int
    expected: str
    found: str


@dataclass(frozen=True)
class FreshResult:
    """What fresh models of a backend hold: how many weights were looked at, in how many models."""

    weights: int
    models: int
    wrong: list[FreshWeight]

    def to_dict(self) -> dict[str, Any]:
        """The record of ``verify --format json``."""
        wrong = [one._asdict() for one in self.wrong]
        return {"weights": self.weights, "models": self.models, "wrong": wrong}


@dataclass
class BackendResult:
    """What came of one backend.

    ``errors`` are those of the outputs, by name. ``nodes`` counts those whose value was looked
    for, ``seen`` those that were found. ``reason`` says why it was skipped, or how it failed.
    ``rounding`` is how far float32's rounding alone moves the outputs; it is measured where an
    output failed. ``fresh`` is what came of fresh models, where the spec says what they hold.
    """

    backend: str
    framework: str = ""
    verdict: Verdict = Verdict.PASSED
    reason: str | None = None
    errors: dict[str, float] = field(default_factory=dict)
    counts: dict[str, Count] = field(default_factory=dict)
    nodes: int = 0
    seen: int = 0
    difference: Difference | None = None
    rounding: float | None = None
    fresh: FreshResult | None = None

    @property
    def error(self) -> float:
        """The largest error of an output."""
        return max(self.errors.values(), default=0.0)

    def to_dict(self) -> dict[str, Any]:
        """The record of ``verify --format json``."""
        return {
            "backend": self.backend,
            "framework": self.framework or None,
            "verdict": str(self.verdict),
            "reason": self.reason,
            "error": finite(self.error),
            "outputs": {name: finite(error) for name, error in self.errors.items()},
            "nodes": {"compared": self.nodes, "found": self.seen},
            "counts": {name: count._asdict() for name, count in self.counts.items()},
            "difference": None if self.difference is None else self.difference.to_dict(),
            "rounding": self.rounding,
            "fresh": None if self.fresh is None else self.fresh.to_dict(),
        }


@dataclass
class TrainingResult:
    """One forward and backward pass in two backends; the first is the one compared with.

    ``errors`` are those of the gradients by name, and that of the loss under no name. ``missing``
    are weights of which one backend alone has a gradient. ``reason`` says what a framework raised.
    ``rounding`` is how far rounding the inputs to float32 moves a gradient in the first backend; it
    is measured where one is beyond the tolerance.
    """

    backends: tuple[str, str]
    losses: tuple[float, float]
    errors: dict[str, float]
    missing: tuple[str, ...]
    verdict: Verdict
    reason: str | None = None
    rounding: float | None = None

    @property
    def error(self) -> float:
        """The largest error, of the loss or of a gradient."""
        return max(self.errors.values(), default=0.0)

    @property
    def worst(self) -> str:
        """The weight whose gradients differ most."""
        return max(self.errors, key=lambda name: self.errors[name], default="")

    def to_dict(self) -> dict[str, Any]:
        """The record of ``verify --format json``."""
        return {
            "backends": list(self.backends),
            "verdict": str(self.verdict),
            "reason": self.reason,
            "losses": [finite(loss) for loss in self.losses],
            "gradients": {name: finite(error) for name, error in self.errors.items()},
            "missing": list(self.missing),
            "error": finite(self.error),
            "rounding": None if self.rounding is None else finite(self.rounding),
        }


@dataclass
class Verification:
    """A model, what it was run on, and what came of each backend.

    ``draws`` is how often weights were drawn, until they decided something.
    """

    model: str
    variant: str | None
    seed: int
    tolerance: float
    device: Device
    inputs: dict[str, tuple[int, ...]]
    sizes: dict[str, int]
    draws: int = 1
    backends: list[BackendResult] = field(default_factory=list)
    training: TrainingResult | None = None

    @property
    def name(self) -> str:
        """What the model is called: its variant, or the spec's own name."""
        return self.variant or self.model

    @property
    def verdict(self) -> Verdict:
        """That of all: failed, where something did or nothing was compared, else undecided."""
        verdicts = [one.verdict for one in self.backends]
        if self.training is not None:
            verdicts.append(self.training.verdict)
        for verdict in (Verdict.FAILED, Verdict.UNDECIDED, Verdict.PASSED):
            if verdict in verdicts:
                return verdict
        return Verdict.FAILED

    @property
    def passed(self) -> bool:
        """Whether nothing failed or stayed undecided, and something was compared."""
        return self.verdict is Verdict.PASSED

    def to_dict(self) -> dict[str, Any]:
        """The object of ``verify --format json``."""
        return {
            "model": self.model,
            "variant": self.variant,
            "passed": self.passed,
            "verdict": str(self.verdict),
            "seed": self.seed,
            "draws": self.draws,
            "tolerance": self.tolerance,
            "device": str(self.device),
            "inputs": {name: list(shape) for name, shape in self.inputs.items()},
            "sizes": self.sizes,
            "backends": [one.to_dict() for one in self.backends],
            "training": None if self.training is None else self.training.to_dict(),
        }


def finite(number: float) -> float | None:
    """A number as JSON has it, which knows no infinity."""
    return number if isfinite(number) else None


def said(failure: Exception) -> str:
    """What a framework raised, in a line."""
    lines = str(failure).strip().splitlines() or [""]
    return f"{type(failure).__name__}: {lines[0]}"
