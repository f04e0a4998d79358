"""Files that import others: what comes along, and what may not be reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from graphcnn import imports, syntax
from graphcnn.compiler import check, load
from graphcnn.diagnostics import Diagnostic
from graphcnn.imports import Library, Loader, shipped_specs
from graphcnn.program import Program
from graphcnn.source import SourceFile
from graphcnn.syntax import Node, read

NET = "graphcnn: 1\nname: net\ninputs: {{image: [3, 8, 8]}}\nimports: [{}]\ngraph: [{}]\n"
Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written


def library(name: str, body: str) -> str:
    return f"graphcnn: 1\nname: {name}\n{body}\n"


def found(path: Path) -> list[str]:
    return [one.code for one in check(read(path))]


def diagnostics(path: Path) -> list[Diagnostic]:
    return check(read(path))


def test_blocks_and_ops_come_along(write: Write) -> None:
    write(
        "lib/unit.yaml",
        library(
            "unit",
            "blocks: {unit: {graph: [{conv: 4}, wave]}}\nops: {wave: {shape: $in.shape, macs: 0}}",
        ),
    )
    path = write("net.yaml", NET.format("lib/unit.yaml", "unit, wave"))
    assert [node.op.name for node in load(path).ir.nodes] == ["conv", "wave", "wave"]


def test_a_block_means_what_it_means_in_its_file(write: Write) -> None:
    write(
        "lib/unit.yaml",
        library(
            "unit",
            "parameters: {width: 4}\nlet: {twice: $(2 * width)}\ndefaults: {conv: {bias: false}}\n"
            "blocks: {inner: {graph: [{conv: $twice}]}, unit: {graph: [inner]}}",
        ),
    )
    text = NET.format("lib/unit.yaml", "unit, {conv: 3}").replace(
        "imports", "parameters: {width: 99}\nblocks: {inner: {graph: [relu]}}\nimports"
    )
    conv, last = load(write("net.yaml", text)).ir.nodes
    assert conv.outputs[0].shape == (8, 8, 8)
    assert [*conv.facts.weights] == ["weight"]
    assert [*last.facts.weights] == ["weight", "bias"]


def test_imports_are_relative_to_the_file_that_has_them(write: Write) -> None:
    write("lib/a.yaml", library("a", "imports: [deep/b.yaml]\nblocks: {a: {graph: [b]}}"))
    write("lib/deep/b.yaml", library("b", "imports: [../c.yaml]\nblocks: {b: {graph: [c]}}"))
    write("lib/c.yaml", library("c", "blocks: {c: {graph: [relu]}}"))
    assert found(write("net.yaml", NET.format("lib/a.yaml", "a, b, c"))) == []


def test_what_is_imported_along_two_ways_is_one(write: Write) -> None:
    write("a.yaml", library("a", "imports: [c.yaml]\nblocks: {a: {graph: [c]}}"))
    write("b.yaml", library("b", "imports: [c.yaml]\nblocks: {b: {graph: [c]}}"))
    write("c.yaml", library("c", "blocks: {c: {graph: [relu]}}"))
    assert found(write("net.yaml", NET.format("a.yaml, b.yaml, c.yaml", "a, b, c"))) == []


def test_two_definitions_of_one_name(write: Write) -> None:
    write("a.yaml", library("a", "blocks: {unit: {graph: [relu]}}"))
    write("b.yaml", library("b", "blocks: {unit: {graph: [tanh]}}"))
    path = write("net.yaml", NET.format("a.yaml, b.yaml", "unit"))
    assert found(path) == ["duplicate-name"]
    own = NET.format("a.yaml, b.yaml", "unit") + "blocks: {unit: {graph: [elu]}}\n"
    assert [node.op.name for node in load(write("net.yaml", own)).ir.nodes] == ["elu"]


def test_mistakes_in_what_is_imported_are_in_that_file(write: Write) -> None:
    write(
        "lib/unit.yaml", library("unit", "blocks:\n  unit:\n    graph:\n      - conv: {paddin: 1}")
    )
    found_ = diagnostics(write("net.yaml", NET.format("lib/unit.yaml", "unit")))
    assert {Path(one.span.file.name).name for one in found_} == {"unit.yaml"}
    assert [one.code for one in found_] == ["missing-attribute", "unknown-attribute"]


def test_shipped_specs_can_be_imported() -> None:
    text = NET.format("resnet.yaml", "{basic_block: {planes: 3}}")
    assert check(SourceFile("net.yaml", text)) == []
    assert shipped_specs().joinpath("resnet.yaml").is_file()


def test_a_library_is_checked_by_itself(write: Write) -> None:
    path = write("lib.yaml", library("lib", "blocks: {unit: {graph: [{conv: $nope}]}}"))
    assert found(path) == ["unknown-name"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nowhere.yaml", "import-not-found"),
        ("lib", "import-not-found"),
        ("../outside.yaml", "import-outside"),
        ("/etc/passwd", "import-outside"),
        ("../../../../../../etc/passwd", "import-outside"),
        ("link.yaml", "import-outside"),
        ("net.yaml", "import-cycle"),
        ("./lib/../net.yaml", "import-cycle"),
        ('"a\\0b"', "import-not-found"),
        ("a" * 5000, "import-not-found"),
        ("binary.yaml", "not-utf8"),
        ("empty.yaml", "empty-file"),
        ("list.yaml", "wrong-type"),
    ],
)
def test_what_cannot_be_imported(write: Write, tmp_path: Path, name: str, code: str) -> None:
    path = write("specs/net.yaml", NET.format(name, "relu"))
    write("outside.yaml", library("outside", "blocks: {unit: {graph: [relu]}}"))
    write("specs/lib/unit.yaml", library("unit", "blocks: {unit: {graph: [relu]}}"))
    write("specs/empty.yaml", "")
    write("specs/list.yaml", "- a\n")
    (tmp_path / "specs/binary.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "specs/link.yaml").symlink_to(tmp_path / "outside.yaml")
    assert code in found(path)


def test_text_without_a_folder_imports_shipped_specs_only(tmp_path: Path) -> None:
    (tmp_path / "unit.yaml").write_text(library("unit", "blocks: {unit: {graph: [relu]}}"))
    text = NET.format(str(tmp_path / "unit.yaml"), "relu")
    assert [one.code for one in check(SourceFile("-", text))] == ["import-outside"]


def test_a_circle_of_imports(write: Write) -> None:
    write("a.yaml", library("a", "imports: [b.yaml]\nblocks: {a: {graph: [relu]}}"))
    write("b.yaml", library("b", "imports: [a.yaml]\nblocks: {b: {graph: [relu]}}"))
    assert found(write("net.yaml", NET.format("a.yaml", "a"))) == ["import-cycle"]


def test_depth_is_bounded(write: Write) -> None:
    for k in range(30):
        write(
            f"l{k}.yaml",
            library(f"l{k}", f"imports: [l{k + 1}.yaml]\nblocks: {{b{k}: {{graph: [relu]}}}}"),
        )
    assert found(write("net.yaml", NET.format("l0.yaml", "b0"))) == ["too-deep"]


def test_each_file_is_read_once(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of files that each import the next two is no tree of files."""
    for k in range(15):
        following = f"imports: [l{k + 1}.yaml, l{min(k + 2, 15)}.yaml]"
        write(f"l{k}.yaml", library(f"l{k}", f"{following}\nblocks: {{b{k}: {{graph: [relu]}}}}"))
    write("l15.yaml", library("l15", "blocks: {b15: {graph: [relu]}}"))
    path = write("net.yaml", NET.format("l0.yaml", "b0"))
    loaded: list[SourceFile] = []
    once = Loader.load

    def counted(self: Loader, file: SourceFile) -> Program | None:
        loaded.append(file)
        return once(self, file)

    monkeypatch.setattr(Loader, "load", counted)
    assert found(path) == []
    assert len(loaded) == 17


# --- what several specs share


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are parsed, each time that they are."""
    names: list[str] = []
    parse = syntax.parse

    def counted(file: SourceFile) -> Node:
        names.append(Path(file.name).name)
        return parse(file)

    monkeypatch.setattr(syntax, "parse", counted)
    return names


def test_what_many_specs_import_is_parsed_once(
    write: Write, parsed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write("lib/deep.yaml", library("deep", "blocks: {deep: {graph: [relu]}}"))
    write("lib/unit.yaml", library("unit", "imports: [deep.yaml]\nblocks: {unit: {graph: [deep]}}"))
    shared = Library()
    for k in range(5):
        path = write(f"net{k}.yaml", NET.format("lib/unit.yaml, resnet.yaml", "unit"))
        assert check(read(path), library=shared) == []
    assert check(read(Path("lib/unit.yaml")), library=shared) == []
    nets = [f"net{k}.yaml" for k in range(5)]
    assert sorted(parsed) == sorted([*nets, "unit.yaml", "deep.yaml", "resnet.yaml"])


def test_a_library_with_mistakes_is_parsed_once_and_they_are_found_each_time(
    write: Write, parsed: list[str]
) -> None:
    write("lib.yaml", library("lib", "blocks: {unit: {graph: [{conv: $nope}]}}"))
    shared = Library()
    for name in ("a.yaml", "b.yaml"):
        found_ = check(read(write(name, NET.format("lib.yaml", "unit"))), library=shared)
        assert [one.code for one in found_] == ["unknown-name"]
    assert parsed.count("lib.yaml") == 1


def test_a_file_that_has_changed_is_read_anew(write: Write) -> None:
    shared = Library()
    path = write("net.yaml", NET.format("lib/unit.yaml", "unit"))
    write("lib/unit.yaml", library("unit", "imports: [deep.yaml]\nblocks: {unit: {graph: [deep]}}"))

    def codes() -> list[str]:
        return [one.code for one in check(read(path), library=shared)]

    assert "import-not-found" in codes()
    write("lib/deep.yaml", library("deep", "blocks: {deep: {graph: [relu]}}"))
    assert codes() == []
    write("lib/deep.yaml", library("deep", "blocks: {deep: {graph: [rleu]}}"))
    assert codes() == ["unknown-op"]
    write("lib/deep.yaml", library("deep", "blocks: {deep: {graph: [relu]}}"))
    assert codes() == []
    (path.parent / "lib/deep.yaml").unlink()
    assert "import-not-found" in codes()


def test_what_one_spec_may_not_import_another_may(write: Write) -> None:
    write("unit.yaml", library("unit", "blocks: {unit: {graph: [relu]}}"))
    lib = library("lib", "imports: [../unit.yaml]\nblocks: {lib: {graph: [unit]}}")
    write("inner/lib.yaml", lib)
    outside = write("inner/net.yaml", NET.format("lib.yaml", "lib"))
    inside = write("net.yaml", NET.format("inner/lib.yaml", "lib"))
    shared = Library()
    for _ in range(2):
        assert [one.code for one in check(read(outside), library=shared)] == ["import-outside"]
        assert check(read(inside), library=shared) == []


def test_what_is_kept_is_bounded(
    write: Write, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is used stays; what has not been used for longest goes."""
    monkeypatch.setattr(imports, "MAX_KEPT", 600)
    write("lib.yaml", library("lib", "blocks: {unit: {graph: [relu]}}"))
    shared = Library()
    paths = [write(f"net{k}.yaml", NET.format("lib.yaml", "unit")) for k in range(20)]
    for path in paths:
        check(read(path), library=shared)
    assert sum(len(unit.file.text) for unit in shared._units.values()) <= 600
    assert parsed.count("lib.yaml") == 1
    check(read(paths[-1]), library=shared)
    assert parsed.count("net19.yaml") == 1
    check(read(paths[0]), library=shared)
    assert parsed.count("net0.yaml") == 2
