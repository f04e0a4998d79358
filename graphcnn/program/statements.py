"""Statements, read from the syntax tree: which op, block or structure each one means."""

from __future__ import annotations

from collections.abc import Collection

from graphcnn.diagnostics import did_you_mean, suggest
from graphcnn.ops import BY_NAME
from graphcnn.ops.declared import Declaration
from graphcnn.ops.foreign import suggest_op
from graphcnn.program.linking import two_meanings
from graphcnn.program.terms import Reader, is_identifier
from graphcnn.program.tree import (
    HEADER,
    STRUCTURES,
    Action,
    BlockUse,
    Branches,
    Broken,
    ComputedUse,
    Dense,
    For,
    Group,
    OpKind,
    OpUse,
    Path,
    Program,
    Residual,
    Reuse,
    Statement,
    Term,
)
from graphcnn.size import UNKNOWN
from graphcnn.syntax import Mapping, Node, Scalar, Sequence
from graphcnn.yaml_errors import colon_missing, shown

#: keys that belong to one structure and stand beside it
_COMPANIONS = {"with": "use", "do": "for"}


class StatementReader:
    """Reads the statements of a program whose ops and ``blocks`` are known by name."""

    def __init__(self, reader: Reader, program: Program, blocks: Collection[str]) -> None:
        self.reader = reader
        self.program = program
        self.blocks = blocks

    def statements(self, node: Node | None, around: Node) -> tuple[Statement, ...]:
        """The statements of a list; where it is missing or refused, one that has failed."""
        if not isinstance(node, Sequence):
            lost = around if node is None else node
            return (Statement(lost, lost, Broken()),)
        return tuple([self.statement(item) for item in node.items])

    def statement(self, node: Node) -> Statement:
        if isinstance(node, Scalar) and not self.reader.is_bad(node):
            return Statement(node, node, self.named(node, None))
        if not isinstance(node, Mapping) or self.reader.is_bad(node):
            return Statement(node, node, Broken())
        key = self.op_key(node)
        if key is None:
            return Statement(node, node, Broken())
        action = self.action(key, node)
        listed = self.listed(action, node.entries[str(key.value)].value)
        if len(node.entries) == 1:
            return Statement(node, key, action, source=listed)
        source = self.source(node)
        return Statement(
            node,
            key,
            action,
            id=self.header("id", node),
            source=listed if source is None else source,
            repeat=self.header("repeat", node),
            when=self.header("when", node),
            doc=self.reader.text(node.get("doc")),
        )

    def header(self, word: str, node: Mapping) -> Term | None:
        """What stands beside the op under this key; unknown under one that may mean it."""
        given = node.get(word)
        if given is not None:
            return self.reader.term(given)
        for name, (_, value) in node.entries.items():
            if name not in HEADER and not self.is_known(name) and suggest(name, HEADER) == word:
                text = self.reader.text(value) or ""
                return Term(value, text if word == "id" and is_identifier(text) else UNKNOWN)
        return None

    def source(self, node: Mapping) -> tuple[Term, ...] | Term | None:
        listed = node.get("from")
        if isinstance(listed, Sequence):
            return tuple(self.reader.term(item) for item in listed.items)
        return self.header("from", node)

    def listed(self, action: Action, value: Node) -> tuple[Term, ...] | None:
        """The inputs that stand where attributes belong: `add: [a, b]`, which was refused."""
        if not isinstance(action, OpUse) or not isinstance(value, Sequence):
            return None
        texts = [self.reader.text(item) for item in value.items]
        if not self.reader.is_bad(value) or action.op.arity[1] == 1 or None in texts:
            return None
        return tuple(Term(item, text) for item, text in zip(value.items, texts, strict=True))

    # which op it is

    def op_key(self, node: Mapping) -> Scalar | None:
        """The one key that says what the statement does."""
        entries = node.entries
        keys = [
            entry.key
            for name, entry in entries.items()
            if name not in HEADER and _COMPANIONS.get(name) not in entries
        ]
        if len(keys) == 1:
            return keys[0]
        if not keys:
            first = next(iter(entries.values())).key if entries else node
            help = "write it as a key, such as `conv: {out: 64, kernel: 3}`"
            self.reader.report("no-op", "this statement names no op or block", first, help)
            return None
        meant = next((key for key in keys if self.is_known(str(key.value))), None)
        if meant is None:
            meant = next((key for key in keys if suggest(str(key.value), HEADER) is None), keys[0])
        for key in keys if not self.reader.is_full() else ():
            if key is not meant:
                self.stray(key, meant)
        return meant

    def stray(self, key: Scalar, meant: Scalar) -> None:
        """Report a key beside the one that counts."""
        name = str(key.value)
        if self.is_known(name):
            message = f"one statement, two ops: `{meant.value}` and `{name}`"
            self.reader.report("several-ops", message, key, "start a new statement with `- `")
            return
        if name in _COMPANIONS:
            help: str | None = f"`{name}` belongs to `{_COMPANIONS[name]}`"
        else:
            op = self.program.op(str(meant.value))
            help = did_you_mean(name, HEADER)
            if help is None and op is not None and suggest(name, op.attributes()):
                help = f"an attribute stands inside: `{meant.value}: {{{name}: …}}`"
        listed = f"beside its op it may hold {', '.join(HEADER)}"
        message = f"a statement has no key `{shown(name)}`"
        self.reader.report("unknown-key", message, key, help or listed)

    def is_known(self, name: str) -> bool:
        return name in STRUCTURES or name in self.blocks or self.program.op(name) is not None

    # what it does

    def action(self, key: Scalar, node: Mapping) -> Action:
        name = str(key.value)
        value = node.entries[name].value
        if name not in STRUCTURES:
            return self.named(key, value)
        if self.reader.is_bad(value):
            return Broken()
        if name in ("sequence", "graph"):
            return Group(name, self.statements(value, node))
        if name == "dense":
            return Dense(self.statements(value, node))
        if name == "reuse":
            return Reuse(self.reader.term(value))
        if name == "use":
            given = node.get("with")
            return ComputedUse(self.reader.term(value), self.reader.terms(given), self.keys(given))
        if name == "for":
            entries = value.entries.values() if isinstance(value, Mapping) else ()
            names = tuple((key, self.reader.term(one)) for key, one in entries)
            return For(names, self.statements(node.get("do"), node))
        return self.joined(name, value)

    def joined(self, name: str, value: Node) -> Action:
        """The structures that join what they hold: a residual, or branches."""
        if not isinstance(value, Mapping):
            return Broken()
        strays = {meant: node for meant, _, node in self.reader.strays(value)}
        lost = {meant: Term(node, UNKNOWN) for meant, node in strays.items()}
        merge = self.reader.optional(value.get("merge")) or lost.get("merge")
        if name == "branches":
            paths = value.get("paths")
            if not isinstance(paths, (Mapping, Sequence)):
                return Broken()
            return Branches(self.paths(paths), merge)
        shortcut = value.get("shortcut") or strays.get("shortcut")
        return Residual(
            self.statements(value.get("body"), value),
            None if shortcut is None else self.statements(shortcut, value),
            self.reader.optional(value.get("skip")) or lost.get("skip") or lost.get(""),
            merge,
        )

    def paths(self, node: Mapping | Sequence) -> tuple[Path, ...]:
        """The paths, in order; one whose name was refused has none."""
        if isinstance(node, Sequence):
            return tuple(
                Path(None, self.statements(item, item), False, item) for item in node.items
            )
        found = []
        for key, value in node.entries.values():
            name = None if self.reader.is_bad(value) else key
            single = not isinstance(value, Sequence)
            body = (self.statement(value),) if single else self.statements(value, value)
            found.append(Path(name, body, single, value))
        return tuple(found)

    # ops and blocks

    def named(self, key: Scalar, value: Node | None) -> OpUse | BlockUse | Broken:
        """An op or block that is used by its name."""
        name = str(key.value)
        use = self.use(name, value)
        if use is not None:
            bare = isinstance(value, (Scalar, Sequence)) and self.reader.is_bad(value)
            named = isinstance(use, BlockUse) or use.op.main is None
            lost = bare and named and (value is None or self.listed(use, value) is None)
            return Broken(use) if lost else use
        if name in STRUCTURES:
            self.reader.report("no-op", f"`{name}` needs its contents: `{name}: …`", key)
            return Broken()
        if self.reader.is_full() or not self.program.complete:
            return Broken()
        if name in self.program.ambiguous:
            self.reader.add(two_meanings(name, self.program.ambiguous[name], key.span))
            return Broken()
        meant, help = colon_missing(key.file, key.start, key.end if value is None else value.end)
        if meant is None or not self.is_known(meant):
            meant = suggest_op(name, [*BY_NAME, *self.program.ops, *self.blocks, *STRUCTURES])
            help = f"did you mean `{meant}`?" if meant else "`graphcnn ops` lists the ops"
        self.reader.report("unknown-op", f"there is no op or block `{shown(name)}`", key, help)
        return Broken(self.use(meant, value) if meant else None)

    def use(self, name: str, value: Node | None) -> OpUse | BlockUse | None:
        op = self.program.op(name)
        if op is not None:
            return OpUse(op, {} if value is None else self.attributes(op, value))
        if name in self.blocks:
            return BlockUse(name, self.reader.terms(value), self.keys(value))
        return None

    def keys(self, node: Node | None) -> dict[str, Scalar]:
        return {str(key.value): key for key, _ in self.reader.entries(node)}

    def attributes(self, op: OpKind, value: Node) -> dict[str, Term]:
        """What is given to an op; of a built-in one the schema has refused what it lacks.

        An attribute that a misspelt one may stand for is unknown.
        """
        if not isinstance(value, Mapping):
            if op.main is None or (isinstance(value, Scalar) and value.value is None):
                return {}
            return {op.main: self.reader.term(value)}
        declared = op.attributes()
        found: dict[str, Term] = {}
        lost: set[str] = set()
        for name, (key, node) in value.entries.items():
            if name in declared:
                found[name] = self.reader.term(node)
                continue
            meant = self.reader.meant.get(id(node))
            if isinstance(op, Declaration) and not self.reader.is_full():
                meant = suggest(name, declared)
            lost |= {meant} if meant else declared.keys()
            if isinstance(op, Declaration):
                self.reader.report(
                    "unknown-attribute",
                    f"{op.name} has no attribute `{name}`",
                    key,
                    f"did you mean `{meant}`?"
                    if meant
                    else f"it has {', '.join(declared) or 'none'}",
                )
        return {**{name: Term(value, UNKNOWN) for name in lost}, **found}
