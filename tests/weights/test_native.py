"""Models that somebody wrote in Keras: their weights compute the same, or are refused."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import torch

import graphcnn
from graphcnn.backends.keras.weights import assign
from graphcnn.weights import WeightsError
from tests.backends.keras_models import built
from tests.weights.files import drawn as numbers
from tests.weights.files import got, net, same
from tests.weights.native import Draw, Twins, drawn

#: how layers are called, and how their weights are found
WAYS: Final[dict[str, tuple[Callable[[str], str | None], dict[str, Any]]]] = {
    "names": (lambda own: own, {}),
    "rules": (lambda own: f"k_{own}", {"rules": "- k_(.*): \\1\n"}),
    "structure": (lambda _: None, {"structural": True}),
}
SUFFIXES: Final = (".weights.h5", ".keras", ".h5")


def difference(model: Any, live: Any, weights: Any) -> float:
    """How far the outputs lie apart, of the largest."""
    import keras

    module = graphcnn.torch_module(model).eval()
    module.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    x = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)
    with torch.no_grad():
        found = module(torch.tensor(x)).numpy()
    expected = keras.ops.convert_to_numpy(live(np.moveaxis(x, 1, -1), training=False))
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def tried(seed: int, way: str, folder: Path) -> float | None:
    """The difference between a drawn model and itself after conversion; None if refused."""
    return compared(*drawn(seed, WAYS[way][0]), way, SUFFIXES[seed % 3], folder)


def compared(model: Any, live: Any, way: str, suffix: str, folder: Path) -> float | None:
    """The difference between a model and itself after conversion; None if refused."""
    _, options = WAYS[way]
    path = folder / f"w{suffix}"
    live.save_weights(path) if path.name == "w.weights.h5" else live.save(path)
    if "rules" in options:
        (folder / "rules.yaml").write_text(options["rules"], encoding="utf-8")
        options = {"rules": folder / "rules.yaml"}
    try:
        weights = got(path, model, **options)
    except WeightsError:
        return None
    return difference(model, live, weights)


@pytest.mark.parametrize("way", WAYS)
def test_drawn_models_compute_the_same_or_are_refused(way: str, tmp_path: Path) -> None:
    start = 8 * [*WAYS].index(way)
    found = {seed: tried(seed, way, tmp_path) for seed in range(start, start + 8)}
    assert {seed: d for seed, d in found.items() if d is not None and d > 1e-4} == {}
    assert sum(d is not None for d in found.values()) > 4


@pytest.mark.exhaustive
@pytest.mark.parametrize("way", WAYS)
def test_many_drawn_models(way: str, tmp_path: Path) -> None:
    found = {seed: tried(seed, way, tmp_path) for seed in range(24, 300)}
    assert {seed: d for seed, d in found.items() if d is not None and d > 1e-4} == {}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_emitted_models_keep_the_order_of_the_spec(suffix: str, tmp_path: Path) -> None:
    """The same models once more, emitted; whose file it is, is seen by what it holds."""
    for seed in range(5):
        model, _ = drawn(seed, WAYS["names"][0])
        live = built(model)
        assign(live, model.ir, weights := numbers(model, seed))
        path = tmp_path / f"w{suffix}"
        live.save_weights(path) if suffix == ".weights.h5" else live.save(path)
        same(got(path, model), weights)


# each kind of pattern by itself


def case(*layers: str) -> Callable[[Twins], str]:
    """A model of these methods of a draw, in a row, and a linear layer."""

    def build(twins: Twins) -> str:
        draw = Draw(twins, random.Random(1))  # noqa: S311 - no secret
        x = "image"
        for layer in layers:
            x = getattr(draw, layer)(x)
        return draw.linear(x)

    return build


CASES = {
    "flatten": case("conv", "pool", "row"),
    "batch norm": case("conv", "row", "norm"),
    "layer norm": case("conv", "row", "features"),
    "prelu": case("conv", "row", "slopes"),
    "concat": case("conv", "row", "beside"),
    "concat with a linear layer": case("conv", "row", "joined", "norm"),
    "sum with a linear layer": case("conv", "row", "summed"),
    "an image of features": case("conv", "row", "back"),
    "channels of one cell": case("conv", "row", "cells"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", CASES)
def test_what_is_between_is_followed(name: str, way: str, tmp_path: Path) -> None:
    called, _ = WAYS[way]
    twins = Twins(called)
    found = compared(*twins.finish(CASES[name](twins)), way, ".keras", tmp_path)
    assert found is not None
    assert found < 1e-4


def test_what_cannot_be_followed_is_named(tmp_path: Path) -> None:
    twins = Twins(lambda own: own)
    draw = Draw(twins, random.Random(1))  # noqa: S311 - no secret
    x = draw.part(draw.row(draw.conv("image")))
    model, live = twins.finish(draw.linear(x))
    live.save(tmp_path / "w.keras")
    with pytest.raises(WeightsError) as caught:
        got(tmp_path / "w.keras", model)
    (problem,) = caught.value.problems
    assert problem.startswith(f"another order: behind `{x}`, a `slice`, it cannot be followed: ")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_axes_that_a_file_turns_are_not_guessed(suffix: str, tmp_path: Path) -> None:
    """It could be an emitted model of other names, or any other."""
    import keras

    layers = keras.layers
    model = net(
        "- {conv: {out: 2, kernel: 1}, id: a}\n- flatten\n- {linear: 2, id: f}", "[3, 4, 4]"
    )
    image = keras.Input((4, 4, 3))
    x = layers.Permute((3, 1, 2))(layers.Conv2D(2, 1, name="k_a")(image))
    live = keras.Model(image, layers.Dense(2, name="k_f")(layers.Flatten()(x)))
    path = tmp_path / f"w{suffix}"
    live.save_weights(path) if suffix == ".weights.h5" else live.save(path)
    (tmp_path / "rules.yaml").write_text(WAYS["rules"][1]["rules"], encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        got(path, model, rules=tmp_path / "rules.yaml")
    (problem,) = caught.value.problems
    assert problem.startswith("another order: `f.weight`: the file is not of the emitted model")
