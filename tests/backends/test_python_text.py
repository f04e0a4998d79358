"""Docstrings in emitted files."""

from __future__ import annotations

import pytest

from graphcnn.backends.python.text import docstring, without_citation, wrapped


def test_two_lines_are_parted_where_the_sense_pauses() -> None:
    text = (
        "A convolution whose filter is a small network; beyond its first layer it sees one place."
    )
    first, second = wrapped(text, 81)
    assert first == "A convolution whose filter is a small network;"
    assert f"{first} {second}" == text


def test_what_stands_in_parentheses_is_not_parted() -> None:
    text = "Gradient-based learning applied to document recognition (LeCun and others, 1998)."
    assert wrapped(text, 70)[1] == "(LeCun and others, 1998)."


def test_no_line_has_one_short_word_alone() -> None:
    text = "Depthwise convolution of stride 2, padded as TensorFlow does, batch norm, ReLU6."
    assert wrapped(text, 76)[1] == "batch norm, ReLU6."


def test_a_text_without_a_pause_is_parted_anywhere() -> None:
    assert wrapped("word " * 20 + "end", 60)[0].endswith("word")


@pytest.mark.parametrize("length", range(60, 180, 3))
def test_a_docstring_keeps_to_the_width(length: int) -> None:
    lines = docstring(("some words, and " * 20)[:length], width=84)
    assert all(len(line) <= 84 for line in lines)
    assert len(lines) == 1 or len(lines[0]) + 3 > 80 or lines[0].endswith(",") or len(lines) > 3


def test_a_citation_is_left_out() -> None:
    assert without_citation("Deep nets (He et al., 2015), with more.") == "Deep nets, with more."
    assert without_citation("A block (of two layers).") == "A block (of two layers)."
