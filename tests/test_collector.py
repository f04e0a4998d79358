"""The collector stands aside, and dead graphs go in the end."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from graphcnn import collector
from graphcnn.collector import paused


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def enabled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A collector that only runs when it is told to, on the first object that is kept."""
    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(1_000_000)
    monkeypatch.setattr(collector, "LARGE", 100)
    monkeypatch.setattr(collector, "_unseen", 0)
    yield
    gc.set_threshold(*before)


def test_it_is_as_it_was_afterwards() -> None:
    with paused(), paused():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with paused(kept=True):
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_is_kept_is_old_at_once() -> None:
    with paused(kept=True):
        made = [Cycle() for _ in range(200)]
    assert gc.get_freeze_count() == 0
    assert any(made[0] is one for one in gc.get_objects(generation=2))


def test_little_is_left_to_the_collector() -> None:
    with paused(kept=True):
        made = Cycle()
    assert not any(made is one for one in gc.get_objects(generation=2))


def test_what_a_program_froze_stays_so() -> None:
    gc.freeze()
    try:
        count = gc.get_freeze_count()
        with paused(kept=True):
            made = [Cycle() for _ in range(200)]
        assert gc.get_freeze_count() == count
        assert not any(made[0] is one for one in gc.get_objects(generation=2))
    finally:
        gc.unfreeze()


def test_what_is_dead_goes_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "BOUND", 500)
    alive: list[weakref.ref[Cycle]] = []
    for _ in range(20):
        with paused(kept=True):
            alive += [weakref.ref(one) for one in [Cycle() for _ in range(200)]]
    assert sum(one() is not None for one in alive) <= 1_500
