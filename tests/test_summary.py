"""What models cost: the definitions, by networks that can be counted by hand."""

from __future__ import annotations

import json

import pytest

import graphcnn
from graphcnn import counts
from graphcnn.summary import Summary
from tests.inline import model, spec


def summary(graph: str, *, head: str = "", image: str = "[3, 32, 32]") -> Summary:
    return model(spec(graph, head=head, image=image)).summary()


def test_a_layer_is_counted() -> None:
    found = summary("- conv: {out: 8, kernel: 3, padding: 1}\n- batch_norm\n- relu")
    assert found.params == 3 * 8 * 9 + 8 + 2 * 8
    assert found.buffers == 2 * 8
    assert found.macs == 3 * 8 * 9 * 32 * 32
    assert found.activations == 3 * 8 * 32 * 32
    assert found.receptive_field == (3, 3)
    assert [(layer.name, layer.op, layer.line) for layer in found.layers] == [
        ("conv1", "conv", 5),
        ("bn1", "batch_norm", 6),
        ("relu", "relu", 7),
    ]


def test_shared_weights_count_once_and_cost_twice() -> None:
    found = summary(
        """
        - {conv: {out: 3, kernel: 3, padding: 1, bias: false}, id: first}
        - reuse: first
        """
    )
    assert found.params == 81
    assert found.macs == 2 * 81 * 32 * 32
    assert [layer.params for layer in found.layers] == [81, 0]


def test_what_is_for_training_alone_is_kept_and_costs_nothing() -> None:
    text = spec(
        """
        - {conv: {out: 4, kernel: 1, bias: false}, id: stem}
        - {conv: {out: 2, kernel: 1, bias: false}, id: aux}
        - {conv: {out: 5, kernel: 1, bias: false}, id: head, from: stem}
        """,
        head="outputs: {main: head, aux: {from: aux, only: training}}",
    )
    found = model(text).summary()
    assert found.params == 12 + 8 + 20
    assert found.macs == (12 + 20) * 32 * 32
    assert found.activations == (4 + 5) * 32 * 32
    assert found.outputs == {"main": (5, 32, 32)}
    assert found.training_outputs == {"aux": (2, 32, 32)}
    assert [layer.training_only for layer in found.layers] == [False, True, False]


def test_figures_of_layers_add_up() -> None:
    for name in ("googlenet", "mobilenet_v2"):
        found = graphcnn.load(name).summary()
        for figure in ("params", "buffers", "macs", "activations"):
            total = sum(getattr(layer, figure) for layer in found.layers)
            assert total == getattr(found, figure), (name, figure)


def test_googlenet_keeps_its_auxiliary_heads() -> None:
    assert graphcnn.load("googlenet").summary().params == 13_004_888


def test_symbolic_sizes_are_text_in_json() -> None:
    found = summary(
        "- conv: {out: 8, kernel: 3, stride: 2, padding: 1}", image="[3, H, W]"
    ).to_dict()
    assert found["inputs"] == {"image": [3, "H", "W"]}
    assert found["outputs"] == {"output": [8, "(H - 1) // 2 + 1", "(W - 1) // 2 + 1"]}
    assert found["params"] == 224
    assert isinstance(found["macs"], str)
    json.dumps(found)


def test_the_contract_of_json() -> None:
    text = spec("- {linear: 10, id: fc}", image="[4]").replace("image", "features")
    assert model(text).summary().to_dict() == {
        "model": "net",
        "variant": None,
        "inputs": {"features": [4]},
        "outputs": {"output": [10]},
        "params": 50,
        "buffers": 0,
        "macs": 40,
        "activations": 10,
        "receptive_field": None,
        "layers": [
            {
                "name": "fc",
                "op": "linear",
                "inputs": [[4]],
                "outputs": [[10]],
                "params": 50,
                "buffers": 0,
                "macs": 40,
                "file": "net.yaml",
                "line": 5,
            }
        ],
    }


IMAGE = "[3, 32, 32]"
CONV = "- conv: {out: 3, kernel: 3, padding: 1}\n"
FIELDS: dict[str, tuple[str, str, tuple[int, ...] | None]] = {
    "an op that sees its own cell": (IMAGE, "- relu", (1, 1)),
    "one window": (IMAGE, CONV, (3, 3)),
    "a stride spreads what follows": (IMAGE, f"- max_pool: 2\n{CONV}", (6, 6)),
    "dilation": (IMAGE, "- conv: {out: 4, kernel: 3, dilation: 4}", (9, 9)),
    "axes differ": (IMAGE, "- conv: {out: 4, kernel: [1, 5]}", (1, 5)),
    "a line": ("[3, 32]", "- conv: {out: 4, kernel: 5}", (5,)),
    "a volume": ("[3, 8, 8, 8]", "- conv: {out: 4, kernel: [1, 3, 5]}", (1, 3, 5)),
    "no space at all": ("[4]", "- linear: 10", None),
    "the wider path of a residual": (
        IMAGE,
        "- residual: {body: [{conv: {out: 3, kernel: 3, padding: 1}}]}",
        (3, 3),
    ),
    "the wider of two branches": (
        IMAGE,
        "- branches: {paths: [[], [{conv: {out: 3, kernel: 5, padding: 2}}]]}",
        (5, 5),
    ),
    "a global pool sees all and says nothing": (IMAGE, f"{CONV}- global_avg_pool", (3, 3)),
    "so does an adaptive one to one cell": (IMAGE, f"{CONV}- adaptive_avg_pool: 1", (3, 3)),
    "so does a mean": (IMAGE, f"{CONV}- mean: {{axes: [1, 2]}}", (3, 3)),
    "so does a linear layer": (IMAGE, f"{CONV}- flatten\n- linear: 10", (3, 3)),
    "upsampling halves the jump: 3 + 2 / 2": (IMAGE, f"{CONV}- upsample: 2\n{CONV}", (4, 4)),
    "beyond a window without a number": (
        "[3, H, W]",
        f"{CONV}- adaptive_avg_pool: 7\n{CONV}",
        (3, 3),
    ),
}


@pytest.mark.parametrize("case", FIELDS)
def test_receptive_field(case: str) -> None:
    image, graph, field = FIELDS[case]
    assert counts.receptive_field(model(spec(graph, image=image)).ir) == field


def test_receptive_fields_of_known_networks() -> None:
    # Araujo, Norris and Sim, Computing Receptive Fields of CNNs (2019), Table 1, for the fields
    # that depend on no change made later.
    assert graphcnn.load("vgg16").summary().receptive_field == (212, 212)
    assert graphcnn.load("alexnet").summary().receptive_field == (195, 195)


def test_scopes_are_the_uses_of_blocks() -> None:
    scopes = graphcnn.load("resnet18").summary().scopes
    assert [(scope.name, scope.block) for scope in scopes[:3]] == [
        ("layer1.0", "basic_block"),
        ("layer1.1", "basic_block"),
        ("layer2.0", "basic_block"),
    ]


def test_a_sum_without_a_short_form_is_unknown() -> None:
    deep = spec("- {conv: {out: 4, kernel: 1, stride: 2}, repeat: 50}", image="[4, H, W]")
    found = model(deep).summary().to_dict()
    assert (found["params"], found["macs"], found["activations"]) == (1000, "?", "?")
