"""Programs to graphs: what each statement makes of the values before it."""

from __future__ import annotations

import pytest

from graphcnn.ir import BlockItem, Node, RepeatItem, nodes_of
from graphcnn.ops.base import show_shape
from graphcnn.size import symbol
from tests.inline import findings, model, spec


def nodes(graph: str, head: str = "", variant: str | None = None, **more: str) -> list[Node]:
    return model(spec(graph, head=head, **more), variant).ir.nodes


def shapes(graph: str, head: str = "", **more: str) -> list[str]:
    """Each node and what comes out of it."""
    made = nodes(graph, head, **more)
    return [f"{one.op.name} {show_shape(one.outputs[0].shape or ())}" for one in made]


def reads(node: Node) -> list[str]:
    return [str(value) for value in node.inputs]


def said(graph: str, head: str = "", **more: str) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in findings(spec(graph, head=head, **more))]


# --- from and id -------------------------------------------------------------------------


def test_each_statement_takes_the_value_before_it_or_what_it_names() -> None:
    made = nodes(
        """
        - {conv: 8, id: a}
        - {conv: 8, id: b}
        - {add: {}, from: [a, prev]}
        - {concat: {}, from: [prev, image, a, a]}
        - {relu: {}, from: b}
        """
    )
    assert [reads(one) for one in made] == [
        ["image"], ["a"], ["a", "b"], ["add", "image", "a", "a"], ["b"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    ["$a", "$('a')", '\'$("a" if true else "b")\'', "$name", "'$([a])'", "'$([name])'", "[$name]"],
)
def test_from_can_be_computed(source: str) -> None:
    graph = f"- {{conv: 8, id: a}}\n- {{conv: 4, id: b}}\n- {{relu: {{}}, from: {source}}}"
    assert reads(nodes(graph, "parameters: {name: a}")[-1]) == ["a"]


@pytest.mark.parametrize(
    "structure",
    [
        "{for: {n: [0, 1]}, do: [{conv: 2, from: s.$n}]}",
        "{for: {name: [s.0, s.1]}, do: [{conv: 2, from: $name}]}",
        "graph: [{conv: 2, from: s.0}, {conv: 2, from: s.1}]",
        "sequence: [{graph: [{conv: 2, from: s.0}, {conv: 2, from: s.1}]}]",
        "residual: {body: [{conv: 2, from: s.0}], shortcut: [{conv: 2, from: s.1}]}",
        "branches: {paths: [[{conv: 2, from: s.0}], [{conv: 2, from: s.1}]], merge: add}",
    ],
)
def test_several_values_before_a_structure_that_reads_none(structure: str) -> None:
    made = nodes(f"- {{conv: 4, id: c}}\n- {{split: 2, id: s}}\n- {structure}\n- relu")
    convs = [reads(one) for one in made if one.op.name == "conv"]
    assert convs == [["image"], ["s.0"], ["s.1"]]
    assert made[-1].op.name == "relu"


def test_no_value_before_a_structure_that_reads_none() -> None:
    text = """
graphcnn: 1
name: net
inputs: {a: [4, 8, 8], b: [4, 8, 8], p1: [4, 8, 8], p2: [4, 8, 8]}
graph:
  - for: {n: [a, b]}
    do: [{conv: 2, from: $(n), id: c$n}]
"""
    assert findings(text) == []
    assert findings(text.replace("[a, b]", "[1, 2]").replace("$(n)", "p$n")) == []
    assert [one.code for one in findings(text.replace("[a, b]", "[prev, a]"))] == ["no-previous"]
    assert findings(text.replace("[a, b]", "[a, prev]")) == []  # which the first turn left
    lost = findings(text.replace("[a, b]", "$(1 + none)"))
    assert [one.code for one in lost] == ["expression-type"]
    made = model(text.replace("$(n)", "b")).ir.nodes
    assert [reads(one) for one in made] == [["b"], ["b"]]


def test_from_can_be_computed_to_a_list() -> None:
    graph = """
    - for: {k: $(range(3))}
      do: [{conv: 8, id: c$k, from: image}]
    - {concat: {}, from: "$(['c0', c2, 'prev'])"}
    """
    assert reads(nodes(graph)[-1]) == ["c0", "c2", "c2"]


def test_ids_are_interpolated_and_read_in_expressions() -> None:
    graph = """
    - for: {k: [1, 2]}
      do: [{conv: $(4 * k), id: enc$k}]
    - {conv: $(enc1.channels + enc2.channels), id: dec$(1 + 2)}
    - {conv: $dec3.channels}
    """
    assert shapes(graph)[-1] == "conv (12, 32, 32)"


def test_ids_are_seen_in_their_scope_and_those_within() -> None:
    graph = """
    - {conv: 4, id: stem}
    - sequence:
        - {conv: 5, id: inner}
        - graph:
            - {conv: $(stem.channels + inner.channels), id: both}
        - {conv: $both.channels, from: both}
      id: stage
    """
    assert shapes(graph)[-1] == "conv (9, 32, 32)"
    assert said(f"{graph}\n    - {{relu: {{}}, from: inner}}")[0][0] == "undefined-id"
    assert said(f"{graph}\n    - conv: $inner.channels")[0][0] == "unknown-name"


def test_outputs_by_number_and_by_name() -> None:
    head = """
    blocks:
      cell:
        inputs: [cur, before]
        graph:
          - {concat: {}, from: [cur, before], id: joined}
          - {conv: 4, id: kept}
        outputs: {main: joined, skip: kept, same: cur}
    """
    graph = """
    - {conv: 8, id: stem}
    - {split: 2, id: half}
    - {cell: {}, from: [half.1, stem], id: cell1}
    - {add: {}, from: [cell1.skip, half.0, cell1.same]}
    - {conv: $(cell1.main.channels + half.0.channels)}
    """
    made = nodes(graph, head)
    assert reads(made[2]) == ["half.1", "stem"]
    assert reads(made[4]) == ["cell1.kept", "half.0", "half.1"]
    assert made[-1].outputs[0].shape == (16, 32, 32)


def test_several_inputs_of_the_network() -> None:
    text = "graphcnn: 1\nname: net\ninputs: {a: [3, 8, 8], b: [5, 8, 8]}\ngraph:\n"
    made = model(text + "  - {concat: {}, from: [a, b]}\n").ir
    assert made.nodes[0].outputs[0].shape == (8, 8, 8)
    assert [one.code for one in findings(text + "  - relu\n")] == ["no-previous"]


# --- when --------------------------------------------------------------------------------


def test_what_when_leaves_out_lets_the_value_pass() -> None:
    graph = "- {conv: 8, when: $big}\n- {conv: 4, when: $(not big)}\n- relu"
    assert shapes(graph, "parameters: {big: true}") == ["conv (8, 32, 32)", "relu (8, 32, 32)"]
    assert shapes(graph, "parameters: {big: false}") == ["conv (4, 32, 32)", "relu (4, 32, 32)"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a", "a"),
        ("[a]", "a"),
        ("$('a')", "a"),
        ("[a, a]", "a"),
        ("prev", "b"),
        ("[a, prev]", "b"),
        ("[b, a]", "b"),
        ("gone", "a"),
        ("[gone, gone]", "a"),
    ],
)
def test_what_passes_by_is_what_would_have_been_taken(source: str, expected: str) -> None:
    graph = """
    - {conv: 8, id: a}
    - {tanh: {}, from: a, id: gone, when: false}
    - {conv: 8, id: b}
    - {add: {}, from: SOURCE, when: false}
    - relu
    """
    made = nodes(graph.replace("SOURCE", source))
    assert reads(made[-1]) == [expected]


def test_an_open_bypass_is_no_error_until_it_is_read() -> None:
    graph = """
    - {conv: 8, id: a}
    - {conv: 8, id: b}
    - {conv: 8, id: c}
    - {add: {}, from: [a, b], when: false}
    - {relu: {}, from: c}
    """
    assert reads(nodes(graph)[-1]) == ["c"]
    message = "the statement in line 8 is left out, and has 2 inputs that could pass by"
    assert said(graph.replace("relu: {}, from: c", "relu: {}")) == [("several-values", message)]


WRAPPERS = {
    "sequence": "{sequence: [BODY]}",
    "graph": "{graph: [BODY]}",
    "behind": "{graph: [{relu: {}, when: false}, BODY]}",
    "for": "{for: {k: [1, 2]}, do: [BODY]}",
    "repeat": "{graph: [BODY], repeat: 2}",
    "residual": "{residual: {body: [BODY], shortcut: [BODY]}}",
    "branches": "{branches: {paths: [[BODY], [BODY]], merge: add}}",
}


def of_two_inputs(graph: str) -> str:
    return spec(graph).replace("{image: [3, 32, 32]}", "{a: [4, 8, 8], b: [4, 8, 8]}")


def wrapped(*names: str, body: str = "{conv: 4, from: a}") -> str:
    for name in reversed(names):
        body = WRAPPERS[name].replace("BODY", body)
    return f"- {body}"


@pytest.mark.parametrize("outer", WRAPPERS)
def test_structures_may_begin_without_a_value(outer: str) -> None:
    """Where their first statement says `from`, however deep it lies; else there is no value."""
    for middle in WRAPPERS:
        for inner in WRAPPERS:
            names = (outer, middle, inner)
            assert not findings(of_two_inputs(wrapped(*names))), names
            refused = findings(of_two_inputs(wrapped(*names, body="{conv: 4}")))
            assert {one.code for one in refused} == {"no-previous"}, names


@pytest.mark.parametrize(
    "body", ["{for: {k: []}, do: [{conv: 4, from: a}]}", "{graph: [{relu: {}, when: false}]}"]
)
def test_what_lets_the_value_by_does_not_begin_a_graph(body: str) -> None:
    for graph in (f"- {body}\n- tanh", f"- graph: [{body}, tanh]"):
        assert [one.code for one in findings(of_two_inputs(graph))] == ["no-previous"]


@pytest.mark.parametrize("source", ["$a", "$('a')", "$([a])", "$(['a'])"])
def test_a_computed_from_begins_a_structure_too(source: str) -> None:
    graph = wrapped("sequence", "for", "branches", body=f'{{conv: 4, from: "{source}"}}')
    made = model(of_two_inputs(graph)).ir.nodes
    assert {str(node.inputs[0]) for node in made if node.op.name == "conv"} == {"a"}


@pytest.mark.parametrize(
    "body",
    [
        "{conv: 4, from: b, when: $(in.channels == 4)}",
        "{conv: 4, from: b, repeat: $(in.channels)}",
        "{conv: 4, from: b, id: c$(in.channels)}",
        "{for: {k: '$([in.channels])'}, do: [{conv: $k, from: b}]}",
        "{residual: {body: [{relu: {}, from: b}], shortcut: [{relu: {}, from: b}], skip: $(in)}}",
    ],
)
@pytest.mark.parametrize("around", [(), ("sequence",), ("branches", "for"), ("repeat", "residual")])
def test_where_no_value_enters_there_is_no_in(body: str, around: tuple[str, ...]) -> None:
    """Not even what stands in for it, which is any value."""
    found = findings(of_two_inputs(wrapped(*around, body=body)))
    assert "`in` is not defined here" in [one.message for one in found]


@pytest.mark.parametrize("source", ["$in", "prev", "$('prev')", "$([a, in])"])
def test_a_from_that_reads_what_enters_begins_nothing(source: str) -> None:
    body = f'{{add: {{}}, from: "{source}"}}'
    for around in ("sequence", "for", "branches"):
        found = findings(of_two_inputs(wrapped(around, body=body)))
        assert [one.code for one in found] == ["no-previous"]


def test_in_is_there_again_behind_the_first_from() -> None:
    graph = """
    - sequence:
        - {relu: {}, from: a, when: false}
        - conv: $in.channels
        - sequence: [{conv: "$(2 * in.channels)"}]
          from: a
    """
    assert [str(node.outputs[0].shape) for node in model(of_two_inputs(graph)).ir.nodes] == [
        "(4, 8, 8)",
        "(8, 8, 8)",
    ]


def test_an_open_bypass_has_no_outputs_to_choose_from() -> None:
    block = """
blocks:
  cell:
    inputs: [p, q]
    graph: [{add: {}, from: [p, q], when: false}]
"""
    graph = "- {conv: 3, id: a}\n- {cell: {}, from: [image, a], id: c}\n"
    for reader in (
        "",
        "- {relu: {}, from: c}",
        "- {relu: {}, from: c.0}",
        "- {relu: {}, from: prev}",
    ):
        found = findings(spec(graph + reader, head=block))
        assert [one.code for one in found] == ["several-values"]
        assert "could pass by" in found[0].message


def test_an_expression_over_what_was_left_out_says_so() -> None:
    graph = "- {conv: 4, id: p, when: false}\n- conv: $p.channels"
    assert said(graph) == [("unknown-name", "`p` was left out by its `when`")]


def test_an_output_whose_name_is_computed_may_be_left_out() -> None:
    outputs = "outputs: {side: p$n, main: q}"
    head = f"parameters: {{n: 1}}\n{outputs}"
    made = model(spec("- {conv: 4, id: p1, when: false}\n- {conv: 4, id: q}", head=head))
    assert [*made.ir.outputs] == ["main"]


def test_the_body_keeps_the_place_of_what_was_left_out() -> None:
    body = model(spec("- relu\n- {tanh: {}, when: false}")).ir.body
    assert len(body.statements) == len(body.items) == 2
    assert body.items[1] is None


def test_when_asks_for_what_enters() -> None:
    graph = "- {conv: 8, when: $(in.channels == 3)}\n- {conv: 8, when: $(in.channels == 3)}"
    assert len(nodes(graph)) == 1


def test_when_is_asked_once_for_a_repeat() -> None:
    assert said("- {relu: {}, repeat: 3, when: $(i > 0)}")[0] == (
        "unknown-name",
        "`i` is not defined here",
    )
    assert len(nodes("- {conv: 8, repeat: 3, when: $(in.channels == 3)}")) == 3


# --- repeat and for ----------------------------------------------------------------------


def test_repeat_counts_and_chains() -> None:
    made = nodes("- {conv: $(i + in.channels), repeat: 3, id: stage}")
    assert [one.outputs[0].shape for one in made] == [(3, 32, 32), (4, 32, 32), (6, 32, 32)]
    assert [reads(one) for one in made] == [["image"], ["stage.0"], ["stage.1"]]


def test_from_is_for_the_first_repetition() -> None:
    made = nodes("- {conv: 3, id: a}\n- relu\n- {add: {}, from: [a, image], repeat: 2}\n- tanh")
    assert [reads(one) for one in made[2:]] == [["a", "image"], ["add1", "image"], ["add2"]]


def test_from_of_a_repeat_may_count() -> None:
    graph = """
    - for: {k: $(range(3))}
      do: [{conv: 3, id: c$k}]
    - {add: {}, from: [image, c$i], repeat: 3}
    """
    assert [reads(one) for one in nodes(graph)[3:]] == [
        ["image", "c0"], ["add1", "c1"], ["add2", "c2"],
    ]  # fmt: skip


def test_repeat_of_nothing() -> None:
    assert reads(nodes("- relu\n- {conv: 8, repeat: 0}\n- tanh")[-1]) == ["relu"]
    assert reads(nodes("- relu\n- {conv: 8, repeat: 0, from: image}\n- tanh")[-1]) == ["image"]
    assert nodes("- {for: {k: []}, do: [relu]}\n- tanh")[0].inputs[0].name == "image"


def test_repeat_of_structures() -> None:
    graph = "- {residual: {body: [{conv: 3, id: c$i}]}, repeat: 2}\n- {relu: {}, from: c1}"
    assert [one.name for one in nodes(graph)] == ["c0", "add1", "c1", "add2", "relu"]


def test_several_lists_in_for_go_together() -> None:
    graph = "- for: {k: [1, 2], n: [3, 4]}\n  do: [{conv: $(10 * k + n)}]"
    assert shapes(graph) == ["conv (13, 32, 32)", "conv (24, 32, 32)"]


def test_loops_within_loops() -> None:
    graph = """
    - for: {k: [1, 2]}
      do:
        - for: {n: $(range(k))}
          do: [{conv: $(10 * k + n + i), repeat: 2}]
    """
    found = [one.outputs[0].shape for one in nodes(graph)]
    assert [shape and shape[0] for shape in found] == [10, 11, 20, 21, 21, 22]


def test_an_id_on_a_loop_is_a_scope() -> None:
    graph = "- for: {k: [1, 2]}\n  do: [{conv: $k, id: c$k}, relu]\n  id: loop\n- {conv: 3, id: c1}"
    names = [one.name for one in nodes(graph)]
    assert names == ["loop.c1", "loop.relu1", "loop.c2", "loop.relu2", "c1"]


# --- structure ---------------------------------------------------------------------------


def test_residual() -> None:
    made = nodes("- residual: {body: [relu, tanh], shortcut: [elu], merge: multiply}")
    assert [one.op.name for one in made] == ["relu", "tanh", "elu", "multiply"]
    assert reads(made[-1]) == ["tanh", "elu"]
    assert reads(nodes("- relu\n- residual: {body: [tanh]}")[-1]) == ["tanh", "relu"]


def test_a_residual_may_be_left_alone() -> None:
    graph = "- residual: {body: [{conv: 8}], skip: $(in.channels == 8)}"
    assert shapes(f"{graph}\n{graph}") == [
        "conv (8, 32, 32)",
        "conv (8, 32, 32)",
        "add (8, 32, 32)",
    ]


def test_branches() -> None:
    graph = "- branches: {paths: {a: [{conv: 4}], b: {conv: 5}, c: []}, merge: $how}\n- relu"
    assert shapes(graph, "parameters: {how: concat}")[-1] == "relu (12, 32, 32)"
    made = nodes(graph, "parameters: {how: concat}")
    assert reads(made[2]) == ["a.0", "b", "image"]


def test_branches_that_stay_apart() -> None:
    graph = """
    - {branches: {paths: {a: [{conv: 4}], b: {conv: 5}}, merge: none}, id: two}
    - {concat: {}, from: [two.b, two.a]}
    - {branches: {paths: {c: [relu], d: [tanh]}, merge: none}}
    - {add: {}, from: [d, c]}
    """
    made = nodes(graph)
    assert reads(made[2]) == ["two.b", "two.a.0"]
    assert reads(made[-1]) == ["d.0", "c.0"]


def test_dense() -> None:
    made = nodes("- {dense: [{conv: 4}], repeat: 3, id: block}")
    assert [one.outputs[0].shape for one in made[1::2]] == [(7, 32, 32), (11, 32, 32), (15, 32, 32)]
    assert reads(made[3]) == ["block.concat1", "block.1"]


# --- blocks ------------------------------------------------------------------------------


def test_a_block_may_use_itself_where_when_ends_it() -> None:
    head = """
    blocks:
      tree:
        parameters: {depth: int}
        graph:
          - {tree: {depth: $(depth - 1)}, when: $(depth > 1), id: left}
          - {tree: {depth: $(depth - 1)}, when: $(depth > 1), id: right}
          - {conv: $depth, id: root}
    """
    names = [one.name for one in nodes("- {tree: {depth: 3}, id: tree}", head)]
    assert names[0] == "tree.left.left.root"
    assert names[-1] == "tree.root"
    assert len(names) == 7


def test_an_item_knows_its_block_and_arguments() -> None:
    head = (
        "blocks: {unit: {parameters: {out: int}, let: {more: $(out + 1)}, graph: [{conv: $more}]}}"
    )
    made = model(spec("- {unit: {out: 4}, repeat: 2}", head=head)).ir
    (item,) = made.body.items
    assert isinstance(item, RepeatItem)
    second = item.items[1]
    assert isinstance(second, BlockItem)
    assert second.arguments == {"out": 4}
    assert second.scope["more"] == 5
    assert second.scope["x"] is made.nodes[0].outputs[0]
    assert [*nodes_of(item)] == made.nodes


def test_use_names_an_op_or_a_block() -> None:
    head = "parameters: {act: leaky_relu, unit: double}\nblocks: {double: {graph: [{conv: 6}]}}"
    graph = "- {use: $act, with: {slope: 0.3}}\n- {use: $unit}\n- {use: flatten}"
    assert shapes(graph, head) == ["leaky_relu (3, 32, 32)", "conv (6, 32, 32)", "flatten (6144,)"]


# --- reuse -------------------------------------------------------------------------------


def test_reuse_shares_weights() -> None:
    head = "blocks: {head: {graph: [{conv: 3}, relu, {conv: 3}]}}"
    graph = "- {head: {}, id: h}\n- {reuse: h}\n- {reuse: h, id: again}\n- {reuse: again}"
    made = nodes(graph, head)
    owners = [one.owner for one in made]
    assert owners[:3] == [None, None, None]
    assert owners[3:] == made[:3] * 3
    assert len(dict(pair for one in made for pair in one.weights())) == 4


def test_reuse_of_an_op_and_of_a_path() -> None:
    made = nodes("- {branches: {paths: {a: {conv: 3}, b: []}, merge: add}}\n- reuse: a")
    assert made[2].owner is made[0]
    assert made[2].op is made[0].op


def test_reuse_is_repeated() -> None:
    made = nodes("- {conv: 3, id: c}\n- {reuse: c, repeat: 3}")
    assert [one.owner for one in made] == [None, made[0], made[0], made[0]]
    assert reads(made[3]) == [str(made[2].outputs[0])]


# --- outputs -----------------------------------------------------------------------------


def outputs(text: str, variant: str | None = None) -> dict[str, str]:
    made = model(text, variant).ir.outputs
    return {name: str(one.value) for name, one in made.items()}


def test_outputs() -> None:
    assert outputs(spec("- {conv: 3, id: c}\n- relu")) == {"output": "relu"}
    assert outputs(spec("- {conv: 3, id: c}\n- relu") + "outputs: {a: c, b: prev}\n") == {
        "a": "c",
        "b": "relu",
    }
    head = "blocks: {b: {graph: [{relu: {}, id: r}], outputs: {main: r, rest: x}}}"
    assert outputs(spec("- {b: {}, id: b}", head=head)) == {"main": "b.r", "rest": "image"}


def test_an_output_is_left_out_with_its_statement() -> None:
    text = spec(
        "- {relu: {}, id: main}\n- {conv: 3, id: aux, when: $aux}",
        head="parameters: {aux: true}\nvariants: {with_aux: {}, without: {aux: false}}",
    )
    text += "outputs: {main: main, aux: {from: aux, only: training}}\n"
    assert outputs(text, "with_aux") == {"main": "main", "aux": "aux"}
    assert outputs(text, "without") == {"main": "main"}
    assert model(text, "with_aux").ir.nodes[1].training_only


# --- sizes -------------------------------------------------------------------------------


def test_symbolic_inputs() -> None:
    made = nodes("- {conv: {out: 8, kernel: 3, stride: 2, padding: 1}}", image="[3, H, 32*W]")
    h, w = symbol("H"), symbol("W")
    assert made[0].outputs[0].shape == (8, (h - 1) // 2 + 1, 16 * w)


def test_inputs_from_parameters() -> None:
    head = "parameters: {size: 8, shape: [3, 4, 4]}"
    assert shapes("- relu", head, image="[3, $size, $(2 * size)]") == ["relu (3, 8, 16)"]
    assert shapes("- relu", head, image="$shape") == ["relu (3, 4, 4)"]
    assert shapes("- relu", head, image="[$size, H, H*$size]".replace("*$size", "")) == [
        "relu (8, H, H)"
    ]


@pytest.mark.parametrize(
    ("image", "code"),
    [
        ("[3, size, 4]", "bad-value"), ("[3, H - 1, 4]", "bad-value"), ("[3, max, 4]", "bad-name"),
        ("[3, in, 4]", "bad-name"), ("$size", "wrong-type"), ("[3, $nope, 4]", "unknown-name"),
        ("[3, 0, 4]", "bad-value"), ("[3, 1.5, 4]", "wrong-type"),
        ("[3, H +, 4]", "expression-syntax"), ("[3, H // 0, 4]", "division-by-zero"),
        ("[]", "bad-value"), ("{a: 3}", "wrong-type"),
    ],
)  # fmt: skip
def test_inputs_that_are_none(image: str, code: str) -> None:
    found = said("- relu\n- conv: 8", "parameters: {size: 8}", image=image)
    assert [one for one, _ in found] == [code]


# --- going on after an error -------------------------------------------------------------

#: a mistake at the beginning, of which nothing after it must speak
MISTAKES = [
    "- {conv: {out: $nope}, id: stem}",
    "- {conv: {out: -8}, id: stem}",
    "- {conv: {out: 8, groups: 2}, id: stem}",
    "- {conv: {out: 8, kernel: 33}, id: stem}",
    "- {convv: {out: 8}, id: stem}",
    "- {unit: {}, id: stem}",
    "- {unit: {wide: a}, id: stem}",
    "- {add: {}, from: [image, nope], id: stem}",
    "- {use: $nope, id: stem}",
    "- {use: nope, id: stem}",
    "- {conv: 8, id: stem, when: $nope}",
    "- {conv: 8, id: stem, repeat: $nope}",
    "- {conv: 8, id: stem, repeat: -1}",
    "- {conv: 8, id: $nope}",
    "- {residual: {body: [{conv: 8}]}, id: stem}",
    "- {residual: {body: [{conv: 8}], skip: $nope}, id: stem}",
    "- {branches: {paths: {a: [{conv: 8}], b: []}, merge: add}, id: stem}",
    "- {for: {k: $nope}, do: [{conv: $k}], id: stem}",
    "- {for: {k: 3}, do: [{conv: $k}], id: stem}",
    "- {reuse: nope, id: stem}",
    "- {sequence: [{conv: $nope}], id: stem}",
    "- {unit: {wide: $nope}, id: stem}",
    "- {tree: {depth: $nope}, id: stem}",
]


AROUND = """
parameters: {width: 8}
blocks:
  unit: {parameters: {wide: int}, graph: [{conv: $wide}]}
  tree:
    parameters: {depth: int}
    graph:
      - {tree: {depth: $(depth - 1)}, when: $(depth > 0)}
      - {tree: {depth: $(depth - 1)}, when: $(depth > 0)}
      - residual: {body: [{conv: 8}], shortcut: [{conv: 8, when: $(x.channels != 8)}]}
  plain:
    graph:
      - residual:
          body: [{conv: {out: 16, kernel: 3, padding: 1}}]
          shortcut: [{conv: 16, when: $(x.channels != 16)}]
"""
AFTER = """
- {plain: {}, repeat: 2, from: stem}
- {concat: {}, from: [prev, stem]}
- conv: 16
- {conv: 16, id: two, when: $(in.channels == 16)}
- {add: {}, from: [prev, two]}
- global_avg_pool
- flatten
- linear: $(width + in.channels * 0)
"""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_mistake_is_one_error(mistake: str) -> None:
    found = said(mistake + AFTER, AROUND)
    assert len(found) == 1, found


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_next_mistake_is_found_as_well(mistake: str) -> None:
    found = said(f"{mistake}{AFTER}- conv: 8\n", AROUND)
    assert "wrong-rank" in [code for code, _ in found]
    assert len(found) == 2, found


def test_what_is_reported_once_stays_so_in_every_use_and_variant() -> None:
    head = """
    parameters: {n: 1}
    variants: {a: {}, b: {n: 2}, c: {n: 3}}
    blocks: {unit: {graph: [{conv: {out: 8, groups: 2}}]}}
    """
    assert len(said("- {unit: {}, repeat: 5}\n- unit\n- {conv: 3}\n- unit", head)) == 1


def test_findings_say_how_they_were_reached() -> None:
    head = """
    blocks:
      inner: {parameters: {k: int}, graph: [{conv: {out: 8, kernel: $k}}]}
      outer: {graph: [{for: {k: [1, 99]}, do: [{inner: {k: $k}}]}]}
    """
    (found,) = findings(spec("- {outer: {}, repeat: 2}", head=head))
    assert found.notes == (
        "the input is (8, 32, 32), from `conv` in line 4",
        "in block `inner`, used at net.yaml:5",
        "in turn 2 of line 5, with k = 99",
        "in block `outer`, used at net.yaml:8",
    )


def test_a_turn_is_named_by_its_number_and_the_first_items_of_its_lists() -> None:
    rows = "[[1, 64], [3, true, a, [5], 9]]"
    statement = f"- {{for: {{row: {rows}, n: [1, 2]}}, do: [{{conv: '$(2 - row[0])'}}]}}"
    (found,) = findings(spec(statement))
    assert found.notes[-1] == "in turn 2 of line 5, with row = [3, true, `a`, a list, …], n = 2"


# --- bounds ------------------------------------------------------------------------------

EXPLODES = [
    ("- {relu: {}, repeat: 100000000}", ""),
    ("- {sequence: [], repeat: 100000000}", ""),
    ("- {sequence: [{sequence: [relu], repeat: 9999}], repeat: 9999}", ""),
    ("- {for: {a: $n}, do: [{for: {b: $n}, do: []}]}", "let: {n: $(range(9999))}"),
    ("- b20", "blocks:\n  b0: {graph: [relu]}\n" + "".join(
        f"  b{k}: {{graph: [b{k - 1}, b{k - 1}]}}\n" for k in range(1, 21))),
]  # fmt: skip


@pytest.mark.parametrize(("graph", "head"), EXPLODES)
def test_what_explodes_is_stopped(graph: str, head: str) -> None:
    assert [code for code, _ in said(graph, head)] == ["too-many-nodes"]


def test_variants_share_the_bounds() -> None:
    variants = "".join(f"  v{k}: {{n: {k}}}\n" for k in range(1000))
    head = f"parameters: {{n: 1}}\nvariants:\n{variants}"
    assert [code for code, _ in said("- {relu: {}, repeat: 2000}", head)] == ["too-many-nodes"]


def test_recursion_that_does_not_end_is_found_soon() -> None:
    head = """
    blocks:
      t:
        parameters: {d: int}
        graph:
          - {t: {d: $(d + 1)}, when: $(d > 0)}
          - {t: {d: $(d + 1)}, when: $(d > 0)}
    """
    assert [code for code, _ in said("- t: {d: 1}", head)] == ["endless-recursion"]


def test_nesting_is_bounded_and_what_is_allowed_works() -> None:
    head = """
    blocks:
      t:
        parameters: {d: int}
        graph:
          - residual: {body: [{t: {d: $(d - 1)}, when: $(d > 0)}, relu]}
    """
    assert len(nodes("- t: {d: 45}", head)) == 92
    body = "[relu]"
    for _ in range(40):
        body = f"[{{sequence: {body}}}]"
    assert len(nodes(f"- sequence: {body}")) == 1
    deep = head.replace("body: [{t", "body: [{sequence: [{t").replace(", relu]", "]}, relu]")
    assert [code for code, _ in said("- t: {d: 45}", deep)] == ["too-deep"]
