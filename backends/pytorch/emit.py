"""From a model to the text of a PyTorch file.

The classes come from the author's blocks, for all their uses at once (``classes``); this module
writes the class of the whole model and puts the parts of the file together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from graphcnn.backends.python.argument import REQUIRED
from graphcnn.backends.python.copied import needed_helpers
from graphcnn.backends.python.fresh import worded
from graphcnn.backends.python.opened import Opened, open_parameters
from graphcnn.backends.python.probes import probes
from graphcnn.backends.python.text import (
    docstring,
    formatted,
    natural,
    parameters,
    without_citation,
)
from graphcnn.backends.python.unit import Mismatch, Sized, Unit
from graphcnn.backends.python.uses import Uses
from graphcnn.backends.python.where import Where
from graphcnn.backends.pytorch import file
from graphcnn.backends.pytorch.body import Writer
from graphcnn.backends.pytorch.classes import Classes
from graphcnn.backends.pytorch.handed import Handed
from graphcnn.backends.pytorch.header import Header
from graphcnn.backends.pytorch.initial import LOCALS, init_lines
from graphcnn.backends.pytorch.lowering import lowering
from graphcnn.backends.pytorch.refuse import refuse, refused
from graphcnn.backends.pytorch.reserved import CODE, Held, safe
from graphcnn.backends.pytorch.steps import Slot
from graphcnn.backends.pytorch.tidy import tidy
from graphcnn.initialisation import as_written, initialisation
from graphcnn.model import CompiledModel
from graphcnn.ops.declared import Declared
from graphcnn.program import Block, Statement
from graphcnn.size import Size, at_least, evaluate, symbols

#: what the code at the end of a file calls its values
_VARIABLES = frozenset({"child", "model", "name", "output", "p", "size", "total"})


def emit(model: CompiledModel, version: str) -> str:
    """The text of a file that defines and builds ``model``.

    Raises:
        SpecError: an op that PyTorch cannot express, or a name that `nn.Module` needs itself.
    """
    refuse(model)
    taken = LOCALS if "init" in model.program.root.entries else frozenset[str]()
    opened = open_parameters(model, CODE | taken)
    if opened.parameters:
        try:
            return _text(model, opened, version)
        except Mismatch:
            pass  # the code cannot say both settings at once
    return _text(model, Opened(), version)


def _text(model: CompiledModel, opened: Opened, version: str) -> str:
    """The file; written again where a class turns out to be handed sizes."""
    handed: set[Block | Statement] = set()
    while True:
        try:
            return _Emitter(model, opened, version, handed).text()
        except Handed as found:
            handed.add(found.what)


class _Emitter:
    """Writes one file."""

    def __init__(
        self,
        model: CompiledModel,
        opened: Opened,
        version: str,
        handed: Collection[Block | Statement],
    ) -> None:
        self.model = model
        self.header = Header(model, version)
        self.graphs = [model.ir] if opened.other is None else [model.ir, opened.other]
        self.opened = opened.parameters
        uses = Uses()
        for graph in self.graphs:
            uses.gather(graph)
        for probe in probes(model, self.graphs, lambda graph: not refused(graph)):
            uses.gather(probe.graph, probe=True)
        self.classes = Classes(model.program, uses, lowering, self.opened, self.held(), handed)
        self.classes.names.add(self.header.function)
        self.import_declared()

    def held(self) -> Held:
        """How modules are called, beside those that the model has."""
        nodes = [node for graph in self.graphs for node in graph.nodes]
        return Held({part for node in nodes for part in node.name.split(".")})

    def import_declared(self) -> None:
        """Names for the classes of the author's own ops, which no class of the file takes."""
        for node in self.model.ir.nodes:
            if isinstance(node.op, Declared):
                target = node.op.declaration.targets["pytorch"]
                if target not in self.classes.imported:
                    name = target.rpartition(".")[2]
                    self.classes.imported[target] = self.classes.unique(name)

    def text(self) -> str:
        root = self.root()
        units = file.needed([*self.classes.units, root])
        classes = "\n\n\n".join(file.class_text(unit) for unit in units)
        code = "\n\n\n".join(
            [*needed_helpers(__package__, classes), classes, self.builder(root), self.main()]
        )
        exported = sorted([*(unit.name for unit in units), self.header.function], key=natural)
        names = ", ".join(f'"{name}"' for name in exported)
        imports = file.imports(code, self.classes.imported)
        about = self.header.docstring(alone=not self.classes.imported)
        head = f"{about}\n\n{imports}\n\n__all__ = [{names}]"
        return formatted(f"{head}\n\n\n{code}\n")

    def root(self) -> Unit:
        """The class of the whole model."""
        graph = self.model.ir
        unit = Unit(
            name=self.classes.unique(self.header.class_name()),
            doc=without_citation(" ".join((self.model.program.doc or "").split())),
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
            slot.comes_out_as(name)
            results.append((name if several else None, slot, output.training_only))
        unit.forward = writer.lines(results)
        returned = "dict[str, Tensor]" if several else "Tensor"
        taken = ", ".join(["self", *(f"{slot.name}: Tensor" for slot in inputs)])
        unit.signature = f"({taken}) -> {returned}"
        if any(argument.default is REQUIRED for argument in unit.arguments.values()):
            raise Mismatch  # the model is built without arguments too
        tidy(unit)
        unit.init += self.initialisation(where)
        return unit

    def initialisation(self, where: Where) -> list[str]:
        """What the spec's `init` says of fresh weights."""
        program = self.model.program
        initials = [initialisation(program, graph.scope)[0] for graph in self.graphs]
        initial = worded(initials, as_written(program), where)
        return init_lines(initial, self.model.ir.nodes, self.classes.imported)

    def builder(self, root: Unit) -> str:
        """The function that people import."""
        arguments = root.ordered_arguments()
        passed = ", ".join(argument.name for argument in arguments)
        words = docstring(f"{self.header.heading()} with fresh weights.")
        given = parameters(arguments, receiver="")
        return "\n".join(
            [
                f"def {self.header.function}({given}) -> {root.name}:",
                *(f"    {line}" for line in words),
                f"    return {root.name}({passed})",
            ]
        )

    def main(self) -> str:
        """What the file prints when it is run."""
        graph = self.model.ir
        shapes = [value.shape or () for value in graph.inputs.values()]
        chosen = _sample_sizes(size for shape in shapes for size in shape)
        samples = [
            f"torch.zeros(1, {', '.join(str(evaluate(size, chosen)) for size in shape)})"
            for shape in shapes
        ]
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
        text = "\n".join(['if __name__ == "__main__":', *(f"    {line}" for line in lines)])
        own = self.header.function
        if own in _VARIABLES:  # which stays the function that people import
            text = re.sub(rf"\b{own}\b(?!\(\))", f"{own}_", text)
        return text


def _sample_sizes(sizes: Iterable[Size]) -> dict[str, int]:
    """A number for each symbol, so that every size which has one is at least 224."""
    chosen: dict[str, int] = {}
    for size in sizes:
        names = symbols(size)
        least = next(n for n in range(1, 225) if not names or at_least(_with(size, names, n), 224))
        chosen |= {name: max(least, chosen.get(name, 1)) for name in names}
    return chosen


def _with(size: Size, names: Iterable[str], number: int) -> Size:
    return evaluate(size, dict.fromkeys(names, number))
