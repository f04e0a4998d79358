"""What Keras runs on: TensorFlow, JAX or PyTorch, and what each has a way of its own for."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec
from tempfile import TemporaryFile
from typing import Any

from graphcnn.backends import Device

#: in the order of Keras' own preference
_ENGINES = ("tensorflow", "jax", "torch")

_STDERR = 2  # the descriptor


def missing() -> str | None:
    """The package that is not installed: Keras, or the one that it is told to run on."""
    if not find_spec("keras"):
        return "keras"
    told = os.environ.get("KERAS_BACKEND")
    engines = (told,) if told in _ENGINES else _ENGINES
    return None if any(map(find_spec, engines)) else engines[0]


def obstacle(device: Device) -> str | None:
    """Why Keras cannot run on a device here, in words."""
    if lacking := missing():
        return f"{lacking} is not installed"
    if device is Device.CPU:
        return None
    engine = load().backend.backend()
    has_gpu = {"tensorflow": _tensorflow_gpus, "jax": _jax_gpus, "torch": _torch_gpus}
    return None if has_gpu[engine]() else f"{engine} finds no GPU for keras"


def load() -> Any:
    """Keras, on what is installed where nothing is said."""
    engine = next((name for name in _ENGINES if find_spec(name)), _ENGINES[0])
    os.environ.setdefault("KERAS_BACKEND", engine)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # notes on how TensorFlow was built
    # It counts how often it compiles a kernel, over all models, and then advises against loops.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    if "keras" in sys.modules:
        return sys.modules["keras"]
    with silent():
        return import_module("keras")


@contextmanager
def silent() -> Iterator[None]:
    """Standard error goes nowhere, but where something is raised.

    While it is imported, TensorFlow writes from C++ before its level of logging is read.
    """
    try:
        before = os.dup(_STDERR)
    except OSError:  # it is closed
        yield
        return
    try:
        with TemporaryFile() as held:
            os.dup2(held.fileno(), _STDERR)
            try:
                yield
            except BaseException:
                held.seek(0)
                os.write(before, held.read())
                raise
            finally:
                os.dup2(before, _STDERR)
    finally:
        os.close(before)


@contextmanager
def on(keras: Any, device: Device) -> Iterator[None]:
    """Everything is on a device, and computed in the precision of its numbers."""
    exact = {"tensorflow": _exact_tensorflow, "jax": _exact_jax, "torch": _exact_torch}
    with keras.device(f"{device}:0"), exact[keras.backend.backend()]():
        yield


@contextmanager
def floats(keras: Any, precision: str) -> Iterator[None]:
    """Everything in this precision."""
    before, policy = keras.config.floatx(), keras.config.dtype_policy()
    with ExitStack() as stack:
        if keras.backend.backend() == "jax":
            stack.enter_context(import_module("jax").enable_x64(precision == "float64"))
        keras.config.set_floatx(precision)
        keras.config.set_dtype_policy(precision)
        try:
            yield
        finally:
            keras.config.set_floatx(before)
            keras.config.set_dtype_policy(policy)


def differentiated(keras: Any, live: Any, loss: Callable[[], Any]) -> tuple[Any, Any]:
    """The loss, and each trainable variable with its gradient, None where it has none."""
    ways = {"tensorflow": _by_tape, "jax": _by_jax, "torch": _by_torch}
    value, gradients = ways[keras.backend.backend()](keras, live.trainable_variables, loss)
    return value, list(zip(live.trainable_variables, gradients, strict=True))


# TensorFlow


def _tensorflow_gpus() -> bool:
    return bool(import_module("tensorflow").config.list_physical_devices("GPU"))


@contextmanager
def _exact_tensorflow() -> Iterator[None]:
    config = import_module("tensorflow").config.experimental
    before = config.tensor_float_32_execution_enabled()
    config.enable_tensor_float_32_execution(False)
    try:
        yield
    finally:
        config.enable_tensor_float_32_execution(before)


def _by_tape(_keras: Any, variables: Any, loss: Callable[[], Any]) -> tuple[Any, list[Any]]:
    tensorflow = import_module("tensorflow")
    with tensorflow.GradientTape() as tape:
        value = loss()
    found = tape.gradient(value, [variable.value for variable in variables])
    return value, [None if one is None else tensorflow.convert_to_tensor(one) for one in found]


# JAX


def _jax_gpus() -> bool:
    try:
        return bool(import_module("jax").devices("gpu"))
    except RuntimeError:  # there is no such platform
        return False


@contextmanager
def _exact_jax() -> Iterator[None]:
    with import_module("jax").default_matmul_precision("highest"):
        yield


def _by_jax(keras: Any, variables: Any, loss: Callable[[], Any]) -> tuple[Any, list[Any]]:
    """Zero stands for no gradient: JAX does not tell them apart."""

    def of(values: list[Any]) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return loss()

    value, found = import_module("jax").value_and_grad(of)([one.value for one in variables])
    return value, list(found)


# PyTorch


def _torch_gpus() -> bool:
    return bool(import_module("torch").cuda.is_available())


@contextmanager
def _exact_torch() -> Iterator[None]:
    with import_module("graphcnn.backends.pytorch.precision").exact():
        yield


def _by_torch(_keras: Any, variables: Any, loss: Callable[[], Any]) -> tuple[Any, list[Any]]:
    value = loss()
    value.backward()
    return value.detach(), [variable.value.grad for variable in variables]
