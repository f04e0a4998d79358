"""The line that says how far a long run is."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, suppress

import pytest

from graphcnn.commands import progress as module
from graphcnn.commands.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_long_work_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DELAY", 0.0)
    monkeypatch.setattr(module, "PAUSE", 0.0)
    with redirect_stderr(Terminal()) as terminal, suppress(KeyboardInterrupt), progress() as show:
        assert show is not None
        show(1, 1000)
        show(999, 1000)
        raise KeyboardInterrupt
    line = "999 of 1,000 specs checked"
    assert terminal.getvalue() == f"\r1 of 1,000 specs checked\r{line}\r{' ' * len(line)}\r"


def test_short_work_shows_nothing() -> None:
    with redirect_stderr(Terminal()) as terminal, progress() as show:
        assert show is not None
        show(1, 2)
    assert terminal.getvalue() == ""


def test_nothing_is_shown_where_nobody_watches() -> None:
    with redirect_stderr(io.StringIO()), progress() as show:
        assert show is None
