"""Files to programs: reading, checking and linking a spec with what it imports.

A spec may import from its own folder and from the shipped specs, and from nowhere else: the
paths are checked after links are resolved. For one spec each file is read once, however many import
it; for many specs of one run, each text is parsed and linked once: see :class:`Library`.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from graphcnn import schema, syntax
from graphcnn.diagnostics import Diagnostic, SpecError, UsageError
from graphcnn.program import Import, Program
from graphcnn.program.builder import Builder
from graphcnn.program.recursion import check_recursion
from graphcnn.program.references import MAX_FINDINGS, check_references
from graphcnn.source import SourceFile
from graphcnn.syntax import Mapping, Scalar

MAX_IMPORT_DEPTH = 20
MAX_IMPORTS = 100
MAX_KEPT: Final = 1_000_000
"""Characters of the texts that a library keeps; in memory a tree is some thirty times as large."""


@cache
def shipped_specs() -> Path:
    """The folder of the specs that come with graphcnn."""
    return Path(__file__).resolve().parent.joinpath("specs").resolve()


class Files:
    """Where specs are read from: here, the disk."""

    def resolve(self, path: Path) -> Path:
        """The absolute path, links followed."""
        return path.resolve()

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file; ``path`` is resolved."""
        return path.is_file()

    def read(self, path: Path, name: str) -> SourceFile:
        """A file that a spec imports as ``name``; raises as :func:`graphcnn.syntax.read` does."""
        with suppress(ValueError):
            name = str(path.relative_to(Path.cwd()))
        return syntax.read(path, name)


class Unit:
    """One text, parsed and checked; and linked, with the programs that it was linked with last."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.program: Program | None = None
        self._wrong: list[Diagnostic] = []
        self._wrong_links: list[Diagnostic] = []
        self._imported: list[Program | None] | None = None
        try:
            root = syntax.parse(file)
        except SpecError as error:
            self._wrong += error.diagnostics
            return
        self._report = schema.check(root)
        self._wrong += self._report.diagnostics
        if isinstance(root, Mapping):
            self._declare(root)

    def _declare(self, root: Mapping) -> None:
        self._builder = Builder(self.file, root, self._report)
        self.program = self._builder.declare()

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is wrong with this text alone, and with how it uses its imports."""
        return [*self._wrong, *self._wrong_links]

    @property
    def size(self) -> int:
        """Characters of the text, and of what it imports with values, which is built for it."""
        return len(self.file.text) + (0 if self.program is None else self.program.copied)

    def link(self, imported: list[Program | None]) -> None:
        """Make the program whole; ``imported`` are those of its imports, None for a failed one."""
        if self.program is None or self._imported == imported:
            return
        if self._imported is not None:  # a program is linked once
            self._declare(self.program.root)
        self._imported = imported
        self._builder.define(imported)
        self._wrong_links = [
            *self._builder.diagnostics,
            *check_references(self.program),
            *check_recursion(self.program),
        ]


class Library:
    """The files that one run has read so far, so that each is parsed once however many import it.

    A file is still read each time, and what is kept is taken only for the very same text and the
    very same imports: it cannot be out of date. What has not been used for longest goes first.
    """

    def __init__(self) -> None:
        self._units: dict[tuple[str, str | None], Unit] = {}
        self._size = 0

    def unit(self, file: SourceFile) -> Unit:
        """The text of a file, parsed now or earlier."""
        key = _key(file)
        unit = self._units.pop(key, None)
        if unit is None or unit.file.text != file.text:
            self._size -= 0 if unit is None else unit.size
            unit = Unit(file)
            self._size += unit.size
        self._units[key] = unit
        self._shrink()
        return unit

    def link(self, unit: Unit, imported: list[Program | None]) -> None:
        """Link a unit, which may become larger by it."""
        before = unit.size
        unit.link(imported)
        if self._units.get(_key(unit.file)) is unit:
            self._size += unit.size - before
            self._shrink()

    def _shrink(self) -> None:
        while self._size > MAX_KEPT and len(self._units) > 1:
            self._size -= self._units.pop(next(iter(self._units))).size


def _key(file: SourceFile) -> tuple[str, str | None]:
    """A spec can be asked for by a relative path and imported by a whole one."""
    path = None if file.path is None else os.path.abspath(file.path)  # noqa: PTH100 - keeps links
    return file.name, path


class Loader:
    """Loads programs for one top-level spec; ``diagnostics`` collects what is wrong."""

    def __init__(self, folder: Path | None, files: Files, library: Library | None = None) -> None:
        self.files = files
        self.library = library or Library()
        self.roots = [shipped_specs()]
        if folder is not None:
            self.roots.insert(0, files.resolve(folder))
        self.diagnostics: list[Diagnostic] = []
        self._loaded: dict[Path, Program | None] = {}
        self._open: list[Path] = []

    def load(self, file: SourceFile) -> Program | None:
        """The program of a file, linked; None where its text is no mapping at all."""
        unit = self.library.unit(file)
        program = unit.program
        if program is not None:
            self.library.link(unit, [self._import(entry, program) for entry in program.imports])
        self.diagnostics += unit.diagnostics
        return unit.program

    def _import(self, one: Import, program: Program) -> Program | None:
        entry, name = one.path, str(one.path.value)
        path = self._find(name, program)
        if path is None:
            self._report("import-not-found", f"there is no file `{name}` to import", entry)
            return None
        if not any(path.is_relative_to(root) for root in self.roots):
            self._report(
                "import-outside",
                f"`{name}` is outside the spec's folder",
                entry,
                "a spec imports from its own folder and from the shipped specs only",
            )
            return None
        if path in self._open:
            self._report("import-cycle", f"`{name}` imports this file in turn", entry)
            return None
        if path not in self._loaded:
            if len(self._loaded) >= MAX_IMPORTS:
                self._report("too-large", f"a spec has at most {MAX_IMPORTS} imports in all", entry)
                return None
            if len(self._open) >= MAX_IMPORT_DEPTH:
                self._report(
                    "too-deep", f"imports are nested more than {MAX_IMPORT_DEPTH} deep", entry
                )
                return None
            self._open.append(path)
            self._loaded[path] = self._read(path, name, entry)
            self._open.pop()
        return self._loaded[path]

    def _read(self, path: Path, name: str, entry: Scalar) -> Program | None:
        try:
            return self.load(self.files.read(path, name))
        except UsageError as error:
            self._report("import-not-found", f"`{name}` cannot be imported: {error}", entry)
        except SpecError as error:
            self.diagnostics += error.diagnostics
        return None

    def _find(self, name: str, program: Program) -> Path | None:
        """The file meant: relative to the importing file, else to the shipped specs."""
        folders = [shipped_specs()]
        if program.file.path is not None:
            folders.insert(0, program.file.path.parent)
        for folder in folders:
            try:
                path = self.files.resolve(folder.joinpath(name))
                if self.files.is_file(path) or not any(
                    path.is_relative_to(root) for root in self.roots
                ):
                    return path
            except (OSError, ValueError, RuntimeError):
                continue
        return None

    @property
    def imported(self) -> list[Path]:
        """The files that were read, without the spec's own."""
        return [*self._loaded]

    def _report(self, code: str, message: str, entry: Scalar, help: str | None = None) -> None:
        if len(self.diagnostics) < MAX_FINDINGS:
            self.diagnostics.append(Diagnostic(code, message, entry.span, (), help))

    def load_top(self, file: SourceFile) -> Program | None:
        """The program of the spec itself."""
        if file.path is not None:
            self._open.append(self.files.resolve(file.path))
        return self.load(file)
