"""Specs shared out among processes, loaded only by a run that is long enough for them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing.connection import wait
from typing import Final

from graphcnn.commands.checking import Check, Outcome
from graphcnn.imports import Library

SHARE: Final = 0.2
"""Seconds of work that a process is given at a time."""

MOST: Final = 61
"""Processes; more than Windows can wait for."""


def share_out(
    paths: Sequence[str],
    check: Check,
    jobs: int,
    seconds: float,
    done: Callable[[str, Outcome | None], None],
) -> None:
    """Check specs that take about ``seconds`` each; ``done`` is told what came of each.

    Processes are started as the platform starts them by default. Whatever goes wrong in one or in
    starting them ends this early: the caller does what is not done, and shows what is wrong.
    """
    size = max(1, min(int(SHARE / seconds), len(paths) // jobs))
    shares = [paths[at : at + size] for at in range(0, len(paths), size)]
    with (
        suppress(Exception),
        ProcessPoolExecutor(min(jobs, MOST, len(shares)), initializer=_begin) as pool,
    ):
        try:
            with _uninterrupted():
                futures = {pool.submit(_check, share, check): share for share in shares}
            for future in as_completed(futures):
                for path, outcome in zip(futures[future], future.result(), strict=True):
                    done(path, outcome)
        except BaseException:
            _stop(pool)
            raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits; it reaches all processes of a terminal, and one started here never hears it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop(pool: ProcessPoolExecutor) -> None:
    """Wait for nothing that is being checked."""
    pool.shutdown(wait=False, cancel_futures=True)
    for process in multiprocessing.active_children():
        process.terminate()


# --- in the processes --------------------------------------------------------------------


def _begin() -> None:
    # Where none can be started deaf, as on Windows; the first process ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # there is nothing to undo here
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End with the process that started this one, however that has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _check(paths: Sequence[str], check: Check) -> list[Outcome | None]:
    return [check(path, _library()) for path in paths]


@cache
def _library() -> Library:
    """What this process has read so far."""
    return Library()
