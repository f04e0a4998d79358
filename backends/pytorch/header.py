"""What an emitted file says about itself: names, and the docstring at its top."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from graphcnn.backends.pytorch import file
from graphcnn.backends.pytorch.reserved import safe
from graphcnn.model import CompiledModel
from graphcnn.summary import summarise


class Header:
    """The names and the docstring of one model's file."""

    def __init__(self, model: CompiledModel, version: str) -> None:
        self.model = model
        self.version = version

    @property
    def function(self) -> str:
        """The function that builds the model, called after its variant."""
        return safe(self.model.name)

    def title(self) -> str | None:
        """What people call the family, as the spec says it."""
        node = self.model.program.root.get("title")
        value = getattr(node, "value", None)
        return value if isinstance(value, str) else None

    def class_name(self) -> str:
        """The class of the whole model: its title, or its name in capitals."""
        title = re.sub(r"\W", "", self.title() or "", flags=re.ASCII)
        name = title if title.isidentifier() else file.camel(self.model.program.name)
        return f"{name}Model" if name == self.function else name

    def heading(self) -> str:
        """``ResNet-50``: the variant as the paper would write it."""
        title, name = self.title(), self.model.name
        if title is None:
            return name
        words, plain_title = name.lower(), re.sub(r"\W", "", title).lower()
        if words.replace("_", "") == plain_title:
            return title
        rest = words.removeprefix(plain_title).strip("_")
        if not words.startswith(plain_title) or not re.fullmatch(r"[0-9]+(_[0-9]+)?", rest):
            return name
        return f"{title} {rest.replace('_', '.')}" if "_" in rest else f"{title}-{rest}"

    def docstring(self, *, alone: bool) -> str:
        """The docstring; ``alone`` says that the file imports nothing but PyTorch."""
        program = self.model.program
        summary = summarise(self.model)
        doc = " ".join((program.doc or "").split())
        heading = self.heading()
        if doc:
            heading = f"{heading}: {_continued(doc, heading, self.title() or '')}"
        lines = [*_wrapped(heading), ""]
        if program.source:
            lines += [program.source, ""]
        rows = [("Input", n, s) for n, s in summary.inputs.items()]
        rows += [("Output", n, o.value.shape or ()) for n, o in self.model.ir.outputs.items()]
        width = max(len(name) for _, name, _ in rows)
        for kind, name, shape in rows:
            note = "   in training mode" if self._only_training(kind, name) else ""
            sizes = ", ".join(["N", *map(str, shape)])
            lines.append(f"{kind:<8} {name:<{width}}   ({sizes}){note}")
        size = f"{_count(summary.params)} parameters"
        if summary.buffers:
            size += f", {_count(summary.buffers)} buffers"
        lines += [f"{'Size':<8} {size}, {_giga(summary.macs)} MACs a sample", ""]
        lines += [f"Written by graphcnn {self.version} from {self.origin()}."]
        needs = "PyTorch and nothing else" if alone else "PyTorch and the layers below"
        lines += [f"It needs {needs}."]
        return '"""' + file.escaped("\n".join(lines)) + '\n"""'

    def _only_training(self, kind: str, name: str) -> bool:
        outputs = self.model.ir.outputs
        return kind == "Output" and name in outputs and outputs[name].training_only

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


def _wrapped(text: str, width: int = 85) -> list[str]:
    return textwrap.wrap(text, width) or [""]


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _giga(macs: Any) -> str:
    if not isinstance(macs, int):
        return str(macs)
    for unit, scale in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if macs >= scale:
            return f"{macs / scale:.4g} {unit}"
    return str(macs)
