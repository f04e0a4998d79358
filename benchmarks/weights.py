"""ResNet-152 with its weights as an ONNX file, beside a plain copy of the same weights.

`python -m benchmarks.weights PATH` makes the weights. With `copy` or `write` behind it, it takes
one of the two ways once and prints what that took as JSON; each has a process of its own, whose
largest size is what it needs.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.processes import output, resident
from benchmarks.table import Table, megabytes, milliseconds, times

MODEL = "resnet152"
COPY, WRITE = "safetensors: load and save", "graphcnn: write the ONNX file"


def measure(rounds: int) -> Table:
    """Both ways in every round, within seconds of each other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "weights.safetensors")
        _once(path)
        size = path.stat().st_size
        copies, writes = [], []
        for number in range(-1, rounds):  # the first fills the disk's cache and is not counted
            pair = _once(path, "copy"), _once(path, "write")
            if number >= 0:
                copies.append(pair[0])
                writes.append(pair[1])
    rows = [_row(COPY, copies, copies, size), _row(WRITE, writes, copies, size)]
    heads = ("ResNet-152", "median", "fastest", "of the copy", "memory", "of the weights")
    return Table(heads, tuple(rows))


def _once(*arguments: str | Path) -> dict[str, float]:
    found = output((sys.executable, "-m", "benchmarks.weights", *map(str, arguments)))
    measured: dict[str, float] = json.loads(found) if found else {}
    return measured


def _row(
    name: str, runs: list[dict[str, float]], copies: list[dict[str, float]], size: int
) -> tuple[str, ...]:
    seconds = [run["seconds"] for run in runs]
    ratio = median(run["seconds"] / copy["seconds"] for run, copy in zip(runs, copies, strict=True))
    memory = max(run["bytes"] for run in runs)
    return (
        name,
        milliseconds(median(seconds)),
        milliseconds(min(seconds)),
        times(ratio),
        megabytes(memory),
        times(memory / size),
    )


def main(path: str, way: str = "") -> None:
    """Take one way, with the model compiled and the library imported."""
    target = f"{path}.{way}"
    if way == "copy":
        from safetensors.numpy import load_file, save_file

        start = time.perf_counter()
        save_file(load_file(path), target)
    else:
        import graphcnn
        from graphcnn.commands.build import build
        from graphcnn.weights import fresh, save

        model = graphcnn.load(MODEL)
        if not way:
            save(path, fresh(model))
            return
        start = time.perf_counter()
        build(model, "onnx", target, path)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "bytes": resident()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
