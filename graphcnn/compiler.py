"""The whole pipeline: a MODEL name to a program, and a program to a checked graph.

    str → SourceFile → syntax tree → [JSON Schema] → program → elaborate → Graph → verify

Everything the command line and the Python API do starts here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphcnn import syntax
from graphcnn.bind import fits, type_of_default
from graphcnn.diagnostics import Diagnostic, Severity, SpecError, UsageError, did_you_mean, suggest
from graphcnn.elaborate import Elaborator
from graphcnn.evaluate import kind_of
from graphcnn.expect import check_expectations
from graphcnn.imports import Loader, shipped_specs
from graphcnn.infer import Inference
from graphcnn.inputs import graph_inputs
from graphcnn.model import CompiledModel
from graphcnn.naming import assign_names
from graphcnn.program import Program
from graphcnn.source import SourceFile
from graphcnn.verify import mark_training_only, verify

if TYPE_CHECKING:
    from graphcnn.summary import Summary


@dataclass(eq=False)
class Spec:
    """A file, read and linked, before any setting of its parameters."""

    file: SourceFile
    program: Program | None
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def variants(self) -> list[str | None]:
        """The settings to look at: each variant, or the parameters as they stand."""
        if self.program is None or self.program.body is None:
            return []
        return [*self.program.variants] or [None]


class Model(CompiledModel):
    """A checked model, and what one does with it."""

    def summary(self) -> Summary:
        """Shapes, parameters and costs, in total and for every layer."""
        from graphcnn.summary import summarise

        return summarise(self)

    def build(self, backend: str) -> str | bytes:
        """The model in the words of a backend, such as the text of a PyTorch file.

        Raises:
            UsageError: there is no such backend.
            SpecError: the backend cannot express an op.
        """
        from graphcnn.backends import find

        return find(backend).emit(self)


def read_spec(file: SourceFile) -> Spec:
    """Read, validate and link one file; what is wrong is in its ``diagnostics``."""
    loader = Loader(file.path.resolve().parent if file.path is not None else None)
    program = loader.load_top(file)
    return Spec(file, program, loader.diagnostics)


def elaborate(
    program: Program,
    variant: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    inference: Inference | None = None,
    *,
    sound: bool = True,
) -> tuple[Model, list[Diagnostic]]:
    """One variant of a program as a model, and all that is wrong with it.

    Of a program that has errors itself (``sound`` is false) the model is a torso, made to find
    what else is wrong, and neither verified nor held against expectations.
    """
    elaborator = Elaborator(program, inference)
    scope: dict[str, Any] = {}
    elaborator.arguments.set_file_scope(program, scope)
    given = _given(elaborator, program, variant, parameters or {})
    elaborator.arguments.file(program, given, scope)
    inputs = graph_inputs(elaborator, program, scope)
    graph = elaborator.graph(inputs, scope)
    assign_names(graph.body)
    mark_training_only(graph)
    model = Model(variant or program.name, variant, program, graph)
    diagnostics = elaborator.diagnostics
    if sound and not _errors(diagnostics):
        verify(graph)
        if not parameters:
            diagnostics += check_expectations(model)
    return model, diagnostics


def _given(
    elaborator: Elaborator,
    program: Program,
    variant: str | None,
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """What the variant and the caller set; types are those of the defaults."""
    given: dict[str, Any] = {}
    frame = elaborator.arguments.bare_frame(program, given)
    known = program.parameters
    for name, term in program.variants.get(variant or "", {}).items():
        if name not in known:
            key = next(k for k in _variant_keys(program, variant) if k.value == name)
            elaborator.report(
                "unknown-parameter",
                f"the spec has no parameter `{name}`",
                key.span,
                help=did_you_mean(name, known),
            )
            continue
        given[name] = elaborator.arguments.argument(
            known[name], term, elaborator.value(term, frame), frame
        )
    for name, value in parameters.items():
        if name not in known:
            found = suggest(name, known)
            hint = f"; did you mean `{found}`?" if found else ""
            raise UsageError(f"{program.name} has no parameter `{name}`{hint}")
        parameter = known[name]
        kind = parameter.type or type_of_default(parameter.default and parameter.default.value)
        if parameter.default is not None and parameter.default.computed:
            kind = "any"
        value = list(value) if isinstance(value, tuple) else value
        if not fits(value, kind):
            raise UsageError(f"the parameter `{name}` is of type {kind}, found {kind_of(value)}")
        given[name] = value
    return given


def _variant_keys(program: Program, variant: str | None) -> list[syntax.Scalar]:
    variants = program.root.get("variants")
    node = variants.get(variant or "") if isinstance(variants, syntax.Mapping) else None
    return [e.key for e in node.entries.values()] if isinstance(node, syntax.Mapping) else []


def _errors(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    return [d for d in diagnostics if d.severity is Severity.ERROR]


def check(file: SourceFile) -> list[Diagnostic]:
    """Every finding in a file, over all its variants, by place; an error is listed once."""
    spec = read_spec(file)
    found = list(spec.diagnostics)
    seen: set[tuple[str, str, int]] = {_place(d) for d in found}
    sound = not _errors(found)
    inference = Inference()
    for variant in spec.variants:
        assert spec.program is not None
        _, diagnostics = elaborate(spec.program, variant, None, inference, sound=sound)
        for diagnostic in diagnostics:
            if _place(diagnostic) not in seen:
                seen.add(_place(diagnostic))
                found.append(_in_variant(diagnostic, variant))
    return sorted(found, key=lambda d: (d.span.file.name, d.span.start, d.code))


def _place(diagnostic: Diagnostic) -> tuple[str, str, int]:
    return diagnostic.code, diagnostic.span.file.name, diagnostic.span.start


def _in_variant(diagnostic: Diagnostic, variant: str | None) -> Diagnostic:
    if variant is None:
        return diagnostic
    from dataclasses import replace

    return replace(diagnostic, notes=(*diagnostic.notes, f"in variant `{variant}`"))


def load(spec: str | Path, variant: str | None = None, **parameters: Any) -> Model:
    """The model that a MODEL name means: a path, ``path:variant`` or a shipped variant's name.

    Raises:
        UsageError: there is no such file, variant or parameter.
        SpecError: the spec has errors; carries all of them.
    """
    file, variant = locate(spec, variant)
    return compile_file(file, variant, parameters)


def compile_file(
    file: SourceFile, variant: str | None = None, parameters: Mapping[str, Any] | None = None
) -> Model:
    """The model of one variant of a file; raises as :func:`load` does."""
    found = read_spec(file)
    program = found.program
    if program is None or _errors(found.diagnostics):
        raise SpecError(found.diagnostics)
    if program.body is None:
        raise UsageError(f"{file.name} defines blocks only, no graph")
    if variant is None and program.name in program.variants:
        variant = program.name
    if variant is not None and variant not in program.variants:
        hint = did_you_mean(variant, program.variants)
        listed = f"its variants are {', '.join(program.variants)}" if program.variants else None
        raise UsageError(f"{file.name} has no variant `{variant}`; {hint or listed or ''}".rstrip("; "))
    model, diagnostics = elaborate(program, variant, parameters)
    if _errors(diagnostics):
        raise SpecError([*found.diagnostics, *diagnostics])
    model.warnings = (*found.diagnostics, *diagnostics)
    return model


def locate(model: str | Path, variant: str | None = None) -> tuple[SourceFile, str | None]:
    """The file and variant that a MODEL name means.

    Raises:
        UsageError: no file and no shipped variant is called so.
    """
    text = str(model)
    path = Path(text)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return syntax.read(path), variant
    before, colon, after = text.rpartition(":")
    if colon and Path(before).suffix in (".yaml", ".yml"):
        return syntax.read(Path(before)), after
    return _shipped(text, variant)


def _shipped(name: str, variant: str | None) -> tuple[SourceFile, str | None]:
    """A shipped variant, or a shipped family with ``variant``; only likely files are parsed."""
    names: list[str] = []
    for path in sorted(shipped_specs().glob("*.yaml")):
        if path.stem == name:
            return syntax.read(path, f"specs/{path.name}"), variant
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
