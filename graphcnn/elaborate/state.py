"""What the elaboration of one variant shares: findings, limits, and the nodes made so far."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Final, NoReturn

from graphcnn.diagnostics import Diagnostic
from graphcnn.elaborate.infer import Inference
from graphcnn.evaluate import Budget
from graphcnn.ir import Node
from graphcnn.ops.base import Op
from graphcnn.program import Block, BlockUse, ComputedUse, OpUse, Statement
from graphcnn.source import Origin, Span

if TYPE_CHECKING:
    from graphcnn.elaborate.files import File
    from graphcnn.elaborate.order import Order

MAX_NODES: Final = 120_000
MAX_STEPS: Final = 200_000
MAX_FINDINGS: Final = 100
MAX_CHAIN: Final = 8
MANY: Final = 32
"""Inputs, outputs, parameters or names that a statement rarely has; more count as more work."""


class Halt(Exception):
    """Stops elaboration: going on would take unbounded work, or makes no sense."""


class Stop(Exception):
    """Stops one statement, whose error has been reported."""


class Limits:
    """What may still be spent, on all variants of a spec together."""

    def __init__(self) -> None:
        self.findings = 10 * MAX_FINDINGS
        self.steps = MAX_STEPS
        self.nodes = MAX_NODES
        self.budget = Budget()

    def is_spent(self) -> bool:
        return min(self.findings, self.steps, self.nodes, self.budget.steps) < 0


class State:
    """Findings are reported once per place, however often the place is reached."""

    def __init__(self, inference: Inference, limits: Limits) -> None:
        self.inference = inference
        self.limits = limits
        self.budget = limits.budget
        self.nodes: list[Node] = []
        self.more_values = 0  # inputs, outputs and weights of nodes that have very many
        self.diagnostics: list[Diagnostic] = []
        self.files: dict[int, File] = {}
        self.orders: dict[int, Order] = {}
        self.endless: set[Block] = set()
        self.constant_ops: dict[OpUse, Op] = {}
        self.resolved: dict[tuple[ComputedUse, str], OpUse | BlockUse] = {}
        self.mistaken: dict[tuple[int, Block], Collection[str]] = {}
        self.used_at: dict[tuple[Statement, Block], str] = {}
        self._reported: set[tuple[str, int, int]] = set()
        self._explained: set[int] = set()
        self._muted = 0

    def report(
        self,
        code: str,
        message: str,
        span: Span,
        origin: Origin | None = None,
        *,
        help: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        if self.is_new(code, span):
            self.add(Diagnostic(code, message, span, (*notes, *described(origin)), help))

    def is_new(self, code: str, span: Span) -> bool:
        """Whether a finding would be reported: to work it out may be the greater part of it."""
        return not self._muted and (code, id(span.file), span.start) not in self._reported

    def is_first(self, node: object) -> bool:
        """Whether an error at this node of the syntax tree is still to be explained."""
        new = not self._muted and id(node) not in self._explained
        if new:
            self._explained.add(id(node))
        return new

    def add(self, found: Diagnostic) -> None:
        self._reported.add((found.code, id(found.span.file), found.span.start))
        self.diagnostics.append(found)
        self.limits.findings -= 1
        if len(self.diagnostics) >= MAX_FINDINGS:
            raise Halt

    @contextmanager
    def muted(self) -> Iterator[None]:
        """Nothing is reported within: what is looked at is a guess."""
        self._muted += 1
        try:
            yield
        finally:
            self._muted -= 1

    def step(self, statement: Statement, origin: Origin | None, weight: int = 1) -> None:
        """Count one more statement, block or turn; one of unusual length counts for more."""
        limits = self.limits
        limits.steps -= weight
        if limits.steps < 0 or limits.nodes < len(self.nodes) + self.more_values:
            self._too_many(statement.span, origin)

    def begin(self, weight: int, span: Span) -> None:
        """Count what a variant takes before its first statement, in entries of the file."""
        self.limits.steps -= weight // 4
        if self.limits.steps < 0:
            self._too_many(span, None)

    def foresee(self, steps: int, span: Span, origin: Origin | None) -> None:
        """Stop before something that is known to take too many steps."""
        if steps > self.limits.steps:
            self._too_many(span, origin)

    def _too_many(self, span: Span, origin: Origin | None) -> NoReturn:
        message = f"the spec expands to more than {MAX_STEPS:,} statements or {MAX_NODES:,} nodes"
        self.halt("too-many-nodes", message, span, origin)

    def halt(self, code: str, message: str, span: Span, origin: Origin | None) -> NoReturn:
        """Stop everything, and say so even where nothing else would be reported."""
        self._muted = 0
        self.report(code, message, span, origin)
        raise Halt


def described(origin: Origin | None) -> tuple[str, ...]:
    """The steps of the way to a place, as far as someone would read them."""
    chain = [step.description for step in origin.chain()] if origin else []
    runs = [(step, len([*run])) for step, run in groupby(chain)]
    chain = [step if count == 1 else f"{step} ({count} times)" for step, count in runs]
    if len(chain) <= MAX_CHAIN:
        return tuple(chain)
    left_out = len(chain) - MAX_CHAIN + 1
    return (*chain[:4], f"… {left_out} more …", *chain[5 - MAX_CHAIN :])
