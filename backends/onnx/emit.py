"""From a model to the files of an ONNX model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator

from graphcnn.backends import File
from graphcnn.backends.onnx.assemble import assemble
from graphcnn.diagnostics import UsageError
from graphcnn.model import CompiledModel
from graphcnn.source import SourceFile
from graphcnn.weights import Weights


def files(
    model: CompiledModel,
    weights: Callable[[], Weights],
    name: str,
    version: str,
    opset: int | None = None,
) -> Iterator[File]:
    """The file of the weights, where they need one, and that of the model.

    Without an ``opset`` it is the usual one, or the first that has every operator.

    Raises:
        SpecError: an op, a size or a name that an ONNX file cannot have.
        UsageError: onnx is not installed, or there is no place for a second file.
    """
    try:
        from graphcnn.backends.onnx import proto, stream
    except ModuleNotFoundError as error:
        raise UsageError(
            f"an ONNX file needs the package {error.name}: pip install 'graphcnn[onnx]'"
        ) from None
    assembly = assemble(model.ir, opset)
    doc = _doc(model)
    graph = proto.graph_message(model.name, doc, assembly)
    message = proto.model_message(assembly, version, doc, metadata(model))
    held = weights()
    whole = stream.Whole(message, graph, held, assembly.weights)
    if whole.length <= stream.LIMIT:
        yield File(name, whole.chunks())
        return
    if name == "-":
        raise UsageError("the weights exceed 2 GB and lie in a second file; name the first with -o")
    beside = name.lstrip(".")  # readers take a place that begins with `..` for another folder
    apart = stream.Apart(message, graph, held, assembly.weights, f"{beside}.data")
    yield File(apart.location, apart.data())
    yield File(name, apart.chunks())


def metadata(model: CompiledModel) -> dict[str, str]:
    """Where the model comes from: enough to make it again, and to see that a spec has changed."""
    program = model.program
    settings = {name: model.ir.scope[name] for name in program.parameters}  # symbols as text
    found = {
        "spec": program.name,
        "variant": model.variant or "",
        "source": program.source or "",
        "parameters": json.dumps(settings, ensure_ascii=False, default=str) if settings else "",
        "spec_sha256": _hash(program.file),
        "imports_sha256": " ".join(sorted(map(_hash, program.files()[1:]))),
    }
    return {key: value for key, value in found.items() if value}


def _hash(file: SourceFile) -> str:
    return hashlib.sha256(file.text.encode()).hexdigest()


def _doc(model: CompiledModel) -> str:
    return " ".join((model.program.doc or "").split())
