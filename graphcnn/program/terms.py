"""Values of the syntax tree as terms: constants, and expressions that are parsed but not run."""

from __future__ import annotations

import keyword
from typing import Any

from graphcnn.diagnostics import Diagnostic
from graphcnn.evaluate import MAX_ITEMS, measure
from graphcnn.expression import Const, Expr, ExpressionError, ListOf, names_in, parse_text
from graphcnn.program.tree import Term
from graphcnn.schema import Report
from graphcnn.size import UNKNOWN
from graphcnn.source import Span
from graphcnn.syntax import Mapping, Node, Scalar, Sequence

MAX_FINDINGS = 100  # in one file

MAX_CHARACTERS = 500_000  # of all expressions of one file

MAX_NAME = 100
"""Characters of a name: names of names make up the full name of every weight."""


class Reader:
    """Reads values from one file's syntax tree; ``diagnostics`` collects what is wrong.

    What the JSON Schema has refused becomes UNKNOWN or is left out, so that one mistake is
    reported once and everything else in the file is still looked at.
    """

    def __init__(self, report: Report) -> None:
        self.bad = report.bad
        self.meant = report.meant
        self.lost = report.lost
        self.diagnostics: list[Diagnostic] = []
        self._unread = MAX_CHARACTERS

    def report(self, code: str, message: str, node: Node, help: str | None = None) -> None:
        self.add(Diagnostic(code, message, node.span, (), help))

    def add(self, found: Diagnostic) -> None:
        if len(self.diagnostics) < MAX_FINDINGS:
            self.diagnostics.append(found)

    def is_full(self) -> bool:
        """Whether more would not be reported; help need not be worked out then."""
        return len(self.diagnostics) >= MAX_FINDINGS

    def is_bad(self, node: Node | None) -> bool:
        return id(node) in self.bad

    def strays(self, node: Mapping) -> list[tuple[str, Scalar, Node]]:
        """The entries under keys that do not exist, behind the key that was probably meant."""
        if not self.meant:
            return []
        entries = node.entries.values()
        return [(self.meant[id(one)], key, one) for key, one in entries if id(one) in self.meant]

    def text(self, node: Node | None) -> str | None:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        return None

    def entries(self, node: Node | None) -> list[tuple[Scalar, Node]]:
        """Keys and values of a mapping, but for those that were refused."""
        if not isinstance(node, Mapping) or id(node) in self.bad:
            return []
        return [(key, value) for key, value in node.entries.values() if id(value) not in self.bad]

    def terms(self, node: Node | None) -> dict[str, Term]:
        return {str(key.value): self.term(value) for key, value in self.entries(node)}

    def optional(self, node: Node | None) -> Term | None:
        return None if node is None else self.term(node)

    def term(self, node: Node) -> Term:
        """A value of the spec; what is wrong in it is reported and becomes UNKNOWN."""
        value = self._value(node)
        if type(value) is list and measure(value) > MAX_ITEMS:
            self.report("too-much-work", f"a list of more than {MAX_ITEMS:,} items", node)
            value = UNKNOWN
        return Term(node, value)

    def _value(self, node: Node) -> Any:
        if id(node) in self.bad:
            return UNKNOWN
        if isinstance(node, Scalar):
            value = node.value
            return value if not isinstance(value, str) else self._text_value(node, value)
        if isinstance(node, Sequence):
            return self._list(node)
        self.report(
            "wrong-type",
            "a value is a number, text, true, false, none or a list, found a mapping",
            node,
        )
        return UNKNOWN

    def _list(self, node: Sequence) -> Any:
        items = [self._value(item) for item in node.items]
        if not any(isinstance(item, Expr) for item in items):
            return items
        return ListOf(
            node.start,
            node.end,
            tuple(
                item if isinstance(item, Expr) else Const(one.start, one.end, item)
                for one, item in zip(node.items, items, strict=True)
            ),
        )

    def _text_value(self, node: Scalar, value: str) -> Any:
        if "$" not in value:
            return None if value == "none" and not node.quoted else value
        self._unread -= len(value)
        if self._unread < 0:
            if self._unread + len(value) >= 0:
                message = f"the expressions of a file have at most {MAX_CHARACTERS:,} characters"
                self.report("too-much-work", message, node)
            return UNKNOWN
        try:
            read = parse_text(value, text_offset(node))
            if "in" in self.lost and isinstance(read, Expr) and "in" in names_in(read):
                return UNKNOWN  # a name that was refused, and not the value that enters
            return read
        except ExpressionError as error:
            self.add(expression_diagnostic(error, node))
            return UNKNOWN


def names_under(node: Node) -> list[tuple[Scalar, Node]]:
    """What a section names, if it is one: its keys with their values, or the items of a list."""
    if isinstance(node, Mapping):
        return [(key, value) for key, value in node.entries.values()]
    items = node.items if isinstance(node, Sequence) else ()
    return [(one, one) for one in items if isinstance(one, Scalar)]


def text_offset(node: Scalar) -> int:
    """Where the text of a scalar begins in the file."""
    raw = node.file.text[node.start : node.end]
    return node.start + max(raw.find(str(node.value)), 0)


def expression_span(error: ExpressionError, node: Node) -> Span:
    """Where an expression is wrong; the whole scalar where escapes hide that place."""
    if isinstance(node, Scalar) and str(node.value) not in node.file.text[node.start : node.end]:
        return node.span
    return Span(node.file, error.start, max(error.end, error.start + 1))


def expression_diagnostic(error: ExpressionError, node: Node) -> Diagnostic:
    span = expression_span(error, node)
    return Diagnostic(error.code, error.message, span, (), error.help)


def is_identifier(name: str) -> bool:
    """Whether ``name`` can be a Python attribute, and so part of an emitted model's names."""
    return (
        name.isidentifier()
        and name.isascii()
        and not keyword.iskeyword(name)
        and len(name) <= MAX_NAME
    )
