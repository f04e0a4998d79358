"""What a class holds: modules, parameters and settings, by the names of its attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from graphcnn.backends.python.identifiers import renamed
from graphcnn.backends.python.precedence import are_opposite, negated
from graphcnn.backends.python.printer import Text
from graphcnn.backends.python.unit import Mismatch, Unit
from graphcnn.backends.python.uses import local_name
from graphcnn.backends.pytorch.listing import Member, careful, free_name, layer_lines
from graphcnn.backends.pytorch.reserved import MODULE, Held
from graphcnn.ir import Item, Node, OpItem
from graphcnn.naming import label_of


class Attributes:
    """The attributes of one class, with the lines of `__init__` that make them.

    A ``numbered`` class has members instead: `self[0]`, `self[1]` and so on.
    """

    def __init__(self, unit: Unit, modules: Held, *, numbered: bool) -> None:
        self.unit = unit
        self.modules = modules
        self.numbered = numbered
        #: what each attribute is made of
        self.texts: dict[str, str] = {}
        self.members: dict[str, str] = {}
        #: learned tensors of a ``numbered`` class, which are no members of a sequence
        self.learned: set[str] = set()
        #: names of layers with weights, which are not free for others
        self.claimed: set[str] = set()
        #: modules that only some uses have, and `forward` behind an `if`
        self.guarded: set[str] = set()

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Forget what was held where code comes to a Mismatch."""
        texts, members, guarded = dict(self.texts), dict(self.members), set(self.guarded)
        learned = set(self.learned)
        try:
            yield
        except Mismatch:
            self.texts, self.members, self.guarded = texts, members, guarded
            self.learned = learned
            raise

    def path(self, name: str) -> str:
        """How `forward` reads an attribute."""
        if not name:
            return "self"
        if name in self.learned:
            return f'self.get_parameter("{name}")'
        name = self.modules.name(name)
        return f"self[{list(self.members).index(name)}]" if self.numbered else f"self.{name}"

    def keep(self, name: str, text: str) -> str:
        """Hold a module under just this name, unless modules have that; the name comes back."""
        name = self.modules.name(name)
        if self.numbered:
            self.members[name] = text
            return name
        if name in self.texts:
            raise Mismatch
        return self.keep_value(name, text)

    def keep_parameter(self, nodes: Sequence[Node], text: str) -> str:
        """Hold a learned tensor; under a number it is no attribute that Python can spell."""
        name = the_name(local_name(node.name) for node in nodes)
        if not self.numbered:
            return self.keep(name, text)
        self.learned.add(name)
        self.unit.init.append(f'self.register_parameter("{name}", {text})')
        return name

    def keep_value(self, name: str, text: str) -> str:
        """Hold something that is no module."""
        self.texts[name] = text
        self.unit.init.append(f"self.{name} = {text}")
        return name

    def holding(self, text: str) -> str | None:
        """The attribute that holds a value already, and in every use, if there is one."""
        known = (name for name, held in self.texts.items() if held == text)
        return next((name for name in known if name not in self.guarded), None)

    def keep_condition(self, name: str, condition: str) -> str:
        """Hold whether a condition holds, before the lines that ask the same."""
        known = self.holding(condition)
        if known is not None:
            return known
        name = self.keep_value(self.free(name), condition)
        line = self.unit.init.pop()
        asking = [
            re.sub(rf"\bif {re.escape(condition)}(:| else )", rf"if self.{name}\1", text)
            for text in self.unit.init
        ]
        pairs = zip(asking, self.unit.init, strict=True)
        first = next((n for n, (new, old) in enumerate(pairs) if new != old), len(asking))
        if first and asking[first - 1].endswith(": nn.Module = nn.Identity()"):
            first -= 1
        self.unit.init[:] = [*asking[:first], line, *asking[first:]]
        return name

    def keep_module(self, nodes: Sequence[Node], text: str, *, stateful: bool) -> str:
        """Hold an op's module; those without weights are shared by all that do the same."""
        if stateful or self.numbered:
            return self.keep(the_name(local_name(node.name) for node in nodes), text)
        label = label_of(nodes[0].op)
        for name, held in self.texts.items():
            if name in self.guarded:
                continue  # not there in every use
            if name.startswith(label) and careful(held) == careful(text):
                if held != text:  # one of them must not overwrite its input, so none does
                    self.texts[name] = careful(text)
                    line = self.unit.init.index(f"self.{name} = {held}")
                    self.unit.init[line] = f"self.{name} = {careful(text)}"
                return name
        return self.keep(self.free(label, self.claimed | MODULE), text)

    def keep_optional(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """Hold the module whose condition holds, and one that does nothing where none does.

        The last one may be without a condition: it is there where no other is.
        """
        name = self.modules.name(name)
        if self.numbered or not name.isidentifier() or name in self.texts:
            raise Mismatch
        self.texts[name] = " or ".join(f"{text} if {condition}" for condition, text in choices)
        lines = []
        for n, (condition, text) in enumerate(choices):
            lines += [f"{'el' if n else ''}if {condition}:", f"    self.{name} = {text}"]
        last = choices[-1][0]
        if not last or (len(choices) == 2 and are_opposite(choices[0][0], last)):
            lines[1] = lines[1].replace(" = ", ": nn.Module = ", 1)
            lines[2] = "else:"
        else:
            lines.insert(0, f"self.{name}: nn.Module = nn.Identity()")
        self.unit.init += lines

    def question(self, name: str, condition: str) -> tuple[str, str]:
        """What `__init__` and `forward` ask to know whether a condition holds.

        A module that is not there is named behind a constant alone: there a compiler leaves it out.
        """
        asked = condition.removeprefix("not ")
        alone = asked.isidentifier()
        asked = asked if alone else condition
        held = self.holding(asked)
        if held is None:
            held = self.keep_value(self.free(asked if alone else name, MODULE), asked)
        self.unit.constants.setdefault(held)
        question = negated if asked != condition else str
        return question(asked if alone else f"self.{held}"), question(f"self.{held}")

    def put_behind(self, condition: str, begin: int) -> None:
        """Put the lines from number ``begin`` on behind an `if`; only there are their modules."""
        lines = self.unit.init[begin:]
        if not lines:
            return
        self.guarded.update(re.findall(r"self\.(\w+)", " ".join(lines)))
        question = f"if {condition}:"
        for line in reversed(self.unit.init[:begin]):
            if line.startswith("if "):
                opposite = are_opposite(line[3:-1], condition)
                question = "else:" if opposite else question
            if not line.startswith("    "):
                break
        self.unit.init[begin:] = [question, *(f"    {line}" for line in lines)]

    def keep_listed(self, name: str, members: Sequence[Member]) -> None:
        """Hold a sequence with members that only some uses have, made as a list first."""
        name = self.modules.name(name)
        if name in self.texts:
            raise Mismatch
        layers = free_name(self.unit, "layers")
        lines = layer_lines(members, layers)
        if any(line.startswith(f"{layers}: ") for line in self.unit.init):  # typed by then
            lines[0] = lines[0].replace(": list[nn.Module]", "", 1)
        self.texts[name] = f"nn.Sequential(*{layers})"
        self.unit.init += [*lines, f"self.{name} = {self.texts[name]}"]

    def on_self(self, text: Text) -> Text:
        """Text for `forward`, with the arguments that it reads kept on `self`."""
        arguments = {argument.name for argument in self.unit.arguments.values()}
        known = {*arguments, *self.unit.locals}

        def kept(name: str) -> str:
            if name not in known:
                return name
            held = self.holding(name) or name
            while held in MODULE or self.texts.get(held, name) != name:
                held += "_"
            if held not in self.texts:
                self.keep_value(held, name)
            return f"self.{held}"

        return Text(renamed(text, kept))

    def free(self, name: str, taken: set[str] | frozenset[str] = frozenset()) -> str:
        """A name like this one that no attribute has."""
        found, number = name, 2
        while found in self.texts or found in taken:
            found, number = f"{name}{number}", number + 1
        return found

    def release(self, path: str) -> None:
        """Forget a module that no step uses any more."""
        name = path.removeprefix("self.")
        line = f"self.{name} = {self.texts.get(name)}"
        inner = f"    {line}"
        lines = self.unit.init
        if line in lines:
            del self.texts[name]
            lines.remove(line)
        elif inner in lines:
            place = lines.index(inner)
            around = [*lines[place - 1 : place], *lines[place + 1 : place + 2]]
            if any(other.startswith("    ") for other in around):  # else the `if` would be empty
                del self.texts[name]
                lines.remove(inner)


def the_name(names: Iterable[str]) -> str:
    """The one name that all of these are; Mismatch where they differ."""
    found = set(names)
    if len(found) != 1 or "" in found:
        raise Mismatch
    return found.pop()


def full_name(item: Item) -> str:
    return item.node.name if isinstance(item, OpItem) else item.name


def item_name(items: Sequence[Item]) -> str:
    """What the class calls what these items are."""
    return the_name(local_name(full_name(item)) for item in items)
