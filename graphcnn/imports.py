"""Files to programs: reading, checking and linking a spec with what it imports.

A spec may import from its own folder and from the shipped specs, and from nowhere else: the
paths are checked after links are resolved. Each file is read once, however many import it.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path

from graphcnn import schema, syntax
from graphcnn.diagnostics import Diagnostic, SpecError, UsageError
from graphcnn.program import Program
from graphcnn.program.builder import Builder
from graphcnn.program.recursion import check_recursion
from graphcnn.program.references import MAX_FINDINGS, check_references
from graphcnn.source import SourceFile
from graphcnn.syntax import Mapping, Scalar

MAX_IMPORT_DEPTH = 20
MAX_IMPORTS = 100


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


class Loader:
    """Loads programs for one top-level spec; ``diagnostics`` collects what is wrong."""

    def __init__(self, folder: Path | None, files: Files) -> None:
        self.files = files
        self.roots = [shipped_specs()]
        if folder is not None:
            self.roots.insert(0, files.resolve(folder))
        self.diagnostics: list[Diagnostic] = []
        self._loaded: dict[Path, Program | None] = {}
        self._open: list[Path] = []

    def load(self, file: SourceFile) -> Program | None:
        """The program of a file, linked; None where its text is no mapping at all."""
        try:
            root = syntax.parse(file)
        except SpecError as error:
            self.diagnostics += error.diagnostics
            return None
        report = schema.check(root)
        self.diagnostics += report.diagnostics
        if not isinstance(root, Mapping):
            return None
        builder = Builder(file, root, report)
        program = builder.declare()
        builder.define([(entry, self._import(entry, program)) for entry in program.imports])
        self.diagnostics += builder.diagnostics
        self.diagnostics += check_references(program)
        self.diagnostics += check_recursion(program)
        return program

    def _import(self, entry: Scalar, program: Program) -> Program | None:
        name = str(entry.value)
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
