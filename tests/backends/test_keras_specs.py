"""Structures in Keras: the small specs beside this file."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import pytest

from graphcnn.backends.keras.weights import collect
from graphcnn.diagnostics import SpecError
from tests import inline
from tests.backends.emitted import SPECS, variants, written
from tests.backends.keras_models import built, check, emit

#: has parameters `max` and `max_`, and there is one way to spell the first, see below
REFUSED = "reserved_parameters"

NAMES = sorted({path.stem for path in Path(SPECS).glob("*.yaml")} - {REFUSED})

#: those that say most about structure; the others take their time
FIRST = frozenset(
    {
        "branches",
        "declared_names",
        "declared_ops",
        "feature_pyramid",
        "layer_names",
        "loop_taps",
        "loops",
        "names_collide",
        "optional",
        "parameters",
        "recursion",
        "recursive_joins",
        "residual_skip",
        "reuse",
        "reuse_in_loops",
        "training_outputs",
    }
)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in FIRST else pytest.mark.exhaustive) for name in NAMES],
)
def test_structure(name: str) -> None:
    for model in variants(written(name)):
        check(model)


def test_refuses_parameters_that_would_be_spelled_alike() -> None:
    (model,) = variants(written(REFUSED))
    with pytest.raises(SpecError) as caught:
        emit(model)
    (found,) = caught.value.diagnostics
    assert found.code == "reserved-name"
    assert found.message.startswith("`max` has a meaning of its own")


def test_refuses_ops_without_a_class() -> None:
    head = "ops: {blur: {shape: $(in.shape), macs: 0, pytorch: mylib.layers.Blur}}"
    model = inline.model(inline.spec("[relu, {blur: {}}]", head=head))
    with pytest.raises(SpecError) as caught:
        emit(model)
    (found,) = caught.value.diagnostics
    assert found.code == "unsupported-op"
    assert model.program.file.text[found.span.start :].startswith("blur: {}")
    assert found.help == "give it `keras: package.module.Class`"


def test_classes_of_one_name_are_told_apart() -> None:
    (model,) = variants(written("declared_names"))
    text = emit(model)
    assert "from tests.backends.keras_layers import Cell, Gate\n" in text
    assert "from tests.backends.more_keras_layers import Gate as Gate2\n" in text


def test_fresh_weights_reach_blocks_that_are_used_again() -> None:
    head = """
        init: {conv: {weight: {uniform: 0.5}, bias: ones}}
        blocks:
          twice: {graph: [{conv: {out: 3, kernel: 1}}]}
    """
    graph = """
        - {twice: {}, id: first}
        - {reuse: first}
        - {conv: {out: 4, kernel: 1}, id: last}
    """
    model = inline.model(inline.spec(graph, head=head))
    text = check(model)
    keras.utils.set_random_seed(0)
    found = collect(built(model, text), model.ir)
    assert len(found) == 4
    for name, value in found.items():
        if name.endswith("bias"):
            assert (value == 1).all(), name
        else:
            assert 0.25 < abs(value).max() <= 0.5, name


def test_fresh_weights_of_norms_and_of_expressions() -> None:
    head = """
        parameters: {k: 4}
        init:
          conv: {weight: $(k ** -0.5)}
          batch_norm: {weight: 0.5, bias: zeros}
          layer_norm: {bias: ones}
    """
    graph = """
        - {conv: 4, id: conv}
        - {batch_norm: {}, id: norm}
        - {layer_norm: {axes: [-1]}, id: last}
    """
    model = inline.model(inline.spec(graph, head=head))
    found = collect(built(model, check(model)), model.ir)
    starts = {"conv.weight": 0.5, "norm.weight": 0.5, "norm.bias": 0, "last.weight": 1}
    for name, value in {**starts, "last.bias": 1}.items():
        assert (found[name] == value).all(), name


def test_fresh_weights_of_single_layers() -> None:
    head = "blocks: {twice: {graph: [{conv: 3}, batch_norm]}}"
    graph = """
        - {twice: {}, id: first}
        - {reuse: first}
        - {twice: {}, id: last}
    """
    init = """init:
  conv: {weight: 0.5, bias: ones}
  batch_norm: {weight: 2.0}
  layers:
    first.conv1: {weight: 0.25}
    last.bn1: {weight: ones}
"""
    model = inline.model(inline.spec(graph, head=head) + init)
    found = collect(built(model, check(model)), model.ir)
    starts = {"first.conv1.weight": 0.25, "first.conv1.bias": 1, "first.bn1.weight": 2}
    for name, value in {**starts, "last.conv1.weight": 0.5, "last.bn1.weight": 1}.items():
        assert (found[name] == value).all(), name


NAMES_THAT_CLASH = """
graphcnn: 1
name: clash
inputs: {stage: [4, 8, 8]}
variants: {layer: {}, unit: {}, layers: {}, LearnedTensor: {}, batch_norm: {}, outputs: {}}
blocks:
  stage:
    parameters: {unit: int, type: 3}
    graph: [{unit: {out: $unit}}, {unit: {out: $type}}, batch_norm]
  unit: {parameters: {out: int}, graph: [{conv: $out}, batch_norm]}
  layer: {graph: [{conv: 4}, batch_norm, relu]}
  fresh: {graph: [{conv: 5}, batch_norm]}
graph:
  - {stage: {unit: 4}, id: a}
  - {stage: {unit: 5, type: 4}, id: all}
  - for: {layer: $(range(2))}
    do: [fresh, layer, {conv: $(layer + 4)}]
  - {conv: 4, id: kernel}
  - {parameter: {shape: [4, 8, 8]}, id: filter}
  - {add: {}, from: [kernel, all, filter], id: model}
  - {conv: 4, id: unit2}
  - {unit: {out: 6}}
  - {add: {}, from: [unit2, unit2, model], id: sum}
outputs: {model: sum, outputs: kernel}
init: {conv: {weight: {normal: 0.1}}}
"""


@pytest.mark.parametrize(
    "variant", ["layer", "unit", "layers", "LearnedTensor", "batch_norm", "outputs"]
)
def test_names_hide_nothing_that_is_called(variant: str) -> None:
    check(inline.model(NAMES_THAT_CLASH, variant))


def test_names_of_arguments_that_python_has() -> None:
    head = """
        blocks:
          b:
            parameters: {type: int, max: 3}
            graph:
              - {conv: {out: $type}, id: type}
              - {conv: {out: $type}, id: type_}
              - {conv: {out: $max}, id: max}
              - {concat: {}, from: [type, type_, max]}
    """
    text = check(inline.model(inline.spec("[{b: {type: 3}}, {b: {type: 4, max: 5}}]", head=head)))
    assert "type_: int, max_: int = 3" in text


def test_loops_may_bind_names_that_python_has() -> None:
    graph = """
        - for: {max: $(range(3)), sum: [4, 5, 9]}
          do: [{conv: $(max * 2 + 3 + sum)}, {conv: $sum}]
    """
    text = check(inline.model(inline.spec(graph)))
    assert "for max_, sum_ in enumerate((4, 5, 9)):" in text


def test_refuses_arguments_that_come_to_one_name() -> None:
    head = "blocks: {b: {parameters: {type: int, type_: int}, graph: [{conv: $(type + type_)}]}}"
    with pytest.raises(SpecError) as caught:
        emit(inline.model(inline.spec("[{b: {type: 3, type_: 2}}]", head=head)))
    assert [found.code for found in caught.value.diagnostics] == ["reserved-name"]


def test_a_repeat_of_several_inputs_under_an_id() -> None:
    text = """
graphcnn: 1
name: sums
inputs: {a: [4, 8, 8], b: [4, 8, 8]}
graph:
  - {add: {}, from: [a, b], id: e1, repeat: 2}
  - {conv: 3, from: e1}
"""
    check(inline.model(text))


def test_one_id_for_statements_of_which_one_is_there() -> None:
    text = """
graphcnn: 1
name: either
inputs: {a: [4, 8, 8]}
blocks:
  b:
    parameters: {wide: bool}
    graph:
      - {conv: {out: 8, kernel: 3}, id: c, when: $wide}
      - {conv: {out: 4, kernel: 1}, id: c, when: $(not wide)}
      - {relu: {}, from: c}
graph: [{b: {wide: true}, id: one}, {b: {wide: false}, id: other}]
"""
    assert "else:" in check(inline.model(text))


def test_parameters_are_merged_without_an_input() -> None:
    graph = """
        - {parameter: {shape: [4, 8, 8]}, id: p}
        - {parameter: {shape: [4, 8, 8]}, id: q}
        - {add: {}, from: [p, q], id: s}
        - {concat: {}, from: [s, q], id: t}
        - {conv: {out: 3}, from: t}
    """
    check(inline.model(inline.spec(graph)))


@pytest.mark.parametrize(
    ("use", "functions"),
    [("'wide' if out > 6 else 'high'", 1), ("['high', 'wide'][out // 7]", 2)],
)
def test_uses_with_different_blocks_inside(use: str, functions: int) -> None:
    """They share a function where the spec says which is which, as an `if`."""
    head = """
        blocks:
          wide: {parameters: {out: int}, graph: [{conv: $out}]}
          high: {parameters: {out: int}, graph: [{conv: $out}, relu]}
          cell:
            parameters: {out: int}
            graph: [{use: "$(USE)", with: {out: $out}}]
    """
    graph = "[{cell: {out: 4}}, {cell: {out: 5}}, {cell: {out: 7}}, {cell: {out: 8}}]"
    text = check(inline.model(inline.spec(graph, head=head.replace("USE", use))))
    assert text.count("def cell") == functions
    assert text.count("if out > 6:") == (functions == 1)


def test_loops_name_what_they_go_over() -> None:
    text = """
graphcnn: 1
name: rows
inputs: {a: [4, 32, 32]}
parameters: {width: 1.0, stages: [[1, 4], [2, 8], [1, 8]], lengths: [2, 1, 3]}
blocks:
  unit:
    parameters: {out: int, kernel: any, stride: 1}
    graph: [{conv: {out: $out, kernel: $kernel, stride: $stride}}]
  half: {parameters: {out: int}, graph: [{conv: {out: $out, kernel: 1, stride: 2}}]}
graph:
  - for: {k: $(range(3))}
    do:
      - {half: {out: "$(int(stages[k][1] * width))"}, when: "$(stages[k][0] == 2)"}
      - unit:
          out: $(int(stages[k][1] * width))
          kernel: "$([1, 3] if i < lengths[k] - 1 else 2)"
          stride: $(1 if lengths[k] > 0 else 2)
        repeat: $(lengths[k])
"""
    found = check(inline.model(text))
    assert "for with_half, out, length, first in (" in found
    assert "(1, 3) if i < length - 1 else 2" in found
    assert "kernel: int | tuple[int, int]" in found
    assert "int(out" not in found
    assert "length > 0" not in found


def test_deep_models_can_be_put_together() -> None:
    """Keras calls itself for each layer, and Python ends that at 1,000."""
    text = emit(inline.model(inline.spec("- {conv: {out: 3, kernel: 1}, repeat: 500}")))
    assert "recursion" not in text
    before = sys.getrecursionlimit()
    model = inline.model(inline.spec("- {conv: {out: 3, kernel: 1}, repeat: 1000}"))
    try:
        live = built(model, emit(model))
        assert sys.getrecursionlimit() == 4_000
    finally:
        sys.setrecursionlimit(before)
    assert len(live.layers) == 1_001
