"""A repository's files at one time: in a commit, or as they lie in the working tree."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from graphcnn import syntax
from graphcnn.diagnostics import SpecError
from graphcnn.difference.git import Repository
from graphcnn.imports import Files, shipped_specs
from graphcnn.source import SourceFile
from graphcnn.syntax.reading import too_large

_MAX_LINKS = 40


class WorkingTree(Files):
    """The files as they lie on the disk. Links that lead out of the repository lead nowhere."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.name = "the working tree"
        self.commit: str | None = None

    def paths(self) -> Iterable[str]:
        """The files that git keeps, relative to the root of the repository."""
        return self.repository.tracked()

    def file(self, path: str) -> SourceFile | None:
        """A file by its path from the root; None where it is not there.

        Raises:
            UsageError: it cannot be read.
            SpecError: it is too large or not UTF-8.
        """
        return self.read(self.repository.root / path, path) if self.has(path) else None

    def has(self, path: str) -> bool:
        return self.is_file(self.resolve(self.repository.root / path))

    def is_file(self, path: Path) -> bool:
        within = (self.repository.root, shipped_specs())
        return any(map(path.is_relative_to, within)) and super().is_file(path)


class Revision(WorkingTree):
    """The files of a commit, at the places that they have in the working tree.

    They are called as git calls them, `main:specs/net.yaml`. What is outside the commit, as the
    shipped specs are, is on the disk.
    """

    def __init__(self, repository: Repository, name: str, commit: str) -> None:
        super().__init__(repository)
        self.name, self.commit = name, commit
        self._entries = repository.entries(commit)

    def paths(self) -> Iterable[str]:
        return self._entries

    def resolve(self, path: Path) -> Path:
        path = Path(os.path.normpath(path))
        for _ in range(_MAX_LINKS):
            link = next((one for one in (path, *path.parents) if self._is_link(one)), None)
            if link is None:
                return path
            target = os.fsdecode(self.repository.content(self._entries[self._inside(link)]))
            path = Path(os.path.normpath(link.parent / target / path.relative_to(link)))
        return path

    def is_file(self, path: Path) -> bool:
        entry = self._entries.get(self._inside(path))
        if entry is not None:
            return entry.is_file
        return path.is_relative_to(shipped_specs()) and super().is_file(path)

    def read(self, path: Path, name: str) -> SourceFile:
        path = self.resolve(path)
        inside = self._inside(path)
        entry = self._entries.get(inside)
        if entry is None:
            return super().read(path, name)
        name = f"{self.name}:{inside}"
        if entry.size > syntax.LIMIT:  # so that it is not even loaded
            raise SpecError([too_large(SourceFile(name, "", path))])
        return syntax.decode(self.repository.content(entry), name, path)

    def _is_link(self, path: Path) -> bool:
        entry = self._entries.get(self._inside(path))
        return entry is not None and entry.is_link

    def _inside(self, path: Path) -> str:
        """A path from the root of the repository; empty for one outside."""
        root = self.repository.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
