"""What PyTorch cannot express, found before anything is written."""

from __future__ import annotations

from graphcnn.backends.pytorch.lower import LOWER
from graphcnn.compiler import Model
from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.ir import Node
from graphcnn.ops.base import show_shape
from graphcnn.ops.declared import Declared
from graphcnn.program import is_identifier

#: attributes of ``nn.Module`` that a layer cannot be called after
RESERVED = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda
    double dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter
    get_submodule half ipu load_state_dict modules mtia named_buffers named_children
    named_modules named_parameters parameters register_backward_hook register_buffer
    register_forward_hook register_forward_pre_hook register_full_backward_hook
    register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter
    register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state
    set_submodule share_memory state_dict to to_empty train training type xpu zero_grad
    """.split()
)


def refuse(model: Model) -> None:
    """Raise SpecError with every op, size and name that a PyTorch file cannot have."""
    found: list[Diagnostic] = []
    seen: set[tuple[str, int]] = set()
    for node in model.ir.nodes:
        diagnostic = _of(node)
        if diagnostic is not None and (diagnostic.code, node.span.start) not in seen:
            seen.add((diagnostic.code, node.span.start))
            found.append(diagnostic)
    if found:
        raise SpecError(found)


def _of(node: Node) -> Diagnostic | None:
    op = node.op
    if isinstance(op, Declared):
        target = op.declaration.targets.get("pytorch", "")
        if not ("." in target and all(is_identifier(part) for part in target.split("."))):
            return Diagnostic(
                "unsupported-op",
                f"`{op.name}` names no PyTorch class",
                node.span,
                (f"it is declared at {op.declaration.span}",),
                "give it `pytorch: package.module.Class`",
            )
    elif type(op) not in LOWER:
        return Diagnostic("unsupported-op", f"PyTorch has no `{op.name}`", node.span)
    for key, weight in node.facts.weights.items():
        if not all(isinstance(size, int) for size in weight.shape):
            return Diagnostic(
                "symbolic-weight",
                f"the {key or 'value'} of `{node.name}` has shape {show_shape(weight.shape)}, "
                "which no file can hold",
                node.span,
                (),
                "give the input a fixed size, or pool to one first",
            )
    reserved = next((part for part in node.name.split(".") if part in RESERVED), None)
    if reserved is not None and node.facts.weights:
        return Diagnostic(
            "reserved-name",
            f"a layer cannot be called `{reserved}`: PyTorch's modules have that themselves",
            node.span,
            (f"its full name would be `{node.name}`",),
            "choose another id",
        )
    return None
