"""Values for attributes, conditions and counts, as numbers or as expressions."""

from __future__ import annotations

from typing import Any

from tests.grammar.place import Place

ACTIVATIONS = ("relu", "relu6", "tanh", "sigmoid", "silu", "gelu", "hard_swish", "softplus")

#: what a parameter of each role may be given
GIVEN: dict[str, tuple[Any, ...]] = {
    "width": (2, 4, 6, 8),
    "count": (1, 2, 3),
    "flag": (True, False),
    "act": ("relu", "tanh", "sigmoid", "silu"),
    "rate": (0.5, 1.5),
    "stride": (1, 2),
    "kernel": (1, 3),
    "widths": ([4], [4, 8], [2, 6, 4]),
}
KINDS = {
    "width": "int",
    "count": "int",
    "flag": "bool",
    "act": "str",
    "rate": "float",
    "stride": "int",
    "kernel": "int",
    "widths": "list",
}


def setting(place: Place, role: str, *constants: Any) -> Any:
    """A name of this role, an expression over one, or a constant."""
    names = place.said(role)
    if names and place.chance.maybe(0.6):
        name = place.chance.pick(names)
        return place.chance.pick([f"${name}", f"${name}", f"$({name})"])
    return place.chance.pick(constants)


def condition(place: Place) -> tuple[Any, bool | None]:
    """What `when` or `skip` may be, and which it is where that is known."""
    options: list[tuple[Any, bool | None]] = [(True, True), (False, False), ("$(1 < 2)", True)]
    options += [(f"${name}", None) for name in place.said("flag")] * 3
    options += [(f"$(not {name})", None) for name in place.said("flag")]
    options += [(f"$({name} > 1)", None) for name in place.said("count")]
    options += [(f"$({name} == 'relu')", None) for name in place.said("act")]
    options += [(f"$({name} in [4, 8])", None) for name in place.said("width")]
    options += [("$(i > 0)", None), ("$(i % 2 == 0)", None)] if "i" in place.roles else []
    return place.chance.pick(options)


def opposite(wanted: Any) -> Any:
    """A condition that holds where this one does not."""
    if isinstance(wanted, bool):
        return not wanted
    inner = wanted[2:-1] if wanted.startswith("$(") else wanted[1:]
    return f"$(not ({inner}))"


def times(place: Place) -> tuple[Any, int | None]:
    """What `repeat` may be, and how often that is, where it is known."""
    options: list[tuple[Any, int | None]] = [
        (0, 0),
        (1, 1),
        (2, 2),
        (2, 2),
        (3, 3),
        ("$(1 + 1)", 2),
    ]
    options += [(f"${name}", None) for name in place.said("count")] * 3
    options += [(f"$({name} - 1)", None) for name in place.said("count")]
    options += [(f"$(len({name}))", None) for name in place.said("widths")]
    return place.chance.pick(options)


def activation(place: Place) -> Any:
    return setting(place, "act", "relu", "tanh", "$('re' + 'lu')", "$(['silu', 'gelu'][1])")
