"""Differences as JSON: one object, the contract of `graphcnn diff --format json`."""

from __future__ import annotations

import json
from typing import Any

from graphcnn.difference import Comparison
from graphcnn.difference.changes import Change
from graphcnn.difference.specs import Side, SpecDiff, VariantDiff
from graphcnn.difference.tree import Leaf
from graphcnn.size import Symbolic, Unknown
from graphcnn.summary import Summary, json_size


def render(comparison: Comparison, *, color: bool = False) -> str:  # noqa: ARG001 - JSON has none
    """Everything that is known, every layer by itself, in ASCII."""
    found = {
        "before": comparison.before,
        "after": comparison.after,
        "different": not comparison.is_empty,
        "specs": [*map(_spec, comparison.specs)],
    }
    return json.dumps(found, indent=2) + "\n"


def _spec(spec: SpecDiff) -> dict[str, Any]:
    return {
        "title": spec.title,
        "before": _side(spec.before),
        "after": _side(spec.after),
        "variants": [*map(_variant, spec.variants)],
    }


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "file": side.spec.file.name,
        "diagnostics": [one.as_dict() for one in side.diagnostics],
    }


def _variant(variant: VariantDiff) -> dict[str, Any]:
    diff = variant.diff
    return {
        "variant": variant.variant,
        "status": variant.status,
        "before": _totals(variant.before),
        "after": _totals(variant.after),
        "layers": [] if diff is None else [*map(_change, diff.changes)],
        "notes": [] if diff is None else [*diff.rewired],
    }


def _totals(summary: Summary | None) -> dict[str, Any] | None:
    if summary is None:
        return None
    found = summary.to_dict()
    del found["layers"]
    return found


def _change(change: Change) -> dict[str, Any]:
    return {
        "change": change.kind,
        "before": _layer(change.before),
        "after": _layer(change.after),
        "scope": None if change.scope is None else change.scope.full,
        "attributes": {name: [*map(_value, values)] for name, values in change.attributes.items()},
        "notes": [*change.notes],
        "costs": {name: json_size(size) for name, size in change.costs._asdict().items()},
    }


def _layer(leaf: Leaf | None) -> dict[str, Any] | None:
    return None if leaf is None else leaf.layer.to_dict()


def _value(value: Any) -> Any:
    """An attribute in JSON; a symbolic size is the text of its expression."""
    if isinstance(value, (list, tuple)):
        return [*map(_value, value)]
    return str(value) if isinstance(value, (Symbolic, Unknown)) else value
