"""The JSON Schema as a whole: the sections of a file, and every op of the table."""

from __future__ import annotations

import functools
from typing import Any

from graphcnn.ops import OPS
from graphcnn.ops.attributes import JsonSchema, or_expression
from graphcnn.ops.base import Attribute, Op
from graphcnn.schema.grammar import (
    NAME,
    closed,
    definitions,
    expectations,
    header,
    named,
    prose,
    ref,
    structures,
    titled,
    words,
)

ID = "https://graphcnn.dev/schema/1.json"

_CLASS = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$"
_ONNX_OP = r"^([A-Za-z_][A-Za-z0-9_.]*::)?[A-Za-z_][A-Za-z0-9_]*$"
_NONLINEARITIES = ("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu")


@functools.cache
def document() -> JsonSchema:
    """The JSON Schema, draft 2020-12, of a spec file. It is shared, and not to be changed."""
    spec = closed(
        "a spec",
        "A family of networks in the language of GraphCNN.",
        _sections(),
        required=["graphcnn", "name"],
        dependentRequired={"graph": ["inputs"], "inputs": ["graph"]},
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        **spec,
        # Without a graph it is a library, and has something to offer.
        "if": {"properties": {"blocks": False, "ops": False}},
        "then": {"required": ["graph"]},
        "$defs": {
            **definitions(),
            **_statement(),
            "declared_op": _declared_op(),
            **_initial(),
            **{f"op_{op.name}": _op(op) for op in OPS},
            **{f"attributes_{op.name}": _attributes(op) for op in OPS},
        },
    }


def text() -> str:
    """The schema as it is published, the same bytes each time."""
    import json

    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _sections() -> JsonSchema:
    """The keys of a file, in the order in which one writes them."""
    return {
        "graphcnn": titled("the language version, 1", {"const": 1}, "version of the language"),
        "name": ref("name", "what the network, or the library, is called"),
        "title": prose("what people call it, such as `ResNet`; it names the emitted class"),
        "doc": prose("what it is; the first lines of the emitted file"),
        "source": prose("where it was published"),
        "imports": titled(
            "a list of files",
            {"type": "array", "items": ref("import")},
            "specs whose blocks and ops this one uses, relative to it or to the shipped ones",
        ),
        "parameters": ref("let", "what may be set from outside, with the defaults"),
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
                "properties": {op.name: ref(f"attributes_{op.name}") for op in OPS},
                "additionalProperties": ref("arguments"),
            },
            "attributes of this file's ops where they say nothing else",
        ),
        "inputs": named(
            "a mapping of inputs to sizes",
            ref("shape"),
            "what comes in: per sample, channels first, such as `image: [3, 224, 224]`",
            minProperties=1,
        ),
        "blocks": named("a mapping of blocks", ref("block"), "the author's own building blocks"),
        "ops": named("a mapping of ops", ref("declared_op"), "ops that the language lacks"),
        "graph": ref("statements", "the network"),
        "outputs": named(
            "a mapping of outputs",
            ref("output"),
            "what comes out; by default the value of the last statement",
            minProperties=1,
        ),
        "expect": expectations(),
        "init": named(
            "a mapping of ops to initial values",
            _initial_weights("weights of the op, such as `{weight: kaiming_normal, bias: 0}`"),
            "what fresh weights hold, such as `conv: {weight: kaiming_normal, bias: 0}`",
            properties={
                "layers": titled(
                    "a mapping of layers to initial values",
                    {
                        "type": "object",
                        "additionalProperties": _initial_weights("weights of the layer"),
                    },
                    "single layers by their full names, such as `head.fc: {weight: zeros}`",
                )
            },
        ),
    }


def _initial_weights(doc: str) -> JsonSchema:
    # Not by `named`: a weight may be one of a part of its layer, `depthwise.weight`.
    schema = {"type": "object", "additionalProperties": ref("initial")}
    return titled("a mapping of weights to initial values", schema, doc)


# --- ops ---------------------------------------------------------------------------------


def required(op: type[Op]) -> list[str]:
    return [attribute.name for attribute in op.attributes().values() if attribute.required]


def _statement() -> JsonSchema:
    return {
        "statement": titled(
            "a statement",
            {
                "type": ["string", "object"],
                "examples": [op.name for op in OPS],
                "if": {"type": "object"},
                "then": ref("step"),
                "else": ref("word"),
            },
            "the name of an op or block, or a mapping with one, such as `conv: {out: 64}`",
        ),
        "word": titled(
            "the name of an op or block",
            {
                "if": {"enum": [op.name for op in OPS if required(op)]},
                "then": {"type": "object"},  # a word says nothing of what the op requires
                "else": {"pattern": NAME},
            },
        ),
        "step": {
            "properties": {
                **{op.name: ref(f"op_{op.name}") for op in OPS},
                **structures(),
                **header(),
            },
            "additionalProperties": ref("arguments"),  # of a block, which may be imported
            "dependentRequired": {"for": ["do"]},
        },
    }


def _op(op: type[Op]) -> JsonSchema:
    """What may stand after ``conv:``, the short form too."""
    needs = required(op)
    short: JsonSchema = {"type": "object"}
    if op.main is not None and {op.main}.issuperset(needs):
        short = _attribute(op.attributes()[op.main])
    return titled(
        op.name,
        {
            "if": {"type": "object"},
            "then": {**ref(f"attributes_{op.name}"), **({"required": needs} if needs else {})},
            "else": {
                "if": {"type": "null"},
                "then": {"type": "object"} if needs else {},
                "else": short,
            },
        },
        (op.__doc__ or "").partition("\n")[0],
    )


def _attributes(op: type[Op]) -> JsonSchema:
    properties = {name: _attribute(one) for name, one in op.attributes().items()}
    return closed("a mapping of attributes", f"attributes of `{op.name}`", properties)


def _attribute(attribute: Attribute) -> JsonSchema:
    kind = attribute.kind
    schema = titled(kind.describe(), or_expression(kind.schema()), attribute.doc)
    return schema if attribute.required else {**schema, "default": _json(attribute.default)}


def _json(value: Any) -> Any:
    return [_json(item) for item in value] if isinstance(value, tuple) else value


def _declared_op() -> JsonSchema:
    path = titled("the path of a class", {"type": "string", "pattern": _CLASS})
    sizes = named("a mapping of weights to shapes", ref("shape"), "shapes by weight")
    return closed(
        "an op",
        "an op that the language lacks: its attributes, its rules, and the classes that do it",
        {
            "doc": prose("what it computes"),
            "attributes": ref(
                "let", "a default, or `int`, `float`, `bool`, `str`, `list` or `any`: required"
            ),
            "shape": ref("shape", "of what comes out: `$([out, in.height, in.width])`"),
            "weights": {**sizes, "description": "shapes of what is trained"},
            "buffers": {**sizes, "description": "shapes of what is kept but not trained"},
            "macs": titled(
                "an integer of at least 0",
                or_expression({"type": "integer", "minimum": 0}),
                "multiply-accumulates for one sample; 0 where it is free",
            ),
            "pytorch": {**path, "description": "such as `mylib.layers.DeformConv`"},
            "keras": {**path, "description": "such as `mylib.keras_layers.DeformConv`"},
            "onnx": titled(
                "the name of an ONNX operator",
                {"type": "string", "pattern": _ONNX_OP},
                "with its domain, such as `com.example::DeformConv`",
            ),
        },
        required=["shape", "macs"],
    )


def _initial() -> JsonSchema:
    """What a fresh weight holds: a number, or a scheme by its name, with or without settings."""
    spread = titled("a number of at least 0", or_expression({"type": "number", "minimum": 0}))
    kaiming = closed(
        "a Kaiming scheme",
        "random values that keep the variance through rectifiers",
        {
            "mode": words(("fan_in", "fan_out"), "forward or backward", "fan_in"),
            "nonlinearity": words(_NONLINEARITIES, "what follows the layer", "relu"),
        },
    )
    schemes = {
        "normal": {**spread, "description": "standard deviation"},
        "uniform": {**spread, "description": "largest absolute value"},
        "truncated_normal": {**spread, "description": "standard deviation"},
        "kaiming_normal": kaiming,
        "kaiming_uniform": kaiming,
    }
    plain_words = (
        "zeros",
        "ones",
        "kaiming_normal",
        "kaiming_uniform",
        "xavier_normal",
        "xavier_uniform",
    )
    scheme = closed(
        "an initial value", "a scheme and its settings", schemes, minProperties=1, maxProperties=1
    )
    return {
        "scheme": scheme,
        "initial": titled(
            "a number or a scheme such as `kaiming_normal` or `{normal: 0.01}`",
            {
                "if": {"type": "object"},
                "then": ref("scheme"),
                "else": {
                    "if": {"type": "string"},
                    "then": or_expression({"enum": list(plain_words)}),
                    "else": {"type": "number"},
                },
            },
        ),
    }
