"""From a model to the text of a PyTorch file.

The classes come from the author's blocks, for all their uses at once (``classes``); this module
adds what stands around them. Parameters of the file that nothing but one layer depends on, such
as the number of classes, stay arguments: the model is elaborated once more with such a parameter
changed, and the emitted code must say both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphcnn.backends.pytorch import file
from graphcnn.backends.pytorch.classes import Classes, camel
from graphcnn.backends.pytorch.code import Lowered
from graphcnn.backends.pytorch.forward import Slot
from graphcnn.backends.pytorch.initial import init_lines
from graphcnn.backends.pytorch.lowering import lowering
from graphcnn.backends.pytorch.modules import shapes_of
from graphcnn.backends.pytorch.refuse import RESERVED, refuse
from graphcnn.backends.pytorch.unit import Argument, Mismatch, Sized, Unit, Where
from graphcnn.backends.pytorch.uses import Uses
from graphcnn.compiler import elaborate
from graphcnn.expression import Name
from graphcnn.ir import Graph
from graphcnn.model import CompiledModel
from graphcnn.ops.base import Op, Shape
from graphcnn.program import OpUse, Program, Statement
from graphcnn.size import Symbolic, at_least, evaluate, symbols
from graphcnn.summary import summarise
from graphcnn.syntax import plain


def emit(model: CompiledModel, version: str) -> str:
    """The text of a file that defines and builds ``model``.

    Raises:
        SpecError: an op that PyTorch cannot express, or a name that `nn.Module` needs itself.
    """
    refuse(model)
    for parameters in _attempts(model):
        try:
            return _Emitter(model, parameters, version).text()
        except Mismatch:
            continue
    raise AssertionError("unreachable: without open parameters every model has a form")


def _attempts(model: CompiledModel) -> list[dict[str, Any]]:
    """Which parameters to leave open, the most ambitious choice first."""
    found = open_parameters(model)
    return [found, {}] if found else [{}]


def open_parameters(model: CompiledModel) -> dict[str, Any]:
    """Integer parameters of the file that are the plain attribute of some op, changed by one."""
    program = model.program
    names = [
        name
        for name in _plainly_used(program)
        if type(model.ir.scope.get(name)) is int and not _used_elsewhere(program, name)
    ]
    found = {}
    for name in names:
        changed = model.ir.scope[name] + 1
        other = _elaborated(model, {name: changed})
        if other is not None and _only_widths(model.ir, other):
            found[name] = changed
    return found


def _elaborated(model: CompiledModel, changes: Mapping[str, Any]) -> Graph | None:
    given = {
        name: model.ir.scope[name] for name in model.program.parameters if name in model.ir.scope
    }
    other, diagnostics = elaborate(model.program, None, {**given, **changes})
    return None if diagnostics else other.ir


def _only_widths(a: Graph, b: Graph) -> bool:
    """Whether two graphs differ in layers that nothing but outputs and cheap ops depend on."""
    if len(a.nodes) != len(b.nodes):
        return False
    changed = [n for n, (x, y) in enumerate(zip(a.nodes, b.nodes, strict=True)) if x.op != y.op]
    kept = (
        (x, y)
        for n, (x, y) in enumerate(zip(a.nodes, b.nodes, strict=True))
        if n not in changed and x.facts.weights
    )
    return bool(changed) and all(shapes_of(x) == shapes_of(y) for x, y in kept)


def _plainly_used(program: Program) -> dict[str, None]:
    """Parameters that are the whole value of an attribute: `linear: $classes`."""
    found: dict[str, None] = {}
    for statement in _all_statements(program):
        if isinstance(statement.action, OpUse):
            for term in statement.action.attributes.values():
                if isinstance(term.value, Name) and term.value.name in program.parameters:
                    found[term.value.name] = None
    return found


def _used_elsewhere(program: Program, name: str) -> bool:
    """Whether a parameter has a part in anything but plain attributes."""
    text = program.file.text
    uses = len(re.findall(rf"\$\(?[^$\n]*?\b{name}\b", text))
    plain_uses = sum(
        isinstance(term.value, Name) and term.value.name == name
        for statement in _all_statements(program)
        if isinstance(statement.action, OpUse)
        for term in statement.action.attributes.values()
    )
    return uses > plain_uses


def _all_statements(program: Program) -> list[Statement]:
    found: list[Statement] = []
    waiting = list(program.body or ())
    for block in program.blocks.values():
        if block.program is program:
            waiting += block.body
    while waiting:
        statement = waiting.pop()
        found.append(statement)
        for name in ("body", "shortcut"):
            waiting += getattr(statement.action, name, None) or ()
        for path in getattr(statement.action, "paths", ()):
            waiting += path.body
    return found


class _Emitter:
    def __init__(self, model: CompiledModel, opened: Mapping[str, Any], version: str) -> None:
        self.model = model
        self.version = version
        self.graphs = [model.ir]
        self.modules: dict[str, None] = {}
        if opened:
            other = _elaborated(model, opened)
            if other is None:
                raise Mismatch
            self.graphs.append(other)
        self.opened = dict(opened)
        self.uses = Uses()
        for graph in self.graphs:
            self.uses.gather(graph)
        self.classes = Classes(model.program, self.uses, self.lower, opened, RESERVED)

    def lower(self, op: Op, shapes: tuple[Shape, ...]) -> Lowered:
        lowered, module = lowering(op, shapes)
        if module is not None:
            self.modules[module] = None
        return lowered

    # parts

    def text(self) -> str:
        root = self.root()
        classes = [*self.classes.units, root]
        code = "\n\n\n".join(file.class_text(unit) for unit in classes)
        code = "\n\n\n".join([*file.needed_helpers(code), code])
        builder = self.builder(root)
        main = self.main()
        everything = "\n\n\n".join([code, builder, main])
        names = [*(unit.name for unit in classes), self.function]
        exported = ", ".join(f'"{name}"' for name in sorted(names))
        imported = file.imports(everything, list(self.modules))
        head = f"{self.docstring()}\n\n{imported}\n\n__all__ = [{exported}]"
        return file.formatted(f"{head}\n\n\n{everything}\n")

    @property
    def function(self) -> str:
        """The name of the function that builds the model."""
        return self.model.name

    def root(self) -> Unit:
        """The class of the whole model."""
        graph = self.model.ir
        program = self.model.program
        class_name = self.classes.unique(self.class_name())
        unit = Unit(
            name=class_name,
            doc=_sentence(program.doc or ""),
            envs=[g.scope for g in self.graphs],
            parameters={name: graph.scope[name] for name in self.opened},
            lets={},
        )
        from graphcnn.backends.pytorch.body import Writer

        where = Where(unit, list(range(len(self.graphs))), list(unit.envs))
        inputs = [
            Slot(
                {n: g.inputs[name] for n, g in enumerate(self.graphs)},
                value.shape or (),
                name=name,
            )
            for name, value in graph.inputs.items()
        ]
        writer = Writer(self.classes, unit, inputs)
        writer.whole = True
        writer.near = {str(slot.name): Sized(slot.shape) for slot in inputs}
        prev = inputs[0] if len(inputs) == 1 else None
        writer.body([g.body for g in self.graphs], where, prev)
        results = []
        several = len(graph.outputs) > 1
        for name, output in graph.outputs.items():
            values = [g.outputs[name].value for g in self.graphs]
            slot = writer.slot_of(values, where)
            results.append((name if several else None, slot, output.training_only))
        unit.forward = writer.forward.lines(results)
        returned = "dict[str, Tensor]" if several else "Tensor"
        arguments = ", ".join(["self", *(f"{slot.name}: Tensor" for slot in inputs)])
        unit.signature = f"({arguments}) -> {returned}"
        unit.init += self.initialisation()
        return unit

    def initialisation(self) -> list[str]:
        node = self.model.program.root.get("init")
        section = plain(node) if node is not None else None
        if not isinstance(section, Mapping):
            return []
        ranks: dict[str, set[int]] = {}
        for one in self.model.ir.nodes:
            if one.inputs and one.inputs[0].shape:
                ranks.setdefault(one.op.name, set()).add(len(one.inputs[0].shape))
        return init_lines(section, ranks)

    def title(self) -> str | None:
        node = self.model.program.root.get("title")
        value = getattr(node, "value", None)
        return value if isinstance(value, str) else None

    def class_name(self) -> str:
        title = re.sub(r"\W", "", self.title() or "", flags=re.ASCII)
        name = title if title.isidentifier() else camel(self.model.program.name)
        return f"{name}Model" if name == self.function else name

    def heading(self) -> str:
        """``ResNet-50``: the variant as the paper would write it."""
        title, name = self.title(), self.model.name
        if title is None:
            return name
        plain_title = re.sub(r"\W", "", title).lower()
        rest = name.lower().removeprefix(plain_title)
        if rest == name.lower() or not name.lower().startswith(plain_title):
            return title if rest == "" else f"{name} ({title})"
        rest = rest.strip("_")
        return f"{title}-{rest}" if rest else title

    def docstring(self) -> str:
        program = self.model.program
        summary = summarise(self.model)
        doc = " ".join((program.doc or "").split())
        heading = self.heading()
        if doc:
            first = doc[:1].lower() + doc[1:] if doc[1:2].islower() else doc
            heading = f"{heading}: {first}"
        lines = [*_wrapped(heading), ""]
        if program.source:
            lines += [program.source, ""]
        rows = [("Input", n, s) for n, s in summary.inputs.items()]
        rows += [("Output", n, s) for n, s in summary.outputs.items()]
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
        needs = "PyTorch and nothing else" if not self.modules else "PyTorch and the layers below"
        lines += [f"It needs {needs}."]
        return '"""' + file.escaped("\n".join(lines)) + '\n"""'

    def _only_training(self, kind: str, name: str) -> bool:
        outputs = self.model.ir.outputs
        return kind == "Output" and name in outputs and outputs[name].training_only

    def origin(self) -> str:
        name = self.model.program.file.name.replace("\\", "/").rpartition("/")[2]
        return f"{name} ({self.model.variant})" if self.model.variant else name

    def builder(self, root: Unit) -> str:
        arguments = root.ordered_arguments()
        passed = ", ".join(argument.name for argument in arguments)
        return "\n".join(
            [
                f"def {self.function}({_parameters(arguments)}) -> {root.name}:",
                *(
                    f"    {line}"
                    for line in file.docstring(f"{self.heading()} with fresh weights.")
                ),
                f"    return {root.name}({passed})",
            ]
        )

    def main(self) -> str:
        graph = self.model.ir
        samples = []
        for value in graph.inputs.values():
            sizes = ", ".join(str(_sample_size(size)) for size in value.shape or ())
            samples.append(f"torch.zeros(1, {sizes})")
        lines = ['if __name__ == "__main__":', f"    model = {self.function}().eval()"]
        lines += [
            "    for name, child in model.named_children():",
            "        size = sum(p.numel() for p in child.parameters())",
            '        print(f"{name:<16}{size:>14,}")',
            "    total = sum(p.numel() for p in model.parameters())",
            "    with torch.no_grad():",
            f"        outputs = model({', '.join(samples)})",
        ]
        if len(graph.outputs) > 1:
            lines += [
                "    for name, output in outputs.items():",
                '        print(f"{name:<16}{tuple(output.shape)}")',
                '    print(f"{total:,} parameters")',
            ]
        else:
            lines.append('    print(f"{tuple(outputs.shape)}, {total:,} parameters")')
        return "\n".join(lines)


def _parameters(arguments: list[Argument]) -> str:
    return file.parameters(arguments, receiver="")


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _wrapped(text: str, width: int = 85) -> list[str]:
    import textwrap

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


def _sample_size(size: Any) -> int:
    """A number for a size, at least 224 where it is symbolic."""
    if not isinstance(size, Symbolic):
        return int(size)
    for number in range(1, 225):
        value = evaluate(size, dict.fromkeys(symbols(size), number))
        if at_least(value, 224):
            return int(str(value))
    return int(str(evaluate(size, dict.fromkeys(symbols(size), 224))))
