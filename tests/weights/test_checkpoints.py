"""Checkpoints as training scripts leave them: wrapped, nested, averaged, with weights in two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

import graphcnn
from graphcnn.compiler import Model
from graphcnn.diagnostics import UsageError
from tests.weights.files import Arrays, drawn, got, net, same

SPEC = """
- {conv: {out: 4, kernel: 3}, id: stem}
- {batch_norm: {}, id: norm}
- flatten
- {linear: 2, id: fc}
"""


@pytest.fixture(scope="module")
def small() -> Model:
    return net(SPEC)


@pytest.fixture(scope="module")
def weights(small: Model) -> Arrays:
    return drawn(small)


@pytest.fixture
def module(small: Model, weights: Arrays) -> nn.Module:
    found: nn.Module = graphcnn.torch_module(small)
    found.load_state_dict({name: torch.tensor(array) for name, array in weights.items()}, False)
    return found


@pytest.mark.parametrize("suffix", [".ckpt", ".pth.tar", ".bin", ".pt", ".pth"])
def test_a_checkpoint_has_many_names(
    suffix: str, small: Model, weights: Arrays, module: nn.Module, tmp_path: Path
) -> None:
    torch.save(module.state_dict(), tmp_path / f"w{suffix}")
    same(got(tmp_path / f"w{suffix}", small), weights)


def test_an_averaged_model(
    small: Model, weights: Arrays, module: nn.Module, tmp_path: Path
) -> None:
    """It counts its averages beside `module.`."""
    averaged = AveragedModel(module)
    averaged.update_parameters(module)
    state = averaged.state_dict()
    assert state["n_averaged"] == 1
    torch.save(state, tmp_path / "w.pt")
    same(got(tmp_path / "w.pt", small), weights)


def nested(state: dict[str, Any], kind: str) -> Any:
    under = {f"model.{name}": tensor for name, tensor in state.items()}
    twice = {f"net.module.{name}": tensor for name, tensor in state.items()}
    averages = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    return {
        "lightning": {
            "epoch": 3,
            "pytorch-lightning_version": "2.4.0",
            "state_dict": under,
            "loops": {"fit_loop": {"state_dict": {}}},
            "optimizer_states": [{"state": {0: {"step": torch.tensor(1.0)}}}],
            "hyper_parameters": {"lr": 0.1},
        },
        "lightning of a wrapper": {"state_dict": twice},
        "average alone": {"model_ema": state, "epoch": 3},
        "average of a module": {"ema": {"module": state, "decay": 0.9}},
        "average beside": {"state_dict": state, "state_dict_ema": averages},
        "deep": {"model": {"state_dict": state}},
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        *("lightning", "lightning of a wrapper", "average alone", "average of a module"),
        *("average beside", "deep"),
    ],
)
def test_where_weights_are_kept(
    kind: str, small: Model, weights: Arrays, module: nn.Module, tmp_path: Path
) -> None:
    torch.save(nested(module.state_dict(), kind), tmp_path / "w.ckpt")
    same(got(tmp_path / "w.ckpt", small), weights)


def test_keys_that_lead_nowhere(small: Model, tmp_path: Path) -> None:
    held: dict[str, Any] = {"epoch": torch.tensor(1)}
    for _ in range(40):
        held = {"model": held}
    torch.save(held, tmp_path / "w.ckpt")
    with pytest.raises(UsageError, match="holds no state dict; its keys are model"):
        got(tmp_path / "w.ckpt", small)


def test_a_model_s_own_names_come_first(tmp_path: Path) -> None:
    """What looks like a wrapper is the name of a block."""
    model = net("- graph: [{conv: {out: 2, kernel: 1}, id: stem}]\n  id: net")
    weights = drawn(model)
    assert [name.partition(".")[0] for name in weights] == ["net", "net"]
    state = {f"model.{name}": torch.tensor(array) for name, array in weights.items()}
    torch.save(state, tmp_path / "w.pt")
    same(got(tmp_path / "w.pt", model), weights)


# weights in two


WAYS: dict[str, Any] = {
    "old": torch.nn.utils.weight_norm,
    "new": torch.nn.utils.parametrizations.weight_norm,
}


@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
def test_lengths_and_directions(way: str, dim: Any, small: Model, tmp_path: Path) -> None:
    module: Any = graphcnn.torch_module(small).eval()
    for part in (module.stem, module.fc):
        WAYS[way](part, dim=dim)
        for name, parameter in part.named_parameters():
            if name.endswith(("_g", "original0")):
                parameter.data.mul_(1.5).add_(0.1)
    x = torch.randn(2, 3, 18, 18)
    expected = module(x)  # which computes the weights
    state = module.state_dict()
    assert "stem.weight" not in state
    torch.save(state, tmp_path / "w.pt")
    found = got(tmp_path / "w.pt", small)
    for name in ("stem", "fc"):
        weight = getattr(module, name).weight.detach().numpy()
        np.testing.assert_allclose(found[f"{name}.weight"], weight, rtol=1e-5, atol=1e-7)
    plain = graphcnn.torch_module(small).eval()
    plain.load_state_dict({name: torch.tensor(array) for name, array in found.items()})
    torch.testing.assert_close(plain(x), expected, rtol=1e-4, atol=1e-5)


def test_what_only_looks_like_a_pair_stays(small: Model, weights: Arrays, tmp_path: Path) -> None:
    state = {name: torch.tensor(array) for name, array in weights.items()}
    odd = {"fc.weight_g": torch.ones(5), "fc.weight_v": state["fc.weight"]}
    torch.save({**state, **odd}, tmp_path / "w.pt")
    with pytest.raises(UsageError) as caught:
        got(tmp_path / "w.pt", small)
    assert "left over: fc.weight_g (5,)" in str(caught.value)
