"""U+0085, U+2028 and U+2029 are characters in YAML 1.2: they end no line, and no comment."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from graphcnn import cli
from graphcnn.compiler import check
from graphcnn.diagnostics import SpecError
from graphcnn.formatting import format_spec
from graphcnn.lint import Selection
from graphcnn.source import SourceFile
from graphcnn.syntax import parse
from graphcnn.syntax.breaks import OLD, Readable
from graphcnn.syntax.tree import plain
from tests.inline import findings

each = pytest.mark.parametrize("char", OLD, ids=lambda char: f"U+{ord(char):04X}")


def net(*statements: str, head: str = "") -> str:
    """A spec; `tests.inline.spec` would take these characters for ends of lines, too."""
    listed = "".join(f"  - {one}\n" for one in statements)
    return f"graphcnn: 1\nname: net\n{head}inputs: {{image: [3, 8, 8]}}\ngraph:\n{listed}"


def tree(text: str) -> object:
    return plain(parse(SourceFile("net.yaml", text)))


@each
def test_a_comment_goes_on_behind_them(char: str) -> None:
    text = net("conv: 4", f"relu  # as{char}- tanh", "gelu")
    assert not findings(text)
    assert tree(text)["graph"] == [{"conv": 4}, "relu", "gelu"]  # type: ignore[index]


@each
@pytest.mark.parametrize("quotes", ["", "'", '"'])
def test_values_hold_them(char: str, quotes: str) -> None:
    assert tree(f"a: {quotes}one{char} two{quotes}\nb: 1") == {"a": f"one{char} two", "b": 1}


@each
def test_blocks_of_text_hold_them(char: str) -> None:
    assert tree(f"a: |\n  one{char}two\n  three\nb: 1") == {"a": f"one{char}two\nthree\n", "b": 1}


@each
def test_escapes_mean_them(char: str) -> None:
    escape = {"\x85": "\\N", "\u2028": "\\L", "\u2029": "\\P"}[char]
    assert tree(f'a: "{escape}{char}"') == {"a": 2 * char}


@each
def test_places_are_those_of_the_text(char: str) -> None:
    text = net(f"relu  # {char}{char}", f"{{conv: 4, doc: x{char}y, oops: 1}}")
    (found,) = findings(text)
    assert text[found.span.start : found.span.end] == "oops"
    assert found.span.begin_position.line == 6


@each
def test_characters_of_private_use_stay_what_they_are(char: str) -> None:
    assert tree(f"a: \ue000{char}\ue001") == {"a": f"\ue000{char}\ue001"}


def test_a_text_with_all_of_private_use_is_refused() -> None:
    held = "".join(map(chr, range(0xE000, 0xF900)))
    assert tree(f"a: '{held}'") == {"a": held}
    with pytest.raises(SpecError) as caught:
        parse(SourceFile("net.yaml", f"a: '{held}\u2028'"))
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.start) == ("yaml-syntax", 4 + len(held))


@each
def test_fmt_keeps_them(char: str) -> None:
    text = net(f"{{conv:   4}}  # as{char}- tanh", f"{{relu: {{}}, doc: x{char}y}}")
    once = format_spec(SourceFile("net.yaml", text))
    assert tree(once) == tree(text)
    assert f"# as{char}- tanh\n" in once
    assert format_spec(SourceFile("net.yaml", once)) == once


@each
def test_a_diff_has_their_lines_whole(char: str) -> None:
    text = net(f"conv:   4  # as{char}- tanh")
    result = CliRunner().invoke(cli.main, ["fmt", "--diff", "-"], input=text.encode())
    lines = result.stdout.split("\n")
    assert [line[0] for line in lines if "tanh" in line] == ["-", "+"]


@each
def test_a_comment_that_ignores_begins_as_comments_do(char: str) -> None:
    """Behind such a character a `#` is text."""
    head = "let:\n  spare: x{between}#graphcnn:ignore[unused-let]\n"

    def warnings(between: str) -> list[str]:
        file = SourceFile("net.yaml", net("relu", head=head.format(between=between)))
        return [one.code for one in check(file, warnings=Selection())]

    assert warnings(" ") == []
    assert warnings(char) == ["unused-let"]


def test_a_text_without_them_is_as_it_was() -> None:
    one = Readable("a: 1")
    assert (one.text, one.original("x")) == ("a: 1", "x")
