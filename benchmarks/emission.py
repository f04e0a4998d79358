"""Writing ResNet-152 as code, with everything loaded: the compiler as a library.

`python -m benchmarks.emission` measures it once and prints it as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from statistics import median

import graphcnn
from benchmarks.processes import output
from benchmarks.table import Table, milliseconds

MODEL = "resnet152"
TIMES = 5


def measure(rounds: int) -> Table:
    """The steps one by one, in several processes."""
    runs: list[dict[str, float]] = [
        json.loads(output((sys.executable, "-m", "benchmarks.emission"))) for _ in range(rounds)
    ]
    rows = []
    for step in runs[0]:
        spent = [run[step] for run in runs]
        rows.append((step, milliseconds(median(spent)), milliseconds(min(spent))))
    return Table(("ResNet-152, warm", "median", "fastest"), tuple(rows))


def main() -> None:
    """Time each step after it has been taken once."""
    model = graphcnn.load(MODEL)
    steps: dict[str, Callable[[], object]] = {
        "`graphcnn.load`": lambda: graphcnn.load(MODEL),
        "`model.summary`": model.summary,
        '`model.build("pytorch")`': lambda: model.build("pytorch"),
    }
    print(json.dumps({name: _seconds(step) for name, step in steps.items()}))


def _seconds(step: Callable[[], object]) -> float:
    step()
    spent = []
    for _ in range(TIMES):
        start = time.perf_counter()
        step()
        spent.append(time.perf_counter() - start)
    return median(spent)


if __name__ == "__main__":
    main()
