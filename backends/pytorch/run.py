"""A model as PyTorch runs it: what comes out, what is made on the way, and gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from graphcnn.backends import Device, Step
from graphcnn.backends.pytorch.live import instantiate
from graphcnn.backends.pytorch.precision import exact
from graphcnn.weights import Entry, Weights, canonical

if TYPE_CHECKING:
    from graphcnn.backends import Array
    from graphcnn.model import CompiledModel
    from graphcnn.ops.declared import Declared

_PLACES = {Device.CPU: "cpu", Device.GPU: "cuda"}

#: what a batch norm keeps beside its statistics: how often it has seen a batch
_COUNTER = "num_batches_tracked"


def obstacle(device: Device) -> str | None:
    """A GPU that PyTorch does not find."""
    if device is Device.GPU and not torch.cuda.is_available():
        return "torch finds no GPU"
    return None


class TorchRunner:
    """The live module of an emitted file."""

    def __init__(self, model: CompiledModel, weights: Weights, device: Device) -> None:
        self._model = model
        self._place = _PLACES[device]
        self._module = _filled(model, weights).eval().to(self._place)

    @property
    def framework(self) -> str:
        """PyTorch and its version."""
        return f"torch {torch.__version__.partition('+')[0]}"

    def entries(self) -> Mapping[str, Entry]:
        """All weights of the graph: a module has them, whether or not they are read."""
        return canonical(self._model.ir)

    def counts(self) -> Mapping[str, int]:
        """The elements of its parameters, and of what it saves beside them."""
        trained = dict(self._module.named_parameters())
        saved = self._module.state_dict().items()
        kept = (x for name, x in saved if name not in trained and not name.endswith(_COUNTER))
        return {
            "params": sum(parameter.numel() for parameter in trained.values()),
            "buffers": sum(buffer.numel() for buffer in kept),
        }

    def run(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """Every output, by name."""
        with torch.no_grad(), exact():
            found = _called(self._module, self._model, _tensors(inputs, self._place))
        return {name: _array(tensor) for name, tensor in found.items()}

    def watch(self, inputs: Mapping[str, Array], see: Callable[[Array], None]) -> None:
        """Show what every function of PyTorch's returns, at once: it may be changed in place."""
        given = _tensors(inputs, self._place)
        for tensor in given.values():
            see(_array(tensor))
        with torch.no_grad(), exact(), _Watch(see):
            _called(self._module, self._model, given)

    def close(self) -> None:
        """Nothing: it holds memory alone."""


class _Watch(TorchFunctionMode):
    """Looks at the result of every function that is called."""

    def __init__(self, see: Callable[[Array], None]) -> None:
        super().__init__()
        self._see = see

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for tensor in _flat(result):
            if tensor.is_floating_point():
                self._see(_array(tensor))
        return result


def _flat(result: Any) -> Iterator[Tensor]:
    if isinstance(result, Tensor):
        yield result
    elif isinstance(result, (tuple, list)):
        for item in result:
            yield from _flat(item)


def fresh(model: CompiledModel, seed: int, names: Sequence[str]) -> dict[str, Array]:
    """What a fresh module holds; see :class:`graphcnn.backends.Startable`."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(seed)
        state = instantiate(model).state_dict()
    return {name: _array(state[name]) for name in names if name in state}


def _filled(model: CompiledModel, weights: Weights) -> nn.Module:
    module = instantiate(model)
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    module.load_state_dict(state, strict=True)
    return module


def _tensors(arrays: Mapping[str, Array], place: str) -> dict[str, Tensor]:
    return {name: torch.tensor(array, device=place) for name, array in arrays.items()}


def _array(tensor: Tensor) -> Array:
    # Inside a mode that watches functions, `numpy` and `cpu` would be seen as well.
    with torch._C.DisableTorchFunction():  # noqa: SLF001
        return tensor.detach().cpu().numpy()


def _called(
    module: nn.Module, model: CompiledModel, inputs: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    result = module(*(inputs[name] for name in model.ir.inputs))
    return result if isinstance(result, dict) else {next(iter(model.ir.outputs)): result}


def step(
    model: CompiledModel,
    weights: Weights,
    inputs: Mapping[str, Array],
    targets: Mapping[str, Array],
    device: Device,
) -> Step:
    """One forward and backward pass; see :class:`graphcnn.backends.Trainable`."""
    place = _PLACES[device]
    module = _filled(model, weights).double().to(place).train()
    given = {name: tensor.double() for name, tensor in _tensors(inputs, place).items()}
    wanted = {name: tensor.double() for name, tensor in _tensors(targets, place).items()}
    found = _called(module, model, given)
    loss = torch.stack([(found[n] - wanted[n]).square().mean() for n in wanted]).sum()
    if loss.requires_grad:
        loss.backward()
    return Step(
        float(loss.detach()),
        {
            name: _array(parameter.grad)
            for name, parameter in module.named_parameters()
            if parameter.grad is not None
        },
        "float64",
    )


def declared(
    op: Declared, inputs: Sequence[Array], weights: Mapping[str, Array]
) -> tuple[Array, ...] | None:
    """What the class computes that the declaration names for PyTorch, in double precision."""
    module, _, name = op.declaration.targets.get("pytorch", "").rpartition(".")
    if not module:
        return None
    made: nn.Module = getattr(import_module(module), name)(**dict(op.values)).double().eval()
    made.load_state_dict({key: torch.tensor(value) for key, value in weights.items()}, strict=True)
    with torch.no_grad():
        return tuple(x.numpy() for x in _flat(made(*(torch.tensor(x) for x in inputs))))
