"""The definitions of the JSON Schema that every op shares: names, statements, blocks, sizes.

Every value has a ``title``, the words for what is expected there, and most have a
``description``: editors show both, and ``graphcnn.schema_failures`` makes its diagnostics of
them. Alternatives are if/then/else and never anyOf, so that a failure has one cause.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from typing import Any

from graphcnn.ops.attributes import JsonSchema, or_expression

NAME = "^[A-Za-z_][A-Za-z0-9_]*$"
REFERENCE = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$"
SIZE = r"\$|^[A-Za-z0-9_(][A-Za-z0-9_ +*/()-]*$"
BOUND = r"^(<=?|>=?) *[0-9]{1,30}(\.[0-9]{1,30})?(e[0-9]{1,2})? *[kKMGT]?$"

#: names that would mean something else to Python, or in an expression
RESERVED = (*keyword.kwlist, "true", "false", "none")

_MERGES = ("concat", "add", "multiply", "maximum", "average", "none")
_MEASURES = {
    "params": "trained values",
    "buffers": "values that are kept but not trained, such as running statistics",
    "macs": "multiply-accumulates for one sample",
    "activations": "elements written for one sample",
}


def ref(definition: str, doc: str | None = None, **more: Any) -> JsonSchema:
    """One of ``$defs``, which may mean something of its own here."""
    return {
        "$ref": f"#/$defs/{definition}",
        **({"description": doc} if doc else {}),
        **more,
    }


def titled(title: str, schema: JsonSchema, doc: str | None = None, **more: Any) -> JsonSchema:
    return {"title": title, **({"description": doc} if doc else {}), **more, **schema}


def closed(title: str, doc: str, properties: JsonSchema, **more: Any) -> JsonSchema:
    """A mapping with these keys and no others."""
    schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return titled(title, {**schema, **more}, doc)


def named(title: str, value: JsonSchema, doc: str, **more: Any) -> JsonSchema:
    """A mapping whose keys are names that the author chose."""
    schema = {"type": "object", "propertyNames": ref("name"), "additionalProperties": value}
    return titled(title, {**schema, **more}, doc)


def prose(doc: str) -> JsonSchema:
    return titled("text", {"type": "string"}, doc)


def words(choices: Iterable[str], doc: str, default: str | None = None) -> JsonSchema:
    *most, last = choices
    title = " or ".join(filter(None, [", ".join(f"`{word}`" for word in most), f"`{last}`"]))
    more = {"default": default} if default else {}
    return titled(title, or_expression({"enum": [*most, last]}), doc, **more)


def definitions() -> JsonSchema:
    """``$defs``, without those of the ops."""
    return {**_names(), **_structure(), "block": _block(), **_sizes(), **_expectation()}


def _names() -> JsonSchema:
    return {
        "expression": titled(
            "an expression", {"type": "string", "pattern": r"\$"}, "`$name` or `$(…)`"
        ),
        "name": titled(
            "a name",
            {"type": "string", "pattern": NAME, "not": {"enum": list(RESERVED)}},
            "letters, digits and `_`, not beginning with a digit",
        ),
        "id": titled(
            "an id",
            or_expression({"type": "string", "pattern": NAME}),
            "the statement's name, under which its value and its weights are found",
        ),
        "reference": titled(
            "the id of a statement",
            or_expression({"type": "string", "pattern": REFERENCE}),
            "an id, `half.0` for one of several outputs, or `prev` for the value before",
        ),
        "callee": titled(
            "the name of an op or block", or_expression({"type": "string", "pattern": NAME})
        ),
        "let": titled(
            "a mapping of names to values",
            {"type": "object", "propertyNames": ref("name")},
            "names for values that are computed once, such as `depth: $(sum(layers))`",
        ),
        "arguments": titled(
            "a mapping of arguments",
            {"type": ["object", "null"], "propertyNames": ref("name")},
            "values for the parameters, such as `{width: 64}`",
        ),
        "import": titled(
            "a path, or one with values",
            {
                "if": {"type": "object"},
                "then": {
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": ref("arguments"),
                },
                "else": {"type": "string"},
            },
            "`lib/unit.yaml`, or `lib/unit.yaml: {width: 8}` to set the parameters of that file",
        ),
        "condition": titled("true, false or an expression", or_expression({"type": "boolean"})),
    }


def _structure() -> JsonSchema:
    """What a list of statements may hold, but for the ops."""
    return {
        "statements": titled(
            "a list of statements",
            {"type": "array", "items": ref("statement")},
            "each begins with `- ` and takes the value of the one before it",
        ),
        "residual": closed(
            "`residual`",
            "the value, plus what `body` makes of it",
            {
                "body": ref("statements", "what is added to the value"),
                "shortcut": ref("statements", "by default the value itself"),
                "skip": ref("condition", "where false, `body` stands alone", default=True),
                "merge": words(_MERGES, "how the two are joined", "add"),
            },
            required=["body"],
        ),
        "branches": closed(
            "`branches`",
            "parallel paths over the same value",
            {
                "merge": words(_MERGES, "how the paths are joined", "concat"),
                "paths": titled(
                    "a mapping or a list of paths",
                    {
                        "type": ["object", "array"],
                        "items": ref("statements"),
                        "propertyNames": ref("name"),
                        "additionalProperties": ref("path"),
                    },
                    "by name or in order; an empty path is the value itself",
                ),
            },
            required=["paths"],
        ),
        "path": titled(
            "a list of statements, or one statement",
            {"if": {"type": "array"}, "then": ref("statements"), "else": ref("statement")},
            "a list opens a scope of the path's name; one statement takes that name",
        ),
        "loop": named(
            "a mapping of names to lists",
            titled("a list or an expression", or_expression({"type": "array"})),
            "names that are bound in `do`, such as `stage: $(range(4))`",
            minProperties=1,
        ),
    }


def structures() -> JsonSchema:
    """The keys of a statement that are no ops."""
    return {
        "sequence": ref("statements", "a group whose members are numbered 0, 1, 2"),
        "graph": ref("statements", "a group whose members are named: `conv1`, `bn1`"),
        "residual": ref("residual"),
        "branches": ref("branches"),
        "dense": ref("statements", "the value, joined with what these statements make of it"),
        "for": ref("loop"),
        "do": ref("statements", "what `for` repeats"),
        "reuse": ref("reference", "the statement whose weights are used once more"),
        "use": ref("callee", "an op or block whose name is computed, such as `$block`"),
        "with": ref("arguments", "attributes or arguments of what `use` names"),
    }


def header() -> JsonSchema:
    """The keys that may stand beside any op."""
    return {
        "id": ref("id"),
        "from": titled(
            "an id or a list of ids",
            {
                "if": {"type": "array"},
                "then": {"items": ref("reference")},
                "else": ref("reference"),
            },
            "where the input comes from; `prev` is the value before",
        ),
        "repeat": titled(
            "an integer of at least 0",
            or_expression({"type": "integer", "minimum": 0}),
            "how many times, one after the other; `i` counts from 0",
        ),
        "when": ref("condition", "where false, the value passes by untouched"),
        "doc": prose("a remark"),
    }


def _block() -> JsonSchema:
    return closed(
        "a block",
        "a building block, used like an op",
        {
            "doc": prose("what it is; becomes the docstring of its class"),
            "parameters": ref(
                "let", "a default, or `int`, `float`, `bool`, `str`, `list` or `any`: required"
            ),
            "let": ref("let"),
            "inputs": titled(
                "a list of names",
                {"type": "array", "items": ref("name"), "minItems": 1},
                "names of several inputs; one alone is `x`",
            ),
            "sequence": ref("statements", "its contents, numbered 0, 1, 2"),
            "graph": ref("statements", "its contents, named"),
            "outputs": titled(
                "a mapping of names to ids, or a list of ids",
                {
                    "type": ["object", "array"],
                    "items": ref("reference"),
                    "propertyNames": ref("name"),
                    "additionalProperties": ref("reference"),
                },
                "what leaves it; by default the value of its last statement",
            ),
        },
        **{
            "if": {"type": "object", "required": ["sequence"]},
            "then": {"not": {"required": ["graph"]}},
            "else": {"required": ["graph"]},
        },
    )


def _sizes() -> JsonSchema:
    return {
        "size": titled(
            "a positive integer, a symbol such as `H`, or a multiple such as `32*H`",
            {
                "if": {"type": "string"},
                "then": {"pattern": SIZE},
                "else": {"type": "integer", "minimum": 1},
            },
        ),
        "shape": titled(
            "a list of sizes",
            or_expression({"type": "array", "items": ref("size"), "minItems": 1}),
            "for one sample, channels first, such as `[3, 224, 224]`",
        ),
        "output": titled(
            "the id of a statement",
            {"if": {"type": "object"}, "then": ref("training_output"), "else": ref("reference")},
            "or `{from: aux, only: training}`, which is there in training alone",
        ),
        "training_output": closed(
            "an output",
            "an output that is there in training alone",
            {
                "from": ref("reference"),
                "only": titled("`training`", {"enum": ["training"]}, "when it is there"),
            },
            required=["from"],
        ),
    }


def _expectation() -> JsonSchema:
    return {
        "bound": titled(
            "an integer, or a bound such as `<= 4.2G`",
            {
                "if": {"type": "string"},
                "then": {"pattern": BOUND},
                "else": {"type": "integer", "minimum": 0},
            },
        ),
        "expectation": closed(
            "an expectation",
            "what is known of a network",
            {
                **{name: ref("bound", doc) for name, doc in _MEASURES.items()},
                "receptive_field": titled(
                    "an integer, a bound such as `<= 500`, or one per axis",
                    {
                        "if": {"type": "array"},
                        "then": {"items": ref("bound"), "minItems": 1},
                        "else": ref("bound"),
                    },
                    "input cells that an output cell sees along each axis",
                ),
                "outputs": named(
                    "a mapping of outputs to shapes", ref("shape"), "shapes of the outputs"
                ),
                "layers": titled(
                    "a mapping of layers to shapes",
                    {"type": "object", "additionalProperties": ref("shape")},
                    "shapes of some layers, such as `layer1.0.conv1: [64, 56, 56]`",
                ),
            },
        ),
    }


def expectations() -> JsonSchema:
    """Of every variant, or by variant."""
    keys = _expectation()["expectation"]["properties"]
    return titled(
        "a mapping of expectations",
        {
            "type": "object",
            "properties": {key: ref(f"expectation/properties/{key}") for key in keys},
            "additionalProperties": ref("expectation"),
        },
        "what `graphcnn validate` checks, for each variant or for all: `params: 11689512`",
    )
