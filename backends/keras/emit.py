"""From a model to the text of a Keras file.

The functions come from the author's blocks, for all their uses at once (``functions``); this
module writes the function that builds the whole model, and puts the parts of the file together.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphcnn.backends.keras import file
from graphcnn.backends.keras.arrange import boundary
from graphcnn.backends.keras.functions import Functions
from graphcnn.backends.keras.header import Header
from graphcnn.backends.keras.initial import init_lines
from graphcnn.backends.keras.lowering import import_of
from graphcnn.backends.keras.norms import shortened
from graphcnn.backends.keras.opened import open_widths
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.refuse import WORDS, refuse
from graphcnn.backends.keras.scribe import Scribe
from graphcnn.backends.keras.spelling import TAKEN, respelled
from graphcnn.backends.keras.steps import Slot
from graphcnn.backends.keras.tidy import tidied
from graphcnn.backends.keras.writer import Writer
from graphcnn.backends.python.printer import literal
from graphcnn.backends.python.unit import Mismatch, Unit
from graphcnn.backends.pytorch.file import docstring, formatted, parameters
from graphcnn.backends.pytorch.opened import Opened
from graphcnn.model import CompiledModel
from graphcnn.ops.declared import Declared
from graphcnn.syntax import plain


def emit(model: CompiledModel, version: str) -> str:
    """The text of a file that defines and builds ``model``.

    Raises:
        SpecError: an op, a size or a name that a Keras file cannot have.
    """
    refuse(model)
    opened = open_widths(model)
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
        self.outputs = "outputs" if "outputs" not in model.ir.inputs else "results"
        nodes = model.ir.nodes
        self.modules = {import_of(n.op): None for n in nodes if isinstance(n.op, Declared)}
        reserved = WORDS | TAKEN | file.helpers().keys() | {model.name}
        self.functions = Functions(model.program, self.graphs, self.opened, frozenset(reserved))

    def text(self) -> str:
        root = self.root()
        functions = [
            file.function_text(m.unit, m.sizes, named=m.unit in self.functions.reads_name)
            for m in self.functions.made
        ]
        self.initialise(root, "\n".join(functions))
        builder = self.builder(root)
        parts = shortened([*functions, builder])
        body = "\n\n\n".join(parts)
        code = "\n\n\n".join([*file.needed_helpers(body), body, self.main()])
        exported = sorted([*(m.unit.name for m in self.functions.made), self.model.name])
        names = ", ".join(f'"{name}"' for name in exported)
        imports = file.imports(code, list(self.modules))
        head = (
            f"{self.header.docstring(alone=not self.modules)}\n\n{imports}\n\n__all__ = [{names}]"
        )
        return formatted(f"{head}\n\n\n{code}\n")

    def root(self) -> Unit:
        """The function that builds the model."""
        graph = self.model.ir
        unit = Unit(
            name=self.model.name,
            doc="",
            envs=[one.scope for one in self.graphs],
            parameters={name: graph.scope[name] for name in self.opened},
            lets={},
        )
        unit.taken |= {*self.functions.taken, *graph.inputs}
        place = Place(unit, list(range(len(self.graphs))), list(unit.envs))
        inputs = [
            Slot(
                {(n,): one.inputs[name] for n, one in enumerate(self.graphs)},
                value.shape or (),
                boundary(value),
                name=name,
            )
            for name, value in graph.inputs.items()
        ]
        writer = Writer(self.functions, unit, inputs, [""] * len(self.graphs), whole=True)
        first = inputs[0] if len(inputs) == 1 else None
        writer.body([one.body for one in self.graphs], place, first)
        results = []
        for name, output in graph.outputs.items():
            slot = writer.slot_of([one.outputs[name].value for one in self.graphs], place)
            results.append(writer.brought(slot, boundary(output.value)))
            if slot.hint is None:
                results[-1].hint = name
        outputs = list(zip(graph.outputs, results, strict=True))
        always = [(n, s) for n, s in outputs if not graph.outputs[n].training_only]
        later = [(n, s) for n, s in outputs if graph.outputs[n].training_only]
        writer.parts = tidied(writer.parts, results)
        split = len(writer.parts)
        while split and writer.parts[split - 1].training:
            split -= 1
        scribe = Scribe(writer.parts, inputs, [*inputs, *results], unit)
        lines = [*self.inputs(), *scribe.lines(split)]
        if len(results) > 1 or later:
            pairs = ", ".join(f'"{n}": {s.name}' for n, s in always)
            lines.append(f"{self.outputs} = {{{pairs}}}")
        if later:
            lines += ["if training_outputs:", *(f"    {one}" for one in scribe.rest(split))]
            lines += [f'    {self.outputs}["{n}"] = {s.name}' for n, s in later]
        unit.forward = [*lines, *self.returned(results)]
        return unit

    def inputs(self) -> list[str]:
        """The lines that the model begins with."""
        found = []
        for name, value in self.model.ir.inputs.items():
            sizes = boundary(value).ordered(value.shape or ())
            shape = tuple(size if isinstance(size, int) else None for size in sizes)
            found.append(f'{name} = keras.Input({literal(shape)}, name="{name}")')
        return found

    def returned(self, results: list[Slot]) -> list[str]:
        """The model of the inputs and outputs, the lines that put it together."""
        graph = self.model.ir
        given = ", ".join(graph.inputs)
        inputs = given if len(graph.inputs) == 1 else f"[{given}]"
        end = f'name="{self.model.name}")'
        if len(results) == 1 and not self.has_training():
            return [f"return keras.Model({inputs}, {results[0].name}, {end}"]
        return [f"return keras.Model({inputs}, {self.outputs}, {end}"]

    def initialise(self, root: Unit, functions: str) -> None:
        """What the spec's `init` says of fresh weights, before the model is returned."""
        node = self.model.program.root.get("init")
        section = plain(node) if node is not None else None
        if not isinstance(section, Mapping):
            return
        *body, last = root.forward
        lines = init_lines(section, "\n".join([functions, *body]))
        if lines:
            made = last.replace("return ", "model = ", 1)
            root.forward = [*body, made, *lines, "return model"]

    def has_training(self) -> bool:
        return any(output.training_only for output in self.model.ir.outputs.values())

    def builder(self, root: Unit) -> str:
        """The function that people import."""
        arguments = parameters(root.ordered_arguments(), receiver="")
        words = f"{self.header.heading()} with fresh weights."
        if self.has_training():
            arguments += ", *, training_outputs: bool = False" if arguments else (
                "*, training_outputs: bool = False"
            )  # fmt: skip
            names = [n for n, o in self.model.ir.outputs.items() if o.training_only]
            words = f"{words[:-1]}; `training_outputs` adds {' and '.join(names)}."
        lines = [f"def {root.name}({arguments}) -> keras.Model:"]
        lines += [f"    {line}" for line in docstring(words)]
        lines += [f"    {line}" for line in root.forward]
        return respelled("\n".join(lines))

    def main(self) -> str:
        """What the file does when it is run."""
        return f'if __name__ == "__main__":\n    {self.model.name}().summary()'
