"""Layers that have equal shapes: told apart by what they are, or refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import safetensors.torch
import torch
from click.testing import CliRunner
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import graphcnn
from graphcnn import cli
from graphcnn.compiler import Model
from graphcnn.weights import WeightsError
from tests.weights.files import drawn, got, net, same

SUFFIXES = (".weights.h5", ".keras", ".h5")


def filled(live: Any) -> Any:
    """A Keras model whose weights all differ."""
    generator = np.random.default_rng(0)
    for variable in live.variables:
        if "seed" not in variable.path:
            variable.assign(generator.random(variable.shape) + 0.1)
    return live


def kept(live: Any, path: Path) -> Path:
    live.save_weights(path) if path.name.endswith(".weights.h5") else live.save(path)
    return path


def agrees(model: Model, weights: Any, live: Any) -> None:
    """See that the model with these weights computes what a Keras model does."""
    import keras

    module = graphcnn.torch_module(model).eval()
    module.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    (image,) = model.ir.inputs.values()
    shape = [int(str(size)) for size in image.shape or ()]
    x = np.random.default_rng(1).random((2, *shape)).astype(np.float32)
    with torch.no_grad():
        found = module(torch.tensor(x)).numpy()
    expected = keras.ops.convert_to_numpy(live(np.moveaxis(x, 1, -1), training=False))
    if found.ndim == expected.ndim > 2:
        expected = np.moveaxis(expected, -1, 1)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * np.abs(expected).max())


def unclear(path: Path, model: Model) -> str:
    with pytest.raises(WeightsError) as caught:
        got(path, model, structural=True)
    return next(p for p in caught.value.problems if p.startswith("open: "))


# Keras


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_projections_of_attention_have_names(suffix: str, tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    model = net(
        "- {conv: {out: 4, kernel: 1}, id: c}\n- reshape: [4, 16]\n- permute: [1, 0]\n"
        "- {attention: {heads: 2}, id: first}\n- {attention: {heads: 2}, id: second}\n"
        "- {mean: [0]}\n- {linear: 3, id: f}",
        "[3, 4, 4]",
    )
    image = keras.Input((4, 4, 3))
    x = layers.Reshape((16, 4))(layers.Conv2D(4, 1)(image))
    for _ in range(2):
        x = layers.MultiHeadAttention(2, 2)(x, x)
    x = layers.Dense(3)(layers.GlobalAveragePooling1D()(x))
    live = filled(keras.Model(image, x))
    agrees(model, got(kept(live, tmp_path / f"w{suffix}"), model, structural=True), live)


KINDS = """
- {conv_transpose: {out: 4, kernel: 3, padding: same}, id: up}
- {layer_norm: {axes: [0], eps: 1.0e-3}, id: level}
- {conv: {out: 4, kernel: 3, padding: same}, id: c}
- {group_norm: {groups: 2, eps: 1.0e-3}, id: grouped}
- {linear: 3, id: f, from: $before}
"""


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_kinds_of_layers_tell_them_apart(suffix: str, tmp_path: Path) -> None:
    """Keras sorts a file by classes, in which a convolution comes before a transposed one."""
    import keras

    layers = keras.layers
    model = net(KINDS.rpartition("- {linear")[0], "[4, 5, 5]")
    image = keras.Input((5, 5, 4))
    x = layers.Conv2DTranspose(4, 3, padding="same")(image)
    x = layers.Conv2D(4, 3, padding="same")(layers.LayerNormalization()(x))
    live = filled(keras.Model(image, layers.GroupNormalization(2)(x)))
    agrees(model, got(kept(live, tmp_path / f"w{suffix}"), model, structural=True), live)


BRANCHES = """
- {conv: {out: 4, kernel: 1}, id: b1, from: image}
- {conv: {out: 4, kernel: 1}, id: a1, from: image}
- {conv: {out: 4, kernel: 1}, id: a2}
- {conv: {out: 4, kernel: 1}, id: a3}
- {concat: {}, from: [a3, b1]}
- {global_avg_pool: {}}
- flatten
- {linear: 2, id: f}
"""


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_numbers_of_layers_decide(suffix: str, tmp_path: Path) -> None:
    """Keras keeps the layers of a model by how deep they are, and not as they were made."""
    import keras

    layers = keras.layers
    keras.backend.clear_session()
    image = keras.Input((5, 5, 4))
    b = layers.Conv2D(4, 1)(image)
    a = layers.Conv2D(4, 1)(image)
    a = layers.Conv2D(4, 1)(a)
    a = layers.Conv2D(4, 1)(a)
    x = layers.GlobalAveragePooling2D()(layers.Concatenate()([a, b]))
    live = filled(keras.Model(image, layers.Dense(2)(x)))
    made = [one.name for one in live.layers if one.name.startswith("conv2d")]
    assert made != sorted(made)
    model = net(BRANCHES, "[4, 5, 5]")
    agrees(model, got(kept(live, tmp_path / f"w{suffix}"), model, structural=True), live)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_numbers_of_layers_that_were_made_in_another_order(suffix: str, tmp_path: Path) -> None:
    """An outer call makes its layer before the inner one; then no number says anything."""
    import keras

    layers = keras.layers
    keras.backend.clear_session()
    image = keras.Input((5, 5, 4))
    a = layers.Conv2D(4, 1)(image)
    a = layers.Conv2D(4, 1)(layers.Conv2D(4, 1)(a))
    row = filled(keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(a))))
    statements = BRANCHES.splitlines()
    alone = net("\n".join([*statements[2:5], *statements[6:]]) + "\n", "[4, 5, 5]")
    agrees(alone, got(kept(row, tmp_path / f"w{suffix}"), alone, structural=True), row)
    b = layers.Conv2D(4, 1)(image)
    x = layers.GlobalAveragePooling2D()(layers.Concatenate()([a, b]))
    live = filled(keras.Model(image, layers.Dense(2)(x)))
    unclear(kept(live, tmp_path / f"x{suffix}"), net(BRANCHES, "[4, 5, 5]"))


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_what_a_layer_needs_is_held_against_its_number(suffix: str, tmp_path: Path) -> None:
    """The row was made first here, so that numbers would make its last layer the one beside it."""
    import keras

    layers = keras.layers
    keras.backend.clear_session()
    image = keras.Input((5, 5, 4))
    a = layers.Conv2D(4, 1)(image)
    a = layers.Conv2D(4, 1)(a)
    a = layers.Conv2D(4, 1)(a)
    b = layers.Conv2D(4, 1)(image)
    x = layers.GlobalAveragePooling2D()(layers.Concatenate()([a, b]))
    live = filled(keras.Model(image, layers.Dense(2)(x)))
    unclear(kept(live, tmp_path / f"w{suffix}"), net(BRANCHES, "[4, 5, 5]"))


def test_names_by_hand_decide_nothing_side_by_side(tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    image = keras.Input((5, 5, 4))
    a = layers.Conv2D(4, 1, name="one_x")(image)
    a = layers.Conv2D(4, 1, name="three_x")(layers.Conv2D(4, 1, name="two_x")(a))
    b = layers.Conv2D(4, 1, name="side_x")(image)
    x = layers.GlobalAveragePooling2D()(layers.Concatenate()([a, b]))
    live = filled(keras.Model(image, layers.Dense(2, name="f")(x)))
    said = unclear(kept(live, tmp_path / "w.keras"), net(BRANCHES, "[4, 5, 5]"))
    assert "which of " in said
    assert "is which of b1, a1, a2, a3:" in said


# PyTorch


class Block(nn.Module):
    """It registers its shortcut before its body, and runs the body first."""

    def __init__(self, shortcut: str, body: str) -> None:
        super().__init__()
        self.names = shortcut, body
        setattr(self, shortcut, nn.Conv2d(4, 4, 1))
        setattr(self, body, nn.Conv2d(4, 4, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        shortcut, body = (getattr(self, name) for name in self.names)
        found: torch.Tensor = torch.relu(body(x)) + shortcut(x)
        return found


RESIDUAL = "".join(
    f"""
- residual:
    body: [{{conv: {{out: 4, kernel: 1}}, id: f}}, relu]
    shortcut: [{{conv: {{out: 4, kernel: 1}}, id: proj}}]
  id: block{n}
"""
    for n in range(2)
)


def test_ends_of_names_decide(tmp_path: Path) -> None:
    model = net(RESIDUAL, "[4, 5, 5]")
    theirs = nn.Sequential(Block("proj", "f"), Block("proj", "f"))
    torch.save(theirs.state_dict(), tmp_path / "w.pt")
    module = graphcnn.torch_module(model)
    found = got(tmp_path / "w.pt", model, structural=True)
    module.load_state_dict({name: torch.tensor(array) for name, array in found.items()})
    x = torch.randn(2, 4, 5, 5)
    torch.testing.assert_close(module(x), theirs(x))


def test_the_order_of_what_is_side_by_side_decides_nothing(tmp_path: Path) -> None:
    theirs = nn.Sequential(Block("shortcut", "body"), Block("shortcut", "body"))
    torch.save(theirs.state_dict(), tmp_path / "w.pt")
    said = unclear(tmp_path / "w.pt", net(RESIDUAL, "[4, 5, 5]"))
    assert said.startswith("open: which of 0.shortcut, 0.body, 1.shortcut, 1.body is which of ")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("conv: {out: 4, kernel: 3}", "conv_transpose: {out: 4, kernel: 3}"),
        ("layer_norm: {axes: [0]}", "group_norm: {groups: 2}"),
    ],
)
def test_kinds_that_a_file_does_not_say(first: str, second: str, tmp_path: Path) -> None:
    model = net(f"- {{{first}, id: a}}\n- {{{second}, id: b}}\n", "[4, 9, 9]")
    weights = drawn(model)
    renamed = {f"x{name}": torch.tensor(weights[name]) for name in reversed(weights)}
    torch.save(renamed, tmp_path / "w.pt")
    assert "xb, xa is which of a, b" in unclear(tmp_path / "w.pt", model)
    ends = {f"x.{name}": tensor for name, tensor in zip(reversed(weights), renamed.values())}  # noqa: B905
    torch.save(ends, tmp_path / "w.pt")
    same(got(tmp_path / "w.pt", model, structural=True), weights)


ROW = "".join(f"- {{conv: {{out: 3, kernel: 1}}, id: {name}}}\n" for name in "zyx")


def test_an_alphabet_is_no_order(tmp_path: Path) -> None:
    """Files of the safetensors library are sorted by name; those of PyTorch are as registered."""
    model = net(ROW)
    weights = drawn(model)
    state = {
        f"{name}_{key}": torch.tensor(weights[key])
        for name, keys in (("w", "z"), ("a", "y"), ("m", "x"))
        for key in (f"{keys}.weight", f"{keys}.bias")
    }
    state = {
        name.replace("_z.", ".").replace("_y.", ".").replace("_x.", "."): t
        for name, t in state.items()
    }
    torch.save(state, tmp_path / "w.pt")
    same(got(tmp_path / "w.pt", model, structural=True), weights)
    safetensors.torch.save_file(state, tmp_path / "w.safetensors")
    assert "which of a, m, w is which of z, y, x" in unclear(tmp_path / "w.safetensors", model)


def test_what_order_decided_is_counted(tmp_path: Path) -> None:
    model = net(ROW)
    state = {f"layers.{n}": nn.Conv2d(3, 3, 1) for n in range(3)}
    torch.save(
        {f"{a}.{b}": t for a, one in state.items() for b, t in one.state_dict().items()},
        tmp_path / "w.pt",
    )
    (tmp_path / "net.yaml").write_text(model.program.file.text, encoding="utf-8")
    arguments = ["weights", "convert", str(tmp_path / "w.pt"), str(tmp_path / "o.pt")]
    more = ["--model", str(tmp_path / "net.yaml"), "--structural"]
    result = CliRunner().invoke(cli.main, [*arguments, *more])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-1] == (
        "  3 of these layers have the shapes of others: their order decided"
    )


# ONNX


def test_onnx_has_an_order_and_kinds(tmp_path: Path) -> None:
    """Initialisers come in any order; nodes run in theirs, and say how they multiply."""
    layers = "".join(f"- {{linear: 6, id: {name}}}\n" for name in "abc")
    model = net(f"- flatten\n{layers}", "[6, 1, 1]")
    weights = drawn(model)
    nodes, tensors, last = [], [], "x"
    for name, columns in (("a", True), ("b", False), ("c", True)):
        kernel = weights[f"{name}.weight"]
        theirs = {"a": "w2", "b": "w0", "c": "w1"}[name]
        array = np.ascontiguousarray(kernel.T) if columns else kernel
        tensors.append(numpy_helper.from_array(array, f"{theirs}.weight"))
        tensors.append(numpy_helper.from_array(weights[f"{name}.bias"], f"{theirs}.bias"))
        read = [last, f"{theirs}.weight", f"{theirs}.bias"]
        nodes.append(helper.make_node("Gemm", read, [name], transB=0 if columns else 1))
        last = name
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "g", [value("x", TensorProto.FLOAT, ["n", 6])],
        [value(last, TensorProto.FLOAT, ["n", 6])], sorted(tensors, key=lambda one: one.name),
    )  # fmt: skip
    onnx.save(helper.make_model(graph), tmp_path / "w.onnx")
    rules = tmp_path / "rules.yaml"
    rules.write_text("- w2(.*): a\\1\n- w0(.*): b\\1\n- w1(.*): c\\1\n", encoding="utf-8")
    same(got(tmp_path / "w.onnx", model, rules=rules), weights)
    same(got(tmp_path / "w.onnx", model, structural=True), weights)
