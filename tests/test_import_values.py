"""Imports that set the parameters of the file which they name."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcnn import imports
from graphcnn.commands.fix import mend
from graphcnn.compiler import Model, check, compile_file, load
from graphcnn.diagnostics import Diagnostic
from graphcnn.elaborate import graph_of
from graphcnn.imports import Library
from graphcnn.ir import Node
from graphcnn.ops.normalisation import BatchNorm
from graphcnn.program import builder
from graphcnn.syntax import read
from tests.lint import ALL

UNIT = """\
parameters: {act: relu, eps: 1.0e-5, width: 4}
let: {twice: $(2 * width)}
defaults: {batch_norm: {eps: $eps}}
blocks:
  unit:
    parameters: {out: $twice, kernel: 1}
    sequence: [{conv: {out: $out, kernel: $kernel}}, batch_norm, {use: $act}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "unit.yaml", UNIT)
    return tmp_path


def write(folder: Path, name: str, body: str) -> Path:
    path = folder / name
    path.write_text(f"graphcnn: 1\nname: {path.stem}\n{body}")
    return path


def net(folder: Path, imports: str, graph: str = "[unit]", more: str = "") -> Path:
    body = f"imports: [{imports}]\n{more}\ninputs: {{image: [3, 8, 8]}}\ngraph: {graph}\n"
    return write(folder, "net.yaml", body)


def found(path: Path, library: Library | None = None) -> list[Diagnostic]:
    return check(read(path), library=library)


def codes(path: Path) -> list[str]:
    return [one.code for one in found(path)]


def epsilons(nodes: list[Node]) -> list[float]:
    return [node.op.eps for node in nodes if isinstance(node.op, BatchNorm)]


def described(model: Model) -> list[tuple[str, str]]:
    return [(node.name, str(node.op)) for node in model.ir.nodes]


# --- what values mean ---------------------------------------------------------------------


def test_all_of_the_file_follows(folder: Path) -> None:
    """Its `let`, its `defaults`, the defaults of its blocks' parameters, and its blocks."""
    conv, norm, act = load(net(folder, "unit.yaml: {width: 3, eps: 0.5, act: tanh}")).ir.nodes
    assert conv.outputs[0].shape == (6, 8, 8)
    assert epsilons([norm]) == [0.5]
    assert act.op.name == "tanh"


def test_what_is_left_out_keeps_its_default(folder: Path) -> None:
    conv, norm, act = load(net(folder, "unit.yaml: {act: elu}")).ir.nodes
    assert (conv.outputs[0].shape, epsilons([norm]), act.op.name) == ((8, 8, 8), [1e-5], "elu")


def test_values_see_the_names_of_the_importing_file(folder: Path) -> None:
    more = "parameters: {n: 3, act: tanh}\nlet: {m: $(n + 2)}\nvariants: {a: {}, b: {n: 5}}"
    path = net(folder, "unit.yaml: {width: $m, act: $act}", more=more)
    for variant, channels in (("a", 10), ("b", 14), ("a", 10)):
        conv, _, act = compile_file(read(path), variant).ir.nodes
        assert (conv.outputs[0].shape, act.op.name) == ((channels, 8, 8), "tanh")


def test_variants_of_one_program_do_not_share_values(folder: Path) -> None:
    more = "parameters: {n: 3}\nvariants: {a: {}, b: {n: 5}}"
    program = load(net(folder, "unit.yaml: {width: $n}", more=more), n=4).program
    widths = [graph_of(program, one)[0].nodes[0].outputs[0].shape for one in ("a", "b", "a")]
    assert widths == [(6, 8, 8), (10, 8, 8), (6, 8, 8)]


def test_a_value_from_outside_reaches_it(folder: Path) -> None:
    path = net(folder, "unit.yaml: {width: $n}", more="parameters: {n: 3}")
    assert load(path, n=7).ir.nodes[0].outputs[0].shape == (14, 8, 8)


@pytest.mark.parametrize("entry", ["unit.yaml: {}", "unit.yaml: ", "{unit.yaml: null}"])
def test_no_values_are_none(folder: Path, entry: str) -> None:
    write(folder, "other.yaml", "imports: [unit.yaml]\nblocks: {other: {graph: [unit]}}\n")
    program = load(net(folder, f"{entry}, other.yaml", "[unit, other]")).program
    unit, other = (one for _, one in program.imported)
    assert unit is not None
    assert other is not None
    assert unit.blocks["unit"] is other.blocks["unit"]


def test_it_is_as_if_the_block_stood_in_the_file(folder: Path) -> None:
    imported = described(load(net(folder, "unit.yaml: {eps: 0.5, act: tanh}", "[unit, unit]")))
    own = UNIT.replace("1.0e-5", "0.5").replace("relu", "tanh")
    assert described(load(net(folder, "", "[unit, unit]", own))) == imported


# --- several importers --------------------------------------------------------------------


def test_each_importer_has_its_own(folder: Path) -> None:
    for name, eps in (("a", 0.25), ("b", 0.5)):
        body = f"imports: [unit.yaml: {{eps: {eps}}}]\nblocks: {{{name}: {{graph: [unit]}}}}\n"
        write(folder, f"{name}.yaml", body)
    imports = "a.yaml, b.yaml, unit.yaml: {eps: 0.125}"
    assert epsilons(load(net(folder, imports, "[a, b, unit]")).ir.nodes) == [0.25, 0.5, 0.125]
    assert epsilons(load(net(folder, "a.yaml, unit.yaml", "[a, unit]")).ir.nodes) == [0.25, 1e-5]


def test_a_file_passes_on_what_it_was_given(folder: Path) -> None:
    write(
        folder,
        "outer.yaml",
        "parameters: {small: 0.25}\nlet: {half: $(small / 2)}\n"
        "imports: [unit.yaml: {eps: $half}]\nblocks: {outer: {graph: [unit]}}\n",
    )
    path = net(folder, "outer.yaml: {small: $e}", "[outer]", "parameters: {e: 0.5}")
    assert epsilons(load(path).ir.nodes) == [0.25]
    assert epsilons(load(net(folder, "outer.yaml", "[outer]")).ir.nodes) == [0.125]


def test_it_is_passed_on_as_what_the_file_defines(folder: Path) -> None:
    write(folder, "a.yaml", "imports: [unit.yaml: {eps: 0.25}]\nblocks: {a: {graph: [unit]}}\n")
    assert epsilons(load(net(folder, "a.yaml", "[a, unit]")).ir.nodes) == [0.25, 0.25]


def test_ops_come_along_and_are_one(folder: Path) -> None:
    write(folder, "op.yaml", "parameters: {n: 1}\nops: {wave: {shape: $in.shape, macs: 0}}\n")
    write(folder, "a.yaml", "imports: [op.yaml: {n: 2}]\nblocks: {a: {graph: [wave]}}\n")
    path = net(folder, "a.yaml, op.yaml: {n: 3}, op.yaml", "[a, wave]")
    assert [node.op.name for node in load(path).ir.nodes] == ["wave", "wave"]


def test_one_file_twice(folder: Path) -> None:
    (one,) = found(net(folder, "unit.yaml: {eps: 0.25}, unit.yaml: {eps: 0.5}"))
    assert one.code == "duplicate-name"
    assert one.message == "`unit.yaml` is imported twice, and both define `unit`"


def test_a_name_that_two_imports_bring_is_wrong_where_it_is_used(folder: Path) -> None:
    for name in ("a", "b"):
        body = f"imports: [unit.yaml: {{eps: 0.5}}]\nblocks: {{{name}: {{graph: [unit]}}}}\n"
        write(folder, f"{name}.yaml", body)
    assert codes(net(folder, "a.yaml, b.yaml", "[a, b]")) == []
    for graph in ("[a, unit]", "[a, {use: unit}]", "[a, {use: $kind}]"):
        path = net(folder, "a.yaml, b.yaml", graph, "parameters: {kind: unit}")
        (one,) = found(path)
        assert (one.code, one.message) == (
            "duplicate-name",
            "what `a.yaml` and `b.yaml` import both defines `unit`",
        )
    own = "blocks: {unit: {graph: [tanh]}}"
    assert epsilons(load(net(folder, "a.yaml, b.yaml", "[unit]", own)).ir.nodes) == []
    nearest = net(folder, "a.yaml, b.yaml, unit.yaml: {eps: 0.25}", "[unit, a]")
    assert epsilons(load(nearest).ir.nodes) == [0.25, 0.5]


def test_an_ambiguous_op_in_defaults(folder: Path) -> None:
    for name in ("a", "b"):
        write(folder, f"{name}_op.yaml", "ops: {wave: {shape: $in.shape, macs: 0}}\n")
        body = f"imports: [{name}_op.yaml]\nblocks: {{{name}: {{graph: [wave]}}}}\n"
        write(folder, f"{name}.yaml", body)
    path = net(folder, "a.yaml, b.yaml", "[a]", "defaults: {wave: {}}")
    assert codes(path) == ["duplicate-name"]


# --- mistakes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("atc: tanh", [("unknown-parameter", "atc", "it takes act, eps, width")]),
        ("widht: 3", [("unknown-parameter", "widht", "did you mean `width`?")]),
        ("width: wide", [("wrong-type", "wide", "its default is 4")]),
        ("act: 3", [("wrong-type", "3", "its default is `relu`")]),
        ("width: $widht", [("unknown-name", "widht", "did you mean `width`?")]),
        ("width: $in.channels", [("unknown-name", "in", "the names here are n, width")]),
        ("width: $image.channels", [("unknown-name", "image", "the names here are n, width")]),
        ("width: $(1 // 0)", [("division-by-zero", "1 // 0", None)]),
        ("width: {a: 1}", [("wrong-type", "{a: 1}", None)]),
        ("my-width: 3", [("bad-name", "my-width", "such as `my_width`")]),
    ],
)
def test_mistakes(folder: Path, values: str, expected: list[tuple[str, str, str | None]]) -> None:
    path = net(folder, f"unit.yaml: {{{values}}}", more="parameters: {n: 3, width: 8}")
    shown = [
        (one.code, one.span.file.text[one.span.start : one.span.end], one.help)
        for one in found(path)
    ]
    assert shown == expected
    assert all(one.span.file.name == str(path) for one in found(path))


def test_what_has_no_default_is_set_by_every_import(folder: Path) -> None:
    path = write(folder, "op.yaml", "parameters: {n: int}\nblocks: {b: {graph: [{conv: $n}]}}\n")
    assert codes(path) == []  # a library by itself has nobody to set it
    for entry in ("op.yaml", "op.yaml: {}"):
        (one,) = found(net(folder, entry, "[b]"))
        assert (one.code, one.message) == ("missing-parameter", "`op.yaml` needs `n`")
    wrong = codes(net(folder, "op.yaml: {m: 3}", "[b]"))
    assert wrong == ["missing-parameter", "unknown-parameter"]
    assert codes(net(folder, "op.yaml: {n: 3}", "[b]")) == []


def test_a_mistake_that_a_value_makes_says_where_it_was_set(folder: Path) -> None:
    (one,) = found(net(folder, "unit.yaml: {act: rleu}"))
    assert (one.code, Path(one.span.file.name).name) == ("unknown-op", "unit.yaml")
    (note,) = one.notes
    assert "imported with values at" in note
    assert note.endswith("net.yaml:3")


def test_mistakes_of_the_file_are_told_once(folder: Path) -> None:
    write(folder, "bad.yaml", UNIT.replace("kernel: $kernel", "kernal: $kernel"))
    imports = "bad.yaml: {eps: 0.5}, unit.yaml: {eps: 0.5}"
    own = "blocks: {unit: {graph: [relu]}}"
    assert codes(net(folder, imports, "[unit]", own)) == ["unknown-attribute"]


@pytest.mark.parametrize("entry", ["3", "{a.yaml: {}, b.yaml: {}}", "{}", "unit.yaml: 3", "[a]"])
def test_what_is_no_import_may_define_anything(folder: Path, entry: str) -> None:
    assert len(codes(net(folder, entry, "[anything]"))) == 1


def test_a_circle(folder: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        body = f"parameters: {{n: 1}}\nimports: [{other}.yaml: {{n: $n}}]\n"
        write(folder, f"{name}.yaml", f"{body}blocks: {{{name}: {{graph: [relu]}}}}\n")
    assert codes(net(folder, "a.yaml: {n: 2}", "[a]")) == ["import-cycle"]


def test_a_block_that_never_ends(folder: Path) -> None:
    write(folder, "a.yaml", "parameters: {n: 1}\nblocks: {a: {graph: [a]}}\n")
    assert codes(net(folder, "a.yaml: {n: 2}", "[a]")) == ["endless-recursion"]


# --- what it may cost ---------------------------------------------------------------------


def test_copies_are_bounded(folder: Path) -> None:
    """A chain of files that each import the next ten times would be 10 ** 15 copies."""
    for k in range(15):
        entries = ", ".join([f"l{k + 1}.yaml: {{n: {i}}}" for i in range(10)])
        write(folder, f"l{k}.yaml", f"parameters: {{n: 0}}\nimports: [{entries}]\nops: {{}}\n")
    write(folder, "l15.yaml", "parameters: {n: 0}\nblocks: {}\n")
    assert set(codes(net(folder, "l0.yaml: {n: 1}", "[relu]"))) == {"too-large"}


def test_many_imports_of_one_large_file(folder: Path) -> None:
    write(folder, "large.yaml", "parameters: {n: 0}\nops: {}\n#" + builder.MAX_COPIED // 3 * "x")
    entries = ["large.yaml: {n: 1}"] * 10
    assert codes(net(folder, ", ".join(entries[:2]), "[relu]")) == []
    assert set(codes(net(folder, ", ".join(entries), "[relu]"))) == {"too-large"}


# --- what several specs share -------------------------------------------------------------


def test_nothing_leaks_between_specs_of_one_run(folder: Path) -> None:
    shared = Library()
    for _ in range(2):
        for channels in (6, 10):
            more = f"expect: {{outputs: {{output: [{channels}, 8, 8]}}}}"
            path = net(folder, f"unit.yaml: {{width: {channels // 2}}}", more=more)
            assert found(path, shared) == []
    plain = net(folder, "unit.yaml", more="expect: {outputs: {output: [8, 8, 8]}}")
    assert found(plain, shared) == []


def test_copies_count_among_what_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Library()
    assert found(net(folder, "unit.yaml: {width: 3}"), shared) == []
    sizes = [unit.size for unit in shared._units.values()]
    written = sum(len(unit.file.text) for unit in shared._units.values())
    assert shared._size == sum(sizes) > written
    monkeypatch.setattr(imports, "MAX_KEPT", written)
    assert found(net(folder, "unit.yaml: {width: 4}"), shared) == []
    assert shared._size == sum(unit.size for unit in shared._units.values())
    assert len(shared._units) == 1


def test_a_file_that_has_changed_is_copied_anew(folder: Path) -> None:
    shared = Library()
    expected = "expect: {outputs: {output: [6, 8, 8]}}"
    path = net(folder, "unit.yaml: {width: 3}", more=expected)
    assert found(path, shared) == []
    write(folder, "unit.yaml", UNIT.replace("2 * width", "3 * width"))
    assert [one.code for one in found(path, shared)] == ["expectation-failed"]
    write(folder, "unit.yaml", UNIT)
    assert found(path, shared) == []


# --- warnings -----------------------------------------------------------------------------


def test_an_import_reads_what_it_sets(folder: Path) -> None:
    more = "parameters: {n: 3, spare: 4}\nlet: {m: $(n + 1), left: 2}"
    warnings = check(read(net(folder, "unit.yaml: {width: $m}", more=more)), warnings=ALL)
    own = [one.code for one in warnings if Path(one.span.file.name).name == "net.yaml"]
    assert own == ["unused-parameter", "unused-let"]


def test_an_unused_import_with_values_is_removed(folder: Path) -> None:
    path = net(folder, "unit.yaml: {width: 3}", "[relu]")
    (one,) = check(read(path), warnings=ALL)
    assert (one.code, one.message) == ("unused-import", "nothing of `unit.yaml` is used")
    mended, count = mend(read(path), ALL)
    assert (count, "unit.yaml" in mended.text) == (1, False)
