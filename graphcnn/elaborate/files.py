"""What a file's own names come to: its parameters and `let`, and the defaults of its ops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphcnn.elaborate.arguments import argument
from graphcnn.elaborate.scope import Frame, Place, frame_of
from graphcnn.evaluate import Names
from graphcnn.program import Program, Term
from graphcnn.program.references import meant_by
from graphcnn.size import UNKNOWN


class File:
    """One file in one variant; ``frame`` is where the expressions of its sections stand."""

    def __init__(self, place: Place, given: Mapping[str, Any]) -> None:
        self.program: Program = place.program
        self.scope: dict[str, Any] = {}
        self.values = Names(self.scope)
        self.frame = frame_of(place, self.values)
        self._defaults: dict[str, dict[str, tuple[Term, Any]]] = {}
        self._evaluate(given)

    def _evaluate(self, given: Mapping[str, Any]) -> None:
        frame, scope = self.frame, self.scope
        for name, parameter in self.program.parameters.items():
            if name in given:
                scope[name] = given[name]
            elif parameter.default is not None:
                scope[name] = frame.value(parameter.default)
            else:
                scope[name] = UNKNOWN
                message = f"the parameter `{name}` has a type and no value"
                help = "give it a default, or set it in every variant"
                frame.report("missing-parameter", message, parameter.key.span, help=help)
        for name, term in self.program.let.items():
            scope[name] = frame.value(term)

    def defaults(self, op: str) -> dict[str, tuple[Term, Any]]:
        """The attributes that the file gives to an op where a statement says nothing."""
        found = self._defaults.get(op)
        if found is None:
            terms = self.program.defaults.get(op, {})
            found = {name: (term, self.frame.value(term)) for name, term in terms.items()}
            self._defaults[op] = found
        return found


def file_of(frame: Frame, program: Program) -> File:
    """The file that a block's names refer to; ``frame`` is where the block is used."""
    place = frame.place
    found = place.state.files.get(id(program))
    if found is None:
        place.state.begin(len(program.parameters) + len(program.let), program.root.span)
        given = _given(frame, program)
        inner = place._replace(program=program, body=(), block=None, outer=None, blocks=0)
        found = place.state.files[id(program)] = File(inner, given)
    return found


def _given(frame: Frame, program: Program) -> dict[str, Any]:
    """What an import sets of a file's parameters; UNKNOWN is what was found to be missing."""
    parameters = program.parameters.values()
    given: dict[str, Any] = {one.name: UNKNOWN for one in parameters if one.default is None}
    entry, importer = program.entry, program.importer
    if entry is None or importer is None:
        return given
    user = file_of(frame, importer)
    strays = entry.settings.keys() - program.parameters.keys()
    given.update(dict.fromkeys(meant_by(strays, program.parameters) if strays else (), UNKNOWN))
    for name in entry.settings.keys() - strays:
        term = entry.settings[name]
        value = user.frame.value(term)
        given[name] = argument(program.parameters[name], term, value, user.frame, entry.owner)
    return given
