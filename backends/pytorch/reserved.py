"""Names that PyTorch or the emitted code itself need."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from graphcnn.backends.python.copied import helpers

#: attributes of ``nn.Module`` and of its lists, ``nn.Sequential`` and ``nn.ModuleList``, which a
#: layer cannot be called after (PyTorch 2.13)
MODULE = frozenset(
    [
        "append",
        "extend",
        "insert",
        "pop",
        "_get_abs_string_index",
        "_get_item_by_idx",
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
        "_apply",
        "_backward_hooks",
        "_backward_pre_hooks",
        "_buffers",
        "_call_impl",
        "_compiled_call_impl",
        "_forward_hooks",
        "_forward_hooks_always_called",
        "_forward_hooks_with_kwargs",
        "_forward_pre_hooks",
        "_forward_pre_hooks_with_kwargs",
        "_get_backward_hooks",
        "_get_backward_pre_hooks",
        "_get_name",
        "_is_full_backward_hook",
        "_load_from_state_dict",
        "_load_state_dict_post_hooks",
        "_load_state_dict_pre_hooks",
        "_maybe_warn_non_full_backward_hook",
        "_modules",
        "_named_members",
        "_non_persistent_buffers_set",
        "_parameters",
        "_register_load_state_dict_pre_hook",
        "_register_state_dict_hook",
        "_replicate_for_data_parallel",
        "_save_to_state_dict",
        "_slow_forward",
        "_state_dict_hooks",
        "_state_dict_pre_hooks",
        "_version",
        "_wrapped_call_impl",
    ]
)

#: names that the code reads, so that no variable, class or function may hide them
CODE = frozenset(
    {
        *("Any", "F", "OrderedDict", "Tensor", "i", "nn", "range", "self", "super", "torch"),
        *("bool", "dict", "float", "int", "list", "str", "tuple"),
        *("abs", "len", "max", "min", "outputs", "print", "round", "sum"),
    }
)


def is_reserved(name: str) -> bool:
    """Whether no module can be held under a name."""
    return name in MODULE or name.startswith("__")


class Held:
    """Under which names a model's modules are held, of which ``taken`` are some.

    One that keeps no weights may have a name that modules have for something else: it is held
    under another, which nothing asks for.
    """

    def __init__(self, taken: Collection[str]) -> None:
        self.taken = taken

    def name(self, name: str) -> str:
        """The name itself where it can be, else one like it that is free."""
        if not is_reserved(name):
            return name
        found = f"{name}_layer" if name in MODULE else f"layer{name}"
        while found in self.taken:
            found += "_"
        return found


def safe(name: str) -> str:
    """A name for a variable or function that hides nothing."""
    return f"{name}_" if is_taken(name) else name


def spellings(names: Sequence[str]) -> dict[str, str]:
    """How the author's names are written that mean something else in the code, or in a class."""
    found: dict[str, str] = {}
    for name in names:
        if is_taken(name) or name.startswith("__"):
            spelled = f"{name.lstrip('_') or 'value'}_"
            while spelled in names or spelled in found.values() or is_taken(spelled):
                spelled += "_"
            found[name] = spelled
    return found


def is_taken(name: str) -> bool:
    """Whether the code means something by a name already."""
    return name in CODE or name in helpers(__package__)
