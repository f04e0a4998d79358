"""Measure, print the tables, and with --write put them into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from benchmarks.processes import ROOT
from benchmarks.table import Table

PAGE = ROOT / "docs" / "benchmarks.md"

# Modules, loaded when it is their turn: a process begins as large as the one that starts it, and
# would be measured so.
PARTS = {
    "cold": "From the prompt to the prompt",
    "chain": "Long chains",
    "many": "A thousand specs",
    "emission": "One model in a running process",
    "weights": "A model with its weights",
    "inference": "Emitted models at work",
    "gpu": "Emitted models on a GPU",
}
#: on a machine of its own, where it is measured alone
_ELSEWHERE = "gpu"
_RIVALS = ("networkx", "jsonschema", "onnx", "torch", "torchvision", "torchinfo")
_RUNTIMES = ("keras", "tensorflow-cpu", "onnxruntime")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="How fast the compiler is."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=11, help="how often, 11 by default")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments = parser.parse_args()
    for part in arguments.parts:
        if part not in PARTS:
            parser.error(f"there is no part `{part}`")
    if arguments.rounds < 1:
        parser.error("at least one round")

    load = os.getloadavg()[0]
    if load > 0.3:
        print(f"the machine is busy (load {load:.1f}): expect larger figures\n", file=sys.stderr)
    setting = _setting()
    print(f"{setting}\n")
    for part, title in PARTS.items():
        if part not in (arguments.parts or PARTS.keys() - {_ELSEWHERE}):
            continue
        when = f"{arguments.rounds} rounds at load {os.getloadavg()[0]:.1f}"
        found: Table = import_module(f"benchmarks.{part}").measure(arguments.rounds)
        if part == _ELSEWHERE:
            when = f"{_today()}, {found.note}; {arguments.rounds} rounds"
        table = f"{found.markdown()}\n{when}.\n"
        print(f"{title}\n\n{table}", flush=True)
        if arguments.write:
            _replace(part, table)
    if arguments.write and arguments.parts != [_ELSEWHERE]:
        _replace("setting", f"{setting}\n")


def _setting() -> str:
    """When and where; no names of machines or people."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} on {platform.machine()}, {os.cpu_count()} CPUs"
    versions = ", ".join(_versions())
    return f"{_today()}, {python}, {system}; {versions}."


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _versions() -> Iterator[str]:
    for name in ("graphcnn", *_RIVALS, *_RUNTIMES):
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"no {name}"


def _replace(part: str, text: str) -> None:
    """Put what was measured between its two marks in the page."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {part} -->\n", f"<!-- /{part} -->\n"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        sys.exit(f"{PAGE.name} has no place for `{part}`")
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
