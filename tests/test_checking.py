"""Many specs at once: what several processes find is what one finds, and none outlives the run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from graphcnn.commands import checking, processes
from graphcnn.commands.checking import Outcome, check_all, check_one
from graphcnn.commands.project import Wanted
from graphcnn.imports import Library
from tests.inline import spec

GOOD = spec("- conv: {out: 8, kernel: 3}")
BAD = spec("- conv: {out: 8, kernel: 0}")
SLOW = spec("- {conv: {out: 8, kernel: 1}, repeat: 9000}")

#: `graphcnn`, with processes from the second spec on
EAGER = """
import multiprocessing, sys
from graphcnn.commands import checking
checking.LEAD = checking.WORTH = 0.0
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv.pop(1))
    from graphcnn.cli import main
    main()
"""
METHODS = [
    method
    for method in ("fork", "forkserver", "spawn")
    if method == "spawn" or sys.platform == "linux"
]


def specs(folder: Path, count: int) -> None:
    """Good specs and bad ones, with a bad library that every third imports."""
    (folder / "lib.yaml").write_text(
        "graphcnn: 1\nname: lib\nblocks: {unit: {graph: [{conv: $nope}]}}\n"
    )
    for k in range(count):
        using = spec("- unit", head="imports: [lib.yaml]")
        (folder / f"net{k:02}.yaml").write_text((GOOD, BAD, using)[k % 3])


def run(folder: Path, method: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", EAGER, method, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        input=BAD,
    )


@pytest.mark.parametrize("method", METHODS)
def test_several_processes_find_what_one_finds(tmp_path: Path, method: str) -> None:
    specs(tmp_path, 12)
    arguments = ("validate", "--format", "json", "net05.yaml", ".", "no.yaml", "-")
    alone = run(tmp_path, method, *arguments, "--jobs", "1")
    shared = run(tmp_path, method, *arguments, "--jobs", "3")
    assert alone.returncode == shared.returncode == 2
    assert alone.stdout.count('"code"') == 6  # four files, the library, and standard input
    assert (shared.stdout, shared.stderr) == (alone.stdout, alone.stderr)


def counted(calls: list[list[str]]) -> Callable[..., None]:
    def share_out(paths: list[str], *_rest: object) -> None:
        calls.append([*paths])

    return share_out


def test_what_is_quick_is_not_shared_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(processes, "share_out", counted(calls))
    specs(tmp_path, 6)
    paths = [str(path) for path in sorted(tmp_path.iterdir())]
    found = check_all(paths, partial(check_one, wanted=Wanted()), jobs=8)
    assert calls == []
    assert [*found] == paths


def test_much_that_is_slow_is_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """After half a second, and only where the rest takes seconds; what is left undone is done."""
    calls: list[list[str]] = []
    monkeypatch.setattr(processes, "share_out", counted(calls))
    clock = iter(range(10_000))
    monkeypatch.setattr(time, "perf_counter", lambda: 0.2 * next(clock))
    done: list[str] = []

    def check(path: str, _library: Library) -> Outcome | None:
        done.append(path)
        return None

    paths = [str(number) for number in range(20)]
    assert [*check_all(paths, check, jobs=2)] == done == paths
    (shared,) = calls
    assert shared == paths[-len(shared) :]
    assert 10 < len(shared) < 20
    calls.clear()
    check_all(paths, check, jobs=1)
    check_all(paths[:8], check, jobs=2)
    assert calls == []


def killed(path: str, _library: Library, *, parent: int) -> Outcome | None:
    """Fails in every process but the first: as if the system had killed it, or by a bug."""
    if os.getpid() != parent:
        if path.endswith("0"):
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError(path)
    return None


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="signals are POSIX's")
@pytest.mark.parametrize("paths", [["a", "b", "c"], ["a", "x0", "y0"]])
def test_what_processes_cannot_do_is_done_without(
    monkeypatch: pytest.MonkeyPatch, paths: list[str]
) -> None:
    monkeypatch.setattr(checking, "LEAD", 0.0)
    monkeypatch.setattr(checking, "WORTH", 0.0)
    seen: list[tuple[int, int]] = []
    check = partial(killed, parent=os.getpid())
    found = check_all(paths, check, jobs=2, watch=lambda *now: seen.append(now))
    assert sorted(found) == paths
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_a_short_run_loads_nothing_for_a_long_one(tmp_path: Path) -> None:
    specs(tmp_path, 3)
    script = """
import sys
from graphcnn.cli import main
main(["validate", "net00.yaml", "lib.yaml"], standalone_mode=False)
print(sorted({"concurrent", "multiprocessing"} & {*sys.modules}))
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


# --- how a run ends


def children(process: int) -> list[int]:
    """The processes that one has started and that still run."""
    text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(number) for number in text.split()]


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except FileNotFoundError:
        return False
    return state.split()[0] != "Z"


def until(wanted: Callable[[], object], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("method", METHODS)
def test_a_run_that_is_stopped_leaves_nothing_behind(
    tmp_path: Path, method: str, end: signal.Signals
) -> None:
    for k in range(60):
        (tmp_path / f"net{k}.yaml").write_text(SLOW)
    command = [sys.executable, "-c", EAGER, method, "validate", ".", "--jobs", "2"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0
    ) as process:
        until(lambda: len(children(process.pid)) >= 2)
        inner = children(process.pid)
        inner += [child for parent in inner for child in children(parent)]
        if end is signal.SIGINT:
            os.killpg(process.pid, end)  # as the terminal does
        else:
            process.send_signal(end)
        out, err = process.communicate(timeout=60)
    assert out == b""
    if end is signal.SIGINT:
        assert (process.returncode, err.strip()) == (130, b"")
    until(lambda: not any(map(is_running, inner)))
