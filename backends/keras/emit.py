"""From a model to the text of a Keras file.

The functions come from the author's blocks, for all their uses at once (``functions``); this
module writes the function that builds the whole model, and puts the parts of the file together.
"""

from __future__ import annotations

from graphcnn.backends.keras import file
from graphcnn.backends.keras.arrange import boundary
from graphcnn.backends.keras.depth import recursion_lines
from graphcnn.backends.keras.functions import Functions
from graphcnn.backends.keras.header import Header
from graphcnn.backends.keras.initial import LOCALS, init_lines
from graphcnn.backends.keras.names import layer_names
from graphcnn.backends.keras.norms import shortened
from graphcnn.backends.keras.opened import open_widths
from graphcnn.backends.keras.place import Place
from graphcnn.backends.keras.refuse import WORDS, fits, refuse
from graphcnn.backends.keras.scribe import Scribe
from graphcnn.backends.keras.spelling import TAKEN, builder_name, respelled
from graphcnn.backends.keras.steps import Slot
from graphcnn.backends.keras.tidy import tidied
from graphcnn.backends.keras.writer import Writer
from graphcnn.backends.python.copied import helpers, needed_helpers
from graphcnn.backends.python.fresh import worded
from graphcnn.backends.python.identifiers import names_in
from graphcnn.backends.python.opened import Opened
from graphcnn.backends.python.printer import literal
from graphcnn.backends.python.probes import probes
from graphcnn.backends.python.text import formatted, natural, parameters
from graphcnn.backends.python.unit import Mismatch, Unit
from graphcnn.initialisation import as_written, initialisation
from graphcnn.model import CompiledModel


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
        self.name = builder_name(model.name)
        reserved = WORDS | TAKEN | helpers(__package__).keys() | {self.name}
        others = probes(model, self.graphs, fits)
        self.functions = Functions(
            model.program, self.graphs, others, self.opened, frozenset(reserved)
        )
        self.functions.hiding |= LOCALS if "init" in model.program.root.entries else set()

    def text(self) -> str:
        root = self.root()
        functions = [
            file.function_text(
                m.unit,
                m.sizes,
                named=m.unit in self.functions.reads_name,
                shared=self.functions.shared if m.unit in self.functions.takes_layers else None,
            )
            for m in self.functions.made
        ]
        self.initialise(root, "\n".join(functions))
        docs = [*(m.unit.doc for m in self.functions.made), self.doc()]
        parts = shortened([*functions, self.builder(root)])
        own = [file.documented(*pair) for pair in zip(parts[-len(docs) :], docs, strict=True)]
        body = "\n\n\n".join([*parts[: -len(docs)], *own])
        layers = self.functions.open_layers.needed(body)
        code = "\n\n\n".join(
            [*needed_helpers(__package__, "\n".join([*layers, body])), *layers, body, self.main()]
        )
        exported = sorted([*(m.unit.name for m in self.functions.made), self.name], key=natural)
        names = ", ".join(f'"{name}"' for name in exported)
        imports = file.imports(code, self.functions.imported)
        about = self.header.docstring(alone=not self.functions.imported)
        head = f"{about}\n\n{imports}\n\n__all__ = [{names}]"
        return formatted(f"{head}\n\n\n{code}\n")

    def root(self) -> Unit:
        """The function that builds the model."""
        graph = self.model.ir
        unit = Unit(
            name=self.name,
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
        outputs = list(zip(graph.outputs, results, strict=True))
        for name, slot in reversed(outputs):
            slot.call(name)
        always = [(n, s) for n, s in outputs if not graph.outputs[n].training_only]
        later = [(n, s) for n, s in outputs if graph.outputs[n].training_only]
        writer.parts = tidied(writer.parts, results)
        split = len(writer.parts)
        while split and writer.parts[split - 1].training:
            split -= 1
        unit.taken |= {made.unit.name for made in self.functions.made}
        scribe = Scribe(writer.parts, inputs, [*inputs, *results], unit)
        lines = scribe.lines(split)
        if len(results) > 1 or later:
            pairs = ", ".join(f'"{n}": {s.name}' for n, s in always)
            lines.append(f"{self.outputs} = {{{pairs}}}")
        if later:
            rest = scribe.rest(split)
            for n, s in later:
                self.kept(rest, f'{self.outputs}["{n}"]', s, scribe.reads[s])
            lines += ["if training_outputs:", *(f"    {line}" for line in rest)]
        shared = self.functions.shared
        begin = [f"{shared} = Shared()"] if any(shared in names_in(line) for line in lines) else []
        unit.forward = [*self.inputs(), *begin, *lines, *self.returned(results)]
        return unit

    @staticmethod
    def kept(lines: list[str], target: str, slot: Slot, reads: int) -> None:
        """Make an output of a value: where it comes from, if nothing else reads it."""
        own = f"{slot.name} = "
        made = next((n for n in range(len(lines) - 1, -1, -1) if lines[n].startswith(own)), None)
        inside = any(line.startswith("    ") and own in line for line in lines)
        if reads == 1 and made is not None and not inside:
            lines[made] = f"{target} = {lines[made].removeprefix(own)}"
        else:
            lines.append(f"{target} = {slot.name}")

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
        lines = recursion_lines(graph)
        given = ", ".join(graph.inputs)
        inputs = given if len(graph.inputs) == 1 else f"[{given}]"
        end = f'name="{self.model.name}")'
        if len(results) == 1 and not self.has_training():
            return [*lines, f"return keras.Model({inputs}, {results[0].name}, {end}"]
        return [*lines, f"return keras.Model({inputs}, {self.outputs}, {end}"]

    def initialise(self, root: Unit, functions: str) -> None:
        """What the spec's `init` says of fresh weights, before the model is returned."""
        *body, last = root.forward
        program = self.model.program
        initials = [initialisation(program, graph.scope)[0] for graph in self.graphs]
        place = Place(root, list(range(len(self.graphs))), list(root.envs))
        initial = worded(initials, as_written(program), place)
        text = "\n".join([functions, *body])
        lines = init_lines(initial, text, layer_names(self.model.ir), self.functions.imported)
        if lines:
            made = last.replace("return ", "model = ", 1)
            root.forward = [*body, made, *lines, "return model"]

    def has_training(self) -> bool:
        return any(output.training_only for output in self.model.ir.outputs.values())

    def builder(self, root: Unit) -> str:
        """The function that people import."""
        arguments = parameters(root.ordered_arguments(), receiver="")
        if self.has_training():
            arguments += ", *, training_outputs: bool = False" if arguments else (
                "*, training_outputs: bool = False"
            )  # fmt: skip
        lines = [f"def {root.name}({arguments}) -> keras.Model:"]
        lines += [f"    {line}" for line in root.forward]
        return respelled("\n".join(lines))

    def doc(self) -> str:
        """What that function says of itself."""
        words = f"{self.header.heading()} with fresh weights"
        if not self.has_training():
            return f"{words}."
        names = [n for n, o in self.model.ir.outputs.items() if o.training_only]
        return f"{words}; `training_outputs` adds {' and '.join(names)}."

    def main(self) -> str:
        """What the file does when it is run."""
        return f'if __name__ == "__main__":\n    {self.name}().summary()'
