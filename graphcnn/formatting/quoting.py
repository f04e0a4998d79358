"""Quotes only where they are needed, and double ones where there is a choice."""

from __future__ import annotations

import re

from graphcnn.formatting.tree import Text
from graphcnn.syntax.scalars import resolve

# What may begin a plain scalar, and what may not stand within one in a flow collection.
_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=<~][ !-~\u00a1-\ud7ff]*")
_FLOW = re.compile(r"[,\[\]{}]|[?:]$")
_QUOTE = "'\""


def spelled(text: Text, *, flow: bool) -> str:
    """A scalar of one line as it is written inside a flow collection, or outside of any."""
    source, value = text.source, text.value
    if value is not None and source[:1] in _QUOTE:
        if _plain(value):
            source = value
        elif source[0] == "'" and _doubles(value):
            source = f'"{value}"'
    elif flow and value is not None and _FLOW.search(source):
        source = f'"{value}"' if _doubles(value) else "'" + value.replace("'", "''") + "'"
    if flow and not source and not text.anchor:
        source = "null"
    return f"{text.anchor} {source}".rstrip() if text.anchor else source


def _plain(value: str) -> bool:
    """Whether text says the same without quotes, wherever it stands."""
    if not _PLAIN.fullmatch(value) or _FLOW.search(value) or value != value.strip():
        return False
    if ":" in value or " #" in value or value.startswith(("---", "...")):
        return False
    try:
        return resolve(value) == value
    except ValueError:
        return False


def _doubles(value: str) -> bool:
    return value.isprintable() and '"' not in value and "\\" not in value
