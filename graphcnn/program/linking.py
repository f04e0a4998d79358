"""A file's imports, and what they define for it: the nearer of two definitions goes first."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from graphcnn.diagnostics import Diagnostic
from graphcnn.ops.declared import Declaration
from graphcnn.program.terms import Reader
from graphcnn.program.tree import Block, Import, Program
from graphcnn.source import Span
from graphcnn.syntax import Mapping, Node, Scalar, Sequence

_Linked = list[tuple[Import, Program]]


def read_imports(section: Node | None, reader: Reader) -> list[Import | None]:
    """The entries of `imports`; None for what was refused, which may define any name."""
    if isinstance(section, Sequence):
        return [_entry(item, reader) for item in section.items]
    return [] if section is None else [None]


def _entry(item: Node, reader: Reader) -> Import | None:
    """A path, or a mapping of a path to values."""
    if reader.is_bad(item):
        return None
    path, values = item, None
    if isinstance(item, Mapping):
        ((path, values),) = item.entries.values()
    if not isinstance(path, Scalar) or reader.is_bad(values):
        return None
    keys = {str(key.value): key for key, _ in reader.entries(values)}
    return Import(item, path, reader.terms(values), keys)


def link(program: Program, blocks: Collection[str], reader: Reader) -> None:
    """Take in what the imports define; the file's own ``blocks`` and ops go before that.

    Next is what the imported files define themselves, and last what they import in turn. Where two
    are as near as each other, the first kind is a mistake at once, and the second where the name
    is used, since the file has not asked for it.
    """
    linked = [(entry, other) for entry, other in program.imported if other is not None]
    for _, other in linked:
        program.complete = program.complete and other.complete
        program.hidden |= other.hidden
    program.complete = program.complete and len(linked) == len(program.imported)
    taken = {*blocks, *program.ops}
    for name, first, second in [*_take(program, linked, taken, near=True)]:
        _report(name, first, second, reader)
    taken |= program.blocks.keys() | program.ops.keys()
    for name, first, second in [*_take(program, linked, taken, near=False)]:
        program.blocks.pop(name, None)
        program.ops.pop(name, None)
        program.ambiguous.setdefault(name, (str(first.path.value), str(second.path.value)))


def two_meanings(name: str, paths: tuple[str, str], span: Span) -> Diagnostic:
    """What to say of an ambiguous name where it is used."""
    first, second = paths
    return Diagnostic(
        "duplicate-name",
        f"what `{first}` and `{second}` import both defines `{name}`",
        span,
        help=f"import the one that is meant, or define `{name}` in this file",
    )


def _take(
    program: Program, linked: _Linked, taken: Collection[str], *, near: bool
) -> Iterator[tuple[str, Import, Import]]:
    """Add definitions under names that are not ``taken``; gives those that have two."""
    origin: dict[str, Import] = {}
    for entry, other in linked:
        definitions: dict[str, Block | Declaration] = {**other.blocks, **other.ops}
        for name, definition in definitions.items():
            if name in taken or _is_own(definition, other) is not near:
                continue
            known = program.blocks.get(name) or program.ops.get(name)
            if known is None and isinstance(definition, Block):
                program.blocks[name] = definition
            elif known is None and isinstance(definition, Declaration):
                program.ops[name] = definition
            elif known is not definition:
                yield name, origin[name], entry
            origin.setdefault(name, entry)


def _is_own(definition: Block | Declaration, program: Program) -> bool:
    if isinstance(definition, Block):
        return definition.program is program
    return definition.span.file is program.file


def _report(name: str, first: Import, second: Import, reader: Reader) -> None:
    path = second.path.value
    message = f"`{path}` and `{first.path.value}` both define `{name}`"
    help = f"rename one of them, or define `{name}` in this file"
    if first.path.value == path:
        message = f"`{path}` is imported twice, and both define `{name}`"
        help = "import it once, and give its blocks parameters for what differs"
    reader.report("duplicate-name", message, second.path, help)
