"""Expressions, `$name` and `$(…)`: their syntax, as trees that know their place in the file.

The grammar is a small part of Python's: numbers, strings, lists, `true false none`, arithmetic,
comparison, `and or not`, `a if c else b`, indexing, slices, comprehensions, calls of the
functions in ``FUNCTIONS`` and the properties of values in ``PROPERTIES``. One word differs from
Python: `in` is also a name, the value that enters a statement. Evaluation is in
``graphcnn.evaluate``; nothing here runs anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphcnn.diagnostics import did_you_mean

FUNCTIONS = (
    "min", "max", "abs", "sum", "len", "range", "ceil", "floor", "round", "int",
    "make_divisible",
)  # fmt: skip
PROPERTIES = ("channels", "height", "width", "depth", "length", "shape")
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "none": None}

MAX_LENGTH = 2_000
MAX_DEPTH = 40


class ExpressionError(Exception):
    """What is wrong with an expression, at characters ``start`` to ``end`` of the file."""

    def __init__(
        self, code: str, message: str, start: int, end: int, help: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.help = help


@dataclass(frozen=True, slots=True)
class Expr:
    """A node of an expression; ``start`` and ``end`` are offsets in the file."""

    start: int
    end: int

    def children(self) -> tuple[Expr, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class Const(Expr):
    value: Any


@dataclass(frozen=True, slots=True)
class Name(Expr):
    name: str


@dataclass(frozen=True, slots=True)
class Property(Expr):
    """``value.channels``; on a dotted id (`half.0`) the name is a number."""

    value: Expr
    name: str

    def children(self) -> tuple[Expr, ...]:
        return (self.value,)


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    operator: str
    operand: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """Arithmetic, and the lazy `and`, `or`."""

    operator: str
    left: Expr
    right: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """``a < b <= c``."""

    first: Expr
    rest: tuple[tuple[str, Expr], ...]

    def children(self) -> tuple[Expr, ...]:
        return (self.first, *(right for _, right in self.rest))


@dataclass(frozen=True, slots=True)
class Conditional(Expr):
    """``then if condition else otherwise``."""

    condition: Expr
    then: Expr
    otherwise: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True)
class ListOf(Expr):
    items: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        return self.items


@dataclass(frozen=True, slots=True)
class Index(Expr):
    value: Expr
    index: Expr

    def children(self) -> tuple[Expr, ...]:
        return (self.value, self.index)


@dataclass(frozen=True, slots=True)
class SliceOf(Expr):
    value: Expr
    bounds: tuple[Expr | None, Expr | None, Expr | None]

    def children(self) -> tuple[Expr, ...]:
        return (self.value, *(bound for bound in self.bounds if bound is not None))


@dataclass(frozen=True, slots=True)
class Comprehension(Expr):
    """``[element for name, … in source if condition]``."""

    element: Expr
    names: tuple[str, ...]
    source: Expr
    condition: Expr | None

    def children(self) -> tuple[Expr, ...]:
        found = (self.element, self.source)
        return found if self.condition is None else (*found, self.condition)


@dataclass(frozen=True, slots=True)
class CallOf(Expr):
    function: str
    arguments: tuple[Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        return self.arguments


@dataclass(frozen=True, slots=True)
class Template(Expr):
    """Text with expressions in it: `layer$(stage + 1)`."""

    parts: tuple[str | Expr, ...]

    def children(self) -> tuple[Expr, ...]:
        return tuple(part for part in self.parts if isinstance(part, Expr))


def names_in(expr: Expr) -> frozenset[str]:
    """The names that an expression reads from its scope."""
    if isinstance(expr, Name):
        return frozenset({expr.name})
    found = frozenset[str]().union(*(names_in(child) for child in expr.children()))
    if isinstance(expr, Comprehension):
        inner = names_in(expr.element)
        if expr.condition is not None:
            inner |= names_in(expr.condition)
        return (inner - set(expr.names)) | names_in(expr.source)
    return found


# --- reading -----------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<string>"[^"\n]*"|'[^'\n]*')
      | (?P<operator>\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],:.])""",
    re.VERBOSE,
)
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_WORDS = frozenset({"and", "or", "not", "if", "else", "for"})

#: binary operators by how tightly they bind; comparison (4) and `not` (3) are apart
_BINDING = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"})


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def parse_text(text: str, offset: int) -> str | Expr:
    """The meaning of a piece of a spec's text: itself, an expression, or a template.

    ``offset`` is the place of ``text`` in the file. `$$` is a dollar.

    Raises:
        ExpressionError: where a `$` is followed by something that is no expression.
    """
    if "$" not in text:
        return text
    parts: list[str | Expr] = []
    at = 0
    while (dollar := text.find("$", at)) >= 0:
        if dollar > at:
            parts.append(text[at:dollar])
        expr, at = _after_dollar(text, dollar + 1, offset)
        parts.append(expr)
    if at < len(text):
        parts.append(text[at:])
    if len(parts) == 1:
        return parts[0]
    if all(isinstance(part, str) for part in parts):
        return "".join(str(part) for part in parts)
    return Template(offset, offset + len(text), tuple(parts))


def _after_dollar(text: str, at: int, offset: int) -> tuple[str | Expr, int]:
    if text.startswith("$", at):
        return "$", at + 1
    if text.startswith("(", at):
        reader = _Reader(text, at, offset)
        return reader.parenthesised()
    match = _SIMPLE.match(text, at)
    if not match:
        raise ExpressionError(
            "expression-syntax",
            "`$` starts an expression: `$name` or `$(…)`",
            offset + at - 1,
            offset + at,
            help="write `$$` for a dollar",
        )
    end = match.end()
    first, *rest = match.group().split(".")
    start = offset + at
    expr: Expr = Name(start, start + len(first), first)
    for name in rest:
        expr = Property(start, expr.end + 1 + len(name), expr, name)
    return expr, end


class _Reader:
    """A precedence-climbing parser over one `(…)`."""

    def __init__(self, text: str, at: int, offset: int) -> None:
        self.text = text
        self.offset = offset
        self.begin = at
        self.depth = 0
        self.stop = at
        self._tokens = self._scan(at)
        self.token = next(self._tokens)
        self._ahead: list[_Token] = []

    def parenthesised(self) -> tuple[Expr, int]:
        opening = self.advance()
        expr = self.expression()
        if self.token.text == "for":
            raise self.error("a comprehension stands in brackets: `[… for … in …]`")
        if self.token.text != ")":
            raise self.unexpected("`)`", opening)
        end = self.token.end - self.offset
        return expr, end

    # tokens

    def _scan(self, at: int) -> Iterator[_Token]:
        text = self.text
        limit = min(len(text), self.begin + MAX_LENGTH)
        while at < limit:
            match = _TOKEN.match(text, at)
            if match is None:
                start = self.offset + at
                help = "strings end on the line where they begin" if text[at] in "\"'" else None
                raise ExpressionError(
                    "expression-syntax",
                    f"`{text[at]}` has no meaning in an expression",
                    start,
                    start + 1,
                    help,
                )
            kind = match.lastgroup or ""
            if kind != "space":
                yield _Token(kind, match.group(), self.offset + at, self.offset + match.end())
            at = match.end()
        if at < len(text):
            raise ExpressionError(
                "too-long",
                f"an expression of more than {MAX_LENGTH:,} characters",
                self.offset + self.begin,
                self.offset + self.begin + 1,
            )
        end = self.offset + len(text)
        yield _Token("end", "", end, end)

    def advance(self) -> _Token:
        token = self.token
        if self._ahead:
            self.token = self._ahead.pop()
        elif token.kind != "end":
            self.token = next(self._tokens)
        return token

    def peek(self) -> _Token:
        if not self._ahead:
            self._ahead.append(next(self._tokens, self.token))
        return self._ahead[-1]

    def accept(self, text: str) -> bool:
        if self.token.text == text and self.token.kind != "string":
            self.advance()
            return True
        return False

    def expect(self, text: str, opening: _Token | None = None) -> _Token:
        if self.token.text != text:
            raise self.unexpected(f"`{text}`", opening)
        return self.advance()

    def error(self, message: str, help: str | None = None) -> ExpressionError:
        return ExpressionError(
            "expression-syntax",
            message,
            self.token.start,
            max(self.token.end, self.token.start + 1),
            help,
        )

    def unexpected(self, wanted: str, opening: _Token | None = None) -> ExpressionError:
        if self.token.kind == "end" and opening is not None:
            return ExpressionError(
                "expression-syntax",
                f"this `{opening.text}` is never closed",
                opening.start,
                opening.end,
                help="inside `{…}` and `[…]`, quote an expression that holds a comma or a bracket",
            )
        found = f"`{self.token.text}`" if self.token.text else "the end"
        return self.error(f"expected {wanted}, found {found}")

    # grammar

    def expression(self) -> Expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(
                "too-deep",
                f"an expression nested more than {MAX_DEPTH} deep",
                self.token.start,
                self.token.end,
            )
        then = self.binary(1)
        if self.accept("if"):
            condition = self.binary(1)
            self.expect("else")
            otherwise = self.expression()
            then = Conditional(then.start, otherwise.end, condition, then, otherwise)
        self.depth -= 1
        return then

    def binary(self, tightness: int) -> Expr:
        left = self.negation() if tightness <= 3 else self.unary()
        while True:
            operator = self.token.text if self.token.kind in ("operator", "name") else ""
            binding = _BINDING.get(operator, 0)
            if binding < tightness:
                return left
            self.advance()
            right = self.binary(binding + 1)
            left = Binary(left.start, right.end, operator, left, right)

    def negation(self) -> Expr:
        if self.token.text == "not" and self.token.kind == "name":
            self.nest()
            start = self.advance().start
            operand = self.negation()
            self.depth -= 1
            return Unary(start, operand.end, "not", operand)
        return self.comparison()

    def nest(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(
                "too-deep",
                f"an expression nested more than {MAX_DEPTH} deep",
                self.token.start,
                self.token.end,
            )

    def comparison(self) -> Expr:
        first = self.binary(5)
        rest: list[tuple[str, Expr]] = []
        while (operator := self.comparison_operator()) is not None:
            rest.append((operator, self.binary(5)))
        if not rest:
            return first
        return Compare(first.start, rest[-1][1].end, first, tuple(rest))

    def comparison_operator(self) -> str | None:
        text = self.token.text
        if self.token.kind == "string":
            return None
        if text == "not" and self.peek().text == "in":
            self.advance()
            self.advance()
            return "not in"
        if text in _COMPARISONS:
            self.advance()
            return text
        return None

    def unary(self) -> Expr:
        if self.token.kind == "operator" and self.token.text in ("-", "+"):
            self.nest()
            sign = self.advance()
            operand = self.unary()
            self.depth -= 1
            return Unary(sign.start, operand.end, sign.text, operand)
        base = self.postfix(self.atom())
        if self.accept("**"):
            self.nest()
            exponent = self.unary()
            self.depth -= 1
            return Binary(base.start, exponent.end, "**", base, exponent)
        return base

    def postfix(self, value: Expr) -> Expr:
        while True:
            if self.token.text == "." and self.token.kind == "operator":
                self.advance()
                name = self.advance()
                if name.kind not in ("name", "number") or name.text == "":
                    raise self.error("expected a property after `.`")
                value = Property(value.start, name.end, value, name.text)
            elif self.token.text == "[" and self.token.kind == "operator":
                value = self.subscript(value)
            else:
                return value

    def subscript(self, value: Expr) -> Expr:
        opening = self.advance()
        bounds: list[Expr | None] = [None]
        while True:
            if self.accept(":"):
                if len(bounds) == 3:
                    raise self.error("a slice has at most three parts")
                bounds.append(None)
            elif self.token.text == "]":
                break
            elif bounds[-1] is None:
                bounds[-1] = self.expression()
            else:
                raise self.unexpected("`]`", opening)
        end = self.advance().end
        if len(bounds) == 1:
            if bounds[0] is None:
                raise self.error("expected an index between `[` and `]`")
            return Index(value.start, end, value, bounds[0])
        bounds += [None] * (3 - len(bounds))
        return SliceOf(value.start, end, value, (bounds[0], bounds[1], bounds[2]))

    def atom(self) -> Expr:
        token = self.token
        if token.kind == "number":
            self.advance()
            return Const(token.start, token.end, self.number(token))
        if token.kind == "string":
            self.advance()
            return Const(token.start, token.end, token.text[1:-1])
        if token.text == "(" and token.kind == "operator":
            self.advance()
            inner = self.expression()
            self.expect(")", token)
            return inner
        if token.text == "[" and token.kind == "operator":
            return self.listing()
        if token.kind == "name" and token.text not in _WORDS:
            return self.name()
        raise self.unexpected("a value")

    @staticmethod
    def number(token: _Token) -> int | float:
        text = token.text
        try:
            if len(text) > 20:
                raise ValueError
            number = int(text) if text.isdigit() else float(text)
            if number == float("inf"):
                raise ValueError
            return number
        except ValueError:
            raise ExpressionError(
                "bad-number", f"the number {text[:24]} is out of range", token.start, token.end
            ) from None

    def name(self) -> Expr:
        token = self.advance()
        if self.token.text == "(" and self.token.kind == "operator":
            return self.call(token)
        if token.text in CONSTANTS:
            return Const(token.start, token.end, CONSTANTS[token.text])
        if token.text in ("True", "False", "None"):
            raise ExpressionError(
                "unknown-name",
                f"`{token.text}` is not defined",
                token.start,
                token.end,
                help=f"write `{token.text.lower()}`",
            )
        return Name(token.start, token.end, token.text)

    def call(self, function: _Token) -> Expr:
        if function.text not in FUNCTIONS:
            raise ExpressionError(
                "unknown-function",
                f"there is no function `{function.text}`",
                function.start,
                function.end,
                help=did_you_mean(function.text, FUNCTIONS)
                or f"the functions are {', '.join(FUNCTIONS)}",
            )
        opening = self.advance()
        arguments: list[Expr] = []
        while self.token.text != ")":
            argument = self.expression()
            if self.token.text == "for":
                argument = self.comprehension(argument)
            arguments.append(argument)
            if not self.accept(","):
                break
        end = self.expect(")", opening).end
        return CallOf(function.start, end, function.text, tuple(arguments))

    def listing(self) -> Expr:
        opening = self.advance()
        items: list[Expr] = []
        while self.token.text != "]":
            item = self.expression()
            if self.token.text == "for":
                inner = self.comprehension(item)
                end = self.expect("]", opening).end
                return Comprehension(
                    opening.start, end, inner.element, inner.names, inner.source, inner.condition
                )
            items.append(item)
            if not self.accept(","):
                break
        end = self.expect("]", opening).end
        return ListOf(opening.start, end, tuple(items))

    def comprehension(self, element: Expr) -> Comprehension:
        self.expect("for")
        names = [self.target()]
        while self.accept(","):
            names.append(self.target())
        self.expect("in")
        source = self.binary(1)
        condition = self.binary(1) if self.accept("if") else None
        return Comprehension(
            element.start, self.token.start, element, tuple(names), source, condition
        )

    def target(self) -> str:
        if self.token.kind != "name" or self.token.text in _WORDS or self.token.text == "in":
            raise self.unexpected("a name")
        return self.advance().text
