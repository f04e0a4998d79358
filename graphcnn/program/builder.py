"""From a file's syntax tree to its program, in two steps: what it declares, then what it does.

The builder is total: what is wrong is reported and left out, and the rest is read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from graphcnn.diagnostics import Diagnostic
from graphcnn.ops import BY_NAME
from graphcnn.ops.declared import Declaration, Rule
from graphcnn.ops.foreign import suggest_op
from graphcnn.program.linking import link, read_imports, two_meanings
from graphcnn.program.recursion import check_recursion
from graphcnn.program.statements import StatementReader
from graphcnn.program.terms import Reader, is_identifier, names_under
from graphcnn.program.tree import (
    HEADER,
    PARAMETER_TYPES,
    STRUCTURES,
    Block,
    Import,
    Output,
    Parameter,
    Program,
    Term,
)
from graphcnn.schema import Report
from graphcnn.size import UNKNOWN
from graphcnn.source import SourceFile
from graphcnn.syntax import Mapping, Node, Scalar, Sequence
from graphcnn.yaml_errors import shown

MAX_VARIANTS = 1_000

MAX_COPIED: Final = 200_000
"""Characters of what one file imports with values, and of what those files import so in turn."""

_COPY: Final = 1_000
"""What an import with values counts besides its text, in characters."""


class Builder:
    """Builds the program of one file; ``report`` is what the JSON Schema refused of it."""

    def __init__(self, file: SourceFile, root: Mapping, report: Report) -> None:
        self.root = root
        self.reader = Reader(report)
        self.program = Program(file, root, report=report, lost=report.lost)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return self.reader.diagnostics

    def declare(self) -> Program:
        """Everything but blocks and statements, which need the names that imports bring."""
        reader, root, program = self.reader, self.root, self.program
        program.name = reader.text(root.get("name")) or "model"
        program.title = reader.text(root.get("title"))
        program.doc = reader.text(root.get("doc"))
        program.source = reader.text(root.get("source"))
        program.parameters = self._parameters(root.get("parameters"))
        variants = reader.entries(root.get("variants"))
        if len(variants) > MAX_VARIANTS:
            message = f"a spec has at most {MAX_VARIANTS:,} variants, not {len(variants):,}"
            reader.report("too-large", message, variants[MAX_VARIANTS][0])
        program.variants = {
            str(key.value): reader.terms(node) for key, node in variants[:MAX_VARIANTS]
        }
        program.let = self._let(root.get("let"), program.parameters)
        inputs = root.get("inputs")
        if isinstance(inputs, Mapping) and not reader.is_bad(inputs):
            program.inputs = {name: (key, node) for name, (key, node) in inputs.entries.items()}
        else:
            program.unnamed = True
        for section in ("blocks", "ops"):
            self._readable(root.get(section))
        entries = read_imports(root.get("imports"), reader)
        program.imports = tuple(one for one in entries if one is not None)
        program.complete = program.complete and None not in entries
        for key, node in reader.entries(root.get("ops")):
            self._op(key, node)
        for meant, _, node in reader.strays(root):
            self._misspelt_section(meant, node)
        return program

    def _readable(self, section: Node | None) -> None:
        """Take any name for defined where the section that may define it is no mapping."""
        self.program.complete = self.program.complete and isinstance(section, Mapping | None)

    def _misspelt_section(self, meant: str, node: Node) -> None:
        """Take what a section names for defined, and nothing else: its values were not checked."""
        program, entries = self.program, names_under(node)
        names = frozenset(str(key.value) for key, _ in entries)
        program.lost |= names
        program.hidden |= names
        if meant == "parameters":
            program.parameters.update(_unknown_parameters(node))
        elif meant == "variants":
            program.variants.update(
                {
                    str(key.value): {
                        str(name.value): Term(value, UNKNOWN) for name, value in names_under(inner)
                    }
                    for key, inner in entries[:MAX_VARIANTS]
                }
            )
        elif meant == "defaults":
            for key, inner in entries:
                attributes = {str(name.value): value for name, value in names_under(inner)}
                program.defaults[str(key.value)] = {
                    name: Term(value, UNKNOWN) for name, value in attributes.items()
                }
        elif meant == "inputs":
            program.unnamed = False
        elif meant == "imports":
            program.complete = False
        elif meant in ("blocks", "ops"):
            self._readable(node)

    def define(self, imported: Iterable[Program | None]) -> Program:
        """Blocks and graph, once the imported programs are known; None is one that has failed."""
        reader, root, program = self.reader, self.root, self.program
        own = reader.entries(root.get("blocks"))
        program.imported = tuple(self._as_set(imported))
        link(program, {str(key.value) for key, _ in own}, reader)
        program.hidden |= {*_names(root.get("blocks")), *_names(root.get("ops"))}
        program.hidden -= {str(key.value) for key, _ in own} | program.ops.keys()
        blocks = {*program.blocks, *program.hidden, *(str(key.value) for key, _ in own)}
        statements = StatementReader(reader, program, blocks)
        for key, node in reader.entries(root.get("defaults")):
            self._defaults(key, node, statements)
        for key, _ in reader.entries(root.get("init")):
            if key.value != "layers":
                self._known_op(key)
        for key, node in own:
            self._block(key, node, statements)
        graph = root.get("graph")
        if graph is not None:
            program.body = statements.statements(graph, root)
        outputs = root.get("outputs")
        if outputs is not None:
            program.outputs = self._outputs(outputs)
        return program

    def _as_set(
        self, imported: Iterable[Program | None]
    ) -> Iterator[tuple[Import, Program | None]]:
        """The imports with their programs, copied where an entry sets their parameters."""
        program = self.program
        for entry, other in zip(program.imports, imported, strict=True):
            if other is None or not entry.settings:
                yield entry, other
                continue
            program.copied += other.copied + len(other.file.text) + _COPY
            if program.copied > MAX_COPIED:
                message = f"a file imports at most {MAX_COPIED:,} characters with values"
                self.reader.report("too-large", message, entry.path)
                yield entry, None
            else:
                yield entry, _copy(other, entry, program)

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

    def _let(self, node: Node | None, taken: Collection[str]) -> dict[str, Term]:
        found = self.reader.terms(node)
        for key, _ in self.reader.entries(node):
            if key.value in taken:
                message = f"`{key.value}` has a meaning here already"
                help = "parameters, inputs and `let` share their names"
                self.reader.report("duplicate-name", message, key, help)
                del found[str(key.value)]
        return found

    def _op(self, key: Scalar, node: Node) -> None:
        if not self._is_free(key, "an op"):
            return
        reader, name, missing = self.reader, str(key.value), Term(node, UNKNOWN)
        entries = {str(key.value): value for key, value in reader.entries(node)}
        attributes = self._parameters(entries.get("attributes"))
        self.program.ops[name] = Declaration(
            name=name,
            doc=reader.text(entries.get("doc")) or "",
            types={one.name: one.type for one in attributes.values() if one.type is not None},
            defaults={
                one.name: _rule(one.default)
                for one in attributes.values()
                if one.default is not None
            },
            shape=_rule(reader.term(entries["shape"]) if "shape" in entries else missing),
            weights={k: _rule(term) for k, term in reader.terms(entries.get("weights")).items()},
            buffers={k: _rule(term) for k, term in reader.terms(entries.get("buffers")).items()},
            macs=_rule(reader.term(entries["macs"]) if "macs" in entries else missing),
            targets={
                target: text
                for target in ("pytorch", "keras", "onnx")
                if (text := reader.text(entries.get(target))) is not None
            },
            span=key.span,
        )

    def _is_free(self, key: Scalar, what: str) -> bool:
        """Whether a block or op can have this name."""
        name = str(key.value)
        if name in BY_NAME or name in STRUCTURES or name in HEADER:
            taken = "an op" if name in BY_NAME else "a word"
            message = f"{what} cannot be called `{name}`: that is {taken} of the language"
            help = f"call it something else, such as `{name}_block`"
        elif name in self.program.ops:
            message = f"`{name}` is an op of this file too"
            help = "one name has one meaning"
        else:
            return True
        self.reader.report("shadowed-op", message, key, help)
        return False

    def _known_op(self, key: Scalar) -> bool:
        name = str(key.value)
        if self.program.op(name) is not None:
            return True
        if name in self.program.hidden or not self.program.complete:
            return False
        if name in self.program.ambiguous:
            self.reader.add(two_meanings(name, self.program.ambiguous[name], key.span))
            return False
        known = [*BY_NAME, *self.program.ops]
        meant = suggest_op(name, known)
        help = f"did you mean `{meant}`?" if meant else None
        if name in self.program.blocks:
            help = f"`{name}` is a block: its parameters have defaults of their own"
        self.reader.report("unknown-op", f"there is no op `{name}`", key, help)
        return False

    # definitions

    def _defaults(self, key: Scalar, node: Node, statements: StatementReader) -> None:
        op = self.program.op(str(key.value))
        if self._known_op(key) and op is not None and isinstance(node, Mapping):
            self.program.defaults[str(key.value)] = statements.attributes(op, node)

    def _block(self, key: Scalar, node: Node, statements: StatementReader) -> None:
        if not self._is_free(key, "a block") or not isinstance(node, Mapping):
            return
        reader, name = self.reader, str(key.value)
        kind = "sequence" if "sequence" in node.entries else "graph"
        strays = reader.strays(node)
        misspelt = {meant: node for meant, _, node in strays}
        inputs = node.get("inputs") or misspelt.get("inputs")
        outputs = node.get("outputs") or misspelt.get("outputs")
        names = None
        if isinstance(inputs, Sequence):
            names = tuple(str(item.value) for item in inputs.items if isinstance(item, Scalar))
            self._distinct(inputs)
        parameters = self._parameters(node.get("parameters"))
        for meant, _, section in strays:
            if meant not in ("inputs", "outputs", "graph"):
                parameters.update(_unknown_parameters(section))
        for parameter in parameters.values():
            if parameter.name in (names or ("x",)):
                message = f"`{parameter.name}` is what comes into the block"
                reader.report("duplicate-name", message, parameter.key, "call it something else")
        self.program.blocks[name] = Block(
            name=name,
            key=key,
            node=node,
            doc=reader.text(node.get("doc")),
            parameters=parameters,
            let=self._let(node.get("let"), {*parameters, *(names or ("x",))}),
            inputs=names,
            kind=kind,
            body=statements.statements(node.get(kind), node),
            outputs=None if outputs is None else self._block_outputs(outputs),
            program=self.program,
        )

    def _distinct(self, names: Sequence) -> None:
        seen = set()
        for item in names.items:
            if isinstance(item, Scalar) and item.value in seen:
                self.reader.report("duplicate-name", f"`{item.value}` is named twice", item)
            elif isinstance(item, Scalar):
                seen.add(item.value)

    def _block_outputs(self, node: Node) -> dict[str, Term]:
        if self.reader.is_bad(node):
            return {str(key.value): Term(value, UNKNOWN) for key, value in names_under(node)}
        if isinstance(node, Sequence):
            return {
                str(item.value): self._listed_output(item)
                for item in node.items
                if isinstance(item, Scalar)
            }
        return self.reader.terms(node)

    def _listed_output(self, item: Scalar) -> Term:
        """An entry of a list, which is the name of the output too."""
        name = str(item.value)
        if is_identifier(name) or self.reader.is_bad(item):
            return self.reader.term(item)
        message = f"`{shown(name)}` is no name for an output"
        help = f"name it in a mapping: `outputs: {{name: {shown(name)}}}`"
        self.reader.report("bad-name", message, item, help)
        return Term(item, UNKNOWN)

    def _outputs(self, node: Node) -> dict[str, Output]:
        found = {}
        for key, value in self.reader.entries(node):
            source: Node | None = value
            training = False
            if isinstance(value, Mapping):
                source = value.get("from")
                training = value.get("only") is not None
            if source is not None:
                name = str(key.value)
                found[name] = Output(name, key, self.reader.term(source), training)
        return found


def _copy(program: Program, entry: Import, importer: Program) -> Program:
    """A program as one file imports it that sets its parameters: the blocks are that file's own.

    Ops are not, whose rules see no parameters of their file.
    """
    builder = Builder(program.file, program.root, program.report)
    copy = builder.declare()
    copy.original, copy.importer, copy.entry = program, importer, entry
    copy.ops = {name: op for name, op in program.ops.items() if op.span.file is program.file}
    originals = [one and (one.original or one) for _, one in program.imported]
    builder.define(originals)
    check_recursion(copy)
    return copy


def _unknown_parameters(section: Node) -> dict[str, Parameter]:
    """Parameters of which nothing is known but their names."""
    return {
        str(key.value): Parameter(str(key.value), key, Term(value, UNKNOWN), None)
        for key, value in names_under(section)
    }


def _names(node: Node | None) -> Iterable[str]:
    return node.entries if isinstance(node, Mapping) else ()


def _rule(term: Term) -> Rule:
    return Rule(term.value, term.node.span)
