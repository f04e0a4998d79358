"""A thousand specs of ResNet-50's size, as a repository of models would be checked.

`python -m benchmarks.many written FOLDER` writes them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.processes import Runs, in_turn
from benchmarks.table import Table, megabytes

COUNT = 1_000
JOBS = (1, 2)
FORMS = {
    "blocks": "blocks and loops, in each file",
    "imported": "blocks of one file that all import",
    "written": "every statement written out",
}

_STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))
_STEM = "conv: {out: 64, kernel: 7, stride: 2, padding: 3, bias: false}"
_POOL = "max_pool: {kernel: 3, stride: 2, padding: 1}"
_BLOCK = """\
blocks:
  bottleneck:
    parameters: {planes: int, out: int, stride: 1}
    graph:
      - residual:
          body:
            - conv: {out: $planes, kernel: 1, bias: false}
            - batch_norm
            - relu
            - conv: {out: $planes, kernel: 3, stride: $stride, padding: 1, bias: false}
            - batch_norm
            - relu
            - conv: {out: $out, kernel: 1, bias: false}
            - batch_norm
          shortcut:
            - sequence:
                - conv: {out: $out, kernel: 1, stride: $stride, bias: false}
                - batch_norm
              when: $(stride != 1 or x.channels != out)
      - relu
"""
_LOOP = """\
  - for: {stage: $(range(4))}
    do:
      - bottleneck:
          planes: $(width * 2 ** stage)
          out: $(256 * 2 ** stage)
          stride: $(2 if stage > 0 and i == 0 else 1)
        repeat: $(layers[stage])
"""


def measure(rounds: int) -> Table:
    """Every form with one process and with two, in every round."""
    with tempfile.TemporaryDirectory() as folder:
        commands = {}
        for form in FORMS:
            write(form, Path(folder, form), COUNT)
            for jobs in JOBS:
                command = (sys.executable, "-m", "graphcnn", "validate", f"{folder}/{form}")
                commands[f"{form} {jobs}"] = (*command, "--jobs", str(jobs))
        found = in_turn(commands, rounds)
    rows = [
        _row(form, jobs, found[f"{form} {jobs}"], found[f"{form} {JOBS[0]}"])
        for form in FORMS
        for jobs in JOBS
    ]
    heads = ("1,000 specs", "jobs", "median", "fastest", "processor", "of one job", "memory")
    return Table(heads, tuple(rows))


def _row(form: str, jobs: int, runs: Runs, alone: Runs) -> tuple[str, ...]:
    return (
        FORMS[form],
        str(jobs),
        f"{runs.wall:.1f} s",
        f"{runs.fastest:.1f} s",
        f"{runs.cpu:.1f} s",
        f"{runs.ratio(alone):.2f} x",
        megabytes(runs.bytes),
    )


# --- the specs ---------------------------------------------------------------------------


def write(form: str, folder: Path, count: int) -> None:
    """Specs of one form, no two of them alike."""
    folder.mkdir(parents=True, exist_ok=True)
    if form == "imported":
        library = f"graphcnn: 1\nname: blocks\n{_BLOCK}"
        (folder / "blocks.yaml").write_text(library, encoding="utf-8")
    for number in range(count):
        text = "".join(spec(form, number))
        (folder / f"net{number:04}.yaml").write_text(text, encoding="utf-8")


def spec(form: str, number: int) -> Iterator[str]:
    """ResNet-50 with another width of its bottlenecks and another number of classes."""
    width, classes = 16 + number % 97, 10 + number
    yield f"graphcnn: 1\nname: net{number}\ninputs: {{image: [3, 224, 224]}}\n"
    if form != "written":
        yield f"parameters: {{layers: [3, 4, 6, 3], width: {width}}}\n"
    if form == "imported":
        yield "imports: [blocks.yaml]\n"
    elif form == "blocks":
        yield _BLOCK
    yield f"graph:\n  - {_STEM}\n  - batch_norm\n  - relu\n  - {_POOL}\n"
    if form == "written":
        yield from _written(width)
    else:
        yield _LOOP
    yield f"  - global_avg_pool\n  - flatten\n  - linear: {classes}\n"


def _written(width: int) -> Iterator[str]:
    for planes, depth, first in _STAGES:
        for number in range(depth):
            yield _unit(width * planes // 64, 4 * planes, first if number == 0 else 1, number)


def _unit(width: int, out: int, stride: int, number: int) -> str:
    shortcut = (
        "      shortcut:\n"
        f"        - conv: {{out: {out}, kernel: 1, stride: {stride}, bias: false}}\n"
        "        - batch_norm\n"
    )
    return (
        "  - residual:\n"
        "      body:\n"
        f"        - conv: {{out: {width}, kernel: 1, bias: false}}\n"
        "        - batch_norm\n"
        "        - relu\n"
        f"        - conv: {{out: {width}, kernel: 3, stride: {stride}, padding: 1, bias: false}}\n"
        "        - batch_norm\n"
        "        - relu\n"
        f"        - conv: {{out: {out}, kernel: 1, bias: false}}\n"
        "        - batch_norm\n"
        f"{shortcut if number == 0 else ''}"
        "  - relu\n"
    )


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]), COUNT)
