"""Rules about graphs: what each finds, and what is close to it and right."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcnn.compiler import check
from graphcnn.source import SourceFile
from graphcnn.syntax import read
from tests.inline import spec
from tests.lint import ALL, marked, warnings

DOWN = """
- residual:
    body: [{conv: {out: 3, kernel: 3, stride: 2, padding: 1}}]
    shortcut: [%s]
"""


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ("- {conv: 8, id: a}\n- {conv: 8, from: image}", ["conv"]),
        # The end of what is lost stands for all of it.
        ("- conv: 8\n- {tanh: {}, id: a}\n- {conv: 8, from: image}", ["tanh"]),
        ("- {split: 3, id: a}\n- {add: {}, from: [a.0, a.2]}", ["split"]),
        ("- residual: {body: [{conv: 3}]}\n- {conv: 8, from: image}", ["residual"]),
        # One of its uses is read.
        ("- for: {n: [1, 2]}\n  do:\n    - {conv: $n, from: image, id: a$n}\n- relu", []),
        ("- {split: 3, id: a}\n- {add: {}, from: [a.0, a.1, a.2]}", []),
    ],
)
def test_values_that_nobody_reads(statements: str, found: list[str]) -> None:
    assert marked(spec(statements)) == [("unused-value", name) for name in found]


def test_an_output_of_training_alone_is_one() -> None:
    head = "outputs: {main: main, aux: {from: aux, only: training}}"
    statements = "- {conv: 8, id: main}\n- {conv: 4, id: aux}"
    assert marked(spec(statements, head=head)) == []


def test_an_import_may_make_more_than_is_read(tmp_path: Path) -> None:
    block = "{graph: [{split: 3, id: s}, {relu: {}, from: s.0}]}"
    (tmp_path / "lib.yaml").write_text(f"graphcnn: 1\nname: lib\nblocks: {{b: {block}}}\n")
    path = tmp_path / "net.yaml"
    path.write_text(spec("- b", head="imports: [lib.yaml]"))
    assert check(read(path), warnings=ALL) == []


def test_inputs_that_nobody_reads() -> None:
    text = spec("- {conv: 8, from: image}").replace("32]}", "32], mask: [1, 32, 32]}")
    assert marked(text) == [("unused-input", "mask")]


@pytest.mark.parametrize(
    "layer",
    [
        "conv: 8",
        "depthwise_conv: 3",
        "separable_conv: {out: 8, kernel: 3}",
        "conv_transpose: {out: 8, kernel: 2}",
        "conv: {out: 8, bias: true}",
    ],
)
def test_a_bias_before_a_norm(layer: str) -> None:
    found = marked(spec(f"- {layer}\n- batch_norm"))
    assert found == [("bias-before-norm", layer.partition(":")[0])]
    assert marked(spec(f"- {layer}\n- relu\n- batch_norm")) == []


@pytest.mark.parametrize(
    "statements",
    [
        "- conv: {out: 8, bias: false}\n- batch_norm",
        "- conv: 8\n- batch_norm: {frozen: true}",
        "- conv: 8\n- group_norm: 2",  # the mean is that of several channels
        # Somebody else sees the bias.
        "- {conv: 8, id: a}\n- batch_norm\n- {add: {}, from: [a, prev]}",
        "- {conv: 3, id: a}\n- batch_norm\n- {reuse: a}",
    ],
)
def test_a_bias_that_counts(statements: str) -> None:
    assert marked(spec(statements)) == []


@pytest.mark.parametrize(
    ("layer", "uneven"),
    [
        ("conv: {out: 8, kernel: 4, padding: same}", True),
        ("conv: {out: 8, kernel: [3, 2], padding: same}", True),
        ("depthwise_conv: {kernel: 2, padding: same}", True),
        ("avg_pool: {kernel: 2, stride: 1, padding: same}", True),
        ("conv: {out: 8, kernel: 3, padding: same}", False),
        ("conv: {out: 8, kernel: 4, padding: [[1, 2], [1, 2]]}", False),
        ("conv: {out: 8, kernel: 4, stride: 2, padding: same}", False),  # one on each side
        ("conv: {out: 8, kernel: 2, dilation: 2, padding: same}", False),  # likewise
        ("max_pool: {kernel: 2, padding: same}", False),  # windows beside each other
    ],
)
@pytest.mark.parametrize("image", ["[3, 32, 32]", "[3, 2*H, 2*W]"])
def test_even_kernels(layer: str, image: str, *, uneven: bool) -> None:
    found = [code for code, _ in marked(spec(f"- {layer}", image=image))]
    assert found == ["uneven-padding"] * uneven


@pytest.mark.parametrize(
    ("shortcut", "lossy"),
    [
        ("{max_pool: {kernel: 1, stride: 2}}", True),
        ("{avg_pool: {kernel: 1, stride: 2}}, identity", True),
        ("{crop: [[0, 16], [0, 16]]}", True),
        ("{slice: {axis: 1, step: 2}}, {slice: {axis: 2, step: 2}}", True),
        ("{max_pool: {kernel: 1, stride: 2}}, {pad: [[0, 0], 0, 0]}", True),
        ("{conv: {out: 3, stride: 2}}", False),
        ("{max_pool: {kernel: 1, stride: 2}}, {conv: 3}", False),
        ("{max_pool: 2}", False),
        ("{avg_pool: 2}", False),
    ],
)
def test_shortcuts(shortcut: str, *, lossy: bool) -> None:
    found = [code for code, _ in marked(spec(DOWN % shortcut))]
    assert found == ["lossy-shortcut"] * lossy


def test_what_leaves_cells_out_elsewhere_is_no_shortcut() -> None:
    alone = "- max_pool: {kernel: 1, stride: 2}\n- {add: {}, from: [prev, prev]}"
    assert marked(spec(alone)) == []


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ("- linear: 8\n- dropout", ["last-dropout"]),
        ("- linear: 8\n- dropout\n- relu\n- {drop_path: 0.1}", ["last-dropout", "last-dropout"]),
        ("- dropout\n- linear: 8\n- softmax", []),
        ("- linear: 8\n- dropout: 0.0", []),
        ("- {linear: 8, id: a}\n- dropout\n- {add: {}, from: [prev, a]}", []),
    ],
)
def test_dropouts(statements: str, found: list[str]) -> None:
    assert [code for code, _ in marked(spec(statements, image="[64]"))] == found


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ("- relu\n- relu", ["repeated-activation"]),
        ("- relu\n- relu\n- relu", ["repeated-activation"] * 2),
        ("- {relu: {}, repeat: 4}", ["repeated-activation"]),
        ("- {softmax: 1}\n- {softmax: 2}", []),
        ("- relu\n- tanh", []),
        ("- relu\n- {conv: 8}\n- relu", []),
        ("- batch_norm\n- batch_norm", ["repeated-norm"]),
        ("- {layer_norm: [0]}\n- {layer_norm: [0]}", ["repeated-norm"]),
        ("- batch_norm\n- relu\n- batch_norm", []),
        ("- {batch_norm: {}, id: a}\n- batch_norm\n- {add: {}, from: [prev, a]}", []),
        ("- batch_norm\n- residual: {body: [batch_norm]}", []),
        ("- batch_norm\n- branches: {paths: [[batch_norm], [batch_norm]]}", ["repeated-norm"] * 2),
        ("- batch_norm\n- branches: {paths: [[batch_norm], [relu]]}", []),
    ],
)
def test_twice_in_a_row(statements: str, found: list[str]) -> None:
    assert [code for code, _ in marked(spec(statements))] == found


def test_variants_are_named_where_not_all_have_it() -> None:
    head = "parameters: {norm: true}\nvariants: {a: {norm: false}, b: {}, c: {}}"
    (found,) = warnings(spec("- conv: 8\n- {batch_norm: {}, when: $norm}", head=head))
    assert found.notes[-1] == "in variants `b`, `c`"
    assert found.fix is None, "the others may need the bias"


def test_the_way_there_is_told() -> None:
    (found,) = warnings(spec("- b", head="blocks: {b: {graph: [{conv: 8}, batch_norm]}}"))
    assert found.notes[-1] == "in block `b`, used at net.yaml:6"


def test_errors_come_first() -> None:
    text = spec("- relu\n- relu\n- conv: {out: 8, kernel: 0}")
    assert [one.code for one in check(SourceFile("net.yaml", text), warnings=ALL)] == ["bad-value"]
    text = spec("- relu\n- relu", head="expect: {params: 3}")
    assert [one.code for one in check(SourceFile("net.yaml", text), warnings=ALL)] == [
        "expectation-failed"
    ]


def test_nothing_is_looked_for_unless_asked() -> None:
    assert check(SourceFile("net.yaml", spec("- relu\n- relu"))) == []
