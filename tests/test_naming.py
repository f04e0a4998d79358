"""Names of nodes and scopes, as a published checkpoint would have them."""

from __future__ import annotations

import pytest

from graphcnn.ir import BranchesItem, Item
from tests.inline import findings, model, spec


def names(graph: str, head: str = "", **more: str) -> list[str]:
    return [node.name for node in model(spec(graph, head=head, **more)).ir.nodes]


def items(graph: str, head: str = "") -> list[Item]:
    return [item for item in model(spec(graph, head=head)).ir.body.items if item is not None]


UNIT = "blocks: {unit: {graph: [{conv: 3}, relu]}, row: {sequence: [{conv: 3}, relu]}}"


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ("- relu", ["relu"]),
        ("- relu\n- relu", ["relu1", "relu2"]),
        ("- conv: 3", ["conv1"]),
        ("- batch_norm", ["bn1"]),
        ("- flatten\n- linear: 3", ["flatten", "fc"]),
        ("- flatten\n- linear: 3\n- linear: 3", ["flatten", "fc1", "fc2"]),
        ("- max_pool: 2\n- global_avg_pool", ["maxpool", "avgpool"]),
        ("- {conv: 3, id: a}\n- conv: 3", ["a", "conv1"]),
        ("- {conv: 3, id: conv1}\n- conv: 3", ["conv1", "conv2"]),
        ("- {conv: 3, id: relu}\n- relu", ["relu", "relu1"]),
        ("- sequence: [{conv: 3}, relu]", ["sequence.0", "sequence.1"]),
        ("- {sequence: [{conv: 3}, relu], id: s}", ["s.0", "s.1"]),
        ("- {sequence: [{conv: 3, id: c}, relu], id: s}", ["s.c", "s.1"]),
        ("- {sequence: [{relu: {}, when: false}, relu], id: s}", ["s.0"]),
        ("- {sequence: [sequence: [relu]], id: s}", ["s.0.0"]),
        ("- {sequence: [graph: [relu, {conv: 3}]], id: s}", ["s.0.relu", "s.0.conv1"]),
        ("- graph: [relu, {conv: 3}]\n- relu", ["relu1", "conv1", "relu2"]),
        ("- {graph: [relu, {conv: 3}], id: g}\n- relu", ["g.relu", "g.conv1", "relu"]),
        ("- unit", ["unit.conv1", "unit.relu"]),
        ("- unit\n- unit", ["unit1.conv1", "unit1.relu", "unit2.conv1", "unit2.relu"]),
        ("- {unit: {}, id: u}", ["u.conv1", "u.relu"]),
        ("- row", ["row.0", "row.1"]),
        ("- {relu: {}, repeat: 2}", ["relu1", "relu2"]),
        ("- {relu: {}, repeat: 2, id: r}", ["r.0", "r.1"]),
        ("- {unit: {}, repeat: 2, id: r}", ["r.0.conv1", "r.0.relu", "r.1.conv1", "r.1.relu"]),
        ("- {unit: {}, repeat: 2}", ["unit1.conv1", "unit1.relu", "unit2.conv1", "unit2.relu"]),
        ("- {sequence: [relu], repeat: 2}", ["sequence1.0", "sequence2.0"]),
        ("- {sequence: [relu], repeat: 2, id: r}", ["r.0.0", "r.1.0"]),
        ("- {sequence: [{relu: {}, repeat: 2}, tanh], id: s}", ["s.0", "s.1", "s.2"]),
        ("- {for: {k: [1, 2]}, do: [relu]}", ["relu1", "relu2"]),
        ("- {for: {k: [1, 2]}, do: [{relu: {}, id: r$k}]}", ["r1", "r2"]),
        ("- {sequence: [{for: {k: [1, 2]}, do: [relu]}, tanh], id: s}", ["s.0", "s.1", "s.2"]),
        ("- {for: {k: [1, 2]}, do: [relu], id: f}", ["f.relu1", "f.relu2"]),
        ("- residual: {body: [relu]}", ["relu", "add"]),
        ("- {residual: {body: [relu]}, id: r}", ["r.relu", "r.add"]),
        ("- residual: {body: [relu]}\n- residual: {body: [tanh]}",
         ["relu", "add1", "tanh", "add2"]),
        ("- {sequence: [residual: {body: [relu]}], id: s}", ["s.0", "s.add"]),
        ("- branches: {paths: [[relu], [tanh]]}", ["relu", "tanh", "concat"]),
        ("- branches: {paths: {a: [relu], b: {tanh: {}}}}", ["a.0", "b", "concat"]),
        ("- {branches: {paths: {a: [relu], b: {unit: {}}}}, id: p}",
         ["p.a.0", "p.b.conv1", "p.b.relu", "p.concat"]),
        ("- branches: {paths: {a: {residual: {body: [relu]}}}}", ["a.relu", "a.add", "concat"]),
        ("- branches: {paths: {a: {relu: {}, repeat: 2}}}", ["a.0", "a.1", "concat"]),
        ("- {dense: [{conv: 3}], repeat: 2, id: d}", ["d.0", "d.concat1", "d.1", "d.concat2"]),
        ("- {dense: [{unit: {}, id: layer$(i + 1)}], repeat: 2, id: d}",
         ["d.layer1.conv1", "d.layer1.relu", "d.concat1", "d.layer2.conv1", "d.layer2.relu",
          "d.concat2"]),
        ("- {conv: 3, id: c}\n- reuse: c\n- reuse: c", ["c", "conv1", "conv2"]),
        ("- {unit: {}, id: u}\n- reuse: u", ["u.conv1", "u.relu", "u1.conv1", "u1.relu"]),
    ],
)  # fmt: skip
def test_names(graph: str, expected: list[str]) -> None:
    assert names(graph, UNIT) == expected


def test_no_name_is_given_twice() -> None:
    """Labels that look like numbered ones, and inputs, are stepped over."""
    head = "blocks: {conv1: {graph: [relu]}, relu2: {graph: [relu]}}"
    found = names("- conv: 3\n- conv1\n- relu\n- relu2\n- relu\n- relu", head)
    assert len(set(found)) == len(found)
    text = "graphcnn: 1\nname: net\ninputs: {relu: [3, 8, 8]}\ngraph:\n  - relu\n"
    assert [node.name for node in model(text).ir.nodes] == ["relu1"]


def test_items_know_the_scope_that_they_open() -> None:
    head = UNIT
    graph = "- {unit: {}, id: u}\n- {unit: {}, repeat: 2, id: r}\n- residual: {body: [relu]}"
    assert [item.name for item in items(graph, head)] == ["u", "r", ""]
    (item,) = items("- branches: {paths: {a: [relu], b: {tanh: {}}}}")
    assert isinstance(item, BranchesItem)
    assert [body.name for _, body in item.paths] == ["a", ""]


def test_names_are_bounded() -> None:
    graph = "[{relu: {}, id: end}]"
    for _ in range(7):
        graph = f"[{{sequence: {graph}, id: {'a' * 90}}}]"
    (found,) = findings(spec(f"- sequence: {graph}"))
    assert found.code == "too-long"
