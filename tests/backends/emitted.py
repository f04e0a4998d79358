"""What must hold of every emitted file, whatever the spec."""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any
from warnings import catch_warnings, simplefilter
from zlib import crc32

import torch
from torch import Tensor, nn

from graphcnn.backends.pytorch.reserved import safe
from graphcnn.compiler import Model, compile_file, read_spec
from graphcnn.diagnostics import SpecError
from graphcnn.source import SourceFile
from tests.backends.interpreter import (
    Interpreter,
    Sizes,
    bound,
    expected_state,
    random_inputs,
    random_weights,
    sizes_of,
    trained,
)

SPECS = Path(__file__).with_name("specs")


def written(name: str) -> SourceFile:
    """One of the small specs beside this file."""
    path = SPECS / f"{name}.yaml"
    return SourceFile(path.name, path.read_text(encoding="utf-8"), path)


def variants(file: SourceFile) -> list[Model]:
    """The model of every variant of a file."""
    return [compile_file(file, variant) for variant in read_spec(file).variants or [None]]


def emit(model: Model) -> str:
    text = model.build("pytorch")
    assert isinstance(text, str)
    return text


def imported(text: str, name: str = "emitted") -> ModuleType:
    """The module that a text is, which comes without a warning; what it prints is dropped."""
    module = ModuleType(name)
    path = f"<{name} {crc32(text.encode()):08x}>"
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    with redirect_stdout(StringIO()), catch_warnings():
        simplefilter("error")
        exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
    return module


def check(model: Model) -> str:
    """Hold an emitted file against its graph: weights, outputs, gradients; its text comes back."""
    text = emit(model)
    assert emit(model) == text
    stands_alone(text)
    imported(text, "__main__")  # runs as a script
    module = imported(text, model.name)
    for name in module.__all__:
        assert hasattr(module, name)
    build = getattr(module, safe(model.name))
    agrees(build(), model)
    for name, parameter in inspect.signature(build).parameters.items():
        assert parameter.default == model.ir.scope[name]
        follows(build, model, {name: parameter.default + 2})
    return text


def stands_alone(text: str) -> None:
    """No word of the compiler's: it need not be installed where the model runs."""
    for node in ast.walk(ast.parse(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.partition(".")[0] == "graphcnn"]


def follows(build: Any, model: Model, changes: Mapping[str, int]) -> None:
    """An argument of the builder means what the parameter of the spec means."""
    given = {name: model.ir.scope[name] for name in model.program.parameters}
    try:
        other = compile_file(model.program.file, model.variant, {**given, **changes})
    except SpecError:  # not every value makes a model
        return
    agrees(build(**changes), other)


def agrees(module: nn.Module, model: Model) -> None:
    """A live module has the graph's weights, and computes what the graph means."""
    graph, summary = model.ir, model.summary()
    state = {
        name: tuple(tensor.shape)
        for name, tensor in module.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    assert state == expected_state(graph)
    parameters = dict(module.named_parameters())
    assert sorted(parameters) == sorted(trained(graph))
    assert sum(p.numel() for p in parameters.values()) == summary.params
    kept = [name for name in state if name not in parameters]
    assert sum(module.get_buffer(name).numel() for name in kept) == summary.buffers

    sizes = sizes_of(graph)
    weights = random_weights(graph)
    oracle = Interpreter(graph, weights, sizes)
    module.double().load_state_dict(weights, strict=True)
    assert rates(_needed(oracle)) <= rates(module) <= rates(oracle)
    without_chance(module)
    without_chance(oracle)
    compare(module.eval(), oracle.eval(), model, sizes)
    compare(module.train(), oracle.train(), model, sizes)
    if sizes:
        other = {name: size + 3 for name, size in sizes.items()}
        compare(module.eval(), Interpreter(graph, module.state_dict(), other).eval(), model, other)


def compare(module: nn.Module, oracle: Interpreter, model: Model, sizes: Sizes) -> None:
    """Outputs, gradients, and what a pass through the model leaves behind."""
    graph = model.ir
    inputs = random_inputs(graph, sizes)
    expected = oracle(*_leaves(inputs))
    found = module(*(ours := _leaves(inputs)))
    if len(graph.outputs) == 1:
        found = {next(iter(graph.outputs)): found}
    assert set(found) == set(expected)
    for name, tensor in expected.items():
        assert tuple(tensor.shape[1:]) == bound(graph.outputs[name].value.shape or (), sizes)
        close(found[name], tensor, name)
    for parameter in (*module.parameters(), *oracle.weights.values()):
        parameter.grad = None
    for one in (found, expected):
        loss = sum(tensor.square().mean() for tensor in one.values())
        if isinstance(loss, Tensor) and loss.requires_grad:
            loss.backward()
    for tensor, before in zip(ours, inputs, strict=True):
        assert torch.equal(tensor, before), "an input was changed in place"
    for name, parameter in module.named_parameters():
        gradient, wanted = parameter.grad, oracle.weights[name].grad
        assert (gradient is None) == (wanted is None), name
        if gradient is not None and wanted is not None:
            close(gradient, wanted, f"gradient of {name}")
    for name, tensor in module.state_dict().items():
        if name in oracle.weights:
            close(tensor, oracle.weights[name], name)


def _leaves(inputs: list[Tensor]) -> list[Tensor]:
    return [tensor.clone().requires_grad_() for tensor in inputs]


def close(found: Tensor, expected: Tensor, name: str) -> None:
    assert found.shape == expected.shape, name
    found, expected = found.detach(), expected.detach()
    assert bool(expected.isfinite().all()), name
    scale = max(1.0, float(expected.abs().max())) if expected.numel() else 1.0
    assert float((found - expected).abs().max()) < 1e-5 * scale, name


def rates(module: nn.Module) -> set[tuple[str, float]]:
    """The kinds of dropout in a model; equal ones may be one module."""
    return {(type(m).__name__, rate) for m in module.modules() if (rate := _rate(m)) is not None}


def _needed(oracle: Interpreter) -> nn.Module:
    """The parts that an output or a layer with weights comes from; the others may be left out."""
    read = {output.value for output in oracle.graph.outputs.values()}
    found = []
    for node in reversed(oracle.graph.nodes):
        if node.facts.weights or not read.isdisjoint(node.outputs):
            read.update(node.inputs)
            found.append(oracle.built[node].module)
    return nn.ModuleList(module for module in found if isinstance(module, nn.Module))


def _rate(module: nn.Module) -> float | None:
    if isinstance(module, nn.MultiheadAttention):
        return float(module.dropout)
    name = "rate" if type(module).__name__ == "DropPath" else "p"
    value = getattr(module, name, None)
    return float(value) if isinstance(value, (int, float)) else None


def without_chance(module: nn.Module) -> None:
    """Let nothing random happen in training."""
    for part in module.modules():
        if isinstance(part, nn.MultiheadAttention):
            part.dropout = 0.0
        elif _rate(part) is not None:
            setattr(part, "rate" if type(part).__name__ == "DropPath" else "p", 0.0)
