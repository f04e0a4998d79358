"""Whether a value is valid: the quick validator, which does not say why not."""

from __future__ import annotations

import functools
from collections.abc import Callable

from graphcnn.schema.document import document
from graphcnn.schema.grammar import ref


@functools.cache
def decider(definition: str = "") -> Callable[[object], bool]:
    """Whether a value is valid, by the whole schema or by one of its definitions, at speed."""
    # Loaded with the first spec that is checked: what checks none answers without it.
    import jsonschema_rs

    schema = document()
    if definition:
        schema = {**ref(definition), "$defs": schema["$defs"]}
    validator = jsonschema_rs.Draft202012Validator(schema)

    def decide(value: object) -> bool:
        try:
            return validator.is_valid(value)
        except Exception:  # noqa: BLE001 - what it cannot take, the thorough validator decides
            return False

    return decide
