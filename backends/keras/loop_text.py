"""The author's expressions inside loops, as Python source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphcnn.backends.python.expression import NoText, PythonText
from graphcnn.backends.python.printer import literal
from graphcnn.expression import CallOf, Conditional, Expr, Index, Name, SliceOf

if TYPE_CHECKING:
    from graphcnn.backends.keras.place import Place


class LoopText(PythonText):
    """Writes an expression; a part without text becomes a name that the loop binds."""

    def __init__(self, place: Place, near: Mapping[str, Any], hint: str) -> None:
        unit = place.unit
        super().__init__(unit.scope(near), unit.code_names())
        self.place = place
        self.hint = hint
        self.whole: Expr | None = None

    def text(self, expr: Expr, *, by_operands: bool = False) -> str:
        self.whole = expr
        return super().text(expr, by_operands=by_operands)

    def _write(self, expr: Expr) -> str:
        try:
            if isinstance(expr, Index):  # a list's values are what a loop goes over
                raise NoText
            if isinstance(expr, CallOf) and any(isinstance(a, SliceOf) for a in expr.arguments):
                raise NoText
            return super()._write(expr)
        except NoText:
            values = self.place.evaluated(expr)
            if not values or not all(is_plain(value) for value in values):
                raise
            hint = self._hint(expr)
            if not hint:
                raise
            value = self.place.value(values, None, hint)
            return literal(value)

    def _hint(self, expr: Expr) -> str:
        """What to call a part: `depth` for `depths[stage]`."""
        if isinstance(expr, CallOf) and expr.function == "sum":
            return "total"
        if expr is not self.whole and isinstance(expr, Index) and isinstance(expr.value, Name):
            name = expr.value.name
            if name in self.place.loop_names():
                return self.hint
            if name in ("layers", "blocks", "repeats"):
                return "depth"
            return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
        return self.hint

    def _conditional(self, expr: Conditional) -> str:
        """One branch alone, if every turn takes it."""
        truths = self.place.evaluated(expr.condition)
        if truths and all(truth is truths[0] for truth in truths):
            return self._write(expr.then if truths[0] else expr.otherwise)
        return super()._conditional(expr)


def is_plain(value: Any) -> bool:
    """Whether a loop can go over such values."""
    if isinstance(value, (tuple, list)):
        return all(is_plain(item) for item in value)
    return value is None or isinstance(value, (bool, int, float, str))
