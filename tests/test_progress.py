"""The line that says how far a command is."""

from __future__ import annotations

from io import StringIO

import pytest

from graphcnn.commands.progress import WIDTH, bar
from graphcnn.verification import Settings, verify
from tests.inline import model, spec
from tests.verification.runs import backends


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with bar(stream) as tell:
        tell("keras", 0.5)
        half = WIDTH // 2
        assert stream.getvalue().endswith(f"[{'#' * half}{'.' * half}] keras")
    assert stream.getvalue().endswith("\r\x1b[K")


def test_the_line_is_gone_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()

    def fails() -> None:
        with bar(stream) as tell:
            tell("onnx", 0.25)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fails()
    assert stream.getvalue().endswith("\r\x1b[K")


@pytest.mark.parametrize("stream", [StringIO(), Terminal()], ids=["file", "dumb"])
def test_elsewhere_nothing_is_written(stream: StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with bar(stream) as tell:
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
