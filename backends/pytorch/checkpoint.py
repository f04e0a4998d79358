"""PyTorch checkpoints.

A checkpoint is a pickle, which can do anything when it is read. `torch.load` with `weights_only`
lets it make tensors, plain values and a few other objects. Before that, what it asks for is looked
up in the pickle itself: whatever is not needed for a dict of tensors is refused.
"""

from __future__ import annotations

import pickle
import pickletools
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from graphcnn.backends import File
from graphcnn.diagnostics import UsageError
from graphcnn.model import CompiledModel
from graphcnn.weights import Weights
from graphcnn.weights.source import MAX_TENSORS, Source, Tensor, check_size, needs

if TYPE_CHECKING:
    import torch

    from graphcnn.weights.weights import Array

#: where training scripts keep the weights beside other things, the first that is there counts;
#: averages of the weights come last
_KEYS: Final = (
    *("state_dict", "model", "model_state_dict", "net", "network", "module"),
    *("model_ema", "ema", "state_dict_ema", "ema_state_dict", "ema_model"),
)
_MAX_DEPTH: Final = 5

_KINDS = ["Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Char", "Byte", "Bool"]
_GLOBALS: Final = {
    "collections OrderedDict",
    "torch Size",
    "torch._utils _rebuild_parameter",
    "torch._utils _rebuild_tensor",
    "torch._utils _rebuild_tensor_v2",
    *(f"torch {kind}Storage" for kind in _KINDS),
}
_MAX_PICKLE: Final = 64 << 20
_MAX_STEPS: Final = 10_000_000
_PICKLES: Final = 5  # what a file from before PyTorch 1.6 begins with: the object is the fourth
_LISTED: Final = 5


@contextmanager
def read(path: Path, limit: int) -> Iterator[Source]:
    """The tensors of a checkpoint: of a state dict, or of the one that it has under usual keys."""
    check_size(path, limit)
    zipped = _inspect(path, limit)
    try:
        import torch
    except ModuleNotFoundError:
        raise needs("torch", "torch", "a PyTorch checkpoint") from None
    try:
        with warnings.catch_warnings(action="ignore"):
            held = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except Exception as error:  # noqa: BLE001 - anything may come of a broken file
        said = str(error).strip().partition("\n")[0]
        raise UsageError(f"{path} is no PyTorch checkpoint: {said}") from None
    yield Source(dict(_tensors(path, _state(path, held))))


# --- looking before reading --------------------------------------------------------------


def _inspect(path: Path, limit: int) -> bool:
    """See that the file makes nothing but tensors; whether it is an archive, as they are now."""
    try:
        with path.open("rb") as stream:
            zipped = stream.read(4) == b"PK\3\4"  # as PyTorch sees it
            stream.seek(0)
            if not zipped:
                # In memory, since a file asked for more than it has makes room for that first.
                start = BytesIO(stream.read(_MAX_PICKLE))
                for _ in range(_PICKLES):
                    _inspect_pickle(start, path)
                return False
            with zipfile.ZipFile(stream) as archive:
                members = archive.infolist()
                if any(member.compress_type for member in members):
                    raise UsageError(f"{path} is packed, which no checkpoint of PyTorch is")
                if sum(member.file_size for member in members) > limit:
                    raise UsageError(f"{path} claims to hold more than it has")
                for member in members:
                    if member.filename.endswith(".pkl"):
                        if member.file_size > _MAX_PICKLE:
                            raise UsageError(f"{path} describes more than any model has")
                        with archive.open(member) as inner:
                            _inspect_pickle(inner, path)
            return True
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UsageError(f"{path} is no PyTorch checkpoint: {error}") from None
    except (ValueError, pickle.UnpicklingError, IndexError) as error:
        raise UsageError(f"{path} is no PyTorch checkpoint: {error}") from None


def _inspect_pickle(stream: IO[bytes], path: Path) -> None:
    """Read the steps of a pickle without taking them."""
    for count, (step, argument, _) in enumerate(pickletools.genops(stream)):
        if count > _MAX_STEPS:
            raise UsageError(f"{path} describes more than any model has")
        wants = None
        if step.name == "GLOBAL":
            wants = None if argument in _GLOBALS else str(argument).replace(" ", ".")
        elif step.name in ("STACK_GLOBAL", "INST", "OBJ", "EXT1", "EXT2", "EXT4"):
            wants = str(argument or "an object").replace(" ", ".")
        if wants is not None:
            raise UsageError(
                f"{path} holds more than tensors: {wants[:200]}; save the weights alone, "
                "`torch.save(model.state_dict(), path)`"
            )


# --- the tensors -------------------------------------------------------------------------


def _state(path: Path, held: object) -> Mapping[Any, Any]:
    """The state dict in what a checkpoint holds."""
    import torch

    found = held
    for _ in range(_MAX_DEPTH):
        if not isinstance(found, Mapping):
            break
        if any(isinstance(v, torch.Tensor) and v.is_floating_point() for v in found.values()):
            return found
        found = next((v for k in _KEYS if isinstance(v := found.get(k), Mapping)), None)
    keys = [str(key)[:50] for key in held] if isinstance(held, Mapping) else []
    listed = f"; its keys are {', '.join(keys[:_LISTED])}" if keys else ""
    raise UsageError(f"{path} holds no state dict{listed}{', …' if len(keys) > _LISTED else ''}")


def _tensors(path: Path, state: Mapping[Any, Any]) -> Iterator[tuple[str, Tensor]]:
    import torch

    if len(state) > MAX_TENSORS:
        raise UsageError(f"{path} holds more tensors than any model has")
    for name, value in state.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise UsageError(f"{path}: its entry {str(name)[:100]!r} is no tensor")
        plain = value.layout == torch.strided and value.device.type == "cpu"
        if not plain or value.is_quantized or value.is_complex():
            raise UsageError(f"{path}: its tensor {name[:100]} is of a kind that is not read")
        kind = str(value.dtype).removeprefix("torch.")
        yield name, Tensor(tuple(value.shape), kind, _reader(value))


def _reader(value: torch.Tensor) -> Callable[[], Array]:
    def read() -> Array:
        array: Array = value.detach().float().contiguous().numpy()
        return array

    return read


def write(_model: CompiledModel, weights: Weights, name: str) -> Iterator[File]:
    """The file called ``name``: a state dict, as `torch.save` writes it.

    Raises:
        UsageError: PyTorch is not installed.
    """
    try:
        import torch
    except ModuleNotFoundError:
        raise needs("torch", "torch", "a PyTorch checkpoint") from None
    state = {key: torch.from_numpy(weights[key].copy()) for key in weights}
    with tempfile.TemporaryFile() as stream:
        torch.save(state, stream)
        stream.seek(0)
        yield File(name, iter(lambda: stream.read(1 << 20), b""))
