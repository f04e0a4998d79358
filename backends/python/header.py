"""What an emitted file says about itself: the docstring at its top."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from graphcnn.backends.python.printer import literal
from graphcnn.backends.python.text import escaped, wrapped
from graphcnn.ir import Value
from graphcnn.model import CompiledModel
from graphcnn.size.figures import exact, rounded
from graphcnn.summary import summarise


class Header:
    """The docstring of one model's file, and what people call the model."""

    #: all that the file needs
    framework: ClassVar[str]
    #: when an output is there that not every call gives
    training: ClassVar[str]

    def __init__(self, model: CompiledModel, version: str) -> None:
        self.model = model
        self.version = version

    def sizes(self, value: Value) -> tuple[Any, ...]:
        """The sizes of an input or output in the order in which the framework has them."""
        return value.shape or ()

    def heading(self) -> str:
        """``ResNet-50``: the variant as the paper would write it."""
        title, name = self.model.program.title, self.model.name
        if title is None:
            return name
        words, plain_title = name.lower(), re.sub(r"\W", "", title).lower()
        if words.replace("_", "") == plain_title:
            return title
        rest = words.removeprefix(plain_title).strip("_")
        if not words.startswith(plain_title) or not re.fullmatch(r"[a-z]?[0-9]+(_[0-9]+)?", rest):
            return name
        return f"{title} {rest.replace('_', '.')}" if "_" in rest else f"{title}-{rest.upper()}"

    def docstring(self, *, alone: bool) -> str:
        """The docstring; ``alone`` says that the file imports nothing but its framework."""
        program = self.model.program
        graph = self.model.ir
        summary = summarise(self.model)
        doc = " ".join((program.doc or "").split())
        heading = self.heading()
        if doc:
            heading = f"{heading}: {_continued(doc, heading, program.title or '')}"
        lines = [*wrapped(heading, 85), ""]
        if program.source:
            lines += [program.source, ""]
        rows = [("Input", name, value, False) for name, value in graph.inputs.items()]
        rows += [("Output", n, o.value, o.training_only) for n, o in graph.outputs.items()]
        width = max(len(name) for _, name, _, _ in rows)
        for kind, name, value, training in rows:
            note = f"   {self.training}" if training else ""
            sizes = ", ".join(["N", *map(literal, self.sizes(value))])
            lines.append(f"{kind:<8} {name:<{width}}   ({sizes}){note}")
        size = f"{exact(summary.params)} parameters"
        if summary.buffers:
            size += f", {exact(summary.buffers)} buffers"
        lines += [f"{'Size':<8} {size}, {rounded(summary.macs)} MACs a sample", ""]
        lines += [f"Written by graphcnn {self.version} from {self.origin()}."]
        rest = "nothing else" if alone else "the layers below"
        lines += [f"It needs {self.framework} and {rest}."]
        return '"""' + escaped("\n".join(lines)) + '\n"""'

    def origin(self) -> str:
        """The spec's file and variant."""
        name = self.model.program.file.name.replace("\\", "/").rpartition("/")[2]
        return f"{name} ({self.model.variant})" if self.model.variant else name


def _continued(doc: str, *names: str) -> str:
    """A description as it goes on after a name: without that name, in lower case."""
    first, _, rest = doc.partition(" ")
    known = {re.sub(r"\W", "", name).lower() for name in names}
    if first.endswith((",", ":")) and re.sub(r"\W", "", first).lower() in known:
        return rest
    return doc[:1].lower() + doc[1:] if first[1:].islower() or len(first) == 1 else doc
