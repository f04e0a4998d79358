"""The README shows what the tool does now: its commands are run and their output compared."""

from __future__ import annotations

from pathlib import Path

from tests import pages

README = pages.ROOT / "README.md"


def test_what_it_shows_is_what_happens(tmp_path: Path) -> None:
    assert list(pages.problems(README, tmp_path)) == []


def test_it_shows_a_spec_the_command_the_code_and_an_error() -> None:
    shown = [(block.language, block.text) for block in pages.blocks(README)]
    languages = [language for language, _ in shown]
    assert languages[:2] == ["yaml", "console"]
    assert "python" in languages
    assert any("error[" in text for language, text in shown if language == "console")
