"""The values of `--set name=value`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphcnn import syntax
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.source import SourceFile


def parse_settings(settings: Iterable[str]) -> dict[str, Any]:
    """Parameters by name; each value is YAML, as it would be in the spec.

    >>> parse_settings(["classes=10", "layers=[2, 2]", "name=no"])
    {'classes': 10, 'layers': [2, 2], 'name': 'no'}

    Raises:
        UsageError: a setting is not `name=value`, or is given twice.
    """
    found: dict[str, Any] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name = name.strip()
        if not equals or not name:
            raise UsageError(f"--set takes name=value, such as `--set classes=10`, not `{setting}`")
        if name in found:
            raise UsageError(f"--set {name} is given twice")
        try:
            node = syntax.parse(SourceFile(f"--set {name}", text))
        except SpecError as error:
            what = error.diagnostics[0].message if text.strip() else "its value is missing"
            raise UsageError(f"--set {setting}: {what}") from None
        none = isinstance(node, syntax.Scalar) and node.value == "none" and not node.quoted
        found[name] = None if none else syntax.plain(node)
    return found
