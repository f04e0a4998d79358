"""Rules about names: what is used, and what hides what."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcnn.compiler import check
from graphcnn.syntax import read
from tests.inline import spec
from tests.lint import ALL, marked, warnings

BLOCKS = """
blocks:
  one: {parameters: {out: int}, graph: [{conv: $out}]}
  two: {parameters: {out: int}, graph: [{conv: {out: $out, kernel: 3}}]}
"""


def test_a_block_is_used_by_what_is_used() -> None:
    head = """
    blocks:
      inner: {graph: [{conv: 8}]}
      outer: {graph: [inner]}
      lost: {graph: [deep]}
      deep: {graph: [{conv: 8}]}
    """
    found = marked(spec("- outer", head=head))
    assert found == [("unused-block", "lost"), ("unused-block", "deep")]


def test_an_op_is_used_by_a_statement() -> None:
    head = """
    ops:
      half: {shape: "$([in.channels, in.height // 2, in.width // 2])", macs: 0}
      third: {shape: "$([in.channels, in.height // 3, in.width // 3])", macs: 0}
    """
    assert marked(spec("- half", head=head)) == [("unused-op", "third")]


@pytest.mark.parametrize(
    ("statements", "unused"),
    [
        ("- one: {out: 8}", ["two"]),
        ("- {use: $('one'), with: {out: 8}}", ["two"]),
        # The names are among the texts of the file, and `use` may come to any of them.
        ("- for: {name: [one, two]}\n  do:\n    - {use: $name, with: {out: 8}}", []),
        ("- {use: $('one' if in.channels > 2 else 'two'), with: {out: 8}}", []),
        # Neither takes such arguments.
        ("- one: {out: 8}\n- for: {name: [tanh]}\n  do:\n    - use: $name", ["two"]),
        # What `when` leaves out may be there in another setting.
        ("- one: {out: 8}\n- {two: {out: 8}, when: false}", []),
    ],
)
def test_uses_with_computed_names(statements: str, unused: list[str]) -> None:
    found = marked(spec(statements, head=BLOCKS))
    assert found == [("unused-block", name) for name in unused]


def test_a_parameter_may_name_any_block_that_fits() -> None:
    head = "parameters: {kind: one}\n" + BLOCKS + "  three: {graph: [relu]}\n"
    found = marked(spec("- {use: $kind, with: {out: 8}}", head=head))
    assert found == [("unused-block", "three")]


def test_a_library_is_there_to_be_used(tmp_path: Path) -> None:
    text = f"graphcnn: 1\nname: lib\nimports: [other.yaml]\n{BLOCKS}"
    (tmp_path / "other.yaml").write_text("graphcnn: 1\nname: other\nblocks: {b: {graph: [relu]}}\n")
    (tmp_path / "lib.yaml").write_text(text)
    assert check(read(tmp_path / "lib.yaml"), warnings=ALL) == []


def test_imports(tmp_path: Path) -> None:
    """An import is used by what it brings, its own imports included."""
    (tmp_path / "deep.yaml").write_text("graphcnn: 1\nname: d\nblocks: {deep: {graph: [relu]}}\n")
    (tmp_path / "lib.yaml").write_text(
        "graphcnn: 1\nname: lib\nimports: [deep.yaml]\nblocks: {flat: {graph: [relu]}}\n"
    )
    path = tmp_path / "net.yaml"
    for statement, unused in (("deep", []), ("flat", []), ("tanh", ["unused-import"])):
        path.write_text(spec(f"- {statement}", head="imports: [lib.yaml]"))
        assert [one.code for one in check(read(path), warnings=ALL)] == unused


@pytest.mark.parametrize(
    ("head", "statements"),
    [
        ("parameters: {n: 8}", "- conv: $n"),
        ("parameters: {n: 8, m: $(2 * n)}", "- conv: $m"),
        ("parameters: {n: 8}\nlet: {m: $(2 * n)}", "- conv: $m"),
        ("parameters: {n: 8}\ndefaults: {conv: {out: $n}}", "- conv"),
        ("parameters: {n: 0.5}\ninit: {conv: {weight: {normal: $n}}}", "- conv: 8"),
        ("parameters: {n: 8}\nexpect: {outputs: {output: [$n, 32, 32]}}", "- conv: 8"),
        ("parameters: {n: true}", "- {conv: 8, when: $n}"),
        ("parameters: {n: 2}", "- {conv: 8, repeat: $n}"),
        ("parameters: {n: 2}", "- {conv: 8, id: conv_$n}"),
        ("parameters: {n: [8]}", "- for: {m: $n}\n  do: [{conv: $m}]"),
        ("parameters: {n: 8}\nblocks: {b: {graph: [{conv: $n}]}}", "- b"),
        ("parameters: {n: image}", "- {conv: 8, from: $n}"),
    ],
)
def test_a_parameter_is_read_anywhere(head: str, statements: str) -> None:
    assert marked(spec(statements, head=head)) == []


@pytest.mark.parametrize(
    ("head", "statements", "found"),
    [
        # The block's own hides it.
        (
            "parameters: {n: 8}\nblocks: {b: {parameters: {n: int}, graph: [{conv: $n}]}}",
            "- b: {n: 4}",
            [("unused-parameter", "n"), ("shadowed-name", "n")],
        ),
        ("variants: {a: {n: 2}, b: {}}\nparameters: {n: 1}", "- relu", [("unused-parameter", "n")]),
        (
            "blocks: {b: {parameters: {n: 3}, let: {m: 1}, graph: [relu]}}",
            "- b",
            [("unused-parameter", "n"), ("unused-let", "m")],
        ),
        ("let: {n: 8, m: $n}", "- relu", [("unused-let", "m")]),
    ],
)
def test_what_nobody_reads(head: str, statements: str, found: list[tuple[str, str]]) -> None:
    assert marked(spec(statements, head=head)) == found


def test_blocks_that_stand_in_for_one_another_take_the_same_arguments() -> None:
    head = """
    blocks:
      plain: {parameters: {out: int, wide: 1}, graph: [{conv: $out}]}
      scaled: {parameters: {out: int, wide: 1}, graph: [{conv: $(out * wide)}]}
    """
    statement = "- for: {b: [plain, scaled]}\n  do: [{use: $b, with: {out: 8%s}}]"
    assert marked(spec(statement % ", wide: 2", head=head)) == []
    assert marked(spec(statement % "", head=head)) == [("unused-parameter", "wide")]


@pytest.mark.parametrize(
    ("head", "statements", "name"),
    [
        ("parameters: {n: 8}", "- conv: $n\n- for: {n: [1, 2]}\n  do: [{conv: $n}]", "n"),
        ("", "- for: {n: [1]}\n  do:\n    - for: {n: [2]}\n      do: [{conv: $n}]", "n"),
        ("", "- for: {i: [[1, 2]]}\n  do: [{conv: $(i + 1), repeat: 2}]", "2"),
        ("", "- graph: [{for: {i: [1]}, do: [{conv: $i}]}]\n  repeat: 2", "i"),
        ("let: {n: 8}\nblocks: {b: {let: {n: 4}, graph: [{conv: $n}]}}", "- conv: $n\n- b", "n"),
        (
            "let: {n: 8}\nblocks: {b: {inputs: [n], graph: [{conv: $n.channels, from: n}]}}",
            "- conv: $n\n- b",
            "n",
        ),
        ("parameters: {n: 8}", "- {conv: $n, id: n}\n- {relu: {}, from: n}", "n"),
        (
            "",
            "- {conv: 8, id: n}\n- sequence:\n    - {conv: 4, id: n}\n    - {tanh: {}, from: n}",
            "n",
        ),
    ],
)
def test_a_name_that_hides_another(head: str, statements: str, name: str) -> None:
    assert marked(spec(statements, head=head)) == [("shadowed-name", name)]


@pytest.mark.parametrize(
    ("head", "statements"),
    [
        ("", "- for: {n: [1]}\n  do: [{conv: $n}]\n- for: {n: [2]}\n  do: [{conv: $n}]"),
        ("", "- graph: [{conv: $(i + 1), repeat: 2}]\n  repeat: 2"),  # each `i` is the nearest
        # An id that only names weights; `from` asks for no value of that name.
        ("parameters: {n: 8}", "- {conv: $n, id: n}"),
        ("parameters: {n: 8}\noutputs: {y: n}", "- {conv: $n, id: n}"),
        # Blocks see nothing of what surrounds their use.
        (
            "blocks: {b: {parameters: {m: 8}, graph: [{conv: $m}]}}",
            "- for: {m: [1]}\n  do: [{b: {m: $m}}]",
        ),
        ("", "- branches:\n    paths:\n      a: [{conv: 4, id: n}]\n      b: [{conv: 4, id: n}]"),
    ],
)
def test_names_that_hide_nothing(head: str, statements: str) -> None:
    assert marked(spec(statements, head=head)) == []


def test_where_the_other_is() -> None:
    (found,) = warnings(
        spec("- conv: $n\n- for: {n: [1]}\n  do: [{conv: $n}]", head="parameters: {n: 8}")
    )
    assert found.message == "`n` is a name of a loop here, and hides a parameter in line 3"
