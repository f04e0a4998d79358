"""What stands in `$(…)` as a tree, by precedence climbing."""

from __future__ import annotations

from typing import Any

from graphcnn.diagnostics import did_you_mean
from graphcnn.expression.tokens import Token, scan
from graphcnn.expression.tree import (
    FUNCTIONS,
    Binary,
    CallOf,
    Compare,
    Comprehension,
    Conditional,
    Const,
    Expr,
    ExpressionError,
    Index,
    ListOf,
    Name,
    Property,
    SliceOf,
    Unary,
)
from graphcnn.size import MAX_INTEGER

MAX_DEPTH = 40  # of brackets and signs
MAX_HEIGHT = 100  # of the tree: whatever walks one does so by recursion

CONSTANTS: dict[str, Any] = {"true": True, "false": False, "none": None}
_WORDS = frozenset({"and", "or", "not", "if", "else", "for"})

#: binary operators by how tightly they bind; comparison (4) and `not` (3) are apart
_BINDING = {"or": 1, "and": 2, "+": 5, "-": 5, "*": 6, "/": 6, "//": 6, "%": 6}
_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})


def too_deep(start: int, end: int) -> ExpressionError:
    help = "split it: name its parts under `let`"
    return ExpressionError("too-deep", "an expression of too many levels", start, end, help)


def _is_high(expr: Expr) -> bool:
    """Whether the tree has more than ``MAX_HEIGHT`` levels; a level takes a character or more."""
    level: tuple[Expr, ...] = (expr,)
    for _ in range(MAX_HEIGHT):
        level = tuple(child for one in level for child in one.children())
        if not level:
            return False
    return True


class Parser:
    """Reads one `(…)`, in which ``depth`` counts the brackets and signs that are open."""

    def __init__(self, text: str, at: int, offset: int) -> None:
        self._tokens = scan(text, at, offset)
        self._ahead: list[Token] = []
        self.token = next(self._tokens)
        self.depth = 0

    def parenthesised(self) -> tuple[Expr, int]:
        opening = self.advance()
        expr = self.expression()
        if self.token.is_word("for"):
            raise self.error("a comprehension stands in brackets: `[… for … in …]`")
        if not self.token.is_operator(")"):
            raise self.unexpected("`)`", opening)
        end = self.token.end
        if end - opening.start > MAX_HEIGHT and _is_high(expr):
            raise too_deep(opening.start, end)
        return expr, end

    # tokens

    def advance(self) -> Token:
        token = self.token
        if self._ahead:
            self.token = self._ahead.pop()
        elif token.kind != "end":
            self.token = next(self._tokens)
        return token

    def peek(self) -> Token:
        if not self._ahead:
            self._ahead.append(next(self._tokens, self.token))
        return self._ahead[-1]

    def accept(self, operator: str) -> bool:
        found = self.token.is_operator(operator)
        if found:
            self.advance()
        return found

    def accept_word(self, word: str) -> bool:
        found = self.token.is_word(word)
        if found:
            self.advance()
        return found

    def expect(self, operator: str, opening: Token) -> Token:
        if not self.token.is_operator(operator):
            raise self.unexpected(f"`{operator}`", opening)
        return self.advance()

    def expect_word(self, word: str) -> None:
        if not self.accept_word(word):
            raise self.unexpected(f"`{word}`")

    def error(self, message: str) -> ExpressionError:
        token = self.token
        end = max(token.end, token.start + 1)
        return ExpressionError("expression-syntax", message, token.start, end)

    def unexpected(self, wanted: str, opening: Token | None = None) -> ExpressionError:
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

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise too_deep(self.token.start, self.token.end)

    # grammar

    def expression(self) -> Expr:
        self.deeper()
        then = self.binary(1)
        if self.accept_word("if"):
            condition = self.binary(1)
            self.expect_word("else")
            otherwise = self.expression()
            then = Conditional(then.start, otherwise.end, condition, then, otherwise)
        self.depth -= 1
        return then

    def binary(self, tightness: int) -> Expr:
        """Operators that bind at least so tightly."""
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
        if not self.token.is_word("not"):
            return self.comparison()
        self.deeper()
        start = self.advance().start
        operand = self.negation()
        self.depth -= 1
        return Unary(start, operand.end, "not", operand)

    def comparison(self) -> Expr:
        first = self.binary(5)
        rest: list[tuple[str, Expr]] = []
        while (operator := self.comparison_operator()) is not None:
            rest.append((operator, self.binary(5)))
        if not rest:
            return first
        return Compare(first.start, rest[-1][1].end, first, tuple(rest))

    def comparison_operator(self) -> str | None:
        if self.token.is_word("not") and self.peek().is_word("in"):
            self.advance()
            self.advance()
            return "not in"
        if self.token.text in _COMPARISONS and self.token.kind != "string":
            return self.advance().text
        return None

    def unary(self) -> Expr:
        if self.token.is_operator("-") or self.token.is_operator("+"):
            self.deeper()
            sign = self.advance()
            operand = self.unary()
            self.depth -= 1
            return Unary(sign.start, operand.end, sign.text, operand)
        base = self.postfix()
        if self.accept("**"):
            self.deeper()
            exponent = self.unary()
            self.depth -= 1
            return Binary(base.start, exponent.end, "**", base, exponent)
        return base

    def postfix(self) -> Expr:
        value = self.atom()
        while True:
            if self.token.is_operator("["):
                value = self.subscript(value)
            elif self.token.is_operator("."):
                value = self.property(value)
            elif self.token.kind == "number" and self.token.text.startswith("."):
                value = self.numbered(value)
            else:
                return value

    def numbered(self, value: Expr) -> Expr:
        """`half.0`, one of several outputs."""
        number = self.token
        if not number.text[1:].isdigit():
            raise self.unexpected("the number of an output")
        self.advance()
        return Property(value.start, number.end, value, number.text[1:])

    def property(self, value: Expr) -> Expr:
        self.advance()
        name = self.token
        if name.kind != "name":
            raise self.unexpected("a property after `.`")
        self.advance()
        return Property(value.start, name.end, value, name.text)

    def subscript(self, value: Expr) -> Expr:
        opening = self.advance()
        bounds: list[Expr | None] = [None]
        while not self.token.is_operator("]"):
            if self.accept(":"):
                if len(bounds) == 3:
                    raise self.error("a slice has at most three parts")
                bounds.append(None)
            elif bounds[-1] is None:
                bounds[-1] = self.expression()
            else:
                raise self.unexpected("`]`", opening)
        if bounds == [None]:
            raise self.error("expected an index between `[` and `]`")
        end = self.advance().end
        if len(bounds) == 1 and bounds[0] is not None:
            return Index(value.start, end, value, bounds[0])
        bounds += [None] * (3 - len(bounds))
        return SliceOf(value.start, end, value, (bounds[0], bounds[1], bounds[2]))

    def atom(self) -> Expr:
        token = self.token
        if token.kind == "number":
            self.advance()
            return Const(token.start, token.end, _number(token))
        if token.kind == "string":
            self.advance()
            return Const(token.start, token.end, token.text[1:-1])
        if token.is_operator("("):
            self.advance()
            inner = self.expression()
            self.expect(")", token)
            return inner
        if token.is_operator("["):
            return self.listing()
        if token.kind == "name" and token.text not in _WORDS:
            return self.name()
        raise self.unexpected("a value")

    def name(self) -> Expr:
        token = self.advance()
        if self.token.is_operator("("):
            return self.call(token)
        if token.text in CONSTANTS:
            return Const(token.start, token.end, CONSTANTS[token.text])
        return Name(token.start, token.end, token.text)

    def call(self, function: Token) -> Expr:
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
        while not self.token.is_operator(")"):
            argument = self.expression()
            if self.token.is_word("for"):
                argument = self.comprehension(argument)
            arguments.append(argument)
            if not self.accept(","):
                break
        end = self.expect(")", opening).end
        return CallOf(function.start, end, function.text, tuple(arguments))

    def listing(self) -> Expr:
        opening = self.advance()
        items: list[Expr] = []
        while not self.token.is_operator("]"):
            item = self.expression()
            if self.token.is_word("for"):
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
        self.advance()
        names = [self.target()]
        while self.accept(","):
            names.append(self.target())
        self.expect_word("in")
        source = self.binary(1)
        condition = self.binary(1) if self.accept_word("if") else None
        end = (condition or source).end
        return Comprehension(element.start, end, element, tuple(names), source, condition)

    def target(self) -> str:
        if self.token.kind != "name" or self.token.text in {*_WORDS, *CONSTANTS, "in"}:
            raise self.unexpected("a name")
        return self.advance().text


def _number(token: Token) -> int | float:
    """A number as a spec may have it: an integer below 2^63, or a finite float."""
    text = token.text
    number: int | float = float("inf")
    if len(text) < 400:
        number = int(text) if text.isdigit() else float(text)
    if number == float("inf") or (isinstance(number, int) and number >= MAX_INTEGER):
        message = f"the number {text[:24]} is out of range"
        raise ExpressionError("bad-number", message, token.start, token.end)
    return number
