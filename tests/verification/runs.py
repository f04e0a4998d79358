"""Models run in every backend, as `graphcnn verify` runs them."""

from __future__ import annotations

import linecache
import sys

from graphcnn.backends import Device, Runnable, find
from graphcnn.backends.python.live import PACKAGE
from graphcnn.model import CompiledModel
from graphcnn.verification import Settings, Verification, verify

NAMES = ("pytorch", "keras", "onnx")


def backends(*names: str) -> list[Runnable]:
    found = []
    for name in names or NAMES:
        backend = find(name)
        assert isinstance(backend, Runnable)
        found.append(backend)
    return found


def verified(
    model: CompiledModel, *, train: bool = False, device: Device = Device.CPU
) -> Verification:
    """A verification in all backends, after which the code that it ran is forgotten.

    On a GPU, in all that find one. The limit of recursion, which deep models raise, is set back.
    """
    chosen = backends()
    if device is Device.GPU:
        chosen = [one for one in chosen if not one.obstacle(device)]
        assert chosen, "no framework finds a GPU"
    deepest = sys.getrecursionlimit()
    try:
        return verify(model, chosen, Settings(train=train, trust=True, device=device))
    finally:
        for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        linecache.clearcache()
        sys.setrecursionlimit(deepest)
