"""Names that modules of PyTorch have for something else."""

from __future__ import annotations

import pytest
from torch import nn

from graphcnn.backends.pytorch.reserved import Held, is_reserved
from graphcnn.diagnostics import SpecError
from tests.backends.emitted import emit
from tests.inline import model


@pytest.mark.parametrize("kind", [nn.Module, nn.Sequential, nn.ModuleList])
def test_nothing_that_modules_have_is_free(kind: type[nn.Module]) -> None:
    assert [name for name in dir(kind()) if not is_reserved(name)] == []


def test_layers_with_weights_are_refused() -> None:
    for name in ("training", "append"):
        with pytest.raises(SpecError) as raised:
            emit(
                model(
                    f"graphcnn: 1\nname: net\ninputs: {{x: [4]}}\n"
                    f"blocks: {{cell: {{sequence: [{{linear: 4, id: {name}}}]}}}}\ngraph: [cell]\n"
                )
            )
        assert [found.code for found in raised.value.diagnostics] == ["reserved-name"]


def test_others_have_a_name_that_is_free() -> None:
    names = Held({"type_layer"})
    assert [names.name(name) for name in ("conv", "train", "type", "__a")] == [
        "conv",
        "train_layer",
        "type_layer_",
        "layer__a",
    ]
