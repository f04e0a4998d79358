"""A repository whose `.git` is a stranger's: nothing that its configuration names is run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from graphcnn.commands.diff import compare
from graphcnn.diagnostics import UsageError
from graphcnn.difference.git import Repository
from tests.difference.scratch import git, write
from tests.inline import spec

NET = spec("- {conv: {out: 8, kernel: 3}, id: stem}")
WIDE = NET.replace("out: 8", "out: 16")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a changed spec, and beside it a program that leaves a mark."""
    root = tmp_path / "repository"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho run >> '{tmp_path / 'mark'}'\n")
    program.chmod(0o755)
    git("init", "--quiet", "--initial-branch=main")
    write("net.yaml", NET)
    git("add", "--all")
    git("commit", "--quiet", "--message", "first")
    write("net.yaml", WIDE)
    return root


def configure(name: str, value: str) -> None:
    git("config", name, value.replace("PROGRAM", str(Path("../program").resolve())))


def ran() -> bool:
    return Path("../mark").exists()


def plain_git(*arguments: str) -> None:
    """Git as it is, which shows that the trap works."""
    subprocess.run(
        ["git", *arguments],  # noqa: S607 - the git of whoever runs the tests
        check=False,
        capture_output=True,
    )


def trapped(*arguments: str) -> None:
    plain_git(*arguments)
    assert ran(), "the trap does not work"
    Path("../mark").unlink()


def changes() -> list[str]:
    return [one.title for one in compare(["main"], None).specs]


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("filter.f.clean", "filter=f"),
        ("filter.f.process", "filter=f"),
        ("filter.a=b.clean", "filter=a=b"),
        ("diff.d.textconv", "diff=d"),
        ("diff.d.command", "diff=d"),
        ("diff.external", ""),
    ],
)
def test_what_files_are_run_through(name: str, attribute: str) -> None:
    write(".git/info/attributes", f"*.yaml {attribute}\n")
    configure(name, "PROGRAM")
    trapped("diff", "main", "--")
    assert changes() == ["net.yaml"]
    assert not ran()


def test_a_filter_that_is_required() -> None:
    write(".git/info/attributes", "*.yaml filter=f\n")
    configure("filter.f.clean", "PROGRAM")
    configure("filter.f.required", "true")
    assert changes() == ["net.yaml"]
    assert not ran()


def test_a_monitor_of_the_file_system() -> None:
    configure("core.fsmonitor", "PROGRAM")
    trapped("diff", "main", "--")
    assert changes() == ["net.yaml"]
    assert not ran()


def test_hooks() -> None:
    write("hooks/post-index-change", Path("../program").read_text())
    Path("hooks/post-index-change").chmod(0o755)
    configure("core.hooksPath", str(Path("hooks").resolve()))
    assert changes() == ["net.yaml"]
    assert not ran()


def test_a_bare_repository_among_the_files() -> None:
    """Git takes a folder with these files for a repository, and its configuration with it."""
    git("init", "--quiet", "--bare", "inner")
    git("--git-dir=inner", "config", "core.bare", "false")
    git("--git-dir=inner", "config", "core.worktree", str(Path("inner").resolve()))
    git("--git-dir=inner", "config", "core.fsmonitor", str(Path("../program").resolve()))
    os.chdir("inner")
    plain_git("status")
    assert Path("../../mark").exists(), "the trap does not work"
    with pytest.raises(UsageError, match="is in no git repository"):
        Repository(Path.cwd())


def test_a_submodule() -> None:
    git("init", "--quiet", "part")
    write("part/a.txt", "a")
    os.chdir("part")
    git("add", "--all")
    git("commit", "--quiet", "--message", "inner")
    git("config", "core.fsmonitor", str(Path("../../program").resolve()))
    os.chdir("..")
    git("add", "part")
    git("commit", "--quiet", "--message", "with a part")
    configure("submodule.recurse", "true")
    write("part/a.txt", "b")
    trapped("diff", "main", "--")
    write("part/a.txt", "c")
    assert changes() == ["net.yaml"]
    assert not ran()


def test_objects_that_are_missing_are_not_fetched() -> None:
    """A clone without all objects would fetch them by the program that its configuration names."""
    blob = subprocess.run(
        ["git", "rev-parse", "main:net.yaml"],  # noqa: S607 - the git of whoever runs the tests
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(".git/objects", blob[:2], blob[2:]).unlink()
    configure("extensions.partialClone", "origin")
    configure("remote.origin.promisor", "true")
    configure("remote.origin.url", "ext::PROGRAM")
    configure("protocol.ext.allow", "always")
    git("config", "core.repositoryFormatVersion", "1")
    trapped("cat-file", "blob", blob)
    with pytest.raises(UsageError, match=r"git (diff|cat-file) failed"):
        changes()
    assert not ran()


def test_a_working_tree_somewhere_else(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    configure("core.worktree", str(elsewhere))
    with pytest.raises(UsageError, match="has its working tree in"):
        Repository(Path.cwd())
