"""Blocks in Keras that are used again: on values of other sizes too."""

from __future__ import annotations

from tests import inline
from tests.backends.emitted import variants, written
from tests.backends.keras_models import check

OTHER_SIZES = """
graphcnn: 1
name: shared_sizes
inputs: {a: [4, 12, 12], b: [4, 6, 6], c: [4, 6, 10]}
blocks:
  tokens:
    graph:
      - {conv: {out: 6, kernel: 3, stride: 2, padding: same}, id: stem}
      - {flatten: 1, id: flat}
      - {permute: [1, 0]}
      - {attention: {heads: 2}, id: mix}
      - {reshape: "$([flat.shape[1] * 3, 2])"}
  resized:
    inputs: [x, y]
    parameters: {out: int}
    graph:
      - {conv: {out: $out, kernel: 3, stride: 2, padding: 1}, from: x, id: inner}
      - {adaptive_avg_pool: 3}
      - {upsample: {size: "$([y.height, y.width])", mode: bilinear}}
      - {adaptive_max_pool: "$([y.height // 2, 2])"}
      - {crop: "$([y.height // 6, 0])", when: $(y.height > 6)}
      - {tanh: {}, when: $(y.height <= 6)}
      - pad: 1
      - {conv: {out: $out, kernel: 1}, id: outer}
      - {slice: {axis: 1, start: 0, stop: $(in.height // 2)}}
      - global_avg_pool
  level:
    parameters: {classes: int}
    graph:
      - graph: [{conv: {out: $x.channels, kernel: 3, padding: 1}}, batch_norm, relu]
        repeat: 3
      - {conv: {out: $(3 * classes), kernel: 3, padding: 1}, id: predict}
      - {permute: [1, 2, 0]}
      - {reshape: "$([3 * x.height * x.width, classes])"}
  both:
    graph:
      - {level: {classes: 2}, id: two}
      - {level: {classes: 3}, from: x, id: three}
      - {reuse: two, from: x, id: second}
      - {concat: {axis: -1}, from: [two, three, second]}
graph:
  - {tokens: {}, from: a, id: first}
  - {reuse: first, from: b, id: again}
  - {reuse: first, from: c, id: once_more}
  - {tokens: {}, from: b, id: other}
  - {concat: {axis: 0}, from: [first, again, once_more, other], id: joined}
  - {resized: {out: 3}, from: [a, a], id: grid}
  - {reuse: grid, from: [b, a], id: grid1}
  - {reuse: grid, from: [a, c], id: grid2}
  - {concat: {}, from: [grid, grid1, grid2], id: grids}
  - {both: {}, from: a, id: head3}
  - {conv: {out: 4, kernel: 3, stride: 2, padding: 1}, from: a, id: p4}
  - {conv: {out: 4, kernel: 3, stride: 2, padding: 1}, id: p5}
  - {conv: {out: 4, kernel: 3, stride: 2, padding: 1}, id: p6}
  - for: {n: [4, 5, 6]}
    do:
      - {reuse: head3, from: p$n, id: head$n}
  - {concat: {axis: 0}, from: "$(['head3', 'head4', 'head5', 'head6'])", id: heads}
outputs: {tokens: joined, grids: grids, heads: heads}
"""


def test_ops_that_depend_on_sizes() -> None:
    check(inline.model(OTHER_SIZES))


def test_heads_of_a_detector() -> None:
    (model,) = variants(written("shared_heads"))
    text = check(model)
    assert "def head(x: KerasTensor, each: int, *, name: str, shared: Shared)" in text
    assert "    return layers.Reshape((-1, each))(x)\n" in text
    assert 'head(features[n - 3], 5, name="classify", shared=shared)' in text


def test_sizes_in_words_of_what_comes_in() -> None:
    """Where Keras cannot find both of them by itself."""
    head = """
        blocks:
          windows:
            graph:
              - {conv: 4, id: conv}
              - {reshape: "$([4, x.height // 2, 2 * x.width])"}
              - relu
    """
    graph = """
        - {windows: {}, id: first}
        - {max_pool: 2, from: image, id: less}
        - {reuse: first, from: less, id: second}
        - {global_avg_pool: {}, from: first, id: a}
        - {global_avg_pool: {}, from: second, id: b}
        - {concat: {}, from: [a, b]}
    """
    text = check(inline.model(inline.spec(graph, head=head)))
    assert text.count("def windows") == 1
    assert "x.shape[1] // 2, 2 * x.shape[2]" in text or "in_height // 2, 2 * in_width" in text


def test_a_block_of_equal_sizes_is_a_model() -> None:
    head = "blocks: {unit: {graph: [{conv: 4, id: conv}, {reshape: [2, 2, 1024]}, {conv: 2}]}}"
    graph = "[{conv: 4}, {unit: {}, id: u}, {reshape: [4, 32, 32]}, {reuse: u}]"
    text = check(inline.model(inline.spec(graph, head=head)))
    assert "u_model = keras.Model(" in text


def test_a_parameter_may_be_called_as_what_keeps_the_layers() -> None:
    head = """
        blocks:
          unit: {parameters: {shared: int}, graph: [{conv: $shared, id: conv}, {flatten: 1}]}
    """
    graph = """
        - {unit: {shared: 3}, id: first}
        - {max_pool: 2, from: image}
        - {reuse: first}
        - {unit: {shared: 2}, from: image, id: other}
    """
    check(inline.model(inline.spec(graph, head=head)))
