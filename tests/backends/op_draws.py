"""Random uses of every op on a given shape: most of them fit, and the rest are thrown away."""

from __future__ import annotations

from math import prod
from typing import Any

from hypothesis import strategies as st

from graphcnn.ops import BY_NAME
from graphcnn.ops.base import OpError
from tests.ops.laws import Numbers, make

Statement = dict[str, Any]
Draw = st.DrawFn
Attributes = dict[str, Any]

#: cells that a value of a drawn model may have, and numbers that one of its weights may
MOST = 1500

_FLAGS = st.booleans()
_EPS = st.sampled_from([1e-5, 1e-3, 0.1])


def _channels(draw: Draw) -> int:
    return draw(st.sampled_from([1, 2, 3, 4, 6]))


def _axes(values: st.SearchStrategy[Any], shape: Numbers) -> st.SearchStrategy[Any]:
    count = len(shape) - 1
    return st.one_of(values, st.lists(values, min_size=count, max_size=count))


def _some(draw: Draw, **attributes: st.SearchStrategy[Any]) -> Attributes:
    return {name: draw(values) for name, values in attributes.items() if draw(_FLAGS)}


def _window(draw: Draw, shape: Numbers, *more: str) -> Attributes:
    amount = st.integers(0, 2)
    pairs = st.lists(amount, min_size=2, max_size=2)
    count = len(shape) - 1
    padding = st.one_of(
        st.sampled_from(["same", "same", "valid"]),
        _axes(amount, shape),
        st.lists(st.one_of(amount, pairs), min_size=count, max_size=count),
    )
    steps = _axes(st.integers(1, 2), shape)
    found = _some(draw, stride=steps, padding=padding)
    return {**found, **_some(draw, **dict.fromkeys(more, steps))}


def _kernel(draw: Draw, shape: Numbers) -> Any:
    return draw(_axes(st.integers(1, 3), shape))


def _axis(shape: Numbers) -> st.SearchStrategy[int]:
    return st.integers(-len(shape), len(shape) - 1)


def _several(shape: Numbers) -> st.SearchStrategy[list[int]]:
    axes = st.integers(0, len(shape) - 1)
    return st.lists(axes, min_size=1, max_size=len(shape), unique=True)


def _groups(channels: int) -> st.SearchStrategy[int]:
    return st.sampled_from([n for n in range(1, channels + 1) if channels % n == 0])


def _ends(shape: Numbers, most: int) -> st.SearchStrategy[Any]:
    amount = st.integers(0, most)
    pair = st.lists(amount, min_size=2, max_size=2)
    each = st.one_of(amount, pair)
    rank = len(shape)
    return st.one_of(
        amount,
        st.lists(each, min_size=rank, max_size=rank),
        st.lists(each, min_size=max(rank - 1, 1), max_size=max(rank - 1, 1)),
    )


def _norm(draw: Draw) -> Attributes:
    return _some(draw, eps=_EPS, scale=_FLAGS, shift=_FLAGS)


def _conv(draw: Draw, shape: Numbers) -> Attributes:
    groups = draw(_groups(shape[0])) if draw(_FLAGS) else 1
    out = groups * draw(st.integers(1, 2)) if groups > 1 else _channels(draw)
    found = {"out": out, "kernel": _kernel(draw, shape), **_window(draw, shape, "dilation")}
    return {**found, **({"groups": groups} if groups > 1 else {}), **_some(draw, bias=_FLAGS)}


def _conv_transpose(draw: Draw, shape: Numbers) -> Attributes:
    added = _axes(st.integers(0, 1), shape)
    more = _some(draw, output_padding=added) if draw(st.integers(0, 2)) == 0 else {}
    return {**_conv(draw, shape), **more}


def _separable_conv(draw: Draw, shape: Numbers) -> Attributes:
    return {"out": _channels(draw), **_depthwise_conv(draw, shape)}


def _depthwise_conv(draw: Draw, shape: Numbers) -> Attributes:
    more = _some(draw, multiplier=st.integers(1, 2), bias=_FLAGS)
    return {"kernel": _kernel(draw, shape), **_window(draw, shape, "dilation"), **more}


def _max_pool(draw: Draw, shape: Numbers) -> Attributes:
    window = _window(draw, shape, "dilation")
    return {"kernel": _kernel(draw, shape), **window, **_some(draw, ceil=_FLAGS)}


def _avg_pool(draw: Draw, shape: Numbers) -> Attributes:
    more = _some(draw, ceil=_FLAGS, count_padding=_FLAGS)
    return {"kernel": _kernel(draw, shape), **_window(draw, shape), **more}


def _reshape(draw: Draw, shape: Numbers) -> Attributes:
    """Two neighbours joined, or a factor taken out of one, in any place."""
    target = list(shape)
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(target) - 1))
        if len(target) > 1 and draw(_FLAGS):
            first = target.pop(at)
            target[at % len(target)] *= first
        elif len(target) < 4:
            divisor = draw(st.sampled_from([d for d in (1, 2, 3) if target[at] % d == 0]))
            target[at] //= divisor
            target.insert(draw(st.integers(0, len(target))), divisor)
    return {"shape": target}


def _pad(draw: Draw, shape: Numbers) -> Attributes:
    mode = draw(st.sampled_from(["constant", "reflect", "replicate"]))
    value = _some(draw, value=st.sampled_from([0.0, 1.5])) if mode == "constant" else {}
    return {"amounts": draw(_ends(shape, 2)), "mode": mode, **value}


def _slice(draw: Draw, shape: Numbers) -> Attributes:
    axis = draw(_axis(shape))
    size = shape[axis]
    start = draw(st.integers(-size, size - 1))
    stop = draw(st.one_of(st.none(), st.integers(1, size)))
    found = {"axis": axis, "start": start, **_some(draw, step=st.integers(1, 2))}
    return found if stop is None else {**found, "stop": stop}


def _upsample(draw: Draw, shape: Numbers) -> Attributes:
    mode = draw(st.sampled_from(["nearest", "bilinear"]))
    found: Attributes = {"mode": mode}
    if mode == "bilinear":
        found |= _some(draw, align_corners=_FLAGS)
    if draw(_FLAGS):
        return {**found, "factor": draw(_axes(st.integers(1, 2), shape))}
    return {**found, "size": draw(_axes(st.integers(1, 7), shape))}


def _reduction(draw: Draw, shape: Numbers) -> Attributes:
    axes = draw(_several(shape))
    return {"axes": axes, "keepdims": draw(_FLAGS) or len(axes) == len(shape)}


def _divisors(of: int) -> st.SearchStrategy[int]:
    return st.sampled_from([n for n in (1, 2, 3) if of % n == 0])


_DRAWN: dict[str, Any] = {
    "conv": _conv,
    "depthwise_conv": _depthwise_conv,
    "separable_conv": _separable_conv,
    "conv_transpose": _conv_transpose,
    "linear": lambda draw, _: {"out": _channels(draw), **_some(draw, bias=_FLAGS)},
    "attention": lambda draw, shape: {
        "heads": draw(_groups(shape[-1])),
        **_some(draw, bias=_FLAGS),
    },
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "global_avg_pool": lambda draw, _: _some(draw, keepdims=_FLAGS),
    "global_max_pool": lambda draw, _: _some(draw, keepdims=_FLAGS),
    "adaptive_avg_pool": lambda draw, shape: {"size": draw(_axes(st.integers(1, 5), shape))},
    "adaptive_max_pool": lambda draw, shape: {"size": draw(_axes(st.integers(1, 5), shape))},
    "batch_norm": lambda draw, _: {**_norm(draw), **_some(draw, frozen=_FLAGS)},
    "layer_norm": lambda draw, shape: {"axes": draw(_several(shape)), **_norm(draw)},
    "group_norm": lambda draw, shape: {"groups": draw(_groups(shape[0])), **_norm(draw)},
    "instance_norm": lambda draw, _: _norm(draw),
    "local_response_norm": lambda draw, _: {
        "size": draw(st.integers(1, 4)),
        **_some(draw, alpha=st.sampled_from([1e-3, 0.5]), beta=st.sampled_from([0.5, 1.0])),
    },
    "l2_norm": lambda draw, shape: _some(
        draw, axis=_axis(shape), eps=_EPS, scale=st.sampled_from([1.0, 5.0])
    ),
    "leaky_relu": lambda draw, _: _some(draw, slope=st.sampled_from([0.2, 0.0])),
    "prelu": lambda draw, _: _some(draw, shared=_FLAGS),
    "elu": lambda draw, _: _some(draw, alpha=st.sampled_from([0.5, 2.0])),
    "gelu": lambda draw, _: _some(draw, approximation=st.sampled_from(["exact", "tanh"])),
    "softplus": lambda draw, _: _some(draw, beta=st.sampled_from([0.5, 2.0])),
    "softmax": lambda draw, shape: _some(draw, axis=_axis(shape)),
    "log_softmax": lambda draw, shape: _some(draw, axis=_axis(shape)),
    "dropout": lambda draw, _: _some(draw, rate=st.sampled_from([0.0, 0.5])),
    "spatial_dropout": lambda draw, _: _some(draw, rate=st.sampled_from([0.0, 0.5])),
    "drop_path": lambda draw, _: {"rate": draw(st.sampled_from([0.0, 0.5]))},
    "scale": lambda draw, _: {"factor": draw(st.sampled_from([0.5, -1.5]))},
    "flatten": lambda draw, shape: _some(draw, start=_axis(shape), end=_axis(shape)),
    "reshape": _reshape,
    "permute": lambda draw, shape: {"axes": list(draw(st.permutations(range(len(shape)))))},
    "pad": _pad,
    "crop": lambda draw, shape: {"amounts": draw(_ends(shape, 1))},
    "slice": _slice,
    "tile": lambda draw, shape: {"repeats": [draw(st.integers(1, 2)) for _ in shape]},
    "upsample": _upsample,
    "channel_shuffle": lambda draw, shape: {"groups": draw(_groups(shape[0]))},
    "pixel_shuffle": lambda draw, _: {"factor": draw(st.sampled_from([1, 2]))},
    "space_to_depth": lambda draw, shape: {"block": draw(_divisors(shape[-1]))},
    **dict.fromkeys(("mean", "sum", "max"), _reduction),
}

#: ops that take several values, or none, or make several: structures draw these
ELSEWHERE = frozenset(
    {
        *("add", "subtract", "multiply", "maximum", "average", "concat", "matmul"),
        *("parameter", "split"),
    }
)

#: the ops of one value
ALONE = tuple(name for name in BY_NAME if name not in ELSEWHERE)


def result(statement: Statement, shape: Numbers) -> Numbers | None:
    """The shape that a drawn statement makes; None where it does not fit, or is too large."""
    ((name, attributes),) = statement.items()
    kind = BY_NAME[name]
    if kind.ranks is not None and len(shape) not in kind.ranks:
        return None
    try:
        op = make(kind, **attributes)
        (made,) = op.outputs(shape)
        weights = op.weights(shape).values()
    except (OpError, ValueError):
        return None
    sizes = [tuple(int(str(n)) for n in each) for each in (made, *(w.shape for w in weights))]
    if is_hollow(name, attributes, shape):
        return None
    small = all(0 < prod(each) <= MOST for each in sizes)
    return sizes[0] if small and sizes[0] else None


def is_hollow(name: str, attributes: Attributes, shape: Numbers) -> bool:
    """Whether a norm is taken of single cells, of which nothing is left but rounding."""
    if name == "group_norm":
        return bool(prod(shape) // attributes["groups"] < 2)
    if name == "layer_norm":
        axes = attributes["axes"]
        chosen = range(len(shape)) if axes is None else [axes] if isinstance(axes, int) else axes
        return bool(prod(shape[axis] for axis in chosen) < 2)
    return False


def statement(draw: Draw, shape: Numbers, *, keep: bool = False) -> tuple[Statement, Numbers]:
    """One op on a shape, and what it makes; with ``keep``, the same shape."""
    for _ in range(4):
        name = draw(st.sampled_from(ALONE))
        kind = BY_NAME[name]
        if kind.ranks is not None and len(shape) not in kind.ranks:
            continue
        attributes = _DRAWN[name](draw, shape) if name in _DRAWN else {}
        made = result({name: attributes}, shape)
        if made is not None and (made == shape or not keep):
            return {name: attributes}, made
    return {"tanh": {}}, shape


def chain(
    draw: Draw, shape: Numbers, most: int, *, keep: bool = False
) -> tuple[list[Statement], Numbers]:
    """Some ops, one behind the other."""
    found = []
    for _ in range(draw(st.integers(1, most))):
        one, shape = statement(draw, shape, keep=keep)
        found.append(one)
    return found, shape
