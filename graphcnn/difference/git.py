"""What git knows of a repository: commits, their files, what changed. Nothing is written."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import NamedTuple

from graphcnn.diagnostics import UsageError

_FILE, _LINK = "100", "120"  # how modes begin


class Entry(NamedTuple):
    """A file in a commit: what it is, the name of its content, and bytes of that."""

    mode: str
    blob: str
    size: int

    @property
    def is_file(self) -> bool:
        return self.mode.startswith(_FILE)

    @property
    def is_link(self) -> bool:
        return self.mode.startswith(_LINK)


class Changed(NamedTuple):
    """A file that differs, by its path on either side; None where it is not there."""

    before: str | None
    after: str | None


class Repository:
    """The repository around a folder; paths are relative to its ``root``.

    Raises:
        UsageError: git is not installed, or there is no repository with a working tree.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder
        found = self._ask("rev-parse", "--show-toplevel")
        if found is None:
            raise UsageError(f"{folder} is in no git repository, or in one without a working tree")
        self.root = Path(os.fsdecode(found.removesuffix(b"\n"))).resolve()

    def commit(self, revision: str) -> str:
        """The full name of the commit that a revision means.

        Raises:
            UsageError: there is none, or the revision would be read as an option.
        """
        found = None
        if revision and not revision.startswith("-"):
            wanted = f"{revision}^{{commit}}"
            found = self._ask("rev-parse", "--verify", "--quiet", "--end-of-options", wanted)
        if found is None:
            raise UsageError(f"`{revision}` is no revision of the git repository {self.root}")
        return found.decode().strip()

    def merge_base(self, one: str, other: str) -> str:
        """The commit that two commits both come from.

        Raises:
            UsageError: there is none.
        """
        found = self._ask("merge-base", one, other)
        if found is None:
            raise UsageError(f"{one[:12]} and {other[:12]} have no commit in common")
        return found.decode().strip()

    def entries(self, commit: str) -> dict[str, Entry]:
        """Every file of a commit by its path."""
        found = {}
        for line in self._lines("ls-tree", "-r", "-z", "--long", "--full-tree", commit):
            about, _, path = line.partition("\t")
            mode, _, blob, size = about.split()
            found[path] = Entry(mode, blob, int(size) if size.isdigit() else 0)
        return found

    def tracked(self) -> list[str]:
        """The paths that git keeps of the working tree."""
        return self._lines("ls-files", "-z", "--full-name", ":/")

    def mentioning(self, word: str, commit: str | None) -> list[str]:
        """The files with a word in them: of a commit, or those that git keeps of what is here."""
        commits = [] if commit is None else [commit]
        found = self._ask("grep", "-l", "-z", "-F", "--full-name", "-e", word, *commits, "--")
        names = [os.fsdecode(name) for name in (found or b"").split(b"\0") if name]
        return names if commit is None else [name.removeprefix(f"{commit}:") for name in names]

    def content(self, entry: Entry) -> bytes:
        return self._tell("cat-file", "blob", entry.blob)

    def changed(self, before: str, after: str | None) -> list[Changed]:
        """The files that differ between two commits, or a commit and the working tree.

        Of the latter some may hold the same, and have been written since git looked at them.
        """
        commits = [before] if after is None else [before, after]
        options = ("--name-status", "-z", "--find-renames", "--no-ext-diff", "--no-color")
        words = iter(self._lines("diff", *options, *commits, "--"))
        found = []
        for status in words:
            path = next(words)
            if status.startswith("R"):
                found.append(Changed(path, next(words)))
            else:
                found.append(
                    Changed(None if status == "A" else path, None if status == "D" else path)
                )
        return found

    def _lines(self, *arguments: str) -> list[str]:
        return [os.fsdecode(line) for line in self._tell(*arguments).split(b"\0") if line]

    def _tell(self, *arguments: str) -> bytes:
        done = self._run(*arguments)
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()
            raise UsageError(f"git {arguments[0]} failed", said.splitlines())
        return done.stdout

    def _ask(self, *arguments: str) -> bytes | None:
        """The answer to a question that git may have none to."""
        done = self._run(*arguments)
        return None if done.returncode else done.stdout

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        # Without these, git would bring its index up to date, which is writing.
        environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
        command = [program(), "-c", "diff.autoRefreshIndex=false", *arguments]
        try:
            return subprocess.run(  # noqa: S603 - a fixed program, and arguments that are no options
                command,
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except (OSError, ValueError) as error:  # no such folder, or a NUL in a revision
            raise UsageError(f"git cannot be run: {error}") from None


@cache
def program() -> str:
    found = shutil.which("git")
    if found is None:
        raise UsageError("git is not installed; it is needed to look at a revision")
    return found
