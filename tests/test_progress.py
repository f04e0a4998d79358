"""The line that says how far a long run is."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, suppress

import pytest

from graphcnn.commands import progress as module
from graphcnn.commands.progress import WIDTH, progress
from graphcnn.verification import Settings, verify
from tests.inline import model, spec
from tests.verification.runs import backends

CLEAR = "\r\x1b[K"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def test_long_work_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.0)
    with redirect_stderr(Terminal()) as terminal, progress(delay=0.0) as tell:
        tell("keras", 0.0)
        tell("onnx", 0.5)
    half = WIDTH // 2
    lines = [f"[{'.' * WIDTH}] keras", f"[{'#' * half}{'.' * half}] onnx", ""]
    assert terminal.getvalue() == "".join(f"{CLEAR}{line}" for line in lines)


def test_the_line_is_gone_after_an_error() -> None:
    with (
        redirect_stderr(Terminal()) as terminal,
        suppress(KeyboardInterrupt),
        progress(delay=0.0) as tell,
    ):
        tell("onnx", 0.25)
        raise KeyboardInterrupt
    assert terminal.getvalue().endswith(f"onnx{CLEAR}")


def test_short_work_shows_nothing() -> None:
    with redirect_stderr(Terminal()) as terminal, progress() as tell:
        tell("1 of 2 specs", 0.5)
    assert terminal.getvalue() == ""


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["file", "dumb"])
def test_elsewhere_nothing_is_written(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with redirect_stderr(stream), progress(delay=0.0) as tell:
        tell("keras", 0.5)
    assert stream.getvalue() == ""


def test_a_verification_tells_of_its_parts() -> None:
    told: list[tuple[str, float]] = []
    found = verify(
        model(spec("[{conv: 4}, relu]", image="[3, 4, 4]")),
        backends("pytorch", "onnx"),
        Settings(),
        lambda what, part: told.append((what, part)),
    )
    assert found.passed
    assert told == [("the reference", 0), ("pytorch", 1 / 3), ("onnx", 2 / 3)]
