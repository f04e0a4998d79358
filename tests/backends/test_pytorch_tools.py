"""What PyTorch makes of emitted models: TorchScript, a graph of torch.fx, an exported program."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import graphcnn
from graphcnn.backends.pytorch.reserved import safe
from graphcnn.compiler import Model, compile_file
from tests.backends.emitted import emit, imported, variants, without_chance, written
from tests.backends.interpreter import random_inputs, sizes_of
from tests.backends.op_uses import USES
from tests.backends.test_emit import NAMES
from tests.specs.zoo import IN_TORCHVISION, REFERENCE, resized, size

#: whatever structure code can have: these go through in every run
FIRST = frozenset(
    {
        *("attention", "block_inputs", "composed_text", "declared_ops", "dense", "inputs_outputs"),
        *("mobile_table", "name_of_block", "optional_lines", "parameters", "ranks_one"),
        *("recursive_levels", "repeat_several", "residual_skip", "reuse_in_loops", "same_strides"),
        *("sequence_outputs", "skip_twice", "symbolic", "training_outputs", "uneven_padding"),
    }
)

Tool = Callable[[nn.Module, tuple[Tensor, ...]], Any]


def scripted(module: nn.Module, _: tuple[Tensor, ...]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TorchScript as a whole
        return torch.jit.script(module)


def traced(module: nn.Module, _: tuple[Tensor, ...]) -> Any:
    return torch.fx.symbolic_trace(module)


def exported(module: nn.Module, inputs: tuple[Tensor, ...]) -> Any:
    return torch.export.export(module, inputs).module()


def live(model: Model) -> nn.Module:
    """A model's module with nothing random in it."""
    module: nn.Module = getattr(imported(emit(model), model.name), safe(model.name))()
    without_chance(module)
    return module


def inputs_of(model: Model, batch: int, more: int = 0) -> tuple[Tensor, ...]:
    sizes = {name: n + more for name, n in sizes_of(model.ir).items()}
    return tuple(x.float() for x in random_inputs(model.ir, sizes, batch=batch))


def agree(module: nn.Module, tool: Tool, *inputs: tuple[Tensor, ...]) -> None:
    """What a tool makes of a module computes what that does, in training and in evaluation."""
    for training in (False, True):
        module.train(training)
        made = tool(module, inputs[0])
        for given in inputs:
            # the tool's module has the same tensors, which a pass in training changes
            state = {name: value.clone() for name, value in module.state_dict().items()}
            expected = flat(module(*given))
            module.load_state_dict(state)
            same(flat(made(*given)), expected)


def scripts_and_traces(model: Model) -> None:
    """TorchScript and torch.fx make of a model what it is, for other batches and sizes too."""
    module = live(model)
    for tool in (scripted, traced):
        agree(module, tool, inputs_of(model, 2), inputs_of(model, 3, more=2))


def flat(result: Any) -> dict[str, Tensor]:
    return result if isinstance(result, dict) else {"": result}


def same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    assert list(found) == list(expected)
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor)


def some(names: Iterable[str], first: Collection[str]) -> list[Any]:
    return [
        pytest.param(name, marks=() if name in first else pytest.mark.exhaustive) for name in names
    ]


@pytest.mark.parametrize("name", some(NAMES, FIRST))
def test_specs_can_be_scripted_and_traced(name: str) -> None:
    for model in variants(written(name)):
        scripts_and_traces(model)


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", NAMES)
def test_specs_can_be_exported(name: str) -> None:
    for model in variants(written(name)):
        agree(live(model), exported, inputs_of(model, 2))


# Ops, each with all that a use of it may say

OPS = {f"{uses}-{number}": uses for number, uses in enumerate(USES)}
FIRST_USES = {uses.op: name for name, uses in reversed(OPS.items())}.values()


@pytest.mark.parametrize("name", some(OPS, FIRST_USES))
def test_ops_can_be_scripted_and_traced(name: str) -> None:
    scripts_and_traces(compile_file(OPS[name].in_blocks("graph")))


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", OPS)
def test_ops_can_be_exported(name: str) -> None:
    model = compile_file(OPS[name].in_blocks("graph"))
    agree(live(model), exported, inputs_of(model, 2))


# Shipped models


@pytest.mark.parametrize("name", some(REFERENCE, {"googlenet_no_aux", "mobilenet_v2"}))
def test_shipped_models_can_be_scripted_and_traced(name: str) -> None:
    module = graphcnn.torch_module(graphcnn.load(name, **resized(name)))
    without_chance(module)
    known = REFERENCE[name]
    shapes = [size(name)] if name in IN_TORCHVISION else known.inputs
    inputs = tuple(torch.randn(2, *shape) for shape in shapes)
    for tool in (scripted, traced):
        agree(module, tool, inputs)
