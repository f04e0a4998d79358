"""Specs of a scratch repository, compared between revisions."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graphcnn.commands.diff import compare
from graphcnn.diagnostics import UsageError
from graphcnn.difference import Comparison
from graphcnn.difference.git import Repository
from graphcnn.difference.specs import Status
from tests.difference.scratch import git, write
from tests.inline import spec

NET = spec("- {conv: {out: 8, kernel: 3}, id: stem}")
WIDE = NET.replace("out: 8", "out: 16")
LIBRARY = "graphcnn: 1\nname: lib\nblocks:\n  unit: {sequence: [conv: {out: 8, kernel: 3}]}\n"
USER = spec("- unit", head="imports: [lib/blocks.yaml]")


def commit(tag: str | None = None) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", "a change")
    if tag is not None:
        git("tag", tag)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository with two specs, one of which imports a file."""
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet", "--initial-branch=main")
    write("specs/net.yaml", NET)
    write("specs/user.yaml", USER)
    write("specs/lib/blocks.yaml", LIBRARY)
    write("ci.yaml", "jobs: []\n")
    commit(tag="first")


def run(*names: str, paths: list[str] | None = None) -> Comparison:
    return compare(names, paths)


def titles(found: Comparison) -> list[str]:
    return [one.title for one in found.specs]


def test_nothing_changed() -> None:
    found = run("main")
    assert found.specs == ()
    assert found.is_empty
    assert (found.before, found.after) == ("main", "the working tree")


def test_the_working_tree() -> None:
    write("specs/net.yaml", WIDE)
    found = run("main", paths=["specs/net.yaml"])
    (one,) = found.specs
    assert one.before is not None
    assert one.after is not None
    assert one.before.spec.file.name == "main:specs/net.yaml"
    assert one.after.spec.file.name == "specs/net.yaml"
    assert one.variants[0].status is Status.CHANGED


def test_a_spec_that_is_named_is_compared_though_it_is_the_same() -> None:
    found = run("main", paths=["specs/net.yaml"])
    assert titles(found) == ["specs/net.yaml"]
    assert found.is_empty


def test_two_revisions() -> None:
    write("specs/net.yaml", WIDE)
    commit(tag="second")
    write("specs/net.yaml", "no: spec\n")
    found = run("first", "second", paths=[])
    assert titles(found) == ["specs/net.yaml"]
    assert not found.is_broken
    assert titles(run("first..second")) == ["specs/net.yaml"]
    assert run("second..", paths=[]).is_empty


def test_since_a_branch_left() -> None:
    git("checkout", "--quiet", "-b", "topic")
    write("specs/net.yaml", WIDE)
    commit()
    git("checkout", "--quiet", "main")
    write("specs/user.yaml", USER.replace("- unit", "- unit\n- relu"))
    commit()
    assert titles(run("main...topic")) == ["specs/net.yaml"]
    assert titles(run("main..topic")) == ["specs/net.yaml", "specs/user.yaml"]


def test_imports_are_of_the_same_revision() -> None:
    write("specs/lib/blocks.yaml", LIBRARY.replace("out: 8", "out: 4"))
    found = run("main", paths=[])
    assert titles(found) == ["specs/user.yaml"]
    (variant,) = found.specs[0].variants
    assert variant.diff is not None
    assert [
        (one.before.layer.file, one.after.layer.file)
        for one in variant.diff.changes
        if one.before and one.after
    ] == [("main:specs/lib/blocks.yaml", "specs/lib/blocks.yaml")]


def test_blocks_stand_for_what_imports_them() -> None:
    write("specs/net.yaml", WIDE)
    write("specs/lib/blocks.yaml", LIBRARY.replace("out: 8", "out: 4"))
    found = run("main", paths=["specs/lib/blocks.yaml"])
    assert titles(found) == ["specs/user.yaml"]
    assert not found.is_empty


def test_a_value_of_an_import_changes_its_layers() -> None:
    write("specs/lib/blocks.yaml", LIBRARY.replace("8", "$width") + "parameters: {width: 8}\n")
    write("specs/user.yaml", USER.replace("blocks.yaml", "blocks.yaml: {width: 8}"))
    commit()
    assert run("main").specs == ()
    write("specs/user.yaml", USER.replace("blocks.yaml", "blocks.yaml: {width: 4}"))
    (one,) = run("main").specs
    (variant,) = one.variants
    assert variant.diff is not None
    assert [change.before.layer.name for change in variant.diff.changes if change.before] == [
        "unit.0"
    ]


def test_what_an_import_loses_is_reported() -> None:
    Path("specs/lib/blocks.yaml").unlink()
    found = run("main")
    assert titles(found) == ["specs/user.yaml"]
    assert "import-not-found" in [one.code for one in found.diagnostics]
    assert found.is_broken


def test_mistakes_in_a_revision_are_called_as_git_calls_the_file() -> None:
    write("specs/lib/blocks.yaml", LIBRARY.replace("conv", "cov"))
    commit()
    write("specs/lib/blocks.yaml", LIBRARY)
    found = run("main")
    assert str(found.diagnostics[0].span) == "main:specs/lib/blocks.yaml:4:21"
    assert not found.is_broken
    assert not found.is_empty


def test_shipped_specs_are_there_for_every_revision() -> None:
    write("specs/mine.yaml", spec("- bottleneck", head="imports: [lib/none.yaml]"))
    shipped = spec("- basic_block: {planes: 3}", head="imports: [resnet.yaml]")
    write("specs/mine.yaml", shipped)
    commit()
    assert run("main", paths=["specs/mine.yaml"]).is_empty


def test_new_deleted_and_renamed_specs() -> None:
    write("specs/new.yaml", WIDE.replace("name: net", "name: wholly_different\ntitle: New"))
    git("add", "specs/new.yaml")
    git("mv", "specs/net.yaml", "specs/moved.yaml")
    git("rm", "--quiet", "specs/user.yaml")
    found = run("main")
    assert {one.title: one.variants[0].status for one in found.specs} == {
        "specs/net.yaml → specs/moved.yaml": Status.SAME,
        "specs/new.yaml": Status.CAME,
        "specs/user.yaml": Status.WENT,
    }


def test_files_that_git_does_not_know_are_compared_if_named() -> None:
    write("specs/new.yaml", NET)
    assert titles(run("main")) == []
    assert titles(run("main", paths=["specs/new.yaml"])) == ["specs/new.yaml"]


def test_folders_and_paths_from_within_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    write("specs/net.yaml", WIDE)
    write("other/net.yaml", NET)
    commit()
    write("other/net.yaml", WIDE)
    assert titles(run("first", paths=["specs"])) == ["specs/net.yaml"]
    assert titles(run("first", paths=["."])) == ["other/net.yaml", "specs/net.yaml"]
    monkeypatch.chdir("specs")
    assert titles(run("first", paths=["net.yaml"])) == ["specs/net.yaml"]
    assert titles(run("first", paths=["../other"])) == ["other/net.yaml"]
    assert titles(run("first")) == ["other/net.yaml", "specs/net.yaml"]


def test_other_yaml_is_passed_by() -> None:
    write("ci.yaml", "jobs: [one]\n")
    write("specs/lib/more.yaml", LIBRARY)
    git("add", "--all")
    assert run("main").specs == ()


def test_links_in_a_revision() -> None:
    Path("specs/link.yaml").symlink_to("net.yaml")
    Path("specs/outside.yaml").symlink_to("/etc/hostname")
    write("specs/user.yaml", USER.replace("lib/blocks", "shelf/blocks"))
    Path("specs/shelf").symlink_to("lib")
    commit()
    assert run("main", paths=["specs/link.yaml"]).is_empty
    assert run("main", paths=["specs/user.yaml"]).is_empty
    write("specs/user.yaml", USER.replace("lib/blocks", "outside"))
    commit()
    codes = [one.code for one in run("main", "main", paths=["specs/user.yaml"]).diagnostics]
    assert "import-outside" in codes


@pytest.mark.parametrize(
    "name", ["a b.yaml", "-x.yaml", "ä'\"$.yaml", "[ab]*?.yaml", ":(top).yaml"]
)
def test_paths_of_any_text(name: str) -> None:
    write(f"specs/{name}", NET)
    commit()
    write(f"specs/{name}", WIDE)
    write("specs/net.yaml", WIDE)
    assert titles(run("main", paths=[f"specs/{name}"])) == [f"specs/{name}"]
    assert titles(run("main", "main~1", paths=[f"specs/{name}"])) == [f"specs/{name}"]


@pytest.mark.parametrize(
    "revision", ["nope", "-x", "--output=x", "", "main:ci.yaml", "a\0b", "main..-x"]
)
def test_what_is_no_revision(revision: str) -> None:
    with pytest.raises(UsageError):
        run(revision, paths=[])


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("specs/nope.yaml", "there is no specs/nope.yaml in main or the working tree"),
        ("/etc", "/etc is outside of the repository"),
    ],
)
def test_what_is_no_spec(path: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run("main", paths=[path])


def test_no_repository(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    with pytest.raises(UsageError, match="is in no git repository"):
        run("main")


def test_no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphcnn.difference import git as module

    module.program.cache_clear()
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match="git is not installed"):
        run("main")
    module.program.cache_clear()


def test_the_repository_is_left_alone() -> None:
    # The same text at another time, of which git would take note in its index.
    os.utime("specs/net.yaml", (10**9, 10**9))
    os.utime("specs/lib/blocks.yaml", (10**9, 10**9))
    index = Path(".git/index").read_bytes()
    everything = sorted(Path().rglob("*"))
    assert run("main").specs == ()
    run("main", "first", paths=["specs"])
    assert Path(".git/index").read_bytes() == index
    assert sorted(Path().rglob("*")) == everything


def test_histories_without_a_common_commit() -> None:
    git("checkout", "--quiet", "--orphan", "other")
    write("specs/net.yaml", WIDE)
    commit()
    with pytest.raises(UsageError, match="no commit in common"):
        run("main...other")


def test_a_file_that_is_too_large_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphcnn import syntax

    monkeypatch.setattr(syntax, "LIMIT", 20)
    monkeypatch.setattr(Repository, "content", None)
    found = run("main", "main", paths=["specs/net.yaml"])
    assert {one.code for one in found.diagnostics} == {"too-large"}
