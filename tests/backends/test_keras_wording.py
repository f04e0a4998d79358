"""How emitted Keras reads: what is left out, what is joined, and what values are called."""

from __future__ import annotations

import pytest

from tests import inline
from tests.backends.keras_models import check
from tests.backends.test_keras_zoo import small_text


def text_of(graph: str, head: str = "", image: str = "[6, 8, 8]") -> str:
    """The emitted text, which is held against the graph."""
    return check(inline.model(inline.spec(graph, head=head, image=image)))


def test_outputs_are_called_as_the_spec_calls_them() -> None:
    head = """
        outputs: {features: conv, Logits: fc}
        blocks:
          pair:
            graph: [{conv: 4, id: left}, {conv: 4, id: right, from: x}]
            outputs: {a: left, b: right}
    """
    graph = """
        - {pair: {}, id: pair}
        - {add: {}, from: [pair.a, pair.b]}
        - {conv: 3, id: conv}
        - global_avg_pool
        - flatten
        - {linear: 5, id: fc}
    """
    text = text_of(graph, head)
    assert "return a, b\n" in text
    assert 'features = layers.Conv2D(3, 1, name="conv")' in text
    assert 'logits = layers.Dense(5, name="fc")' in text
    assert 'outputs = {"features": features, "Logits": logits}' in text


def test_a_call_of_a_block_is_returned_as_it_is() -> None:
    head = """
        outputs: {p: both.a, q: both.b}
        blocks:
          pair:
            graph: [{conv: 4, id: left}, {conv: 4, id: right, from: x}]
            outputs: {a: left, b: right}
          both:
            graph: [{pair: {}, id: pair}]
            outputs: {a: pair.a, b: pair.b}
    """
    text = text_of("[{both: {}, id: both}]", head)
    assert 'return pair(x, name=f"{name}_pair")' in text
    assert 'p, q = both(image, name="both")' in text


def test_a_value_beside_a_function_of_its_name() -> None:
    head = "blocks: {votes: {graph: [{conv: 6}]}, once: {graph: [{conv: 6}]}}"
    graph = """
        - {votes: {}, id: votes}
        - relu
        - {add: {}, from: [prev, votes]}
        - {multiply: {}, from: [prev, votes]}
        - {once: {}, id: once}
        - {conv: 6, from: votes, id: other}
        - {add: {}, from: [once, other]}
    """
    text = text_of(graph, head)
    assert "votes_ = votes(image" in text
    assert "once2" not in text


def test_a_second_name_for_a_value_is_no_line() -> None:
    text = text_of("[relu, {identity: {}, id: kept}, {conv: 6}, {add: {}, from: [prev, kept]}]")
    assert "kept = layers.ReLU()(image)" in text
    assert "Identity" not in text


@pytest.mark.parametrize("op", ["dropout", "spatial_dropout", "drop_path"])
def test_dropout_of_nothing_is_no_line(op: str) -> None:
    assert "Dropout" not in text_of(f"[{{{op}: 0.0}}, relu]")
    head = f"blocks: {{cell: {{parameters: {{rate: float}}, graph: [relu, {{{op}: $rate}}]}}}}"
    assert text_of("[{cell: {rate: 0.0}}, {cell: {rate: 0.5}}]", head).count("Dropout") == 1


def test_vectors_are_taken_out_in_one_line() -> None:
    text = text_of("[global_avg_pool, {dropout: 0.5}, flatten, {linear: 3}]")
    assert "layers.GlobalAveragePooling2D()" in text
    assert "Flatten" not in text
    row = text_of("[{slice: {start: 2, stop: 3}}, flatten, {linear: 3}]", image="[6, 8]")
    assert "Flatten" not in row
    assert "image[..., 2]" in row
    cells = text_of("[{slice: {axis: 1, stop: 5}}, flatten, {linear: 3}]", image="[1, 8]")
    assert "Flatten" in cells


def test_reshapes_around_one_channel_turn_nothing() -> None:
    graph = "[{conv: 1}, flatten, {linear: 64}, {reshape: [1, 8, 8]}, {conv: 3}]"
    assert "Permute" not in text_of(graph)


def test_activations_by_name_share_a_function() -> None:
    head = "blocks: {cell: {parameters: {act: relu}, graph: [{conv: 6}, {use: $act}]}}"
    text = text_of("[{cell: {}}, {cell: {act: hard_swish}}, {cell: {act: relu6}}]", head)
    assert text.count("def cell") == 1
    assert "layers.Activation(act)(x)" in text


def test_an_item_of_a_list_that_differs_is_read_from_it_also_where_it_is_the_same() -> None:
    head = """
        blocks:
          pair:
            parameters: {widths: list}
            graph: [{conv: "$(widths[0])"}, {conv: "$(widths[1])"}]
    """
    text = text_of("[{pair: {widths: [4, 6]}}, {pair: {widths: [4, 5]}}]", head)
    assert "layers.Conv2D(widths[0], 1" in text


def test_a_pool_that_rounds_up_in_one_turn() -> None:
    graph = """
        - for: {n: $(range(5))}
          do:
            - conv: {out: 6, kernel: 3, padding: 1}
            - {max_pool: {kernel: 3, stride: 2, ceil: true}, when: "$(n in [1, 3])"}
    """
    text = text_of(graph, image="[6, 13, 13]")
    assert 'padding="valid" if n == 1 else "same"' in text


def test_fresh_weights_that_keras_has_anyway_are_not_set() -> None:
    same = "init: {conv: {weight: xavier_uniform, bias: zeros}}"
    assert "initializers" not in text_of("[{conv: 4}]", same)
    apart = text_of("[{depthwise_conv: {kernel: 3}}]", same)
    assert "initializers.GlorotUniform()" in apart


def test_equal_sizes_are_one_number() -> None:
    text = text_of("[{conv: {out: 4, kernel: [3, 3], stride: [2, 1]}}]")
    assert "layers.Conv2D(4, 3, (2, 1)" in text


def test_cells_of_two_kinds_are_one_function() -> None:
    text = small_text("nasnet_mobile")
    assert text.count("def normal_cell") == text.count("def reduction_cell") == 1
    assert "(last.shape[1] % 2, 1), (last.shape[2] % 2, 1)" in text


def test_lists_of_lists_have_names_that_can_be_read() -> None:
    head = """
        blocks:
          unit:
            parameters: {stride: list}
            graph: [{conv: {out: 6, kernel: 3, stride: "$([1] + stride[1:])", padding: same}}]
    """
    unit = 'unit: {stride: "$([2, 2, 2] if i == 0 else [1, 1, 1])"}, repeat: $(n + 1)'
    text = text_of(f"[{{for: {{n: [0, 1]}}, do: [{{{unit}}}]}}]", head, image="[6, 8, 8, 8]")
    assert "for n, all_strides in enumerate(((2,), (2, 1))):" in text
    assert "for i, strides in enumerate(all_strides):" in text
