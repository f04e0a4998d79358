"""How findings and summaries look, to people and to programs."""

from __future__ import annotations

import csv
import io
import json
import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcnn
from graphcnn.diagnostics import Diagnostic, Severity
from graphcnn.report import DIAGNOSTICS, SUMMARIES, render_diagnostics, render_summary
from graphcnn.report.figures import field
from graphcnn.report.table import Column, markdown, plain
from graphcnn.report.terminal import clean, width
from graphcnn.size.figures import rounded
from graphcnn.source import SourceFile, Span

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def finding(text: str, marked: str, **more: object) -> Diagnostic:
    start = text.index(marked)
    span = Span(SourceFile("net.yaml", text), start, start + len(marked))
    return Diagnostic("bad-value", "this is wrong", span, **more)  # type: ignore[arg-type]


def shown(diagnostic: Diagnostic) -> list[str]:
    """The lines of a finding, without its gutter and without the total."""
    lines = render_diagnostics([diagnostic]).splitlines()
    return [line.partition("| ")[2] for line in lines if "| " in line]


def test_a_finding_in_text() -> None:
    text = "graphcnn: 1\ngraph:\n  - conv: {out: 0}\n"
    notes = ("in block `unit`, used at net.yaml:9",)
    found = finding(text, "0", notes=notes, help="give it a channel")
    assert render_diagnostics([found]) == dedent(
        """\
        net.yaml:3:17: error[bad-value]: this is wrong
          |
        3 |   - conv: {out: 0}
          |                 ^
          = in block `unit`, used at net.yaml:9
          = help: give it a channel

        1 error
        """
    )


def test_findings_are_counted() -> None:
    error = finding("a: b", "b")
    warning = finding("a: b", "a", severity=Severity.WARNING)
    assert render_diagnostics([error, error, warning]).endswith("\n2 errors, 1 warning\n")
    assert render_diagnostics([]) == ""


def test_colours_change_nothing_else() -> None:
    found = finding("a: b", "b", help="c", notes=("d",))
    coloured = render_diagnostics([found], color=True)
    assert "\x1b[" in coloured
    assert ANSI.sub("", coloured) == render_diagnostics([found])


def test_the_gutter_is_as_wide_as_the_number() -> None:
    lines = render_diagnostics([finding("\n" * 99 + "a: b", "b")]).splitlines()
    assert lines[1:4] == ["    |", "100 | a: b", "    |    ^"]


@pytest.mark.parametrize(
    ("text", "marked", "line", "marks"),
    [
        ("名前: 値段", "値段", "名前: 値段", "      ^^^^"),
        ("\tkey: b", "b", "    key: b", "         ^"),
        ("a\tkey: b", "b", "a   key: b", "         ^"),
        ("e\u0301: b", "b", "e\u0301: b", "   ^"),
        ("a: [b,\n  c]", "[b,\n  c]", "a: [b,", "   ^^^"),
        ("a: b   \nc", "b   \nc", "a: b", "   ^"),
        ("a: \x1b[31mb", "b", "a: <U+001B>[31mb", "               ^"),
        ("a: \u202eb", "b", "a: <U+202E>b", "           ^"),
    ],
)
def test_the_mark_stands_under_the_mistake(text: str, marked: str, line: str, marks: str) -> None:
    assert shown(finding(text, marked)) == [line, marks]


def test_the_end_of_a_line_can_be_marked() -> None:
    file = SourceFile("net.yaml", "a:\nb: 1")
    assert shown(Diagnostic("bad-value", "nothing", Span(file, 2, 2))) == ["a:", "  ^"]


def test_an_empty_line_is_not_shown() -> None:
    file = SourceFile("net.yaml", "")
    (first, *rest) = render_diagnostics(
        [Diagnostic("empty-file", "empty", Span(file, 0, 0))]
    ).splitlines()
    assert first == "net.yaml:1:1: error[empty-file]: empty"
    assert rest == ["", "1 error"]


@pytest.mark.parametrize("before", [0, 50, 90, 300, 100_000])
def test_a_long_line_is_cut_around_its_mistake(before: int) -> None:
    text = "x" * before + "MISTAKE" + "y" * 1000
    line, marks = shown(finding(text, "MISTAKE"))
    assert width(line) <= 101
    assert line.endswith("…")
    begin = marks.index("^")
    assert line[begin : begin + len("MISTAKE")] == "MISTAKE"
    assert marks.count("^") == len("MISTAKE")


def test_a_mark_beyond_what_is_shown_is_cut_too() -> None:
    line, marks = shown(finding("a: " + "b" * 100_000, "b" * 100_000))
    assert len(marks) <= len(line)


def test_messages_cannot_reach_the_terminal() -> None:
    file = SourceFile("net\x1b[2J.yaml", "a")
    found = Diagnostic("bad-value", "see \x07 and \x9b", Span(file, 0, 1), ("\x08",), "\x1b]0;x")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", render_diagnostics([found]))


@given(st.text(), st.integers(0, 50), st.integers(0, 50), st.text())
def test_any_text_can_be_shown(text: str, start: int, length: int, message: str) -> None:
    start = min(start, len(text))
    span = Span(SourceFile(text[:9], text), start, min(start + length, len(text)))
    found = Diagnostic("bad-value", message, span, (message,), message)
    lines = render_diagnostics([found]).splitlines()
    assert lines[-1] == "1 error"
    assert all(line.isprintable() for line in lines)
    assert json.loads(render_diagnostics([found], "json"))


def test_a_finding_in_json() -> None:
    found = finding("name: net\nout: 'é€'\n", "'é€'", notes=("a",), help="b")
    text = render_diagnostics([found], "json")
    assert text.isascii()
    assert json.loads(text) == [
        {
            "file": "net.yaml",
            "line": 2,
            "column": 6,
            "end_line": 2,
            "end_column": 10,
            "severity": "error",
            "code": "bad-value",
            "message": "this is wrong",
            "notes": ["a"],
            "help": "b",
        }
    ]
    assert json.loads(render_diagnostics([], "json")) == []


@pytest.mark.parametrize("format", DIAGNOSTICS)
def test_every_format_of_findings(format: str) -> None:
    assert render_diagnostics([finding("a: b", "b")], format).endswith("\n")


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.000 K"),
        (9999, "9.999 K"),
        (99_999, "100.0 K"),
        (999_949, "999.9 K"),
        (999_950, "1.000 M"),
        (4_089_184_256, "4.089 G"),
        (10**18, "1,000.0 P"),
    ],
)
def test_numbers_are_rounded_to_four_digits(number: int, text: str) -> None:
    assert rounded(number) == text


def test_receptive_fields() -> None:
    assert field((427, 427)) == "427 x 427"
    assert field(None) == "none"


def test_columns_are_aligned() -> None:
    columns = [Column("name"), Column("size", "right")]
    assert plain(columns, [["a", "10"], ["名前", "1"]]) == "name  size\na       10\n名前     1\n"


def test_markdown_is_escaped() -> None:
    columns = [Column("a"), Column("b", "right")]
    assert markdown(columns, [["x|y", "<b>"]]) == "| a | b |\n| --- | ---: |\n| x\\|y | &lt;b> |\n"


def test_clean_leaves_text_alone() -> None:
    assert clean("grün 名前 — …") == "grün 名前 — …"
    assert clean("a\u00a0b") == "a b"


@pytest.fixture(scope="module")
def resnet() -> graphcnn.Summary:
    return graphcnn.load("resnet50").summary()


def test_a_folded_summary(resnet: graphcnn.Summary) -> None:
    lines = render_summary(resnet, depth=1).splitlines()
    table = [" ".join(line.split()[:4]) for line in lines[2:13]]
    assert table == [
        "layer op output params",
        "image input (3, 224,",
        "conv1 conv (64, 112,",
        "bn1 batch_norm (64, 112,",
        "relu relu (64, 112,",
        "maxpool max_pool (64, 56,",
        "layer1 3 x bottleneck",
        "layer2 4 x bottleneck",
        "layer3 6 x bottleneck",
        "layer4 3 x bottleneck",
        "avgpool global_avg_pool (2048, 1,",
    ]
    assert "params           25,557,032" in lines
    assert "MACs             4.089 G" in lines


def test_depth_opens_one_scope_after_the_other(resnet: graphcnn.Summary) -> None:
    counts = [len(render_summary(resnet, depth=depth).splitlines()) for depth in (1, 2, 3, 4, 9)]
    assert counts == sorted(counts)
    assert counts[-1] == len(render_summary(resnet).splitlines())
    for scope in ("layer1", "  0", "    conv1"):
        assert any(line.startswith(f"{scope} ") for line in render_summary(resnet).splitlines())


def test_folded_scopes_add_up(resnet: graphcnn.Summary) -> None:
    for depth in (1, 2, 3):
        text = render_summary(resnet, "markdown", depth=depth)
        top = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
        params = [int(cells[3].replace(",", "")) for cells in top if len(cells) == 5]
        assert sum(params) == resnet.params


def test_a_summary_in_csv(resnet: graphcnn.Summary) -> None:
    rows = list(csv.DictReader(io.StringIO(render_summary(resnet, "csv"))))
    assert len(rows) == len(resnet.layers)
    assert rows[0] == {
        "name": "conv1",
        "op": "conv",
        "inputs": "(3, 224, 224)",
        "outputs": "(64, 112, 112)",
        "params": "9408",
        "buffers": "0",
        "macs": "118013952",
        "file": "specs/resnet.yaml",
        "line": rows[0]["line"],
    }


def test_a_summary_in_json(resnet: graphcnn.Summary) -> None:
    assert json.loads(render_summary(resnet, "json")) == resnet.to_dict()


@pytest.mark.parametrize("format", SUMMARIES)
@pytest.mark.parametrize("model", ["googlenet", "lenet5", "squeezenet1_0"])
def test_every_format_of_summaries(format: str, model: str) -> None:
    text = render_summary(graphcnn.load(model).summary(), format, color=True)
    assert text.endswith("\n")
