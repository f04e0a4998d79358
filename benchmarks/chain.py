"""Compiling long chains: what each node takes, of time and of memory.

`python -m benchmarks.chain repeat 10000 time` measures one chain and prints it as JSON. Every
measurement is a process of its own, so that none finds what another left behind.
"""

from __future__ import annotations

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Iterator
from statistics import median

from benchmarks.processes import output, resident
from benchmarks.table import Table, times
from graphcnn import counts
from graphcnn.compiler import compile_file
from graphcnn.source import SourceFile

FORMS = {"repeat": "one block, repeated", "written": "every statement written out"}
SIZES = (1_000, 10_000, 100_000)

_HEAD = "graphcnn: 1\nname: chain\ninputs: {image: [16, 32, 32]}\n"
_CONV = "conv: {out: 16, kernel: 3, padding: 1}"


def measure(rounds: int) -> Table:
    """Every form and size in every round; the sizes of a form are compared within a round."""
    cases = [(form, nodes) for form in FORMS for nodes in SIZES]
    found: dict[tuple[str, int], list[dict[str, float]]] = {case: [] for case in cases}
    for _ in range(rounds):
        for form, nodes in cases:
            found[form, nodes].append(_measured(form, nodes, "time"))
    rows = []
    for form, nodes in cases:
        spent = [run["microseconds"] for run in found[form, nodes]]
        before = [run["microseconds"] for run in found.get((form, nodes // 10), ())]
        rows.append(
            (
                FORMS[form],
                f"{nodes:,}",
                f"{median(spent):.1f} µs",
                f"{min(spent):.1f} µs",
                times(median(10 * b / a for b, a in zip(spent, before, strict=True)))
                if before
                else "",
                f"{_measured(form, nodes, 'memory')['allocated'] / 1e3:.2f} kB",
                f"{median(run['resident'] for run in found[form, nodes]) / 1e3:.2f} kB",
            )
        )
    heads = ("chain", "nodes", "per node", "fastest", "of a tenth", "allocated", "resident")
    return Table(heads, tuple(rows))


def _measured(form: str, nodes: int, what: str) -> dict[str, float]:
    command = (sys.executable, "-m", "benchmarks.chain", form, str(nodes), what)
    found: dict[str, float] = json.loads(output(command))
    return found


# --- one measurement ---------------------------------------------------------------------


def spec(form: str, nodes: int) -> SourceFile:
    """A chain of convolution, ReLU and the sum of both ends of the two, ``nodes`` in all."""
    lines = _repeated(nodes // 3) if form == "repeat" else _written(nodes // 3)
    return SourceFile("chain.yaml", _HEAD + "\n".join(lines) + "\n")


def _repeated(units: int) -> Iterator[str]:
    yield "blocks:"
    yield "  unit:"
    yield "    graph:"
    yield f"      - {_CONV}"
    yield "      - relu"
    yield "      - {add: {}, from: [prev, x]}"
    yield "graph:"
    yield f"  - {{unit: {{}}, repeat: {units}}}"


def _written(units: int) -> Iterator[str]:
    yield "graph:"
    yield "  - {identity: {}, id: add0}"
    for unit in range(1, units + 1):
        yield f"  - {_CONV}"
        yield "  - relu"
        yield f"  - {{add: {{}}, from: [prev, add{unit - 1}], id: add{unit}}}"


def compiled(file: SourceFile) -> None:
    """From the text to a checked graph and its counts."""
    counts.costs(compile_file(file).ir.nodes)


def seconds(file: SourceFile) -> float:
    """The processor's time for one compilation, which other processes stretch the least."""
    gc.collect()
    start = time.process_time()
    compiled(file)
    return time.process_time() - start


def time_per_node(form: str, nodes: int) -> dict[str, float]:
    """Microseconds for each node, and the bytes by which the process grew."""
    compiled(spec(form, 300))
    file = spec(form, nodes)
    before = resident()
    first = seconds(file)
    grown = resident() - before
    runs = [first, *(seconds(file) for _ in range(max(2, 20_000 // nodes)))]
    return {"microseconds": median(runs) / nodes * 1e6, "resident": grown / nodes}


def bytes_per_node(form: str, nodes: int) -> dict[str, float]:
    """What Python has allocated for each node, at the most, the text itself left out."""
    compiled(spec(form, 300))
    file = spec(form, nodes)
    gc.collect()
    tracemalloc.start()
    compiled(file)
    _, peak = tracemalloc.get_traced_memory()
    return {"allocated": peak / nodes}


def main() -> None:
    """Measure what the arguments say: a form, a number of nodes, and `time` or `memory`."""
    form, nodes, what = sys.argv[1:]
    measured = time_per_node if what == "time" else bytes_per_node
    print(json.dumps(measured(form, int(nodes))))


if __name__ == "__main__":
    main()
