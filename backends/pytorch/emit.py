"""From a model to the text of a PyTorch file.

The classes come from the author's blocks, for all their uses at once (``classes``); this module
writes the class of the whole model and puts the parts of the file together.
"""

from __future__ import annotations

from typing import Any

from graphcnn.backends.python.unit import Mismatch, Sized, Unit, Where
from graphcnn.backends.python.uses import Uses
from graphcnn.backends.pytorch import file
from graphcnn.backends.pytorch.body import Writer
from graphcnn.backends.pytorch.classes import Classes
from graphcnn.backends.pytorch.forward import Slot
from graphcnn.backends.pytorch.header import Header
from graphcnn.backends.pytorch.initial import NoInitialiser, init_lines
from graphcnn.backends.pytorch.lowering import lowering
from graphcnn.backends.pytorch.opened import Opened, open_parameters
from graphcnn.backends.pytorch.refuse import refuse
from graphcnn.backends.pytorch.reserved import MODULE, safe
from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.initialisation import initialisation
from graphcnn.model import CompiledModel
from graphcnn.ops.declared import Declared
from graphcnn.size import Symbolic, at_least, evaluate, symbols
from graphcnn.syntax import Mapping


def emit(model: CompiledModel, version: str) -> str:
    """The text of a file that defines and builds ``model``.

    Raises:
        SpecError: an op that PyTorch cannot express, or a name that `nn.Module` needs itself.
    """
    refuse(model)
    opened = open_parameters(model)
    if opened.parameters:
        try:
            return _Emitter(model, opened, version).text()
        except Mismatch:
            pass  # the code cannot say both settings at once
    return _Emitter(model, Opened(), version).text()


class _Emitter:
    """Writes one file."""

    def __init__(self, model: CompiledModel, opened: Opened, version: str) -> None:
        self.model = model
        self.header = Header(model, version)
        self.graphs = [model.ir] if opened.other is None else [model.ir, opened.other]
        self.opened = opened.parameters
        #: module, class and its name here, of the author's own ops
        self.declared: list[tuple[str, str, str]] = []
        uses = Uses()
        for graph in self.graphs:
            uses.gather(graph)
        self.classes = Classes(model.program, uses, lowering, self.opened, MODULE)
        self.import_declared()

    def import_declared(self) -> None:
        """Names for the classes of the author's own ops, which no class of the file takes."""
        for node in self.model.ir.nodes:
            if isinstance(node.op, Declared):
                target = node.op.declaration.targets["pytorch"]
                module, _, name = target.rpartition(".")
                if target not in self.classes.imported:
                    known = self.classes.unique(name)
                    self.classes.imported[target] = known
                    self.declared.append((module, name, known))

    def text(self) -> str:
        root = self.root()
        units = [*self.classes.units, root]
        classes = "\n\n\n".join(file.class_text(unit) for unit in units)
        code = "\n\n\n".join(
            [*file.needed_helpers(classes), classes, self.builder(root), self.main()]
        )
        exported = sorted([*(unit.name for unit in units), self.header.function], key=file.natural)
        names = ", ".join(f'"{name}"' for name in exported)
        imports = file.imports(code, self.declared)
        head = (
            f"{self.header.docstring(alone=not self.declared)}\n\n{imports}\n\n__all__ = [{names}]"
        )
        return file.formatted(f"{head}\n\n\n{code}\n")

    def root(self) -> Unit:
        """The class of the whole model."""
        graph = self.model.ir
        unit = Unit(
            name=self.classes.unique(self.header.class_name()),
            doc=" ".join((self.model.program.doc or "").split()),
            envs=[one.scope for one in self.graphs],
            parameters={name: graph.scope[name] for name in self.opened},
            lets={},
        )
        where = Where(unit, list(range(len(self.graphs))), list(unit.envs))
        inputs = [
            Slot(
                {n: one.inputs[name] for n, one in enumerate(self.graphs)},
                value.shape or (),
                name=safe(name),
            )
            for name, value in graph.inputs.items()
        ]
        writer = Writer(self.classes, unit, inputs, whole=True)
        writer.near = {str(slot.name): Sized(slot.shape) for slot in inputs}
        first = inputs[0] if len(inputs) == 1 else None
        writer.body([one.body for one in self.graphs], where, first)
        several = len(graph.outputs) > 1
        results = []
        for name, output in graph.outputs.items():
            slot = writer.slot_of([one.outputs[name].value for one in self.graphs], where)
            slot.hint = slot.hint or name
            results.append((name if several else None, slot, output.training_only))
        unit.forward = writer.forward.lines(results)
        returned = "dict[str, Tensor]" if several else "Tensor"
        parameters = ", ".join(["self", *(f"{slot.name}: Tensor" for slot in inputs)])
        unit.signature = f"({parameters}) -> {returned}"
        unit.init += self.initialisation()
        return unit

    def initialisation(self) -> list[str]:
        """What the spec's `init` says of fresh weights."""
        section, _ = initialisation(self.model.program, self.model.ir.scope)
        try:
            return init_lines(section, self.model.ir.nodes)
        except NoInitialiser as error:
            entries = self.model.program.root.get("init")
            span = entries.entries[error.op].key.span if isinstance(entries, Mapping) else None
            message = f"the PyTorch backend cannot initialise `{error.op}`: {error.reason}"
            raise SpecError(
                [Diagnostic("unsupported-op", message, span or self.model.program.root.span)]
            ) from None

    def builder(self, root: Unit) -> str:
        """The function that people import."""
        arguments = root.ordered_arguments()
        passed = ", ".join(argument.name for argument in arguments)
        words = file.docstring(f"{self.header.heading()} with fresh weights.")
        parameters = file.parameters(arguments, receiver="")
        return "\n".join(
            [
                f"def {self.header.function}({parameters}) -> {root.name}:",
                *(f"    {line}" for line in words),
                f"    return {root.name}({passed})",
            ]
        )

    def main(self) -> str:
        """What the file prints when it is run."""
        graph = self.model.ir
        samples = []
        for value in graph.inputs.values():
            sizes = ", ".join(str(_sample_size(size)) for size in value.shape or ())
            samples.append(f"torch.zeros(1, {sizes})")
        lines = [
            f"model = {self.header.function}().eval()",
            "for name, child in model.named_children():",
            "    size = sum(p.numel() for p in child.parameters())",
            '    print(f"{name:<16}{size:>14,}")',
            "total = sum(p.numel() for p in model.parameters())",
            f"outputs = model({', '.join(samples)})",
        ]
        if len(graph.outputs) > 1:
            lines += [
                "for name, output in outputs.items():",
                '    print(f"{name:<16}{tuple(output.shape)}")',
                'print(f"{total:,} parameters")',
            ]
        else:
            lines.append('print(f"{tuple(outputs.shape)}, {total:,} parameters")')
        return "\n".join(['if __name__ == "__main__":', *(f"    {line}" for line in lines)])


def _sample_size(size: Any) -> int:
    """A number for a size, at least 224 where it is symbolic."""
    if not isinstance(size, Symbolic):
        return int(size)
    sizes = (evaluate(size, dict.fromkeys(symbols(size), n)) for n in range(1, 225))
    return int(str(next(size for size in sizes if at_least(size, 224))))
