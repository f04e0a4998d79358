"""A model as Keras runs it: what comes out, what is made on the way, and gradients."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from graphcnn.backends import Device, Precision, Step
from graphcnn.backends.keras import backend
from graphcnn.backends.keras.arrange import boundary
from graphcnn.backends.keras.engine import differentiated, floats, load, on
from graphcnn.backends.keras.lower.layout import Layout
from graphcnn.backends.keras.spelling import builder_name
from graphcnn.backends.keras.weights import assign, collect, read_nodes
from graphcnn.backends.python.live import imported
from graphcnn.ir import Value
from graphcnn.weights import Entry, Weights, canonical

if TYPE_CHECKING:
    from graphcnn.backends import Array
    from graphcnn.model import CompiledModel
    from graphcnn.ops.declared import Declared


class KerasRunner:
    """The live model of an emitted file."""

    def __init__(self, model: CompiledModel, weights: Weights, device: Device) -> None:
        self._keras = load()
        self._model = model
        self._device = device
        with on(self._keras, device):
            self._live = _built(self._keras, model, training=False)
            assign(self._live, model.ir, weights)

    @property
    def framework(self) -> str:
        """Keras with its version, and what it runs on."""
        return f"keras {self._keras.__version__} ({self._keras.backend.backend()})"

    def entries(self) -> Mapping[str, Entry]:
        """The weights that an output depends on: a functional model has no others."""
        read = read_nodes(self._model.ir)
        held = canonical(self._model.ir, training=False)
        return {name: entry for name, entry in held.items() if entry.node in read}

    def counts(self) -> Mapping[str, int]:
        """The elements of its variables, less the states of random generators."""
        kept = [v for v in self._live.non_trainable_variables if "seed_generator" not in v.path]
        return {
            "params": sum(int(np.prod(v.shape)) for v in self._live.trainable_variables),
            "buffers": sum(int(np.prod(v.shape)) for v in kept),
        }

    def run(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """Every output, by name, channels first again."""
        with on(self._keras, self._device):
            result = _named(self._live(self._given(inputs), training=False), self._model)
        outputs = self._model.ir.outputs
        return {name: _first(self._array(x), outputs[name].value) for name, x in result.items()}

    def watch(self, inputs: Mapping[str, Array], see: Callable[[Array], None]) -> None:
        """Show what every layer and operation makes, as it is and with its last axis in front."""
        given = self._given(inputs)
        given = given if isinstance(given, list) else [given]
        with on(self._keras, self._device):
            for tensor in _made(self._keras, self._live, given):
                array = self._array(tensor)
                see(array)
                if array.ndim > 2:
                    see(np.moveaxis(array, -1, 1))

    def close(self) -> None:
        """Nothing: it holds memory alone."""

    def _given(self, inputs: Mapping[str, Array]) -> Any:
        return _arranged(inputs, self._model)

    def _array(self, tensor: Any) -> Array:
        return np.asarray(self._keras.ops.convert_to_numpy(tensor))


def fresh(model: CompiledModel, seed: int, names: Sequence[str]) -> dict[str, Array]:
    """What a fresh model holds; see :class:`graphcnn.backends.Startable`."""
    keras = load()
    state = random.getstate()
    random.seed(seed)  # from which each of Keras' initialisers has a seed of its own
    try:
        with on(keras, Device.CPU):
            held = collect(_built(keras, model, training=True), model.ir)
    finally:
        random.setstate(state)
    return {name: held[name] for name in names if name in held}


def _built(keras: Any, model: CompiledModel, *, training: bool) -> Any:
    """A fresh model; ``training`` asks for the outputs that are for it alone."""
    # Names of layers start anew. Memory is freed as always; to collect it here takes a second.
    keras.backend.clear_session(free_memory=False)
    build = getattr(imported(model.name, backend.emit(model)), builder_name(model.name))
    has_more = any(output.training_only for output in model.ir.outputs.values())
    return build(training_outputs=True) if training and has_more else build()


def _made(keras: Any, model: Any, given: list[Any]) -> Iterator[Any]:
    """Every tensor of a functional model, those of models inside it included."""
    # There is no other way to the several values of a layer that is used again.
    calls = [(op, node) for op in model.operations for node in op._inbound_nodes]  # noqa: SLF001
    made = [tensor for _, node in calls for tensor in node.output_tensors]
    inner = [(op, node.input_tensors) for op, node in calls if isinstance(op, keras.Model)]
    values = keras.Model(model.inputs, [made, [read for _, read in inner]])(given, training=False)
    yield from values[0]
    for (op, _), inputs in zip(inner, values[1], strict=True):
        yield from _made(keras, op, list(inputs))


def _arranged(inputs: Mapping[str, Array], model: CompiledModel) -> Any:
    """Inputs, channels last."""
    given = [_last(inputs[name], value) for name, value in model.ir.inputs.items()]
    return given[0] if len(given) == 1 else given


def _last(x: Array, value: Value) -> Array:
    return np.moveaxis(x, 1, -1) if boundary(value) is Layout.LAST else x


def _first(x: Array, value: Value) -> Array:
    return np.moveaxis(x, -1, 1) if boundary(value) is Layout.LAST else x


def _named(result: Any, model: CompiledModel) -> dict[str, Any]:
    return result if isinstance(result, dict) else {next(iter(model.ir.outputs)): result}


# training


def step(
    model: CompiledModel,
    weights: Weights,
    inputs: Mapping[str, Array],
    targets: Mapping[str, Array],
    device: Device,
) -> Step:
    """One forward and backward pass; see :class:`graphcnn.backends.Trainable`."""
    keras = load()
    with on(keras, device):
        try:
            return _step(keras, model, weights, inputs, targets, "float64")
        except Exception:  # noqa: BLE001 - each engine has its own for what its kernels lack
            return _step(keras, model, weights, inputs, targets, "float32")


def _step(
    keras: Any,
    model: CompiledModel,
    weights: Weights,
    inputs: Mapping[str, Array],
    targets: Mapping[str, Array],
    precision: Precision,
) -> Step:
    with floats(keras, precision):
        live = _built(keras, model, training=True)
        assign(live, model.ir, weights)
        given = _arranged({name: x.astype(precision) for name, x in inputs.items()}, model)
        wanted = {
            name: _last(x.astype(precision), model.ir.outputs[name].value)
            for name, x in targets.items()
        }

        def loss() -> Any:
            found = _named(live(given, training=True), model)
            return sum(
                keras.ops.mean(keras.ops.square(keras.ops.subtract(found[n], wanted[n])))
                for n in wanted
            )

        value, gradients = differentiated(keras, live, loss)
        by_variable = {
            id(variable): np.asarray(keras.ops.convert_to_numpy(gradient))
            for variable, gradient in gradients
            if gradient is not None
        }
        found = collect(live, model.ir, lambda variable: by_variable.get(id(variable)))
        # On JAX and PyTorch some layers of Keras compute in single precision all the same.
        kept: Precision = precision if keras.backend.backend() == "tensorflow" else "float32"
        return Step(float(keras.ops.convert_to_numpy(value)), found, kept)


# ops of a spec's own


def declared(
    op: Declared, inputs: Sequence[Array], weights: Mapping[str, Array]
) -> tuple[Array, ...] | None:
    """What the class computes that the declaration names for Keras."""
    module, _, name = op.declaration.targets.get("keras", "").rpartition(".")
    if not module:
        return None
    keras = load()
    layer = getattr(import_module(module), name)(**dict(op.values))
    given = [np.moveaxis(x, 1, -1) if x.ndim > 2 else x for x in inputs]
    layer(*given)  # makes its variables
    for variable in layer.variables:
        variable.assign(weights[variable.name])
    result = layer(*given)
    found = [
        np.asarray(keras.ops.convert_to_numpy(x), np.float64)
        for x in (result if isinstance(result, (tuple, list)) else [result])
    ]
    return tuple(np.moveaxis(x, -1, 1) if x.ndim > 2 else x for x in found)
