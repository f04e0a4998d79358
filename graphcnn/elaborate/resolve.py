"""`use`: an op or block whose name is computed."""

from __future__ import annotations

from graphcnn.diagnostics import did_you_mean
from graphcnn.elaborate.scope import Frame
from graphcnn.elaborate.state import Stop
from graphcnn.evaluate import kind_of, said
from graphcnn.ops.foreign import suggest_op
from graphcnn.program import BlockUse, ComputedUse, OpKind, OpUse, Term
from graphcnn.program.linking import two_meanings
from graphcnn.program.references import meant_by, misfits
from graphcnn.size import UNKNOWN


def resolve(action: ComputedUse, frame: Frame) -> OpUse | BlockUse:
    """The use that a computed one comes to here; the same object for the same name."""
    name = frame.value(action.name)
    if name is UNKNOWN:
        raise Stop
    if not isinstance(name, str):
        message = f"`use` names an op or block, found {kind_of(name)}"
        frame.report("wrong-type", message, action.name.node.span)
        raise Stop
    known = frame.place.state.resolved
    found = known.get((action, name))
    if found is None:
        found = known[action, name] = _resolved(action, name, frame)
    return found


def _resolved(action: ComputedUse, name: str, frame: Frame) -> OpUse | BlockUse:
    program = frame.place.program
    op, block = program.op(name), program.blocks.get(name)
    if op is not None:
        return OpUse(op, _attributes(action, op, frame))
    if block is None:
        span = action.name.node.span
        if name in program.ambiguous:
            found = two_meanings(name, program.ambiguous[name], span)
            frame.report(found.code, found.message, span, help=found.help)
            raise Stop
        known = program.complete and name not in program.hidden
        if known and frame.place.state.is_new("unknown-op", span):
            meant = suggest_op(name, program.names())
            help = f"did you mean `{meant}`?" if meant else None
            frame.report("unknown-op", f"there is no op or block {said(name)}", span, help=help)
        raise Stop
    name_node = action.name.node
    for found in misfits(block.owner, block.parameters, action.arguments, action.keys, name_node):
        frame.report(found.code, found.message, found.span, help=found.help)
    return BlockUse(name, action.arguments, action.keys)


def _attributes(action: ComputedUse, op: OpKind, frame: Frame) -> dict[str, Term]:
    declared = op.attributes()
    for name in action.arguments.keys() - declared.keys():
        frame.report(
            "unknown-attribute",
            f"{op.name} has no attribute `{name}`",
            action.keys[name].span,
            help=did_you_mean(name, declared) or f"it has {', '.join(declared) or 'none'}",
        )
    given = {name: term for name, term in action.arguments.items() if name in declared}
    lost = meant_by(action.arguments.keys() - declared.keys(), declared)
    return {**{name: Term(action.name.node, UNKNOWN) for name in lost}, **given}
