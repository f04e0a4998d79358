from __future__ import annotations

import gc
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcnn import syntax
from graphcnn.diagnostics import Diagnostic, SpecError, UsageError
from graphcnn.source import SourceFile
from graphcnn.syntax import Mapping, Node, Scalar, Sequence, composer, decode, parse, plain, read


def tree(text: str) -> Node:
    return parse(SourceFile("spec.yaml", text))


def data(text: str) -> object:
    return plain(tree(text))


def problems(text: str) -> tuple[Diagnostic, ...]:
    with pytest.raises(SpecError) as caught:
        tree(text)
    return caught.value.diagnostics


def problem(text: str) -> Diagnostic:
    (found,) = problems(text)
    return found


def place(found: Diagnostic) -> str:
    return str(found.span).removeprefix("spec.yaml:")


def source(node: Node) -> str:
    return node.file.text[node.start : node.end]


def nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Sequence):
        for item in node.items:
            yield from nodes(item)
    elif isinstance(node, Mapping):
        for key, value in node.entries.values():
            yield key
            yield from nodes(value)


# Values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("~", None),
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("0", 0),
        ("+1", 1),
        ("-12", -12),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("9223372036854775807", 9223372036854775807),
        ("1e3", 1000.0),
        ("1.0e-3", 0.001),
        (".5", 0.5),
        ("-.5", -0.5),
        ("1.", 1.0),
        ("6.", 6.0),
        ("1e-400", 0.0),
    ],
)
@pytest.mark.parametrize("form", ["- {}", "- {} # comment", "- [a, {} ]"])
def test_plain_scalars_follow_the_core_schema(text: str, value: object, form: str) -> None:
    found = list(nodes(tree(form.format(text))))[-1]
    assert plain(found) == value
    assert type(plain(found)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *("no", "No", "yes", "on", "off", "y", "n", "nUll", "tRue", "none", "nil"),
        *("1:30", "1_000", "0b1", "0O17", "0X1F", "-0x1", "0o8", "0xg", "1e", "e3", ".", "-", "+"),
        *("2001-12-14", "1.2.3", "3x3", "inf", "nan", "<= 4.2G", "$planes", "$(a + 1)", "=", "١٢"),
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert data(f"a: {text}" if text != "-" else "a: '-'") == {"a": text}


def test_quotes_make_text() -> None:
    assert data("""["1", 'true', "", "~"]""") == ["1", "true", "", "~"]
    found = tree("- |\n  1\n- 'a'\n- a\n- 1")
    assert isinstance(found, Sequence)
    assert [item.quoted for item in found.items if isinstance(item, Scalar)] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (".inf", "infinity"),
        ("-.Inf", "infinity"),
        (".NaN", "infinity"),
        ("1e999", "too large"),
        ("123456789012345678901", "between -2^63 and 2^63"),
        ("1" * 5000, "between -2^63 and 2^63"),
        ("0x" + "f" * 30, "between -2^63 and 2^63"),
    ],
)
def test_numbers_out_of_bounds(text: str, words: str) -> None:
    found = problem(f"a: [{text}]")
    assert (found.code, place(found)) == ("bad-number", "1:5")
    assert words in found.message


def test_the_same_bad_number_is_reported_at_each_place() -> None:
    assert [place(found) for found in problems("- .inf\n- .inf\n")] == ["1:3", "2:3"]


# The tree


def test_mapping_keeps_order_and_keys() -> None:
    found = tree("b: 1\na: {c: 2}\n")
    assert isinstance(found, Mapping)
    assert list(found.entries) == ["b", "a"]
    assert found.entries["a"].key.value == "a"
    assert str(found.entries["a"].key.span) == "spec.yaml:2:1"
    inner = found.get("a")
    assert inner is found.entries["a"].value
    assert found.get("z") is None


def test_nodes_are_frozen_and_equal_by_identity() -> None:
    found = tree("[a, a]")
    assert isinstance(found, Sequence)
    first, second = found.items
    assert first != second
    assert len({first, second}) == 2
    with pytest.raises(AttributeError):
        first.start = 3  # type: ignore[misc]
    assert not hasattr(first, "__dict__")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a: 1\n\n# comment\n", ["a: 1", "a", "1"]),
        ("a:\n  b: c # d\n\ne: f", ["a:\n  b: c # d\n\ne: f", "a", "b: c", "b", "c", "e", "f"]),
        ("a:\n- b\n- c\n\n\nd: e", ["a:\n- b\n- c\n\n\nd: e", "a", "- b\n- c", "b", "c", "d", "e"]),
        ("a: [b,\n  c ] # d\n", ["a: [b,\n  c ]", "a", "[b,\n  c ]", "b", "c"]),
        ("{a: {}, b: []}  ", ["{a: {}, b: []}", "a", "{}", "b", "[]"]),
        ("[a: b , c]", ["[a: b , c]", "a: b", "a", "b", "c"]),
        ("a:\nb:\n", ["a:\nb:", "a", "", "b", ""]),
        ("-\n- a\n", ["-\n- a", "", "a"]),
        ("- 'it''s'\n- \"a\\n\"\n", ["- 'it''s'\n- \"a\\n\"", "'it''s'", '"a\\n"']),
        ("a: |\n  b\n  c\n\nd: 1", ["a: |\n  b\n  c\n\nd: 1", "a", "|\n  b\n  c", "d", "1"]),
        ("a: >-\n  b\n# c\n", ["a: >-\n  b", "a", ">-\n  b"]),
        ("a: b\n  c\n", ["a: b\n  c", "a", "b\n  c"]),
        ("- &x a\n- &y  # z\n  b: c\n", ["- &x a\n- &y  # z\n  b: c", "a", "b: c", "b", "c"]),
        ("- &x\n- &y []\n", ["- &x\n- &y []", "", "[]"]),
        ("? a\n: b\n", ["? a\n: b", "a", "b"]),
        ("--- # a\nb\n...\n", ["b"]),
        ("\ufeffa: 1\r\nb: é😀x\r\n", ["a: 1\r\nb: é😀x", "a", "1", "b", "é😀x"]),
    ],
)
def test_spans_hold_the_text_of_their_nodes(text: str, pieces: list[str]) -> None:
    assert [source(node) for node in nodes(tree(text))] == pieces


def test_text_of_several_lines() -> None:
    assert data("a: |\n  b\n\n  c\nd: >\n  e\n  f\n") == {"a": "b\n\nc\n", "d": "e f\n"}


def test_spec_of_the_design() -> None:
    text = """\
graphcnn: 1
expect: {params: 11689512, macs: <= 4.2G}
graph:
  - conv: {out: $(8 * k), kernel: 7, bias: false}
    id: layer$(stage + 1)
  - relu
  - {use: $act, when: $(act != none)}
  - add: {}
    from: [prev, a.0]
"""
    assert data(text) == {
        "graphcnn": 1,
        "expect": {"params": 11689512, "macs": "<= 4.2G"},
        "graph": [
            {"conv": {"out": "$(8 * k)", "kernel": 7, "bias": False}, "id": "layer$(stage + 1)"},
            "relu",
            {"use": "$act", "when": "$(act != none)"},
            {"add": {}, "from": ["prev", "a.0"]},
        ],
    }


# Anchors and aliases


def test_aliases_share_the_node() -> None:
    found = tree("a: &x [1, 2]\nb: *x\nc: &x 3\nd: *x\n")
    assert isinstance(found, Mapping)
    assert found.get("b") is found.get("a")
    converted = plain(found)
    assert converted == {"a": [1, 2], "b": [1, 2], "c": 3, "d": 3}
    assert isinstance(converted, dict)
    assert converted["b"] is converted["a"]


def test_inner_anchor_of_the_same_name_wins() -> None:
    assert data("- &x [&x 1, *x]\n- *x\n") == [[1, 1], 1]


def test_alias_as_key() -> None:
    found = tree("a: &x b\n*x : c\n")
    assert plain(found) == {"a": "b", "b": "c"}
    assert isinstance(found, Mapping)
    assert found.entries["b"].key.span.begin_position == (2, 1)


def test_end_of_a_block_that_ends_in_an_alias() -> None:
    found = tree("a: &x [1]\nb:\n  c: *x\n\nd: 1\n")
    assert isinstance(found, Mapping)
    inner = found.get("b")
    assert inner is not None
    assert source(inner) == "c: *x"


def test_alias_cycle() -> None:
    found = problem("a: &x\n  - [1, *x]\n")
    assert (found.code, place(found)) == ("alias-cycle", "2:9")
    assert found.notes == ("`&x` began in line 2",)


def bomb(levels: int) -> str:
    lines = ["- &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, levels)]
    return "\n".join(lines)


def test_alias_bomb_is_stopped_at_the_alias() -> None:
    found = problem(bomb(20))
    assert found.code == "alias-bomb"
    assert found.span.file.text[found.span.start : found.span.end].startswith("*a")


def test_sharing_below_the_bound_stays_cheap() -> None:
    found = plain(tree(bomb(5)))
    assert isinstance(found, list)
    assert found[4][9][9][9][9][9] == "x"
    assert found[4][0] is found[4][9] is found[3]


def test_aliases_cannot_build_depth() -> None:
    chain = ["- &a0 [x]", *(f"- &a{i} [*a{i - 1}]" for i in range(1, 500))]
    found = problem("\n".join(chain))
    assert found.code == "too-deep"


# What a spec may not contain


@pytest.mark.parametrize(
    ("text", "code", "at", "message", "help"),
    [
        # tabs
        ("a:\n\tb: 1\n", "yaml-syntax", "2:1", "a tab cannot indent", None),
        ("a:\n  b: 1\n\tc: 2\n", "yaml-syntax", "3:1", "a tab cannot indent", None),
        ("- a\n\t- b\n", "yaml-syntax", "2:1", "a tab cannot indent", None),
        ("a:\n  - b\n  \t- c\n", "yaml-syntax", "3:3", "a tab cannot indent", None),
        ("a: |\n\tb\n", "yaml-syntax", "2:1", "a tab cannot indent", None),
        ("\ta: 1\n", "yaml-syntax", "1:1", "a tab cannot indent", None),
        # brackets
        ("g:\n- conv: [1, 2\n- relu\n", "yaml-syntax", "2:9", "`[` is never closed", None),
        ("g:\n- conv: {out: 1\n", "yaml-syntax", "2:9", "`{` is never closed", None),
        ("a: 1\r\nb: [\r\n", "yaml-syntax", "2:4", "`[` is never closed", None),
        ("a: {b: 1\nc: 2\n", "yaml-syntax", "2:2", "`,` or `}`, found `:`", "close the `{`"),
        ("a: [1, 2}\n", "yaml-syntax", "1:9", "`,` or `]`, found `}`", None),
        ("{a: 1 b: 2}", "yaml-syntax", "1:8", "found `:`", "put a comma"),
        ("a: {b: [1] c: 3}", "yaml-syntax", "1:12", "found `c:`", "put a comma"),
        ("a: [1]]\n", "yaml-syntax", "1:7", "`]` closes nothing", None),
        ("]", "yaml-syntax", "1:1", "`]` closes nothing", None),
        ("[a,,b]", "yaml-syntax", "1:4", "a value is missing before `,`", None),
        # colons
        ("doc: He et al: residual", "yaml-syntax", "1:14", "a second `:`", "quote the text"),
        ("a: 1\n  b: 2\n", "yaml-syntax", "2:3", "part of the value above", "align the line"),
        ("a:\n  b:64\n  c: 2\n", "yaml-syntax", "3:3", "value above", "after the colon in `b:64`"),
        ("- when: $(x[a : b])\n", "yaml-syntax", "1:15", "cuts the expression", "quote"),
        ("a: 1\nb\nc: 2\n", "yaml-syntax", "2:1", "`b` stands among keys", None),
        ("a: 1\nb:2\n", "yaml-syntax", "2:1", "`b:2` stands among", "after the colon in `b:2`"),
        ("- a: 1\n  -relu\n", "yaml-syntax", "2:3", "`-relu` stands", "space after `-`"),
        ("{conv:{out: 64}}", "yaml-syntax", "1:6", "a space must follow", "`conv: `"),
        (": 1", "yaml-syntax", "1:1", "a key is missing", None),
        ("{: 1}", "yaml-syntax", "1:2", "a key is missing", None),
        ("a" * 1100 + ": 1\n", "yaml-syntax", "1:1", "at most 1024", None),
        ("a: 1\n" + "b" * 1100 + "\n", "yaml-syntax", "2:1", "at most 1024", None),
        # indentation
        (
            "a:\n    b: 1\n  c: 2\n",
            "yaml-syntax",
            "3:3",
            "`c: 2` is indented like nothing",
            "align",
        ),
        ("a:\n  - b\n - c\n", "yaml-syntax", "3:2", "`- c` is indented like nothing", "align"),
        ("- a: 1\n b: 2\n", "yaml-syntax", "2:2", "`b: 2` is indented like nothing", "align"),
        ("- a\nb: 1\n", "yaml-syntax", "2:1", "does not begin with `- `", None),
        ("- a\n-b: 1\n", "yaml-syntax", "2:1", "does not begin with `- `", "space after `-`"),
        ("a: 1\n- b\n", "yaml-syntax", "2:1", "`- b` stands among keys", None),
        ("a: - b\n", "yaml-syntax", "1:4", "a list cannot begin", "next line"),
        ("  a: 1\nb: 2\n", "yaml-syntax", "2:1", "`b: 2` follows the value", "indentation"),
        ("[a]\nb: 1\n", "yaml-syntax", "2:1", "`b: 1` follows the value", "indentation"),
        # quotes
        ('a: "b\nc: 1\n', "yaml-syntax", "1:4", "never closed", None),
        ("a: 'b\nc: 1\n", "yaml-syntax", "1:4", "never closed", None),
        ('a: "b\n---\n', "yaml-syntax", "1:4", "never closed", None),
        ('a: "b" c\n', "yaml-syntax", "1:8", "`c` follows a value", "quote the whole"),
        ("a: 'it's'\n", "yaml-syntax", "1:8", "`s'` follows a value", "is written `''`"),
        ('a: "b\nc: "d"\n', "yaml-syntax", "2:5", '`d"` follows', "close the quotation"),
        ('a: "\\d"\n', "yaml-syntax", "1:5", "`\\d` means nothing", "single quotes"),
        ('a: "\\ud83d\\ude00"', "yaml-syntax", "1:5", "`\\ud83d` means nothing", "one whole"),
        ('a: "\\x4"\n', "yaml-syntax", "1:5", "`\\x4` means nothing", "2, 4 and 8"),
        # characters with a meaning
        ("a: @b\n", "yaml-syntax", "1:4", "`@` cannot begin", "quote"),
        ("a: `b`\n", "yaml-syntax", "1:4", "a backtick cannot begin", "quote"),
        ("a: {b: >= 3}\n", "yaml-syntax", "1:8", "`>` cannot begin", "quote"),
        ("a: >= 3\n", "yaml-syntax", "1:5", "after `>` the text begins", "begins with `>`"),
        ("a: *\n", "yaml-syntax", "1:4", "`*` begins an alias", "quote"),
        ("a: & b\n", "yaml-syntax", "1:4", "`&` begins an anchor", "quote"),
        ("a: &x *y\n", "yaml-syntax", "1:7", "`*y` follows", "one anchor"),
        ("a: ? b\n", "yaml-syntax", "1:4", "`?` cannot begin", "quote"),
        ("a: *b\n", "yaml-syntax", "1:4", "no `&b` comes before", None),
        ("a: \x00b", "yaml-syntax", "1:4", "U+0000", None),
        ("a: \x1b[0m", "yaml-syntax", "1:4", "U+001B", None),
        ("a: b\n\ufeff", "yaml-syntax", "2:1", "U+FEFF", None),
        ("a: \ud800", "yaml-syntax", "1:4", "U+D800", None),
        # directives
        ("%FOO\n---\na: 1\n", "yaml-syntax", "1:1", "directive", None),
        ("%YAML 2.0\n---\na: 1\n", "yaml-syntax", "1:1", "directive", None),
        ("# a\n%TAG ! b:\n---\na: 1\n", "yaml-syntax", "2:1", "directive", None),
        ("%YAML 1.2\n%YAML 1.2\n---\na\n", "yaml-syntax", "2:1", "directive", None),
        ("%YAML 1.2\na: 1\n", "yaml-syntax", "2:1", "`---` must stand", None),
        ("a: 1\n%b\n", "yaml-syntax", "2:1", "directive", "quote"),
        # what YAML has and a spec has not
        ("a: !!python/object:os.system x\n", "yaml-tag", "1:4", "`!!python/object:os", None),
        ("a: !b [1]\n", "yaml-tag", "1:4", "`!b` is a tag", "leave it out"),
        ("a: &x !b {}\n", "yaml-tag", "1:7", "`!b` is a tag", "leave it out"),
        ("a: !b!c d\n", "yaml-tag", "1:4", "`!b!c d` is a tag", "leave it out"),
        ("a: !<b\n", "yaml-tag", "1:4", "`!<b` is a tag", "leave it out"),
        ("a: 1\n---\nb: 2\n", "many-documents", "2:1", "second document", "own file"),
        ("a: 1\n...\n# c\nb: 2\n", "many-documents", "4:1", "second document", "own file"),
        ("", "empty-file", "1:1", "empty", None),
        ("# only a comment\n", "empty-file", "1:1", "empty", None),
        ("---\n", "empty-file", "1:1", "empty", None),
        ("a: {}\nb:\n  <<: x\n", "merge-key", "3:3", "merge key", "write the entries out"),
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", "3:1", "`a` is given twice", None),
        ("{a: 1, 'a': 3}", "duplicate-key", "1:8", "`a` is given twice", None),
        ("1: x\n", "bad-key", "1:1", "`1` is a number", 'quote it: `"1"`'),
        ("{true: x}\n", "bad-key", "1:2", "`true` is a truth value", 'quote it: `"true"`'),
        ("null: x\n", "bad-key", "1:1", "`null` is nothing", 'quote it: `"null"`'),
        ("? \n: b\n", "bad-key", "1:2", "a key is missing", None),
        ("? [a]\n: b\n", "bad-key", "1:3", "not a list", "quote the key"),
        ("a: {{ x }}\n", "bad-key", "1:5", "not a mapping", "quote the key"),
        # what is YAML, but never what was meant
        ("- {out:64}\n", "bad-key", "1:4", "`out:64` is read as one key", "`out: 64`"),
        ("- conv:{out: 64}\n", "bad-key", "1:3", "`conv:{out` is read", "`conv: {out`"),
        ("- relu\n - relu\n", "misaligned-item", "2:2", "begins no item", "align `-`"),
        ("- relu\n - conv: {out: 1}\n", "misaligned-item", "2:2", "begins no item", "align"),
        ("graph\n- relu\n", "misaligned-item", "2:1", "begins no item", "with `:`"),
        ("- {a: $(min(b, c))}\n", "cut-expression", "1:7", "`$(min(b` is cut off", "quote"),
        ("- {a: $(b[0])}\n", "cut-expression", "1:7", "`$(b` is cut off", "quote"),
        ("- [$(f(b, c[0]))]\n", "cut-expression", "1:4", "`$(f(b` is cut off", "quote"),
        # bounds
        ("a: " + "x" * 10_001, "too-long", "1:4", "10,000 characters", None),
        ("a: '" + "1" * 10_001 + "'", "too-long", "1:4", "10,000 characters", None),
        ("[" * 101 + "]" * 101, "too-deep", "1:101", "more than 100", None),
    ],
)
def test_mistakes(text: str, code: str, at: str, message: str, help: str | None) -> None:
    found = problem(text)
    assert (found.code, place(found)) == (code, at)
    assert message in found.message
    assert (help or "") in (found.help or "")
    assert found.span.start <= found.span.end <= len(text)


def test_notes_name_the_other_place() -> None:
    assert problem("a: 1\nb: 2\na: 3\n").notes == ("first given in line 1",)
    assert problem("x:\n  a: [1, 2}\n").notes == ("`[` was opened in line 2, column 6",)
    assert problem("a:\n  b: 1\n c: 2\n").notes == ("the mapping began in line 1, column 1",)


@pytest.mark.parametrize(
    "text",
    [
        "{a: $(min(b, c)), d: $(min(b, c))}",  # the pieces `c))` would be a key given twice
        "- {a: $(b[0]), c: 1}\n- {a: $(d)}\n",
    ],
)
def test_a_cut_expression_has_no_sequel(text: str) -> None:
    assert {found.code for found in problems(text)} == {"cut-expression"}


def test_expressions_that_need_no_quotes() -> None:
    text = "- {a: $(2 * (b + 1)), c: '$(f(d, e))'}\n- when: $(f(d, e)[1:])\n"
    assert data(text) == [
        {"a": "$(2 * (b + 1))", "c": "$(f(d, e))"},
        {"when": "$(f(d, e)[1:])"},
    ]


def test_all_that_can_be_found_is_reported_in_order() -> None:
    text = "a: 1\nb: {1: x, c: .inf}\na: !t 2\nd: 'e\n"
    found = problems(text)
    assert [(one.code, place(one)) for one in found] == [
        ("bad-key", "2:5"),
        ("bad-number", "2:14"),
        ("yaml-tag", "3:4"),
        ("yaml-syntax", "4:4"),
    ]


def test_the_number_of_problems_is_bounded() -> None:
    assert len(problems("- *a\n" * 10_000)) == composer.MAX_PROBLEMS


def test_merge_key_in_quotes_is_a_key() -> None:
    assert data('"<<": 1') == {"<<": 1}


@pytest.mark.parametrize("text", ["%YAML 1.2\n---\na: 1\n", "# x\n%YAML 1.1 # y\n--- {a: 1}\n..."])
def test_yaml_directive(text: str) -> None:
    assert data(text) == {"a": 1}


# Bounds


def test_hundred_levels_are_allowed() -> None:
    found = data("[" * 100 + "]" * 100)
    for _ in range(99):
        assert isinstance(found, list)
        found = found[0]
    assert found == []


@pytest.mark.parametrize("opening", ["[", "{a: ", "[a: ", "- ", "? ", "- ? "])
def test_depth_without_end(opening: str) -> None:
    began = time.perf_counter()
    assert problem(opening * 100_000).code == "too-deep"
    assert time.perf_counter() - began < 5


def test_depth_by_indentation() -> None:
    assert problem("".join(f"{' ' * i}a:\n" for i in range(1000))).code == "too-deep"


def test_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composer, "MAX_NODES", 1000)
    assert data(str([0] * 999)) == [0] * 999
    found = problem(f"{[0] * 1000}")
    assert (found.code, place(found)) == ("too-large", "1:2999")


def test_size_of_the_text() -> None:
    found = problem(" " * (syntax.LIMIT + 1))
    assert (found.code, place(found)) == ("too-large", "1:1")


def test_many_directives_cost_nothing() -> None:
    began = time.perf_counter()
    lines = "".join(f"%TAG !a{i}! b\n" for i in range(200_000))
    assert problem(f"{lines}---\na").code == "yaml-syntax"
    assert problem(f"a\n...\n{lines}").code == "many-documents"
    assert time.perf_counter() - began < 5


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    tree("a: 1")
    problem("a: [")
    assert gc.isenabled()
    gc.disable()
    try:
        tree("a: 1")
        assert not gc.isenabled()
    finally:
        gc.enable()


# Files


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("a: é\r\n".encode())
    file = read(path)
    assert (file.name, file.text, file.path) == (str(path), "a: é\r\n", path)
    assert read(path, "spec a").name == "spec a"


def test_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    file = read(path)
    assert file.text == "a: 1\n"
    assert plain(parse(file)) == {"a": 1}


def test_read_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.yaml: no such file"):
        read(tmp_path / "a.yaml")
    with pytest.raises(UsageError, match="is a directory"):
        read(tmp_path)
    with pytest.raises(UsageError, match="cannot be read: embedded null"):
        read(tmp_path / "a\0b")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be read: Not a directory"):
        read(tmp_path / "file" / "a.yaml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_read_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="not a regular file"):
        read(tmp_path / "pipe")


def test_read_what_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.yaml").touch()
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match=r"a\.yaml cannot be read: Permission denied"):
        read(tmp_path / "a.yaml")


def test_read_too_much(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"#" * (syntax.LIMIT + 1))
    with pytest.raises(SpecError) as caught:
        read(path)
    (found,) = caught.value.diagnostics
    assert (found.code, found.message) == ("too-large", "a spec has at most 16 MiB of text")


@pytest.mark.parametrize(
    ("content", "at", "message"),
    [
        (b"a: 1\nb: caf\xe9\nc: 2\n", "2:7", "byte 0xE9"),
        ("é: ".encode() + b"\xff", "1:4", "byte 0xFF"),
        (b"\xef\xbb\xbfa\xc3", "1:2", "byte 0xC3"),
        ("a: 1\n".encode("utf-16"), "1:1", "byte 0xFF"),
    ],
)
def test_not_utf8(content: bytes, at: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        decode(content, "spec.yaml")
    (found,) = caught.value.diagnostics
    assert (found.code, place(found)) == ("not-utf8", at)
    assert message in found.message
    assert ("UTF-16" in (found.help or "")) == content.startswith(b"\xff\xfe")


# Without libyaml


@pytest.fixture
def pure_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(composer, "_LOADER", yaml.SafeLoader)


@pytest.mark.usefixtures("pure_python")
@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("a:\n\tb: 1\n", "2:1", "a tab cannot indent"),
        ("a: [1\nb: 2\n", "2:2", "expected `,` or `]`, found `:`"),
        ("a: [1", "1:4", "`[` is never closed"),
        ("a: b: c", "1:5", "a second `:`"),
        ("a: - b", "1:4", "a list cannot begin"),
        ("a:\n  b: 1\n c: 2\n", "3:2", "`c: 2` is indented like nothing"),
        ("- a\nb: 1\n", "2:1", "`b: 1` stands in a list"),
        ("a: 'b", "1:4", "never closed"),
        ('a: "\\d"', "1:5", "`\\d` means nothing"),
        ("%YAML 1.2\na: 1", "2:1", "`---` must stand"),
        ("a: *", "1:4", "`*` begins an alias"),
    ],
)
def test_mistakes_without_libyaml(text: str, at: str, message: str) -> None:
    found = problem(text)
    assert (found.code, place(found)) == ("yaml-syntax", at)
    assert message in found.message


@pytest.mark.usefixtures("pure_python")
def test_spans_without_libyaml() -> None:
    text = "a:\n- b: |\n    c\n- {d: [e]}\n\nf: &x\n  'g'\n"
    assert [source(node) for node in nodes(tree(text))] == [
        "a:\n- b: |\n    c\n- {d: [e]}\n\nf: &x\n  'g'",
        *("a", "- b: |\n    c\n- {d: [e]}", "b: |\n    c", "b", "|\n    c"),
        *("{d: [e]}", "d", "[e]", "e", "f", "'g'"),
    ]


# Any text, and any data

TOKENS = [
    *("- ", " ", "\n", "  ", "\n- ", "\n  ", "a", "b: ", "c:", "1", ".inf", "true", "null", "é"),
    *("[", "]", "{", "}", ",", '"', "'", "|", ">", "#", "?", "? ", ":", ": ", "%", "@", "`", "~"),
    *("&x ", "*x", "*", "&", "!t ", "!<", "<<: ", "$(", "(", ")", "\\", "\\u", "\t", "\r\n", "\r"),
    *("---", "...", "\n---\n", "\n...\n", "\n%", "%TAG ", "%YAML 1.2", "\x85", "\u2028", "\ufeff"),
]
ANY_TEXT = st.text() | st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)


@settings(max_examples=1000, deadline=None)
@given(ANY_TEXT)
def test_any_text_gives_a_tree_or_diagnostics(text: str) -> None:
    try:
        found = tree(text)
    except SpecError as error:
        assert error.diagnostics  # noqa: PT017
        for one in error.diagnostics:
            assert 0 <= one.span.start <= one.span.end <= len(text)
            assert "not YAML" not in one.message  # each complaint has its own words
    else:
        for node in nodes(found):
            assert 0 <= node.start <= node.end <= len(text)


@given(st.binary())
def test_any_bytes_give_text_or_diagnostics(content: bytes) -> None:
    try:
        assert decode(content, "a").text.encode() == content.removeprefix(b"\xef\xbb\xbf")
    except SpecError as error:
        assert [one.code for one in error.diagnostics] == ["not-utf8"]  # noqa: PT017


FORBIDDEN = "\x7f\ufeff\ufffe\uffff"
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=FORBIDDEN)
    | st.sampled_from('\0\t\n\r\b"\\/\x85\u2028\u2029'),
    max_size=30,
)
ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
)


def plain_data(text: st.SearchStrategy[str]) -> st.SearchStrategy[object]:
    return st.recursive(
        ATOMS | text,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(text, inner, max_size=5),
        max_leaves=30,
    )


@settings(deadline=None)
@given(plain_data(TEXT), st.sampled_from([None, 1, 2]), st.sampled_from([(",", ":"), (", ", ": ")]))
def test_json_is_yaml(value: object, indent: int | None, separators: tuple[str, str]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    found = tree(text)
    assert plain(found) == value
    assert found.start == 0
    assert found.end == len(text)
    for node in nodes(found):
        assert json.loads(source(node)) == plain(node)


OLD = frozenset("\x85\u2028\u2029")  # ends of lines in YAML 1.1


def reads_otherwise(text: str) -> bool:
    """What PyYAML writes after YAML 1.1, and is other text here, no text, or not accepted."""
    if not OLD.isdisjoint(text):
        return True
    number = re.fullmatch(r"[-+.]?[0-9][-+.0-9a-fA-FxoeE]*", text)
    return bool(number) or "$(" in text or ":{" in text or ":[" in text


@settings(deadline=None)
@given(plain_data(TEXT.filter(lambda text: not reads_otherwise(text))), st.booleans())
def test_what_pyyaml_writes_is_read_back(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True, width=10**6)
    found = tree(text)
    assert plain(found) == value
    for node in nodes(found):
        if isinstance(node, Scalar):
            assert yaml.safe_load(source(node) or "~") == node.value


@settings(deadline=None)
@given(plain_data(TEXT))
def test_both_parsers_build_the_same_tree(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composer, "_LOADER", yaml.SafeLoader)
        slow = [(node.start, node.end, plain(node)) for node in nodes(tree(text))]
    assert slow == [(node.start, node.end, plain(node)) for node in nodes(tree(text))]


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("graphcnn: 1\n", True),
        ("# a net\nname: net\ngraphcnn: 1\n", True),
        ("---\n'graphcnn' : 1\n", True),
        ('{"graphcnn": 1}\n', True),
        ("graphcnn: [\n", True),
        ("services:\n  graphcnn: {image: graphcnn}\n", False),
        ("graphcnn-net: 1\n", False),
        ("# graphcnn: ignore[unused-block]\n", False),
        ("", False),
    ],
)
def test_a_spec_says_that_it_is_one(text: str, claims: bool) -> None:
    assert syntax.is_spec(SourceFile("spec.yaml", text)) is claims
