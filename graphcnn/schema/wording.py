"""What the JSON Schema refuses, said to the person who wrote it.

One failure of the schema becomes one diagnostic, or several where it names several keys. What
is expected is the ``title`` of the value in the schema, what it means its ``description``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from graphcnn.diagnostics import Diagnostic, did_you_mean, suggest
from graphcnn.ops import BY_NAME
from graphcnn.ops.attributes import is_quoted_literal, show
from graphcnn.ops.base import Op
from graphcnn.schema.failures import Failure
from graphcnn.schema.grammar import NAME, REFERENCE, RESERVED, header, structures
from graphcnn.schema.mending import VERSION_HINT, has, listed, mend
from graphcnn.source import Span
from graphcnn.syntax import Node, Scalar
from graphcnn.yaml_errors import colon_missing, shown

#: what other languages call an attribute or a section, and its name here
_FOREIGN = {
    "out_channels": "out",
    "out_features": "out",
    "filters": "out",
    "units": "out",
    "p": "rate",
    "dim": "axis",
    "negative_slope": "slope",
    "alpha": "slope",
    "pool_size": "kernel",
    "use_bias": "bias",
    "num_heads": "heads",
    "scale_factor": "factor",
    "layers": "graph",
    "network": "graph",
    "architecture": "graph",
    "nodes": "graph",
    "backbone": "graph",
    "modules": "blocks",
    "hyperparameters": "parameters",
    "url": "source",
    "description": "doc",
}
#: what frameworks ask for and is known here
_KNOWN = {"in_channels", "in_features", "num_features", "input_shape"}
#: definitions of the schema that are names
_NAMES = {"name", "id", "reference", "word", "callee"}
_HINTS = {
    "graphcnn": VERSION_HINT,
    "name": "such as `name: resnet`",
    "inputs": "such as `inputs: {image: [3, 224, 224]}`",
    "graph": "a file without one has `blocks` or `ops` for others to import",
    "do": "the statements that are repeated",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic and the node that failed.

    Of a key that is missing from a mapping, or unknown to it, the id of that mapping and the
    name: the one that is missing, or the one that was meant. Of a text that cannot be a name,
    that text, and whether it is a ``use`` of a name that is given elsewhere. A ``stray`` key may
    stand for any one that is missing.
    """

    diagnostic: Diagnostic
    node: Node
    mapping: int = 0
    missing: str | None = None
    meant: str | None = None
    stray: bool = False
    name: str | None = None
    use: bool = False


def explain(failure: Failure) -> Iterator[Finding]:
    """What to report of a failure; nothing where others know better what to say."""
    if failure.definition.startswith("op_") and _lists_inputs(failure):
        yield _misplaced_inputs(failure)
    else:
        yield from _explained(failure)


def _explained(failure: Failure) -> Iterator[Finding]:
    names_op = failure.definition == "word" or failure.definition.startswith("op_")
    if failure.keyword == "additionalProperties":
        yield from _unknown_keys(failure)
    elif failure.keyword == "required":
        yield from _missing_keys(failure, failure.limit)
    elif failure.keyword == "dependentRequired":
        for key, needed in failure.limit.items():
            if key in failure.value:
                yield from _missing_keys(failure, needed, because=key)
    elif failure.keyword in ("pattern", "not") and failure.definition in _NAMES:
        yield _bad_name(failure)
    elif failure.keyword == "type" and failure.limit == "object" and names_op:
        yield from _no_attributes(failure)
    elif failure.definitions[-2:] == ("step", "arguments") and failure.name != "with":
        yield from _no_arguments(failure)
    elif failure.definition == "expectation" and failure.path[:-1] == ("expect",):
        yield _unknown_measure(failure)
    elif failure.keyword == "not":
        yield _conflict(failure)
    elif failure.keyword == "const":
        yield _version(failure)
    else:
        yield _wrong_value(failure)


def _at(
    failure: Failure, code: str, message: str, help: str | None, span: Span | None = None
) -> Finding:
    return Finding(Diagnostic(code, message, span or failure.node.span, (), help), failure.node)


def _found(value: object) -> str:
    if isinstance(value, (dict, list)):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    if is_quoted_literal(value) and value != "none":  # which is a text without quotes too
        return f"the text `{shown(str(value))}`"
    if isinstance(value, str):
        return f"`{shown(value)}`" if value.strip() else "empty text"
    return "nothing" if value is None else show(value)


# --- keys --------------------------------------------------------------------------------


def _unknown_keys(failure: Failure) -> Iterator[Finding]:
    known, op = failure.schema["properties"], failure.op
    for name, (key, value) in failure.entries.items():
        if name in known:
            continue
        foreign = _FOREIGN.get(name, "")
        meant = foreign if foreign in known else suggest(name, known)
        if op is None:
            code, message = "unknown-key", f"{failure.subject} has no key `{shown(name)}`"
        else:
            code, message = "unknown-attribute", f"{op.name} has no attribute `{shown(name)}`"
        if op and name in header():
            help = f"`{name}` stands beside `{op.name}`, not inside it"
        elif op and name in _KNOWN:
            help = "leave it out: what comes in is known"
        elif meant:
            help = f"did you mean `{meant}`?"
        else:
            help = has(op) if op else f"its keys are {listed(known)}"
        if meant == "sequence":  # either of the two is what a block needs
            meant = "graph"
        in_statement = op is not None or failure.definition in structures()
        yield Finding(
            Diagnostic(code, message, key.span, (), help),
            value,
            mapping=id(failure.node),
            meant=meant,
            stray=in_statement and not meant and name not in {*header(), *_KNOWN},
        )


def _missing_keys(
    failure: Failure, needed: Iterable[str], because: str | None = None
) -> Iterator[Finding]:
    span = failure.key.span if failure.key else _beginning(failure)
    if because is not None:
        span = failure.entries[because].key.span
    for name in needed:
        if name in failure.value or (failure.op and _has_default(failure, failure.op, name)):
            continue
        if failure.op:
            yield _missing_attribute(failure, failure.op, name, span)
            continue
        hint = failure.schema.get("properties", {}).get(name, {}).get("description")
        help = _HINTS.get(name) or (f"`{name}`: {hint}" if hint else None)
        what, subject = f"`{name}`", failure.subject if because is None else f"`{because}`"
        if failure.definition == "block":
            what, help = "`graph` or `sequence`", "a list of the statements that make it"
        found = _at(failure, "missing-key", f"{subject} needs {what}", help, span)
        yield replace(found, mapping=id(failure.node), missing=name)


def _missing_attribute(failure: Failure, op: type[Op], name: str, span: Span) -> Finding:
    help = f"`{name}`: {op.attributes()[name].doc}"
    found = _at(failure, "missing-attribute", f"{op.name} needs `{name}`", help, span)
    return replace(found, mapping=id(failure.node), missing=name)


def _has_default(failure: Failure, op: type[Op], name: str) -> bool:
    """Whether the file's `defaults` give what the statement leaves out."""
    for section, defaults in failure.around[0].items():
        if isinstance(defaults, dict) and suggest(str(section), ("defaults",)):
            given = defaults.get(op.name)
            if isinstance(given, dict) and name in given:
                return True
    return False


def _beginning(failure: Failure) -> Span:
    first = next(iter(failure.entries.values()), None)
    return first.key.span if first else failure.node.span


def _unknown_measure(failure: Failure) -> Finding:
    """In `expect` whatever is no measure is a variant, whose value would be a mapping."""
    variants = failure.around[0].get("variants")
    known = [*failure.schema["properties"], *(variants if isinstance(variants, dict) else ())]
    if failure.name in known:
        return _wrong_value(failure)
    message = f"there is no measure and no variant `{shown(failure.name)}`"
    help = did_you_mean(failure.name, known) or f"the measures are {listed(known)}"
    return _at(failure, "unknown-key", message, help, failure.key.span if failure.key else None)


def _conflict(failure: Failure) -> Finding:
    key, value = failure.entries["graph"]
    message = f"{failure.subject} has both `sequence` and `graph`"
    help = "keep one: members of a `sequence` are numbered, those of a `graph` are named"
    return Finding(Diagnostic("conflicting-keys", message, key.span, (), help), value)


# --- ops and blocks ----------------------------------------------------------------------


def _no_attributes(failure: Failure) -> Iterator[Finding]:
    """An op by its name alone, or with a short form that it does not have."""
    value = failure.value
    alone = failure.definition == "word"
    op = BY_NAME[str(value)] if alone else BY_NAME[failure.definition.removeprefix("op_")]
    if not alone and value is not None and op.main is None:
        expected = "a mapping of attributes" if op.attributes() else "no attributes"
        message = f"expected {expected}, found {_found(value)}"
        yield _at(failure, "wrong-type", message, has(op))
        return
    given = {op.main} if not alone and value is not None else set()
    span = failure.key.span if failure.key else failure.node.span
    for name, attribute in op.attributes().items():
        if attribute.required and name not in given and not _has_default(failure, op, name):
            yield _missing_attribute(failure, op, name, span)


def _lists_inputs(failure: Failure) -> bool:
    """Whether ids stand where the attributes of an op belong: `add: [a, b]`, `relu: a`."""
    op, value = BY_NAME[failure.definition.removeprefix("op_")], failure.value
    if isinstance(value, str):
        return not op.attributes() and bool(re.fullmatch(REFERENCE, value))
    listed = isinstance(value, list) and value and op.arity[1] != 1
    return bool(listed) and all(isinstance(x, str) and re.fullmatch(REFERENCE, x) for x in value)


def _misplaced_inputs(failure: Failure) -> Finding:
    op, written = BY_NAME[failure.definition.removeprefix("op_")], failure.written
    if isinstance(failure.value, str) and op.arity[0] > 1:
        written = f"[prev, {written}]"
    message = f"the inputs of {op.name} are given by `from`"
    return _at(failure, "wrong-type", message, f"write `{{{op.name}: {{}}, from: {written}}}`")


def _no_arguments(failure: Failure) -> Iterator[Finding]:
    """A block with a bare value; where there is no such block, others will say so."""
    spec, name = failure.around[0], failure.name
    blocks = spec.get("blocks")
    block = blocks.get(name) if isinstance(blocks, dict) else None
    if block is None and name not in (spec.get("ops") or ()):
        words = {*BY_NAME, *structures(), *header()}
        others = words.intersection(failure.around[-1]) - header().keys()
        if others or not spec.get("imports") or suggest(name, words):
            return
    help = "such as `{width: 64}`"
    parameters = block.get("parameters") if isinstance(block, dict) else None
    if isinstance(parameters, dict) and parameters and isinstance(failure.node, Scalar):
        help = f"write `{name}: {{{next(iter(parameters))}: {failure.written}}}`"
    message = f"`{name}` takes a mapping of arguments, found {_found(failure.value)}"
    yield _at(failure, "wrong-type", message, help)


# --- values ------------------------------------------------------------------------------


def _version(failure: Failure) -> Finding:
    if type(failure.value) is int:
        message = f"version {failure.value} of the language is not known to this compiler"
        return _at(failure, "unsupported-version", message, "it reads `graphcnn: 1`")
    message = f"expected {failure.title}, found {_found(failure.value)}"
    return _at(failure, "wrong-type", message, "write `graphcnn: 1`")


def _bad_name(failure: Failure) -> Finding:
    text = str(failure.value)
    span = failure.key.span if failure.of_key and failure.key else None
    help: str | None = None
    if failure.keyword == "not":
        message = f"`{text}` cannot be a name: Python and expressions use the word"
        help = f"such as `{text}_`"
    elif failure.definition == "word" and "$" in text:
        message = f"expected {failure.title}, found {_found(text)}"
        help = f"write `use: {shown(text)}`"
    else:
        noun = "id" if failure.definition in ("id", "reference") else "name"
        message = f"`{shown(text)}` is no {noun}: {noun}s have letters, digits and `_`"
        clean = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
        if text[:1].isdigit():
            message, clean = f"`{shown(text)}` is no {noun}: it begins with a digit", f"_{clean}"
        key, mend = colon_missing(failure.node.file, failure.node.start, failure.node.end)
        if failure.definition == "word" and key in _callable(failure):
            help = mend
        elif failure.definition == "id" and "." in text:
            help = "its dots come from the scopes around it: leave them out"
        elif re.fullmatch(NAME, clean) and clean not in RESERVED:
            help = f"such as `{shown(clean)}`"
    found = _at(failure, "bad-name", message, help, span)
    return replace(found, name=text, use=_is_use(failure))


def _callable(failure: Failure) -> set[str | None]:
    """What a statement can name."""
    blocks = failure.around[0].get("blocks")
    return {*BY_NAME, *structures(), *(blocks if isinstance(blocks, dict) else ())}


def _is_use(failure: Failure) -> bool:
    """Whether a name stands for what is called so elsewhere."""
    if failure.definition != "name":
        return failure.definition != "id"
    return failure.definitions[-2:-1] == ("arguments",) or failure.path[:-1] == ("variants",)


def _wrong_value(failure: Failure) -> Finding:
    value, found = failure.value, _found(failure.value)
    wrong_type = failure.keyword == "type"
    if failure.keyword == "enum":
        wrong_type = not isinstance(value, str)
    elif failure.keyword in ("minItems", "maxItems", "maxProperties") and value:
        found = f"{found} of {len(value)}"
    message = f"expected {failure.title}, found {found}"
    if wrong_type and failure.op is None and "properties" in failure.schema:
        message = f"{failure.subject} is a mapping, found {found}"
    return _at(failure, "wrong-type" if wrong_type else "bad-value", message, mend(failure))
