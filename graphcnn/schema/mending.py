"""How to write what was probably meant, of values that the JSON Schema refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphcnn.diagnostics import did_you_mean
from graphcnn.ops.base import Op
from graphcnn.schema.failures import Failure
from graphcnn.schema.grammar import NAME
from graphcnn.syntax import Mapping, Scalar, Sequence
from graphcnn.yaml_errors import shown

VERSION_HINT = "begin with `graphcnn: 1`, the version of the language"

_TRUTH = {"yes": "true", "on": "true", "no": "false", "off": "false"}
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_OF_VALUE = re.compile(r"(?:prev|in)(\.[a-z]+)")
_ARITHMETIC = re.compile(r"[A-Za-z0-9_.() ]*[A-Za-z0-9_)] *(\*\*|//|[-+*/%]) *[A-Za-z0-9_(].*")
#: structures whose statements stand under a key of their own
_CONTENTS = {
    "residual": "its statements stand under `body`: `residual: {body: […]}`",
    "branches": "its paths stand under `paths`: `branches: {paths: […]}`",
}


def listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def has(op: type[Op]) -> str:
    attributes = op.attributes()
    if not attributes:
        return f"write `{op.name}` alone: it has no attributes"
    return f"{op.name} has {listed(attributes)}"


def mend(failure: Failure) -> str | None:
    """How to write what was probably meant, or else what the value means."""
    if not failure.path:
        return VERSION_HINT
    if failure.op and "properties" in failure.schema:
        return has(failure.op)
    help = _restructured(failure) or _rewritten(failure)
    if help or not failure.doc:
        return help
    name = failure.attribute or (failure.name if failure.key else "")
    return f"`{name}`: {failure.doc}" if name and failure.definition != "statement" else failure.doc


def _rewritten(failure: Failure) -> str | None:
    """The value with what it lacks: quotes, brackets, a `$`."""
    value, limit, text = failure.value, failure.limit, failure.written
    number = limit in ("integer", "number")
    helps = []
    if isinstance(value, str):
        if failure.keyword == "enum":
            helps.append(did_you_mean(value, map(str, limit)))
        truth = limit == "boolean" and value.lower() in ("true", "false")
        if truth or (number and _NUMBER.fullmatch(value)):
            helps.append(f"remove the quotes: `{shown(value)}`")
        if limit == "boolean" and value.lower() in _TRUTH:
            helps.append(f"write `{_TRUTH[value.lower()]}`")
        if (number or limit == "boolean") and (match := _OF_VALUE.fullmatch(value)):
            helps.append(f"write `$in{match[1]}` for what the value before has")
        if value in failure.scope():
            helps.append(f"write `${value}` for the value of `{value}`")
        if (number or limit == "boolean") and len(value) < 100 and _ARITHMETIC.fullmatch(value):
            helps.append(f"write `$({shown(value)})` for what it comes to")
        if failure.definition == "statements" and re.fullmatch(NAME, value):
            helps.append(f"write a list: `[{value}]`")
    elif isinstance(failure.node, Scalar) and value is not None:
        if limit == "string" and failure.title == "text":
            helps.append(f'quote it: `"{text}"`')
        if limit == "array" and failure.op:
            helps.append(f"write a list: `[{text}]`")
    return next(filter(None, helps), None)


def _restructured(failure: Failure) -> str | None:
    """A list where a mapping of it is needed, or the other way round."""
    node = failure.node
    if failure.definition in _CONTENTS and isinstance(node, Sequence):
        return _CONTENTS[failure.definition]
    if failure.definition != "statements" or not isinstance(node, Mapping) or not node.entries:
        return None
    key, value = next(iter(node.entries.values()))
    return f"write a list: `- {shown(node.file.text[key.start : max(key.end, value.end)])}`"
