"""What the exhaustive tests verified, as tables at the end of a run.

Tests hand it over in the properties of their reports, which workers of xdist send along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from graphcnn.compiler import Model
from graphcnn.report.table import Column, plain
from graphcnn.verification import Verification

Record = Callable[[str, object], None]

_BACKENDS = ("keras", "onnx", "pytorch")
_COLUMNS = (
    Column("model"),
    Column("inputs"),
    *(Column(name, "right") for name in (*_BACKENDS, "gradients", "seconds")),
)


class Drawn:
    """The random models that a test has verified: for each, whether it was trained too."""

    def __init__(self) -> None:
        self.trained: dict[str, bool] = {}
        self.ops: set[str] = set()
        self.unsteady = 0

    def add(self, model: Model, *, train: bool) -> None:
        digest = hashlib.sha256(model.program.file.text.encode()).hexdigest()[:16]
        self.trained[digest] = self.trained.get(digest, False) or train
        self.ops.update(node.op.name for node in model.ir.nodes)

    def to_dict(self) -> dict[str, Any]:
        return {"trained": self.trained, "ops": sorted(self.ops), "unsteady": self.unsteady}


def record(hand_over: Record, what: Verification | Drawn) -> None:
    """Put it into the report of a test."""
    hand_over("drawn" if isinstance(what, Drawn) else "verified", what.to_dict())


def tables(reports: Iterable[Any]) -> Iterator[str]:
    """What the reports of pytest hold of exhaustive tests."""
    # What a test hands over is in the report of its end, too.
    ran = [one for one in reports if one.when == "call" and "exhaustive" in one.keywords]
    rows = sorted(
        _row(what, report.duration)
        for report in ran
        for name, what in report.user_properties
        if name == "verified"
    )
    if rows:
        yield plain(_COLUMNS, rows)
    drawn = [what for report in ran for name, what in report.user_properties if name == "drawn"]
    if drawn:
        yield _drawn(drawn)


def _row(found: Mapping[str, Any], seconds: float) -> list[str]:
    errors = {one["backend"]: _said(one) for one in found["backends"]}
    shapes = ["x".join(map(str, shape[1:])) for shape in found["inputs"].values()]
    return [
        found["variant"] or found["model"],
        ", ".join(shapes),
        *(errors.get(name, "") for name in _BACKENDS),
        "" if found["training"] is None else _said(found["training"]),
        f"{seconds:.1f}",
    ]


def _said(result: Mapping[str, Any]) -> str:
    """The error of what passed, or that it did not."""
    return f"{result['error']:.1e}" if result["verdict"] == "passed" else str(result["verdict"])


def _drawn(drawn: Iterable[Mapping[str, Any]]) -> str:
    trained: dict[str, bool] = {}
    ops: set[str] = set()
    unsteady = 0
    for one in drawn:
        ops.update(one["ops"])
        unsteady += one["unsteady"]
        for digest, train in one["trained"].items():
            trained[digest] = trained.get(digest, False) or train
    return (
        f"{len(trained):,} distinct random models with {len(ops)} ops, "
        f"{sum(trained.values()):,} of them trained; {unsteady} too sensitive to rounding to tell\n"
    )
