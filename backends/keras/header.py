"""What an emitted file says about itself: names, and the docstring at its top."""

from __future__ import annotations

from typing import Any

from graphcnn.backends.keras.arrange import boundary
from graphcnn.backends.python.printer import literal
from graphcnn.backends.pytorch import file
from graphcnn.backends.pytorch.header import Header as PyTorchHeader
from graphcnn.backends.pytorch.header import _continued, _count, _giga, _wrapped
from graphcnn.summary import summarise


class Header(PyTorchHeader):
    """The names and the docstring of one model's file, its shapes channels last."""

    def docstring(self, *, alone: bool) -> str:
        program = self.model.program
        graph = self.model.ir
        summary = summarise(self.model)
        doc = " ".join((program.doc or "").split())
        heading = self.heading()
        if doc:
            heading = f"{heading}: {_continued(doc, heading, self.title() or '')}"
        lines = [*_wrapped(heading), ""]
        if program.source:
            lines += [program.source, ""]
        rows = [("Input", name, value) for name, value in graph.inputs.items()]
        rows += [("Output", name, output.value) for name, output in graph.outputs.items()]
        width = max(len(name) for _, name, _ in rows)
        for kind, name, value in rows:
            note = "   with `training_outputs`" if self._only_training(kind, name) else ""
            ordered: tuple[Any, ...] = boundary(value).ordered(value.shape or ())
            sizes = ", ".join(["N", *map(literal, ordered)])
            lines.append(f"{kind:<8} {name:<{width}}   ({sizes}){note}")
        size = f"{_count(summary.params)} parameters"
        if summary.buffers:
            size += f", {_count(summary.buffers)} buffers"
        lines += [f"{'Size':<8} {size}, {_giga(summary.macs)} MACs a sample", ""]
        lines += [f"Written by graphcnn {self.version} from {self.origin()}."]
        needs = "Keras 3 and nothing else" if alone else "Keras 3 and the layers below"
        lines += [f"It needs {needs}."]
        return '"""' + file.escaped("\n".join(lines)) + '\n"""'
