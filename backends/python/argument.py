"""An argument of an emitted class or function, and how it is annotated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from graphcnn.backends.python.expression import is_ragged

REQUIRED: Any = object()


@dataclass
class Argument:
    """A constructor argument and the value it has in each use."""

    name: str
    values: list[Any]
    default: Any = REQUIRED

    @property
    def is_ragged(self) -> bool:
        """Whether it is, in one of the uses, a fraction whose digits say nothing."""
        return any(map(is_ragged, self.values))

    @property
    def annotation(self) -> str:
        return _joined({_annotation(value) for value in self.values})


def _annotation(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, (list, tuple)):
        return f"tuple[{', '.join(_annotation(item) for item in value) or '()'}]"
    return type(value).__name__


def _joined(kinds: set[str]) -> str:
    """Annotations as a union; tuples of several lengths are of any length."""
    tuples = {kind for kind in kinds if kind.startswith("tuple[")}
    if len(tuples) > 1:
        parts = set(re.findall(r"\b(?:int|float|bool|str)\b", " ".join(tuples)))
        nested = any("tuple" in kind[6:] for kind in tuples)
        inner = "Any" if nested or not parts else _joined(parts)
        kinds = (kinds - tuples) | {f"tuple[{inner}, ...]"}
    if {"int", "float"} <= kinds:
        kinds = kinds - {"int"}
    return " | ".join(sorted(kinds - {"None"}) + ["None"] * ("None" in kinds))
