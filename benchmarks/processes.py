"""Commands as fresh processes, one after the other, in turn."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
UNIT = 1 if sys.platform == "darwin" else 1024  # of memory, in what the system tells


class Run(NamedTuple):
    """What one process took: seconds on the clock and on the processor, and its largest size."""

    wall: float
    cpu: float
    bytes: int


class Runs(NamedTuple):
    """Several runs of one command."""

    all: tuple[Run, ...]

    @property
    def wall(self) -> float:
        return median(run.wall for run in self.all)

    @property
    def fastest(self) -> float:
        return min(run.wall for run in self.all)

    @property
    def cpu(self) -> float:
        return median(run.cpu for run in self.all)

    @property
    def bytes(self) -> int:
        return max(run.bytes for run in self.all)

    def ratio(self, other: Runs) -> float:
        """How much longer than another command, in the median of the rounds.

        The two of one round ran within seconds of each other, under much the same load.
        """
        pairs = zip(self.all, other.all, strict=True)
        return median(mine.wall / its.wall for mine, its in pairs)


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, Runs]:
    """Run all commands, ``rounds`` times, each round from another one on.

    A round that is not counted goes first: it fills the disk's cache and writes bytecode.
    """
    names = list(commands)
    found: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(-1, rounds):
        first = number % len(names)
        for name in [*names[first:], *names[:first]]:
            run = once(commands[name])
            if number >= 0:
                found[name].append(run)
    return {name: Runs(tuple(runs)) for name, runs in found.items()}


def once(command: Sequence[str]) -> Run:
    """Run a command in the project's folder; it must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * UNIT)


def resident() -> int:
    """The most memory that this process has had, in bytes; one that it starts begins with it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


def output(command: Sequence[str]) -> str:
    """What a command prints; it must succeed."""
    found = subprocess.run(
        command, cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE, text=True
    )
    return found.stdout


def environment() -> dict[str, str]:
    """Our own, in which Python keeps its bytecode, as it does for what is installed."""
    return {name: value for name, value in os.environ.items() if name not in _UNWANTED}


_UNWANTED = {"PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME", "PYTHONTRACEMALLOC"}
