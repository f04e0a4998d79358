"""Syntax trees to programs: which op or block a statement means, and what names refer to."""

from __future__ import annotations

from textwrap import dedent

import pytest

from graphcnn import schema, syntax
from graphcnn.expression import Expr
from graphcnn.program import BlockUse, Broken, ComputedUse, OpUse, Program, Statement
from graphcnn.program.builder import Builder
from graphcnn.program.recursion import check_recursion
from graphcnn.program.references import check_references
from graphcnn.program.terms import is_identifier
from graphcnn.program.tree import walk
from graphcnn.size import UNKNOWN
from graphcnn.source import SourceFile
from graphcnn.syntax import Mapping
from tests.inline import findings, spec


def program(text: str) -> Program:
    root = syntax.parse(SourceFile("net.yaml", dedent(text)))
    assert isinstance(root, Mapping)
    builder = Builder(root.file, root, schema.check(root))
    builder.declare()
    return builder.define([])


def statements(graph: str, head: str = "") -> tuple[Statement, ...]:
    return program(spec(graph, head=head)).body or ()


def codes(text: str) -> list[str]:
    return [one.code for one in findings(text)]


# --- statements --------------------------------------------------------------------------


def test_what_a_statement_means() -> None:
    one, two, three, four = statements(
        """
        - relu
        - conv: 8
          id: stem
          from: [prev, image]
          when: $(width > 3)
          repeat: 2
          doc: A remark.
        - unit: {width: 3}
        - use: $kind
          with: {width: 4}
        """,
        head="parameters: {width: 8, kind: unit}\nblocks: {unit: {graph: [relu]}}",
    )
    assert isinstance(one.action, OpUse)
    assert one.action.attributes == {}
    assert isinstance(two.action, OpUse)
    assert two.action.attributes["out"].value == 8
    assert two.id is not None
    assert (two.id.value, two.doc) == ("stem", "A remark.")
    assert isinstance(two.source, tuple)
    assert [term.value for term in two.source] == ["prev", "image"]
    assert two.when is not None
    assert isinstance(two.when.value, Expr)
    assert isinstance(three.action, BlockUse)
    assert three.action.arguments["width"].value == 3
    assert isinstance(four.action, ComputedUse)
    assert four.action.arguments["width"].value == 4


def test_what_is_refused_is_left_out_and_the_rest_is_read() -> None:
    first, second = statements("- conv: {out: -8, kernel: 3, paddin: 1}\n- [relu]")
    assert isinstance(first.action, OpUse)
    values = {name: term.value for name, term in first.action.attributes.items()}
    assert values == {"out": UNKNOWN, "kernel": 3, "padding": UNKNOWN}
    assert isinstance(second.action, Broken)


def test_a_misspelt_op_has_what_it_probably_means() -> None:
    (statement,) = statements("- flaten: {}")
    assert isinstance(statement.action, Broken)
    assert isinstance(statement.action.meant, OpUse)
    assert statement.action.meant.op.name == "flatten"


def test_words_of_text_and_none() -> None:
    read = program(
        spec("- relu", head='parameters: {a: none, b: "none", c: null, d: "int", e: int}')
    )
    assert read.parameters["a"].default is not None
    assert read.parameters["a"].default.value is None
    assert read.parameters["b"].default is not None
    assert read.parameters["b"].default.value == "none"
    assert (read.parameters["d"].type, read.parameters["e"].type) == (None, "int")


def test_walking_sees_every_statement() -> None:
    body = statements(
        """
        - sequence: [relu]
        - residual: {body: [tanh], shortcut: [elu]}
        - branches: {paths: {a: [selu], b: {mish: {}}}}
        - dense: [gelu]
        - for: {k: [1]}
          do: [sequence: [silu]]
        """
    )
    names = [one.action.op.name for one in walk(body) if isinstance(one.action, OpUse)]
    assert names == ["relu", "tanh", "elu", "selu", "mish", "gelu", "silu"]


@pytest.mark.parametrize(
    ("name", "good"),
    [("conv1", True), ("_a", True), ("1a", False), ("a-b", False), ("class", False), ("", False),
     ("a" * 100, True), ("a" * 101, False), ("é", False), ("a.b", False), ("a b", False)],
)  # fmt: skip
def test_identifiers(name: str, *, good: bool) -> None:
    assert is_identifier(name) is good


# --- names that refer to nothing ---------------------------------------------------------

UNIT = """
parameters: {{width: 8, deep: false}}
let: {{twice: $(2 * width)}}
blocks:
  unit:
    parameters: {{out: int, kernel: $(width // 2)}}
    let: {{half: $(out // 2)}}
    graph:
{body}
"""


def in_unused_block(body: str) -> list[str]:
    indented = "\n".join(f"      {line}" for line in dedent(body).strip("\n").splitlines())
    return codes(spec("- relu", head=UNIT.format(body=indented)))


@pytest.mark.parametrize(
    "body",
    [
        "- conv: {out: $(out + half + twice + width + kernel)}",
        "- conv: {out: $x.channels}",
        "- conv: {out: $in.channels}",
        "- {conv: $(out * (i + 1)), repeat: 3}",
        "- {sequence: [{conv: $(i + 1)}], repeat: 3}",
        "- {for: {k: [1, 2]}, do: [{conv: $k}]}",
        "- {for: {k: [[1, 2]]}, do: [{conv: '$(sum([j + k[0] for j in k]))'}]}",
        "- {conv: 8, id: stem}\n- {conv: $stem.channels, from: stem}",
        "- {conv: $stem.channels}\n- {conv: 8, id: stem}",  # order is for elaboration to judge
        "- {conv: 8, id: a$kernel}\n- {relu: {}, from: a3}",
        "- {conv: 8, id: a$kernel}\n- {conv: $a3.channels}",
        "- {conv: 8, id: $kernel}\n- {relu: {}, from: anything}",
        "- {branches: {paths: {a: [relu], b: []}, merge: none}}\n- {relu: {}, from: a}",
        "- {split: 2, id: half2}\n- {relu: {}, from: half2.0}",
        "- {relu: {}, from: $x}",
        "- {relu: {}, from: prev}",
    ],
)
def test_names_that_are_known_in_a_block_that_nobody_uses(body: str) -> None:
    assert in_unused_block(body) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("- conv: $outt", "unknown-name"),
        ("- conv: $i", "unknown-name"),
        ("- conv: $k", "unknown-name"),
        ("- {for: {k: [1, 2]}, do: [relu]}\n- conv: $k", "unknown-name"),
        ("- {relu: {}, when: $(depe)}", "unknown-name"),
        ("- {relu: {}, repeat: $nope}", "unknown-name"),
        ("- {relu: {}, id: a$nope}", "unknown-name"),
        ("- {relu: {}, id: a$i, repeat: 3}", "unknown-name"),
        ("- {use: $nope}", "unknown-name"),
        ("- {use: relu, with: {slope: $nope}}", "unknown-name"),
        ("- {residual: {body: [relu], skip: $nope}}", "unknown-name"),
        ("- {branches: {paths: [[relu]], merge: $nope}}", "unknown-name"),
        ("- conv: '$([j for k in [1]])'", "unknown-name"),
        ("- {relu: {}, from: nope}", "undefined-id"),
        ("- {relu: {}, from: [x, nope.1]}", "undefined-id"),
        ("- {conv: 8, id: a$kernel}\n- {relu: {}, from: b3}", "undefined-id"),
        ("- {reuse: nope}", "undefined-id"),
        ("- unit: {out: 3, wide: 4}", "unknown-parameter"),
        ("- unit: {}", "missing-parameter"),
        ("- unti: {out: 3}", "unknown-op"),
    ],
)
def test_names_that_are_not(body: str, code: str) -> None:
    assert code in in_unused_block(body)


def test_a_misspelt_argument_is_not_missing_too() -> None:
    assert in_unused_block("- {unit: {outt: 3}, when: $deep}") == ["unknown-parameter"]


def test_an_id_that_counts_with_i_is_told_about_repeats() -> None:
    (found,) = findings(spec("- {relu: {}, id: act$i, repeat: 3}"))
    assert found.help is not None
    assert "the id names the repeat as a whole" in found.help


def test_findings_of_one_file_are_bounded() -> None:
    many = "\n".join(f"- relu{k}x" for k in range(500))
    assert len(findings(spec(many))) == 100
    names = "\n".join(f"- conv: $nope{k}" for k in range(500))
    assert len(findings(spec(names))) == 100
    assert len(check_references(program(spec(names)))) == 100


# --- blocks without end ------------------------------------------------------------------


def endless(blocks: str) -> tuple[list[str], set[str]]:
    read = program(spec("- relu", head=f"parameters: {{n: 1}}\nblocks:\n{blocks}"))
    found = check_recursion(read)
    return [one.message for one in found], {block.name for block in read.endless}


def test_circles_are_found_once_and_so_is_what_leads_to_them() -> None:
    messages, names = endless("  a: {graph: [b]}\n  b: {graph: [c]}\n  c: {graph: [b, relu]}")
    assert messages == ["block `b` uses itself without end: b → c → b"]
    assert names == {"a", "b", "c"}


@pytest.mark.parametrize(
    "body",
    [
        "[{a: {}, when: $(n > 0)}]",
        "[{a: {}, repeat: $n}]",
        "[{a: {}, repeat: 0}]",
        "[{for: {k: '$(range(n))'}, do: [a]}]",
        "[{residual: {body: [relu], shortcut: [a], skip: $(n > 0)}}]",
        "[{sequence: [a], when: $(n > 0)}]",
        "[{use: '$(\"a\")'}]",
    ],
)
def test_what_may_end_is_left_to_elaboration(body: str) -> None:
    assert endless(f"  a: {{graph: {body}}}") == ([], set())


@pytest.mark.parametrize(
    "body",
    [
        "[a]",
        "[{a: {}, repeat: 2}]",
        "[{sequence: [{graph: [a]}]}]",
        "[{residual: {body: [relu], shortcut: [a]}}]",
        "[{branches: {paths: {p: [relu], q: {a: {}}}}}]",
        "[{dense: [a]}]",
        "[{use: a}]",
    ],
)
def test_what_never_ends(body: str) -> None:
    messages, names = endless(f"  a: {{graph: {body}}}")
    assert messages == ["block `a` uses itself without end: a → a"]
    assert names == {"a"}
