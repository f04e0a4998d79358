"""Checkpoints of others: rules, and matching by order and shape."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import torch
from click.testing import CliRunner
from torch import nn

import graphcnn
from graphcnn import cli
from graphcnn.compiler import Model
from graphcnn.diagnostics import SpecError, UsageError
from graphcnn.weights import WeightsError
from graphcnn.weights.rules import MAX_NAME, read_rules
from tests.backends import keras_models
from tests.backends.keras_models import outputs
from tests.weights.files import Arrays, drawn, got, net, put, same

TWO = """
- {conv: {out: 4, kernel: 3}, id: first}
- {batch_norm: {}, id: norm}
- {conv: {out: 4, kernel: 3}, id: second}
- flatten
- {linear: 2, id: fc}
"""


@pytest.fixture(scope="module")
def two() -> Model:
    return net(TWO)


@pytest.fixture(scope="module")
def weights(two: Model) -> Arrays:
    return drawn(two)


def saved(path: Path, arrays: Arrays) -> Path:
    torch.save({name: torch.tensor(array) for name, array in arrays.items()}, path)
    return path


def rules(folder: Path, text: str) -> Path:
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, model: Model, **options: Any) -> list[str]:
    with pytest.raises(WeightsError) as caught:
        got(path, model, **options)
    return sorted(caught.value.problems)


# rules


def test_the_first_rule_that_fits_a_whole_name_counts(
    two: Model, weights: Arrays, tmp_path: Path
) -> None:
    path = saved(
        tmp_path / "w.pt",
        {name.replace("norm", "bn").replace("fc", "head.0"): a for name, a in weights.items()}
        | {"extra.bn.weight": np.zeros(3, np.float32)},
    )
    text = (
        "- bn\\.(?P<what>.*): norm.\\g<what>\n"  # not `extra.bn`
        "- (?i)HEAD\\.\\d\\.(weight): fc.\\1\n"
        "- head\\.(?:0\\.weight|\\d\\.(bias)): fc.\\1\n"
        "- .*: none\n"
    )
    same(got(path, two, rules=rules(tmp_path, text)), weights)


def test_a_rule_that_fits_nothing_is_a_mistake(two: Model, weights: Arrays, tmp_path: Path) -> None:
    path = saved(tmp_path / "w.pt", {n.replace("fc", "head"): a for n, a in weights.items()})
    text = "- head.(.*): fc.\\1\n- head.bias: fc.bias\n- fc: none\n- norm.weight: none\n- h: none\n"
    file = tmp_path / "rules.yaml"
    assert problems(path, two, rules=rules(tmp_path, text)) == [
        f"{file}:{line}:3: this rule fits no tensor, or an earlier one always does"
        for line in (2, 3, 5)
    ]


def test_a_name_that_fits_needs_no_rule(two: Model, weights: Arrays, tmp_path: Path) -> None:
    text = rules(tmp_path, "- .*: none\n")
    same(got(saved(tmp_path / "w.pt", weights), two, rules=text), weights)


def test_what_rules_leave_is_said(two: Model, weights: Arrays, tmp_path: Path) -> None:
    arrays = {name: a for name, a in weights.items() if not name.startswith("fc")}
    path = saved(
        tmp_path / "w.pt",
        {**arrays, "a.weight": weights["fc.weight"], "b": weights["fc.bias"], "c": np.zeros(4)},
    )
    text = rules(tmp_path, "- a.weight: fc2.weight\n- b: first.bias\n- c: fc.bias\n")
    assert problems(path, two, rules=text) == [
        "another shape: fc.bias, here c, is (4,), not (2,)",
        "left over: a.weight (2, 784), which a rule calls fc2.weight",
        "missing: fc.weight (2, 784)",
        "twice: first.bias is both first.bias and b",
    ]


MISTAKES = {
    "a: b\n": "rules.yaml:1:1: a rules file is a list of at most 1,000 rules",
    "- a\n": "rules.yaml:1:3: a rule is `pattern: name`, one in each item of the list",
    "- {a: b, c: d}\n": "rules.yaml:1:3: a rule is `pattern: name`, one in each item of the list",
    "- a: [b]\n": "rules.yaml:1:6: a tensor's new name is a text, or none to leave it out",
    "- a: 3\n": "rules.yaml:1:6: a tensor's new name is a text, or none to leave it out",
    "- (a: b\n": "rules.yaml:1:3: this is no regular expression of RE2: missing ): (a",
    "- (a)\\1: b\n": "rules.yaml:1:3: this is no regular expression of RE2: ",
    "- (?=a)b: b\n": "rules.yaml:1:3: this is no regular expression of RE2: ",
    "- (a): \\2\n": "rules.yaml:1:8: `\\2` is none of the 1 groups of the expression",
    "- (a): \\g<b>\n": "rules.yaml:1:8: `\\g<b>` is none of the 1 groups of the expression",
    "- (a): \\w\n": "rules.yaml:1:8: `\\w` is none of the 1 groups of the expression",
    f"- {'a' * 501}: b\n": "rules.yaml:1:3: a rule has at most 500 characters on each side",
    "- ((a{1000}){1000}){1000}: b\n": "rules.yaml:1:3: this is no regular expression of RE2: ",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_in_the_rules_has_its_place(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_rules(rules(tmp_path, text))
    (detail,) = caught.value.details
    assert detail.startswith(f"{tmp_path}/{MISTAKES[text]}")


def test_all_mistakes_are_said_as_far_as_anyone_reads(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_rules(rules(tmp_path, "- a\n" * 1000))
    assert caught.value.details[-1] == "and 980 more"
    with pytest.raises(UsageError, match="at most 1,000 rules"):
        read_rules(rules(tmp_path, "- a: b\n" * 1001))
    with pytest.raises(SpecError):
        read_rules(rules(tmp_path, "- [a"))
    with pytest.raises(UsageError, match="no such file"):
        read_rules(tmp_path / "none.yaml")


def test_no_expression_takes_long(tmp_path: Path) -> None:
    text = "- (a*)*b: c\n- (a|a)*b: c\n- (a|aa)+$b: c\n" * 300
    given = read_rules(rules(tmp_path, text))
    start = time.monotonic()
    for _ in range(10):
        assert given.renamed("a" * MAX_NAME) == []
    assert time.monotonic() - start < 5
    assert given.renamed("a" * MAX_NAME + "b") == []


# by order and shape


class Other(nn.Module):
    """The same layers under other names."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 3))
        self.tail = nn.Linear(784, 2)


def test_layers_are_matched_and_listed(two: Model, tmp_path: Path) -> None:
    state = Other().state_dict()
    state["body.1.weight"].normal_()
    torch.save(state, tmp_path / "w.pt")
    found = got(tmp_path / "w.pt", two, structural=True)
    pairs = {"first": "body.0", "norm": "body.1", "second": "body.2", "fc": "tail"}
    theirs = {name: name.replace(module := name.partition(".")[0], pairs[module]) for name in found}
    for name, array in found.items():
        np.testing.assert_array_equal(array, state[theirs[name]].numpy())
    spec = tmp_path / "net.yaml"
    spec.write_text(two.program.file.text, encoding="utf-8")
    arguments = ["weights", "convert", str(tmp_path / "w.pt"), str(tmp_path / "w.onnx")]
    result = CliRunner().invoke(cli.main, [*arguments, "--model", str(spec), "--structural"])
    said = "10 by order and shape, 1 passed over"
    assert result.stdout.splitlines() == [
        f"{tmp_path}/w.onnx: 10 tensors, 1,846 numbers ({said})",
        *(f"  {name} is {theirs[name]} {tuple(state[theirs[name]].shape)}" for name in found),
    ]


def test_names_come_first(two: Model, weights: Arrays, tmp_path: Path) -> None:
    """Of the layers that are alike, one is called by its name."""
    model = net("- {conv: {out: 3, kernel: 1}, id: a}\n- {conv: {out: 3, kernel: 1}, id: b}")
    arrays = drawn(model)
    renamed = {name.replace("a.", "x."): array for name, array in reversed(arrays.items())}
    same(got(saved(tmp_path / "w.pt", renamed), model, structural=True), arrays)


def test_ten_comes_behind_nine(tmp_path: Path) -> None:
    model = net("- sequence: [{conv: {out: 3, kernel: 1}}]\n  repeat: 12\n  id: layer")
    arrays = drawn(model)
    renamed = {name.replace("layer", "blocks"): array for name, array in arrays.items()}
    safetensors.numpy.save_file(renamed, tmp_path / "w.safetensors")  # sorts them by name
    same(got(tmp_path / "w.safetensors", model, structural=True), arrays)


def test_what_does_not_fit_is_left(two: Model, weights: Arrays, tmp_path: Path) -> None:
    renamed = {f"x.{name}": array for name, array in weights.items()}
    renamed["y.weight"], renamed["y.bias"] = renamed["x.second.weight"], renamed["x.second.bias"]
    del renamed["x.fc.bias"]
    assert problems(saved(tmp_path / "w.pt", renamed), two, structural=True) == [
        "left over: x.fc.weight (2, 784)",
        "left over: x.second.bias (4,)",
        "left over: x.second.weight (4, 4, 3, 3)",
        "left over: y.bias (4,)",
        "left over: y.weight (4, 4, 3, 3)",
        "missing: fc.bias (2,)",
        "missing: fc.weight (2, 784)",
        "missing: second.bias (4,)",
        "missing: second.weight (4, 4, 3, 3)",
    ]


# somebody else's Keras model

PICTURE = "[3, 12, 12]"
VGG = """
- {conv: {out: 4, kernel: 3, padding: 1}, id: a}
- relu
- {depthwise_conv: {kernel: 3}, id: d}
- {batch_norm: {eps: 1.0e-3}, id: n}
- {max_pool: {kernel: 2}}
- flatten
- dropout: 0.3
- {linear: 6, id: f}
- relu
- {linear: 2, id: g}
"""


def keras_made() -> Any:
    import keras  # after the settings that `keras_models` makes for it

    layers = keras.layers
    live = keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Conv2D(4, 3, padding="same", activation="relu", name="conv_a"),
            layers.DepthwiseConv2D(3, name="filter"),
            layers.BatchNormalization(name="norm"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(6, activation="relu", name="hidden"),
            layers.Dense(2, name="logits"),
        ]
    )
    for variable in live.variables:
        variable.assign(np.random.default_rng(len(variable.path)).random(variable.shape) / 2)
    return live


RULES = """
- conv_a/(kernel|0): a.weight
- conv_a/(bias|1): a.bias
- filter/(kernel|0): d.weight
- filter/(bias|1): d.bias
- norm/(gamma|0): n.weight
- norm/(beta|1): n.bias
- norm/(moving_mean|2): n.running_mean
- norm/(moving_variance|3): n.running_var
- hidden/(kernel|0): f.weight
- hidden/(bias|1): f.bias
- logits/(kernel|0): g.weight
- logits/(bias|1): g.bias
"""


@pytest.mark.parametrize("suffix", [".weights.h5", ".keras", ".h5"])
def test_a_keras_model_of_others(suffix: str, tmp_path: Path) -> None:
    """It flattens with the channels last, and what reads that is put in order."""
    live = keras_made()
    path = tmp_path / f"w{suffix}"
    live.save_weights(path) if suffix == ".weights.h5" else live.save(path)
    if suffix == ".h5":
        import h5py

        with h5py.File(path, "a") as file:  # as in a file of weights alone
            group = file["model_weights"]
            for key, value in group.attrs.items():
                file.attrs[key] = value
            for key in group:
                file[key] = group[key]
    model = net(VGG, image=PICTURE)
    by_rules = got(path, model, rules=rules(tmp_path, RULES))
    same(got(path, model, structural=True), by_rules)
    module = graphcnn.torch_module(model).eval()
    module.load_state_dict({name: torch.tensor(array) for name, array in by_rules.items()})
    x = np.random.default_rng(0).random((2, 3, 12, 12)).astype(np.float32)
    with torch.no_grad():
        found = module(torch.tensor(x)).numpy()
    expected = np.asarray(live(np.moveaxis(x, 1, -1)))
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    # Once it is ours, it flattens as we do.
    ours = keras_models.built(model)
    ours.load_weights(put(tmp_path / "o.weights.h5", model, by_rules))
    np.testing.assert_allclose(outputs(ours, model.ir, [x])["output"], expected, rtol=1e-4)
