"""A short way to write batch norms: most files have many, all with the same settings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_NORM = re.compile(r"layers\.BatchNormalization\(([^()]*)name=((?:f?\"[^\"]*\")|name)\)\((\w+)\)")

_HELPER = """def batch_norm(x: KerasTensor, name: str) -> KerasTensor:
    return layers.BatchNormalization({settings}name=name)(x)"""


def shortened(parts: Sequence[str]) -> list[str]:
    """The functions with `batch_norm(x, "bn1")` for the settings that are used most, if often."""
    parts = [re.sub(r"\bepsilon=1e-0(\d)\b", r"epsilon=1e-\1", part) for part in parts]
    found = Counter(match.group(1) for part in parts for match in _NORM.finditer(part))
    if not found:
        return list(parts)
    settings, times = found.most_common(1)[0]
    if times < 2 or not re.fullmatch(r"(?:\w+=[\w.-]+, )+", settings):
        return list(parts)
    if any(value in settings for value in ("axis=",)):
        return list(parts)

    def short(match: re.Match[str]) -> str:
        if match.group(1) != settings:
            return match.group()
        return f"batch_norm({match.group(3)}, {match.group(2)})"

    return [_HELPER.format(settings=settings), *(_NORM.sub(short, part) for part in parts)]
