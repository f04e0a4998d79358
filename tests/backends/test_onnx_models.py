"""ONNX files of whole models: structures, symbolic sizes, the zoo, what a file says of itself."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import assume, given, settings

from graphcnn import load
from graphcnn.backends.onnx import backend
from graphcnn.backends.onnx.assemble import assemble
from graphcnn.backends.onnx.emit import metadata
from graphcnn.compiler import Model, compile_file, locate
from graphcnn.diagnostics import SpecError
from graphcnn.source import SourceFile
from tests.backends.emitted import SPECS, variants, written
from tests.backends.onnx_runs import BATCH, Case, message, run
from tests.backends.spec_draws import specs
from tests.backends.test_emit_fuzz import SLOW
from tests.inline import model, spec

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in SPECS.glob("*.yaml"))

#: their ops name a class for PyTorch alone
ELSEWHERE = {"declared_names", "declared_ops"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ELSEWHERE])
def test_written_specs(name: str) -> None:
    for each in variants(written(name)):
        Case(each).check()


@settings(max_examples=10, suppress_health_check=SLOW)
@given(specs())
def test_random_specs(file: SourceFile) -> None:
    case = Case(compile_file(file))
    assume(case.is_steady())
    case.check()


# The zoo


def small(name: str) -> Model:
    """A shipped model for small images: as its spec, with other inputs and nothing to expect."""
    file, variant = locate(name)
    text = re.sub(r"^expect:.*?(?=^\S|\Z)", "", file.text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"\[3, 224, 224\]", "[3, 65, 81]", text)
    return compile_file(replace(file, text=text), variant)


@pytest.mark.parametrize(
    "name",
    [
        "densenet121",
        "googlenet",
        "lenet5",
        "lenet5_sigmoid",
        "mobilenet_v2",
        "resnet18",
        "resnet50",
        "squeezenet1_0",
        "squeezenet1_1",
    ],
)
def test_some_of_the_zoo(name: str) -> None:
    """On images of odd sizes; `tests/verification/test_zoo.py` has all the models."""
    Case(small(name), batch=2).check()


# Symbolic sizes


@pytest.mark.parametrize("name", ["symbolic", "symbolic_multiple"])
def test_symbolic_sizes_are_those_of_each_run(name: str) -> None:
    for size in (8, 13):
        Case(variants(written(name))[0], {"H": size, "W": size + 2}).check()


SYMBOLIC = {
    "same": "- conv: {out: 4, kernel: 3, stride: 2, padding: same}",
    "same dilated": "- conv: {out: 4, kernel: 3, stride: 2, padding: same, dilation: 2}",
    "same pool": "- max_pool: {kernel: 3, stride: 2, padding: same}",
    "same mean": "- avg_pool: {kernel: 3, stride: 2, padding: same}",
    "same mean of cells": "- avg_pool: {kernel: 3, stride: 2, padding: same, count_padding: false}",
    "ceil": "- avg_pool: {kernel: 3, stride: 2, padding: 1, ceil: true}",
    "upsample to a size": "- upsample: {size: [$(in.height + 1), $(2 * in.width - 3)]}",
    "bilinear": "- upsample: {size: [$(in.height // 2 + 1), 9], mode: bilinear}",
    "aligned": "- upsample: {size: [$(in.height + 4), 9], mode: bilinear, align_corners: true}",
    "tokens": "- {reshape: [3, $(in.height * in.width)]}\n- permute: [1, 0]\n- attention: 1",
    "swapped": "- permute: [0, 2, 1]\n- reshape: [3, $(in.width), $(in.height)]",
    "crop": "- crop: [$(in.height // 3), 1]",
    "slice": "- slice: {axis: 1, start: $(in.height // 2)}",
    "slice from the end": "- slice: {axis: 2, start: -3, step: 2}",
    "pad": "- pad: [$(in.width // 4), 2]",
    "split": "- split: {sizes: [2, $(in.height - 2)], axis: 1}\n  id: it\n- {relu: {}, from: it.1}",
    "tile": "- tile: [1, $(in.width), 2]",
    "maximum": '- slice: {axis: 1, stop: "$(max(in.height // 3, 2))"}',
    "minimum": '- slice: {axis: 1, stop: "$(min(in.height, in.width))"}',
    "power": "- {reshape: [3, $(in.height * in.width)]}\n- tile: [1, $(image.height ** 2)]",
    "norms": "- layer_norm: {axes: [0]}\n- instance_norm\n- {group_norm: 3}\n- l2_norm",
    "responses": "- local_response_norm: 3\n- local_response_norm: 2",
    "transposed": "- conv_transpose: {out: 4, kernel: 3, stride: 2, padding: same}",
    "rounded up": "- max_pool: {kernel: 3, stride: 2, padding: [$(in.height % 3), 2], ceil: true}",
    "whole": "- adaptive_avg_pool: 1\n- flatten",
    "shuffle": "- channel_shuffle: 3\n- tile: [4, 1, 1]\n- pixel_shuffle: 2",
    "scores": "- softmax: {axis: 2}\n- {log_softmax: -1}",
}


@pytest.mark.parametrize("name", SYMBOLIC)
def test_symbolic_attributes(name: str) -> None:
    each = model(spec(SYMBOLIC[name], image="[3, H + 6, 2*W + 5]"))
    for sizes in ({"H": 1, "W": 1}, {"H": 4, "W": 3}):
        Case(each, sizes).check()


def test_a_symbol_is_read_from_a_multiple() -> None:
    graph = "- reshape: [3, $(in.height * in.width)]"
    Case(model(spec(graph, image="[3, 4*A + 1, 3*A]")), {"A": 2}).check()


def test_the_batch_axis_gives_way_to_a_size_of_that_name() -> None:
    found = Case(model(spec("- relu", image="[N, 4, 4]")), {"N": 5}).check()
    dims = found.graph.input[0].type.tensor_type.shape.dim
    assert [dim.dim_param or dim.dim_value for dim in dims] == ["batch", "N", 4, 4]


# Batches


LEARNED = {
    "added": "- {parameter: [3, 8, 8], id: p}\n- {add: {}, from: [image, p]}",
    "joined": "- {parameter: [1, 8, 8], id: p}\n- {concat: {}, from: [p, image]}",
    "put out": "- {parameter: {shape: [3], batch: true}, id: p}",
    "computed": "- {parameter: [3, 8, 8], id: p}\n- {conv: {out: 3, kernel: 3, padding: 1}}\n"
    "- {subtract: {}, from: [prev, image]}",
    "multiplied": "- {parameter: [3, 4, 8], id: p}\n- {matmul: {}, from: [p, image]}",
}


@pytest.mark.parametrize("name", LEARNED)
def test_learned_tensors_serve_every_sample(name: str) -> None:
    Case(model(spec(LEARNED[name], image="[3, 8, 8]"))).check()


@pytest.mark.parametrize("batch", [1, 2, 5])
def test_any_batch(batch: int) -> None:
    Case(variants(written("training_outputs"))[0], batch=batch).check()


# Ops of one's own

_OWN = """
ops:
  doubled:
    attributes: {axis: int, places: [1, 2], mode: linear, exact: true, share: 0.5, none_of_it: none}
    shape: "$(in.shape)"
    weights: {gain: "$([in.channels])", bias: "$([in.channels])"}
    macs: 0
"""


def test_a_declared_op_is_an_operator_of_its_domain() -> None:
    head = f"{_OWN}    onnx: com.example::Doubled\n"
    each = model(spec("- {doubled: {axis: 1}, id: own}\n- relu", head=head))
    found = message(backend.emit(each))
    node = found.graph.node[0]
    assert (node.domain, node.op_type, node.name) == ("com.example", "Doubled", "own")
    assert list(node.input) == ["image", "own.gain", "own.bias"]
    attributes = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
    assert attributes.pop("share") == pytest.approx(0.5)
    assert attributes == {"axis": 1, "places": [1, 2], "mode": b"linear", "exact": 1}
    assert {(one.domain, one.version) for one in found.opset_import} >= {("com.example", 1)}


def test_a_declared_op_may_be_one_of_onnx() -> None:
    head = '\nops:\n  sine: {shape: "$(in.shape)", macs: 0, onnx: Sin}\n'
    data = backend.emit(model(spec("- sine", head=head, image="[3]")))
    x = np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3)
    (y,) = run(data, {"image": x}).values()
    np.testing.assert_allclose(y, np.sin(x), rtol=1e-5)


# What the file says of itself


@pytest.fixture(scope="module")
def residual() -> onnx.ModelProto:
    return message(backend.emit(load("resnet18")))


def test_it_says_where_it_comes_from(residual: onnx.ModelProto) -> None:
    text = (ROOT / "specs" / "resnet.yaml").read_bytes()
    assert {entry.key: entry.value for entry in residual.metadata_props} == {
        "spec": "resnet",
        "variant": "resnet18",
        "source": "https://arxiv.org/abs/1512.03385",
        "parameters": json.dumps(
            {
                "block": "basic_block",
                "layers": [2, 2, 2, 2],
                "groups": 1,
                "base_width": 64,
                "keras": False,
                "frozen": False,
                "classes": 1000,
            }
        ),
        "spec_sha256": hashlib.sha256(text).hexdigest(),
    }
    assert residual.producer_name == "graphcnn"
    assert residual.graph.name == "resnet18"
    assert "residual" in residual.doc_string.lower()
    assert [(one.domain, one.version) for one in residual.opset_import] == [("", 21)]


def test_it_says_which_parameters_were_set() -> None:
    found = json.loads(metadata(load("lenet5", classes=7, act="sigmoid"))["parameters"])
    assert (found["classes"], found["act"]) == (7, "sigmoid")


def test_it_says_of_which_files_a_spec_is(tmp_path: Path) -> None:
    """A change in an import, or in one of its own, is seen."""
    texts = {
        "inner": "graphcnn: 1\nname: inner\nblocks: {one: {graph: [relu]}}\n",
        "outer": "graphcnn: 1\nname: outer\nimports: [inner.yaml]\nblocks: {two: {graph: [one]}}\n",
        "net": spec("- two").replace("inputs:", "imports: [outer.yaml]\ninputs:"),
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    found = metadata(load(tmp_path / "net.yaml"))
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    assert found["spec_sha256"] == hashes["net"]
    assert found["imports_sha256"].split() == sorted([hashes["inner"], hashes["outer"]])


def test_nodes_are_named_by_scope(residual: onnx.ModelProto) -> None:
    names = [node.name for node in residual.graph.node]
    assert names[:5] == ["conv1", "bn1", "relu", "maxpool", "layer1/0/conv1"]
    assert "layer4/0/downsample/0" in names


def test_values_are_found_by_node() -> None:
    graph = load("resnet18").ir
    found = assemble(graph).names
    assert found["layer1.0.conv1", 0] == "layer1/0/conv1:0"
    assert found["image", 0] == "image"
    assert found["fc", 0] == "logits"


def test_the_batch_axis_is_symbolic(residual: onnx.ModelProto) -> None:
    for value in (*residual.graph.input, *residual.graph.output, *residual.graph.value_info):
        assert value.type.tensor_type.shape.dim[0].dim_param == "N"


def test_what_is_for_training_is_left_out() -> None:
    found = message(backend.emit(load("googlenet")))
    assert [value.name for value in found.graph.output] == ["logits"]
    assert not [one.name for one in found.graph.initializer if one.name.startswith("aux")]
    assert not [node.name for node in found.graph.node if "dropout" in node.name]


def test_shared_weights_are_there_once() -> None:
    (each,) = variants(written("reuse"))
    found = message(backend.emit(each))
    names = [one.name for one in found.graph.initializer]
    assert len(names) == len(set(names))
    owners = [node.owner.name for node in each.ir.nodes if node.owner and node.facts.weights]
    assert owners
    for name in owners:
        users = [node for node in found.graph.node if f"{name}.weight" in node.input]
        assert len(users) > 1


def test_the_same_bytes_in_every_process() -> None:
    """Python orders sets of text anew in each."""
    script = """
import hashlib, graphcnn
for name in ["resnet18", "googlenet"]:
    print(hashlib.sha256(graphcnn.load(name).build("onnx")).hexdigest())
"""
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


def test_the_same_bytes_each_time() -> None:
    first, again = (backend.emit(load("lenet5")) for _ in range(2))
    assert first == again
    assert len(first) == pytest.approx(4 * 61706, rel=0.05)


# What has no form in ONNX


def refused(graph: str, image: str = "[3, H, W]", head: str = "") -> list[tuple[str, str, int]]:
    with pytest.raises(SpecError) as caught:
        backend.emit(model(spec(graph, image=image, head=head)))
    return [(d.code, d.message, d.span.begin_position[0]) for d in caught.value.diagnostics]


def test_all_that_is_refused_is_said_at_once() -> None:
    own = '\nops:\n  own: {shape: "$(in.shape)", macs: 0, pytorch: layers.Own}\n'
    found = refused(
        "- own\n"
        "- {conv: {out: 3, kernel: 1}}\n"
        "- {avg_pool: {kernel: [$(in.height), 1], stride: 1, padding: same}}\n"
        "- {max_pool: {kernel: $(in.width), stride: 1, padding: same}, from: image}\n"
        "- {flatten: {}, from: image, id: flat}\n"
        "- {linear: 4, from: flat}\n",
        head=own,
    )
    codes = [code for code, _, _ in found]
    assert sorted(codes) == ["symbolic-weight", *["unsupported-op"] * 3]
    messages = " ".join(message for _, message, _ in found)
    assert "names no ONNX operator" in messages
    assert "`avg_pool`" in messages


def test_an_output_is_not_called_as_an_input() -> None:
    text = spec("- {relu: {}, id: r}", image="[3, 4, 4]") + "outputs: {image: r}\n"
    with pytest.raises(SpecError) as caught:
        backend.emit(model(text))
    assert [d.code for d in caught.value.diagnostics] == ["reserved-name"]


def test_a_batch_of_inputs() -> None:
    (each,) = variants(written("inputs_outputs"))
    case = Case(each)
    assert {array.shape[0] for array in case.expected.values()} == {BATCH}
    case.check()


def test_an_output_called_as_another_input() -> None:
    text = (
        "graphcnn: 1\nname: net\ninputs: {x: [4], y: [4]}\n"
        "graph:\n  - {relu: {}, from: x, id: a}\noutputs: {x: y, a: a}\n"
    )
    with pytest.raises(SpecError) as caught:
        backend.emit(model(text))
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.begin_position.line) == ("reserved-name", 6)
