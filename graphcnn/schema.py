"""The JSON Schema of a spec file, derived from the table of ops, and checking against it.

The schema says what each place of a spec may hold before anything is evaluated. Every value in
it has a ``title``, the words for what is expected there, and most have a ``description``:
editors show both, and ``graphcnn.schema_failures`` makes its diagnostics of them. Alternatives
are written as if/then/else and never as anyOf, so that a failure has one cause.
"""

from __future__ import annotations

import functools
import json
import keyword
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from graphcnn.diagnostics import Diagnostic
from graphcnn.ops import OPS
from graphcnn.ops.attributes import JsonSchema, or_expression
from graphcnn.ops.base import Attribute, Op
from graphcnn.schema_failures import explain
from graphcnn.syntax import Node, plain

NAME = "^[A-Za-z_][A-Za-z0-9_]*$"
REFERENCE = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*$"
SIZE = r"\$|^[A-Za-z0-9_(][A-Za-z0-9_ +*/()-]*$"
BOUND = r"^(<=?|>=?) *[0-9]+(\.[0-9]+)?(e[0-9]+)? *[kKMGT]?$"
CLASS = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$"
ONNX_OP = r"^([A-Za-z_][A-Za-z0-9_.]*::)?[A-Za-z_][A-Za-z0-9_]*$"

#: names that would mean something else to Python, or in an expression
RESERVED = (*keyword.kwlist, "true", "false", "none")

MERGES = ("concat", "add", "multiply", "maximum", "average", "none")
NONLINEARITIES = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu")
MEASURES = {
    "params": "trained values",
    "buffers": "values that are kept but not trained, such as running statistics",
    "macs": "multiply-accumulates for one sample",
    "activations": "elements written for one sample",
}


@dataclass(frozen=True)
class Report:
    """What was found: diagnostics, and the ``id()`` of each syntax node that failed itself.

    A missing key is a failure of its mapping, an unknown one of the value under it.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    bad: frozenset[int] = frozenset()


def check(root: Node) -> Report:
    """Check the tree of a spec against the schema.

    What a statement means whose key is no op, and whether that block exists, is for those to
    say who know the file's blocks and its imports.
    """
    spec = plain(root)
    if _decider("")(spec):
        return Report()
    return Report(*explain(root, spec, document(), _decider("statement")))


def text() -> str:
    """The schema as it is published, the same bytes each time."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


@functools.cache
def _decider(definition: str) -> Callable[[object], bool]:
    """Whether a value is valid, by the whole schema or by one of its definitions, at speed."""
    # Loaded when the first spec is checked: `graphcnn --help` answers without it.
    import jsonschema_rs  # noqa: PLC0415

    schema = document()
    if definition:
        schema = {"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
    validator = jsonschema_rs.Draft202012Validator(schema)

    def decide(value: object) -> bool:
        try:
            return validator.is_valid(value)
        except Exception:  # noqa: BLE001 - whatever it cannot take, the slow validator decides
            return False

    return decide


# --- deriving ----------------------------------------------------------------------------


def ref(definition: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{definition}"}


def titled(title: str, schema: JsonSchema, doc: str | None = None) -> JsonSchema:
    return {"title": title, **({"description": doc} if doc else {}), **schema}


def closed(title: str, doc: str, properties: JsonSchema, **more: Any) -> JsonSchema:
    """A mapping with these keys and no others."""
    return titled(
        title,
        {"type": "object", "properties": properties, "additionalProperties": False, **more},
        doc,
    )


def named(title: str, value: JsonSchema, doc: str, **more: Any) -> JsonSchema:
    """A mapping of names that the author chose."""
    return titled(
        title,
        {"type": "object", "propertyNames": ref("name"), "additionalProperties": value, **more},
        doc,
    )


def words(title: str, choices: Iterable[str], doc: str, **more: Any) -> JsonSchema:
    return titled(title, {"enum": list(choices), **more}, doc)


def prose(doc: str) -> JsonSchema:
    return titled("text", {"type": "string"}, doc)


@functools.cache
def document() -> JsonSchema:
    """The JSON Schema (draft 2020-12) of a spec file. It is shared: not to be changed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://graphcnn.dev/schema/1.json",
        **closed(
            "a spec",
            "A family of convolutional networks in the language of GraphCNN.",
            _sections(),
            required=["graphcnn", "name"],
            dependentRequired={"graph": ["inputs"], "inputs": ["graph"]},
        ),
        # A file without a graph is a library, and has something to offer.
        "if": {"properties": {"blocks": False, "ops": False}},
        "then": {"required": ["graph"]},
        "$defs": {
            **_names(),
            **_structure(),
            "block": _block(),
            **_sizes(),
            "declared_op": _declared_op(),
            **_initialisation(),
            **{f"op_{op.name}": _op(op) for op in OPS},
            **{f"attributes_{op.name}": _attributes(op) for op in OPS},
        },
    }


def _sections() -> JsonSchema:
    """The keys of a file, in the order in which one writes them."""
    of_ops = {op.name: ref(f"attributes_{op.name}") for op in OPS}
    return {
        "graphcnn": titled("the language version, 1", {"const": 1}, "version of the language"),
        "name": ref("name"),
        "doc": prose("what the network is; the first lines of the emitted file"),
        "source": prose("where it was published"),
        "imports": titled(
            "a list of files",
            {"type": "array", "items": prose("a spec, by its path")},
            "files whose blocks and ops this one uses, relative to it or to the shipped specs",
        ),
        "parameters": named(
            "a mapping of names to values", {}, "what may be set from outside, and its defaults"
        ),
        "variants": named(
            "a mapping of variants",
            titled(
                "a mapping of parameters to values",
                {"type": ["object", "null"], "propertyNames": ref("name")},
                "the parameters that differ from their defaults",
            ),
            "named settings of the parameters, such as `small: {width: 64}`",
        ),
        "let": ref("let"),
        "defaults": titled(
            "a mapping of ops to attributes",
            {
                "type": "object",
                "properties": of_ops,
                "additionalProperties": ref("arguments"),
            },
            "attributes that this file's ops have unless they say otherwise",
        ),
        "inputs": named(
            "a mapping of inputs",
            ref("shape"),
            "what enters the network: per sample, channels first, such as `image: [3, 224, 224]`",
            minProperties=1,
        ),
        "blocks": named("a mapping of blocks", ref("block"), "the author's own building blocks"),
        "ops": named(
            "a mapping of ops", ref("declared_op"), "ops that the language lacks, declared here"
        ),
        "graph": ref("statements"),
        "outputs": named(
            "a mapping of outputs",
            ref("output"),
            "what leaves the network; by default the value of the last statement",
            minProperties=1,
        ),
        "expect": _expect(),
        "init": named(
            "a mapping of ops to initial values",
            named("a mapping of weights to initial values", ref("initial"), "by weight"),
            "what the weights of a fresh model hold, such as `conv: {weight: kaiming_normal}`",
        ),
    }


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
        "condition": titled("true, false or an expression", or_expression({"type": "boolean"})),
        "statements": titled(
            "a list of statements",
            {"type": "array", "items": ref("statement")},
            "each begins with `- ` and takes the value of the one before it",
        ),
    }


def _structure() -> JsonSchema:
    """Statements, and what is written inside those that are neither ops nor blocks."""
    merge = {"title": _either(MERGES), **or_expression({"enum": list(MERGES)})}
    needy = [op.name for op in OPS if _required(op)]
    statements = ref("statements")
    return {
        "statement": titled(
            "a statement",
            {
                "type": ["string", "object"],
                "examples": [op.name for op in OPS],
                "if": {"type": "string"},
                "then": ref("word"),
                "else": ref("step"),
            },
            "the name of an op or block, or a mapping with one, such as `conv: {out: 64}`",
        ),
        "word": titled(
            "the name of an op or block",
            {
                "if": {"enum": needy},
                "then": {"type": "object"},  # a word cannot give what these require
                "else": {"pattern": NAME},
            },
        ),
        "step": {
            "properties": {
                **{op.name: ref(f"op_{op.name}") for op in OPS},
                "sequence": statements | {"description": "a group whose members are numbered"},
                "graph": statements | {"description": "a group whose members are named"},
                "residual": ref("residual"),
                "branches": ref("branches"),
                "dense": statements
                | {"description": "the value, joined with what these statements make of it"},
                "for": ref("loop"),
                "do": statements | {"description": "what `for` repeats"},
                "reuse": ref("reference")
                | {"description": "the statement whose op and weights are used once more"},
                "use": titled(
                    "the name of an op or block",
                    or_expression({"type": "string", "pattern": NAME}),
                    "an op or block whose name is computed, such as `$block`",
                ),
                "with": ref("arguments") | {"description": "arguments of what `use` names"},
                "id": ref("id"),
                "from": titled(
                    "an id or a list of ids",
                    {
                        "if": {"type": "array"},
                        "then": {"type": "array", "items": ref("reference")},
                        "else": ref("reference"),
                    },
                    "where the input comes from; `prev` is the value before",
                ),
                "repeat": titled(
                    "an integer of at least 0",
                    or_expression({"type": "integer", "minimum": 0}),
                    "how often, one after the other; `i` counts from 0",
                ),
                "when": ref("condition") | {"description": "where false, this is left out"},
                "doc": prose("a remark, which becomes a comment"),
            },
            # A block of the author's; whether it exists is not for the schema to know.
            "additionalProperties": ref("arguments"),
            "dependentRequired": {"for": ["do"]},
        },
        "residual": closed(
            "`residual`",
            "the value plus what `body` makes of it",
            {
                "body": statements,
                "shortcut": statements | {"description": "by default the value itself"},
                "skip": ref("condition")
                | {"description": "where false, `body` alone is left", "default": True},
                "merge": merge | {"description": "how the two are joined", "default": "add"},
            },
            required=["body"],
        ),
        "branches": closed(
            "`branches`",
            "parallel paths over the same value",
            {
                "merge": merge | {"description": "how the paths are joined", "default": "concat"},
                "paths": titled(
                    "a mapping or a list of paths",
                    {
                        "type": ["object", "array"],
                        "items": statements,
                        "propertyNames": ref("name"),
                        "additionalProperties": ref("path"),
                    },
                    "by name, or in order; an empty path is the value itself",
                ),
            },
            required=["paths"],
        ),
        "path": titled(
            "a path",
            {"if": {"type": "array"}, "then": statements, "else": ref("statement")},
            "a list of statements, or one statement",
        ),
        "loop": named(
            "a mapping of names to lists",
            titled("a list or an expression", or_expression({"type": "array"})),
            "names bound in `do`, such as `stage: $(range(4))`",
            minProperties=1,
        ),
    }
