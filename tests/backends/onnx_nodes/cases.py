"""The cases of the onnx package, each posed as a spec or with the reason why not."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from tests.backends.onnx_nodes.cells import Translation
from tests.backends.onnx_nodes.node import Inexpressible, Node, Posed
from tests.backends.onnx_nodes.table import FOREIGN, LACKING, TRANSLATIONS

#: what a case's name ends with, up to a version, that has the operator's definition for the
#: operator: the same values once more
EXPANDED = "_expanded"


class Case(NamedTuple):
    """A case of an operator; exactly one of ``posed`` and ``reason`` is there."""

    name: str
    operator: str
    posed: Posed | None
    reason: str

    @property
    def concerns_networks(self) -> bool:
        """Whether its operator is one of those that networks of this kind are made of."""
        return self.operator in TRANSLATIONS or self.operator in LACKING


@cache
def collected() -> tuple[Case, ...]:
    """Every case but those that are definitions of operators.

    Raises:
        KeyError: an operator that none of the tables has.
    """
    return tuple(_case(case) for case in _all() if EXPANDED not in case.name)


def definitions() -> int:
    """How many cases are those of others, with the operator's definition in its place."""
    return sum(EXPANDED in case.name for case in _all())


@cache
def _all() -> list[Any]:
    with warnings.catch_warnings():  # numpy's, of cases that overflow on purpose
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        return list(collect_testcases(None))


def _case(case: Any) -> Case:
    (proto,) = case.model.graph.node
    operator = proto.op_type
    translation = TRANSLATIONS.get(operator)
    if translation is None:
        return Case(case.name, operator, None, LACKING.get(operator) or _OTHER[operator])
    return posed_or_not(case.name, operator, translation, lambda: Node.of(case))


def posed_or_not(
    name: str, operator: str, translation: Translation, node: Callable[[], Node]
) -> Case:
    """A case as a translation poses it, or with the reason that it gives."""
    try:
        return Case(name, operator, translation(node()), "")
    except Inexpressible as found:
        return Case(name, operator, None, str(found))


_OTHER = {operator: reason for reason, operators in FOREIGN.items() for operator in operators}
