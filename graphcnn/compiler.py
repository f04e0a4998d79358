"""The whole pipeline: a MODEL name to a program, and a program to a checked graph.

    str → SourceFile → syntax tree → [JSON Schema] → program → elaborate → Graph → verify

Everything the command line and the Python API do starts here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphcnn import syntax
from graphcnn.collector import paused
from graphcnn.diagnostics import Diagnostic, Severity, SpecError, UsageError, did_you_mean
from graphcnn.elaborate import Inference, Limits, graph_of
from graphcnn.expect import check_expectations
from graphcnn.imports import Files, Library, Loader, shipped_specs
from graphcnn.initialisation import NamedLayers, check_initialisation
from graphcnn.invariants import mark_training_only, verify
from graphcnn.model import CompiledModel
from graphcnn.naming import assign_names
from graphcnn.program import Program
from graphcnn.source import SourceFile

if TYPE_CHECKING:
    from graphcnn.lint import Selection
    from graphcnn.summary import Summary


@dataclass(eq=False)
class Spec:
    """A file, read and linked, before any setting of its parameters.

    ``imported`` are the files that it imports, and those that these import.
    """

    file: SourceFile
    program: Program | None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    imported: list[Path] = field(default_factory=list)

    @property
    def variants(self) -> list[str | None]:
        """The settings to look at: each variant, or the parameters as they stand."""
        if self.program is None or self.program.body is None:
            return []
        return [*self.program.variants] or [None]

    @property
    def is_sound(self) -> bool:
        """Whether there is no error but in what the spec says of itself under `expect`."""
        return all(map(self.is_of_expect, _errors(self.diagnostics)))

    def is_of_expect(self, error: Diagnostic) -> bool:
        """Whether an error is one in what the spec says of itself, which leaves the model whole."""
        said = None if self.program is None else self.program.root.get("expect")
        span = error.span
        return said is not None and span.file is said.file and said.start <= span.start < said.end


class Model(CompiledModel):
    """A checked model, and what one does with it."""

    def summary(self) -> Summary:
        """Shapes, parameters and costs, in total and for every layer."""
        from graphcnn.summary import summarise

        return summarise(self)

    def build(self, backend: str, *, opset: int | None = None) -> str | bytes:
        """The model in the words of a backend, such as the text of a PyTorch file.

        ``opset`` is for ONNX: the version of its operators, by default one that runtimes have had
        for two years, or the first that has every operator.

        Raises:
            UsageError: there is no such backend, or it has no such version.
            SpecError: the backend cannot express an op.
            TypeError: ``backend`` is no text.
        """
        from graphcnn.backends import at_opset, find

        if not isinstance(backend, str):
            raise TypeError(f"a backend is given by its name, not by {type(backend).__name__}")
        return at_opset(find(backend), opset).emit(self)


@paused()
def read_spec(file: SourceFile, files: Files | None = None, library: Library | None = None) -> Spec:
    """Read, validate and link one file; what is wrong is in its ``diagnostics``.

    ``files`` is where its imports are read from, by default the disk.
    """
    files = files or Files()
    loader = Loader(None if file.path is None else files.resolve(file.path).parent, files, library)
    program = loader.load_top(file)
    return Spec(file, program, loader.diagnostics, loader.imported)


@paused(kept=True)
def elaborate(
    program: Program,
    variant: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    inference: Inference | None = None,
    limits: Limits | None = None,
    *,
    sound: bool = True,
) -> tuple[Model, list[Diagnostic]]:
    """One variant of a program as a model, and all that is wrong with it.

    With an error the model is a torso. So it is of a program that has errors itself (``sound``
    is false; those in its expectations do not count), which is elaborated to find what else is
    wrong.
    """
    graph, diagnostics = graph_of(program, variant, parameters, inference, limits)
    model = Model(variant or program.name, variant, program, graph)
    if not sound or _errors(diagnostics):
        return model, diagnostics
    too_long = assign_names(graph)
    if too_long is not None:
        return model, [*diagnostics, too_long]
    mark_training_only(graph)
    verify(graph)
    if not parameters:
        diagnostics += check_expectations(model)
        if len(program.variants) < 2:  # else a layer of another variant may be meant, see `check`
            layers = NamedLayers(program)
            layers.look_in(graph)
            diagnostics += layers.missing()
    return model, [*diagnostics, *check_initialisation(program, graph)]


def _errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    return [d for d in diagnostics if d.severity is Severity.ERROR]


def check(
    file: SourceFile,
    wanted: str | None = None,
    warnings: Selection | None = None,
    library: Library | None = None,
) -> list[Diagnostic]:
    """Every finding in a file, over all its variants, by place; each mistake is listed once.

    Those are errors, and where there are none, the ``warnings`` that are wanted. ``library`` is
    what the specs of one run share, so that none compiles again what it imports.

    Raises:
        UsageError: the file, read without errors, has no variant ``wanted``.
    """
    spec = read_spec(file, library=library)
    if wanted is not None and spec.program is not None and not _errors(spec.diagnostics):
        require_variant(wanted, spec.program)
    linter = None
    if warnings is not None and spec.program is not None and not spec.diagnostics:
        from graphcnn.lint import Linter

        linter = Linter(spec.program, warnings)
    found: dict[_Place, Diagnostic] = {_place(d): d for d in reversed(spec.diagnostics)}
    variants: dict[_Place, list[str]] = {}
    differing: set[_Place] = set()
    inference, limits, sound = Inference(), Limits(), spec.is_sound
    layers = None if spec.program is None else NamedLayers(spec.program)
    for variant in spec.variants:
        if spec.program is None or layers is None or limits.is_spent():
            break
        model, diagnostics = elaborate(spec.program, variant, None, inference, limits, sound=sound)
        if linter is not None and not diagnostics:
            diagnostics += linter.variant(model.ir)
        layers.look_in(model.ir)
        for diagnostic in diagnostics:
            place = _place(diagnostic)
            if found.setdefault(place, diagnostic) is diagnostic or place in variants:
                variants.setdefault(place, []).append(variant or "")
            if found[place].message != diagnostic.message:
                differing.add(place)
    for place, names in variants.items():
        if len(names) < len(spec.variants) or place in differing:
            found[place] = _in_variants(found[place], names, differing=place in differing)
    if layers is not None and not _errors(found.values()):
        found.update((_place(one), one) for one in layers.missing())
    listed = found.values() if linter is None else linter.kept(found.values())
    return sorted(listed, key=_order)


_Place = tuple[str, str, int]


def _place(diagnostic: Diagnostic) -> _Place:
    return diagnostic.code, diagnostic.span.file.name, diagnostic.span.start


def _order(diagnostic: Diagnostic) -> tuple[str, int, str]:
    return diagnostic.span.file.name, diagnostic.span.start, diagnostic.code


def _in_variants(diagnostic: Diagnostic, names: list[str], *, differing: bool) -> Diagnostic:
    """A finding with the variants that have it, and which one is shown where they differ."""
    listed = ", ".join(f"`{name}`" for name in names[:4]) + (", …" if len(names) > 4 else "")
    note = f"in variant{'s' if len(names) > 1 else ''} {listed}"
    if differing:
        note += f"; shown for `{names[0]}`"
    # What mends one variant may break the others.
    return replace(diagnostic, notes=(*diagnostic.notes, note), fix=None)


def _merged(*several: Iterable[Diagnostic]) -> list[Diagnostic]:
    """All findings, each place once, in the order of the text."""
    found: dict[_Place, Diagnostic] = {}
    for diagnostics in several:
        for diagnostic in diagnostics:
            found.setdefault(_place(diagnostic), diagnostic)
    return sorted(found.values(), key=_order)


def load(spec: str | Path, variant: str | None = None, **parameters: Any) -> Model:
    """The model that a MODEL name means: a path, ``path:variant`` or a shipped variant's name.

    Raises:
        UsageError: there is no such file, variant or parameter.
        SpecError: the spec has errors; carries all of them.
        TypeError: ``variant`` is no text.
    """
    if not isinstance(variant, str | None):
        raise TypeError(f"a variant is given by its name, not by {type(variant).__name__}")
    file, variant = locate(spec, variant)
    return compile_file(file, variant, parameters)


def compile_file(
    file: SourceFile, variant: str | None = None, parameters: Mapping[str, Any] | None = None
) -> Model:
    """The model of one variant of a file; raises as :func:`load` does."""
    spec = read_spec(file)
    program = spec.program
    if program is None:
        raise SpecError(spec.diagnostics)
    if variant is None and program.name in program.variants:
        variant = program.name
    known = variant is None or variant in program.variants
    if (program.body is None or not known) and _errors(spec.diagnostics):
        raise SpecError(_merged(spec.diagnostics))
    if program.body is None:
        raise UsageError(f"{file.name} defines blocks only, no graph")
    if variant is not None:
        require_variant(variant, program)
    model, diagnostics = elaborate(program, variant, parameters, sound=spec.is_sound)
    found = _merged(spec.diagnostics, diagnostics)
    if _errors(found):
        raise SpecError(found)
    model.warnings = tuple(found)
    return model


def require_variant(variant: str, program: Program) -> None:
    """Raise UsageError unless the program has such a variant."""
    if variant not in program.variants:
        listed = f"its variants are {', '.join(program.variants)}" if program.variants else ""
        hint = did_you_mean(variant, program.variants) or listed
        message = f"{program.file.name} has no variant `{variant}`"
        raise UsageError(f"{message}; {hint}" if hint else message)


def locate(model: str | Path, variant: str | None = None) -> tuple[SourceFile, str | None]:
    """The file and variant that a MODEL name means.

    Raises:
        UsageError: no file and no shipped variant is called so, or the name says one variant and
            ``variant`` another.
    """
    text = str(model)
    path = Path(text)
    if path.suffix in (".yaml", ".yml") or (path.exists() and not path.is_dir()):
        return syntax.read(path), variant
    before, colon, after = text.rpartition(":")
    named: str | None = after
    if colon and Path(before).suffix in (".yaml", ".yml"):
        file = syntax.read(Path(before))
    else:
        file, named = _shipped(text)
    if named is not None and variant not in (None, named):
        raise UsageError(f"two variants: `{text}` is `{named}`, and `{variant}` was asked for")
    return file, variant if named is None else named


def _shipped(name: str) -> tuple[SourceFile, str | None]:
    """A shipped family, or one of a family's variants; only likely files are parsed."""
    names: list[str] = []
    for path in sorted(shipped_specs().glob("*.yaml")):
        if path.stem == name:
            return syntax.read(path, f"specs/{path.name}"), None
        file = syntax.read(path, f"specs/{path.name}")
        if name in file.text:
            root = syntax.parse(file)
            variants = root.get("variants") if isinstance(root, syntax.Mapping) else None
            if isinstance(variants, syntax.Mapping) and name in variants.entries:
                return file, name
    names = [variant for path in shipped_specs().glob("*.yaml") for variant in variant_names(path)]
    hint = did_you_mean(name, names)
    raise UsageError(
        f"there is no model `{name}`: " + (hint or "`graphcnn zoo` lists those that are shipped")
    )


def variant_names(path: Path) -> list[str]:
    """The variants of a spec file, read without checking it."""
    root = syntax.parse(syntax.read(path))
    variants = root.get("variants") if isinstance(root, syntax.Mapping) else None
    return [path.stem, *(variants.entries if isinstance(variants, syntax.Mapping) else ())]
