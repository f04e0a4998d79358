"""From a file's syntax tree to its program, in two steps: what it declares, then what it does.

The builder is total: what is wrong is reported and left out, and the rest is read.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphcnn.diagnostics import Diagnostic, did_you_mean
from graphcnn.ops import BY_NAME
from graphcnn.ops.declared import Declaration, Rule
from graphcnn.program.statements import StatementReader
from graphcnn.program.terms import Reader
from graphcnn.program.tree import (
    HEADER,
    PARAMETER_TYPES,
    STRUCTURES,
    Block,
    Output,
    Parameter,
    Program,
    Term,
)
from graphcnn.source import SourceFile
from graphcnn.syntax import Mapping, Node, Scalar, Sequence


class Builder:
    """Builds the program of one file; ``bad`` are the nodes that the JSON Schema refused."""

    def __init__(self, file: SourceFile, root: Mapping, bad: frozenset[int]) -> None:
        self.root = root
        self.reader = Reader(bad)
        self.program = Program(file, root)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self.reader.diagnostics

    def declare(self) -> Program:
        """Everything but blocks and statements, which need the names that imports bring."""
        reader, root, program = self.reader, self.root, self.program
        program.name = reader.text(root.get("name")) or "model"
        program.doc = reader.text(root.get("doc"))
        program.source = reader.text(root.get("source"))
        program.parameters = self._parameters(root.get("parameters"))
        program.variants = {
            str(key.value): reader.terms(node) for key, node in reader.entries(root.get("variants"))
        }
        program.let = self._let(root.get("let"), program.parameters)
        program.inputs = {
            str(key.value): (key, node) for key, node in reader.entries(root.get("inputs"))
        }
        imports = root.get("imports")
        if isinstance(imports, Sequence):
            program.imports = tuple(
                item
                for item in imports.items
                if isinstance(item, Scalar) and isinstance(item.value, str)
            )
        for key, node in reader.entries(root.get("ops")):
            self._op(key, node)
        return program

    def define(self, imported: Iterable[tuple[Scalar, Program]]) -> Program:
        """Blocks and graph, once the imported programs are known."""
        reader, root, program = self.reader, self.root, self.program
        own = [(key, node) for key, node in reader.entries(root.get("blocks"))]
        self._link({str(key.value) for key, _ in own}, imported)
        blocks = {*program.blocks, *(str(key.value) for key, _ in own)}
        statements = StatementReader(reader, program, blocks)
        for key, node in reader.entries(root.get("defaults")):
            self._defaults(key, node, statements)
        for key, _ in reader.entries(root.get("init")):
            self._known_op(key)
        for key, node in own:
            self._block(key, node, statements)
        graph = root.get("graph")
        if graph is not None:
            program.body = statements.statements(graph)
        outputs = root.get("outputs")
        if outputs is not None:
            program.outputs = self._outputs(outputs)
        return program

    def _link(self, own: set[str], imported: Iterable[tuple[Scalar, Program]]) -> None:
        """Take in what the imports define; the file's own blocks and ops come first."""
        program = self.program
        own = {*own, *program.ops}
        origin: dict[str, Scalar] = {}
        for entry, other in imported:
            definitions: dict[str, Block | Declaration] = {**other.blocks, **other.ops}
            for name, definition in definitions.items():
                known = program.blocks.get(name) or program.ops.get(name)
                if name in own or known is definition:
                    continue
                if known is not None:
                    self.reader.report(
                        "duplicate-name",
                        f"`{entry.value}` and `{origin[name].value}` both define `{name}`",
                        entry,
                        f"rename one of them, or define `{name}` in this file",
                    )
                elif isinstance(definition, Block):
                    program.blocks[name] = definition
                else:
                    program.ops[name] = definition
                origin.setdefault(name, entry)

    # declarations

    def _parameters(self, node: Node | None) -> dict[str, Parameter]:
        found = {}
        for key, value in self.reader.entries(node):
            term = self.reader.term(value)
            kind = None
            if isinstance(value, Scalar) and not value.quoted and term.value in PARAMETER_TYPES:
                kind = str(term.value)
            found[str(key.value)] = Parameter(
                str(key.value), key, term if kind is None else None, kind
            )
        return found

    def _let(self, node: Node | None, parameters: Iterable[str]) -> dict[str, Term]:
        found = self.reader.terms(node)
        for key, _ in self.reader.entries(node):
            if key.value in parameters:
                message = f"`{key.value}` is a parameter too"
                self.reader.report("duplicate-name", message, key, "one name has one meaning")
                del found[str(key.value)]
        return found

    def _op(self, key: Scalar, node: Node) -> None:
        name = str(key.value)
        if not self._is_free(name, key):
            return
        entries = dict((str(key.value), value) for key, value in self.reader.entries(node))
        attributes = self._parameters(entries.get("attributes"))
        rules = {
            name: {key: Rule(term.node, term.value) for key, term in terms.items()}
            for name, terms in (
                (section, self.reader.terms(entries.get(section)))
                for section in ("weights", "buffers")
            )
        }
        targets = {
            target: text
            for target in ("pytorch", "keras", "onnx")
            if (text := self.reader.text(entries.get(target))) is not None
        }
        shape, macs = (
            Rule(term.node, term.value)
            for term in (
                self.reader.term(entries[section]) if section in entries else Term(node, UNKNOWN)
                for section in ("shape", "macs")
            )
        )
        self.program.ops[name] = Declaration(
            name,
            self.reader.text(entries.get("doc")) or "",
            {
                one.name: (one.type, one.default.value if one.default else None)
                for one in attributes.values()
            },
            shape,
            rules["weights"],
            rules["buffers"],
            macs,
            targets,
            key.span,
        )
