"""The JSON Schema: that it is one, that it is current, and what is said where a spec breaks it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from graphcnn.ops import OPS
from graphcnn.schema import Report, check, document, text
from graphcnn.schema.decision import decider
from graphcnn.schema.failures import failures
from graphcnn.source import SourceFile
from graphcnn.syntax import Mapping, Node, Sequence, parse, plain

HERE = Path(__file__).parent
ERRORS = HERE / "schema_errors.txt"
PUBLISHED = HERE.parent / "docs" / "schema" / "1.json"

HEAD = "graphcnn: 1\nname: net\ninputs: {image: [3, 8, 8]}\n"

#: Every construct of the language, once.
WHOLE = """
graphcnn: 1
name: whole
doc: All there is.
source: https://arxiv.org/abs/1512.03385
imports:
  - lib/squeeze_excite.yaml
  - lib/conv_bn.yaml: {act: $act, eps: $(1.0e-3), sizes: [1, 2]}
  - lib/bare.yaml:
parameters: {block: basic, layers: [2, 2], act: relu, drop: none, rate: 0.1}
variants:
  small: {layers: [1, 1]}
  plain: {}
  same:
let: {depth: $(sum(layers)), widths: [16, $(2 * 16)]}
defaults: {conv: {bias: false}, batch_norm: {eps: 1.0e-3}, deform_conv: {kernel: 1}}
inputs: {image: [3, H, 32*W], other: [$rate, "$(2 ** 3)"], third: $shape}
ops:
  deform_conv:
    doc: Deformable convolution.
    attributes: {out: int, kernel: 3}
    shape: "$([out, in.height, in.width])"
    weights: {weight: "$([out, in.channels])", bias: [$out]}
    buffers: {seen: [1]}
    macs: $(out * in.channels)
    pytorch: mylib.layers.DeformConv
    keras: mylib.keras_layers.DeformConv
    onnx: com.example::DeformConv
  free: {shape: [1], macs: 0}
blocks:
  basic:
    doc: Two inputs.
    parameters: {out: int, act: none}
    let: {half: $(out // 2)}
    inputs: [cur, before]
    graph: [relu]
    outputs: {main: joined, skip: half.0}
  listed: {sequence: [], outputs: [a, b]}
  bare: {graph: []}
graph:
  - relu
  - batch_norm:
  - linear: 1000
  - linear: $classes
  - gelu: tanh
  - permute: [2, 0, 1]
  - parameter: {shape: [1, $out], init: normal}
  - conv: {out: $out, kernel: [3, $k], stride: 2, padding: [[0, 1], 2], dilation: 1, bias: $b}
    id: conv$(i)
    doc: A remark.
  - max_pool: {kernel: 3, stride: none, padding: same}
  - {layer_norm: {axes: [-1]}, repeat: 3, when: $(stride != 1)}
  - {concat: {}, from: [prev, half.0, $x]}
  - {basic: {out: 3}, from: $(names), repeat: $n}
  - {basic: null, when: false}
  - {deform_conv: {out: 3}}
  - {use: $block, with: {planes: $(64 * 2), drop: [a, {b: c}]}}
  - {use: relu, from: a}
  - {reuse: head.0}
  - sequence: []
    id: body
  - graph: [{sequence: [relu]}]
  - residual: {body: [], shortcut: [relu], skip: $(a == b), merge: none}
  - branches: {merge: $merge, paths: [[], [relu]]}
  - branches: {paths: {a: [], b: relu, c: {linear: 8}}}
  - dense: [relu]
    repeat: 6
  - for: {stage: $(range(4)), k: [1, 2]}
    do: [relu]
outputs:
  logits: fc
  aux: {from: aux1, only: training}
  other: $last
expect:
  params: 11689512
  macs: <= 4.2G
  buffers: "> 0"
  activations: < 5.5 M
  receptive_field: [">= 1", 3]
  outputs: {logits: [1000, H]}
  layers: {layer1.0.conv1: [64, 8, 8]}
  small: {params: 1, receptive_field: 3}
init:
  conv: {weight: kaiming_normal, bias: 0}
  linear: {weight: {truncated_normal: 0.02}, bias: zeros}
  deform_conv: {weight: {kaiming_uniform: {mode: fan_out, nonlinearity: relu}}, bias: {uniform: $u}}
"""

LIBRARY = "graphcnn: 1\nname: lib\nblocks: {gate: {graph: [sigmoid]}}\n"


def read(text: str) -> Node:
    return parse(SourceFile("net.yaml", text))


def shown(report: Report) -> list[str]:
    return [
        f"{d.span.begin_position.line}:{d.span.begin_position.column} {d.code}: {d.message}"
        + (f" | {d.help}" if d.help else "")
        for d in report.diagnostics
    ]


# --- the schema --------------------------------------------------------------------------


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(document())


def test_the_published_schema_is_current() -> None:
    """`graphcnn schema > docs/schema/1.json` writes it anew."""
    assert PUBLISHED.read_text(encoding="utf-8") == text()


def subschemas(schema: Any) -> list[dict[str, Any]]:
    """The schema and all those in it that a value may have to meet."""
    if not isinstance(schema, dict):
        return []
    found = [schema]
    for keyword in ("then", "else", "items", "additionalProperties", "propertyNames"):
        found += subschemas(schema.get(keyword))
    for one in schema.get("properties", {}).values():
        found += subschemas(one)
    return found


EVERY = [one for each in (document(), *document()["$defs"].values()) for one in subschemas(each)]


def test_every_reference_leads_somewhere() -> None:
    for schema in EVERY:
        at: Any = document()
        for part in schema.get("$ref", "#").split("/")[1:]:
            at = at[part]


def test_every_key_says_what_it_takes() -> None:
    """What stands under a key has its own title: the words of its diagnostics and of editors."""
    definitions = document()["$defs"]
    for schema in EVERY:
        for name, value in schema.get("properties", {}).items():
            to = value.get("$ref", "").removeprefix("#/$defs/").partition("/")[0]
            assert "title" in value or "title" in definitions[to], name


def test_every_attribute_is_in_it_with_its_doc_and_default() -> None:
    for op in OPS:
        schema = document()["$defs"][f"attributes_{op.name}"]
        assert list(schema["properties"]) == list(op.attributes())
        for name, attribute in op.attributes().items():
            described = schema["properties"][name]
            assert described["description"] == attribute.doc
            assert described["title"] == attribute.kind.describe()
            if not attribute.required:
                default = described["default"]
                assert default == json.loads(json.dumps(attribute.default))
                valid = Draft202012Validator({**described, "$defs": document()["$defs"]})
                assert valid.is_valid(default), f"{op.name}.{name}"


def test_text_is_the_same_each_time() -> None:
    document.cache_clear()
    first = text()
    document.cache_clear()
    assert text() == first
    assert first.endswith("}\n")


# --- what is right -----------------------------------------------------------------------


@pytest.mark.parametrize("spec", [WHOLE, LIBRARY, f"{HEAD}graph: []\n"])
def test_what_is_right_passes(spec: str) -> None:
    assert check(read(spec)) == Report()


def test_defaults_may_give_what_an_op_requires() -> None:
    spec = f"{HEAD}defaults: {{max_pool: {{kernel: 2}}}}\ngraph: [max_pool, max_pool: {{}}]\n"
    assert check(read(spec)) == Report()


def test_integers_of_any_size() -> None:
    most = 2**63 - 1
    assert not check(read(f"{HEAD}graph: [linear: {most}]\n")).diagnostics
    (found,) = check(read(f"{HEAD}graph: [linear: {-most}]\n")).diagnostics
    assert found.message == f"expected an integer of at least 1, found {-most}"


# --- what is wrong -----------------------------------------------------------------------


def cases() -> list[Any]:
    _, *parts = ERRORS.read_text(encoding="utf-8").split("\n== ")
    found = []
    for part in parts:
        name, *lines = part.strip().split("\n")
        spec = "\n".join(line for line in lines if not line.startswith("-> "))
        whole = spec.startswith(("graphcnn", "name", "{", "["))
        said = [line.removeprefix("-> ") for line in lines if line.startswith("-> ")]
        found.append(pytest.param(spec if whole else HEAD + spec, said, id=name))
    return found


@pytest.mark.parametrize(("spec", "said"), cases())
def test_what_is_said(spec: str, said: list[str]) -> None:
    assert shown(check(read(spec))) == said


def node_at(root: Node, *path: str | int) -> Node:
    for step in path:
        if isinstance(root, Mapping):
            root = root.entries[str(step)].value
        elif isinstance(root, Sequence):
            root = root.items[int(step)]
    return root


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("graph: [conv: {out: 0}]", ("graph", 0, "conv", "out")),
        ("graph: [conv: {out: 8, kernel: [3, 0]}]", ("graph", 0, "conv", "kernel", 1)),
        ("graph: [conv: {out: 8, paddin: 1}]", ("graph", 0, "conv", "paddin")),
        ("graph: [conv: {}]", ("graph", 0, "conv")),
        ("graph: [conv]", ("graph", 0)),
        ("graph: [conv: null]", ("graph", 0, "conv")),
        ("graph: [for: {a: []}]", ("graph", 0)),
        ("graph: [residual: {}]", ("graph", 0, "residual")),
        ("graph: []\nblocks: {a-b: {graph: []}}", ("blocks", "a-b")),
        ("graph: []\nblocks: {a: {graph: [], sequence: []}}", ("blocks", "a", "graph")),
        ("graph: []\nexpect: {parmas: 1}", ("expect", "parmas")),
    ],
)
def test_the_node_that_failed_is_known(spec: str, path: tuple[str | int, ...]) -> None:
    root = read(HEAD + spec)
    assert check(root).bad == {id(node_at(root, *path))}


def test_what_a_block_would_be_is_not_for_the_schema() -> None:
    """Whether there is such a block, and what a second op means, is known only to the builder."""
    assert check(read(f"{HEAD}graph: [linaer: 1000, {{conv: 64, strid: 2}}]\n")) == Report()


def test_an_imported_block_takes_a_mapping() -> None:
    report = check(read(f"{HEAD}imports: [lib.yaml]\ngraph: [gate: 3]\n"))
    assert [d.message for d in report.diagnostics] == [
        "`gate` takes a mapping of arguments, found 3"
    ]


def test_diagnostics_are_bounded_and_in_order() -> None:
    report = check(read(HEAD + "graph:\n" + "  - linear: 0\n" * 500))
    lines = [d.span.begin_position.line for d in report.diagnostics]
    assert lines == list(range(5, 105))
    assert report.diagnostics[-1].notes == ("these are the first 100; there are more",)


def test_one_failure_that_aliases_repeat_is_one() -> None:
    spec = f"{HEAD}graph:\n  - &a {{linear: 0}}\n" + "  - *a\n" * 5000
    assert len(check(read(spec)).diagnostics) == 1


@pytest.mark.parametrize(
    ("wrap", "times"),
    [
        ("{sequence: [@]}", 48),
        ("{residual: {body: [@]}}", 31),
        ("{branches: {paths: {a: @}}}", 31),
    ],
)
def test_depth_is_no_trouble(wrap: str, times: int) -> None:
    inner = "{linear: 0}"
    for _ in range(times):
        inner = wrap.replace("@", inner)
    (found,) = check(read(f"{HEAD}graph: [{inner}]\n")).diagnostics
    assert found.message == "expected an integer of at least 1, found 0"


def test_a_line_break_ends_no_name() -> None:
    (found,) = check(read(f'{HEAD}graph: ["relu\\n"]\n')).diagnostics
    assert found.code == "bad-name"


# --- two validators ----------------------------------------------------------------------

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(1 - 2**63, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["none", "$x", "same", "relu", "conv", "a.b", "a-b", "", "a\n", "<= 4G", "é"]),
    st.sampled_from([[], {}, [1], ["a"], {"a": 1}, {"out": 1}, [[]], [{}], {"conv": {}}]),
)
KEYS = st.sampled_from(["out", "id", "do", "conv", "graph", "sequence", "a-b", "params", "class"])


def collections(value: Any) -> list[Any]:
    """The lists and mappings of a spec, the outermost first."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(one for each in inner for one in collections(each) if each)]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    spec = copy.deepcopy(plain(read(WHOLE)))
    for _ in range(draw(st.integers(1, 3))):
        places = [one for one in collections(spec) if isinstance(one, (dict, list)) and one]
        place = draw(st.sampled_from(range(len(places)))) if places else None
        if place is None:
            break
        target = places[place]
        keys = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = draw(st.sampled_from(keys))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "remove":
            del target[key]
        elif change == "replace" or isinstance(target, list):
            target[key] = copy.deepcopy(draw(VALUES))
        else:
            target[draw(KEYS)] = copy.deepcopy(draw(VALUES))
    return spec


@given(mutated())
def test_both_validators_agree(spec: Any) -> None:
    root = read(json.dumps(spec))
    assert decider()(spec) == (not list(failures(root, spec)))
    places = [d.span.start for d in check(root).diagnostics]
    assert places == sorted(places)


@given(mutated())
def test_editors_agree(spec: Any) -> None:
    """They take the schema as it is published, and have no quick validator beside it."""
    if "\\n" not in json.dumps(spec):  # before which Python's `$` matches too
        assert decider()(spec) == Draft202012Validator(document()).is_valid(spec)
