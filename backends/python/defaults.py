"""What the arguments of a block's class or function are by default."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphcnn.backends.python.argument import REQUIRED
from graphcnn.backends.python.unit import same
from graphcnn.backends.python.uses import Env, Use
from graphcnn.evaluate import Budget, Names, evaluate
from graphcnn.expression import Expr, ExpressionError, free_names
from graphcnn.program import Block


def defaults_of(block: Block, uses: Sequence[Use]) -> dict[str, Any]:
    """A block's parameters with their defaults; those that follow other arguments have none."""
    outer = [use.env.outer for use in uses if isinstance(use.env, Names)]
    files = [names for names in outer if names is not None]
    return {
        name: REQUIRED if one.default is None else _value(one.default.value, block, files)
        for name, one in block.parameters.items()
    }


def _value(default: Any, block: Block, files: Sequence[Env]) -> Any:
    """A default, which may be computed from the names of the block's file, alike in all uses."""
    values = [default]
    if isinstance(default, Expr):
        if any(name.name in block.parameters for name in free_names(default)):
            return REQUIRED
        try:
            values = [evaluate(default, file, Budget(100_000)) for file in files]
        except ExpressionError:
            return REQUIRED
        if not values or not same(values):
            return REQUIRED
    return tuple(values[0]) if isinstance(values[0], list) else values[0]
