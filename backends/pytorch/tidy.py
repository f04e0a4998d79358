"""Last touches to the text of a class: what can be said shorter is."""

from __future__ import annotations

import re

from graphcnn.backends.python.argument import REQUIRED, Argument
from graphcnn.backends.python.identifiers import names_in
from graphcnn.backends.python.precedence import conditional
from graphcnn.backends.python.unit import Unit
from graphcnn.backends.pytorch.steps import INDENT, WIDTH

_PRESENCE = r"\b{}\b(?! is None| is not None|=(?!=))"


def tidy(unit: Unit) -> None:
    """Shorten what the code of a class says, which then does the same."""
    for name, argument in unit.arguments.items():
        if name not in unit.parameters and all(type(value) is bool for value in argument.values):
            argument.default = False  # the author did not even think of it
        if not unit.calls_itself and _asks_for_presence(unit, argument):
            _make_flag(unit, argument)
    unit.init = _choices(unit.init)
    _keep_at_once(unit)


def _asks_for_presence(unit: Unit, argument: Argument) -> bool:
    """Whether an argument is a name or None, and the code asks only which."""
    known = {value for value in argument.values if isinstance(value, str)}
    if len(known) != 1 or not all(value is None or value in known for value in argument.values):
        return False
    if argument.default is not REQUIRED and argument.default is not None:
        known.add(argument.default)
    lines = [*unit.init, *unit.forward, *unit.locals.values()]
    read = re.compile(_PRESENCE.format(argument.name))
    return len(known) == 1 and not any(read.search(line) for line in lines)


def _make_flag(unit: Unit, argument: Argument) -> None:
    """``act: bool = True``, and `if act:` for `if act is not None:`."""

    def asked(text: str) -> str:
        text = re.sub(rf"\b{argument.name} is not None", argument.name, text)
        return re.sub(rf"\b{argument.name} is None", f"not {argument.name}", text)

    argument.values = [value is not None for value in argument.values]
    if argument.default is not REQUIRED:
        argument.default = argument.default is not None
    unit.init = [asked(line) for line in unit.init]
    unit.forward = [asked(line) for line in unit.forward]
    unit.locals = {name: asked(text) for name, text in unit.locals.items()}


_OPTIONAL = re.compile(
    r"self\.(\w+): nn\.Module = (?P<otherwise>nn\.Identity\(\))\n"
    r"if (?P<condition>.*):\n"
    r"    self\.\1 = (?P<then>.*)"
    r"(?!.|\nelif )"  # a third way is left as it is
)
_EITHER = re.compile(
    r"if (?P<condition>.*):\n"
    r"    self\.(\w+): nn\.Module = (?P<then>.*)\n"
    r"else:\n"
    r"    self\.\2 = (?P<otherwise>.*)"
)


def _choices(lines: list[str]) -> list[str]:
    """Lines with a choice between two modules as one expression, where it is short enough."""
    text = "\n".join(lines)
    for form in (_OPTIONAL, _EITHER):
        text = form.sub(_in_one_line, text)
    return text.split("\n") if text else []


def _in_one_line(match: re.Match[str]) -> str:
    name = match[1] if match.re is _OPTIONAL else match[2]
    condition, then, otherwise = match["condition"], match["then"], match["otherwise"]
    line = f"self.{name} = {conditional(then, condition, otherwise)}"
    return line if INDENT + len(line) <= WIDTH else match[0]


def _keep_at_once(unit: Unit) -> None:
    """``self.more = a - b`` for a local variable that is kept, and read further on at most."""
    for name, text in list(unit.locals.items()):
        reading = [line for line in unit.init if _reads(line, name)]
        kept, question = f"self.{name} = {name}", f"if {name}:"
        alone = len(reading) == 1 and reading[0].strip() == kept
        first = reading[:1] == [kept] and set(reading[1:]) == {question}
        if (alone or first) and not any(_reads(other, name) for other in unit.locals.values()):
            del unit.locals[name]
            known = {kept: f"self.{name} = {text}", question: f"if self.{name}:"}
            unit.init = [
                f"{line[: len(line) - len(line.lstrip())]}{known.get(line.strip(), line.lstrip())}"
                for line in unit.init
            ]


def _reads(line: str, name: str) -> bool:
    return name in names_in(line)
