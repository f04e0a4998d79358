"""What git knows of a repository: commits, their files, what changed. Nothing is written.

A repository may be a stranger's, with all of its `.git`. Git runs programs that its configuration
names, so whatever could lead to one is switched off: monitors, hooks, filters, textual conversions,
submodules, bare repositories among the files, and fetching objects that are missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from graphcnn.diagnostics import UsageError

_FILE, _LINK = "100", "120"  # how modes begin

_SETTINGS = {
    "core.fsmonitor": "",
    "core.hooksPath": os.devnull,
    "diff.autoRefreshIndex": "false",  # which would be writing
    "safe.bareRepository": "explicit",
    "submodule.recurse": "false",
}
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",  # over what the configuration says; there is no such protocol
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
#: what git runs a file through on its way from the working tree, by name
_FILTERS = r"^filter\..*\.(clean|process|required|smudge)$"


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
        UsageError: git is not installed, there is no repository with a working tree, or the one
            there says that its working tree is somewhere else.
    """

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self._settings = dict(_SETTINGS)
        found = self._ask("rev-parse", "--show-toplevel")
        if found is None:
            raise UsageError(f"{folder} is in no git repository, or in one without a working tree")
        self.root = Path(os.fsdecode(found.removesuffix(b"\n"))).resolve()
        if not folder.resolve().is_relative_to(self.root):
            raise UsageError(f"the git repository of {folder} has its working tree in {self.root}")
        filters = self._ask("config", "--name-only", "-z", "--get-regexp", _FILTERS) or b""
        self._settings |= {os.fsdecode(name): "" for name in filters.split(b"\0") if name}

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
        options = ("-l", "-z", "-F", "--full-name", "--no-textconv", "--no-recurse-submodules")
        found = self._ask("grep", *options, "-e", word, *commits, "--")
        names = [os.fsdecode(name) for name in (found or b"").split(b"\0") if name]
        return names if commit is None else [name.removeprefix(f"{commit}:") for name in names]

    def content(self, entry: Entry) -> bytes:
        return self._tell("cat-file", "blob", entry.blob)

    def changed(self, before: str, after: str | None) -> list[Changed]:
        """The files that differ between two commits, or a commit and the working tree.

        Of the latter some may hold the same, and have been written since git looked at them.
        """
        commits = [before] if after is None else [before, after]
        options = ("--name-status", "-z", "--find-renames", "--no-color")
        apart = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
        words = iter(self._lines("diff", *options, *apart, *commits, "--"))
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
        try:
            return subprocess.run(  # noqa: S603 - a fixed program, and arguments that are no options
                [program(), *arguments],
                cwd=self.root,
                env={**os.environ, **_ENVIRONMENT, **_as_environment(self._settings)},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except (OSError, ValueError) as error:  # no such folder, or a NUL in a revision
            raise UsageError(f"git cannot be run: {error}") from None


def _as_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Settings of git's above those of any file; a name in them may hold a `=`, as in no option."""
    found = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        found |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return found


@cache
def program() -> str:
    found = shutil.which("git")
    if found is None:
        raise UsageError("git is not installed; it is needed to look at a revision")
    return found
