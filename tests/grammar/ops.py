"""Ops as statements: enough of each kind that structures tell them apart; the rest is elsewhere."""

from __future__ import annotations

from typing import Any

from tests.grammar.place import Place
from tests.grammar.settings import ACTIVATIONS, setting
from tests.grammar.values import Channels, Known, Tensor

Action = dict[str, Any]
Made = tuple[Action, Known]

_ROW_WORDS = (*ACTIVATIONS, "identity", "layer_norm", "batch_norm")
_GRID_WORDS = (*ACTIVATIONS, "identity", "batch_norm", "batch_norm", "dropout")


def convolution(place: Place, value: Tensor, out: Channels, stride: Any = 1) -> Action:
    """One that keeps the size, but for its stride."""
    said = place.channels(out, value)
    kernel = setting(place, "kernel", 1, 3)
    padding = kernel // 2 if isinstance(kernel, int) else f"$({kernel.strip('$()')} // 2)"
    if place.chance.maybe(0.2):
        padding = "same"
    found = {"out": said, "kernel": kernel, "padding": padding}
    if stride != 1:
        found["stride"] = stride
    if place.chance.maybe(0.2) and out.factor % 2 == 0 and value.channels.factor % 2 == 0:
        found["groups"] = 2
    if place.chance.maybe(0.3):
        found["bias"] = setting(place, "flag", True, False)
    if kernel == 1 and stride == 1 and place.chance.maybe() and "bias" not in found:
        return {"conv": said}
    return {"conv": {key: one for key, one in found.items() if (key, one) != ("padding", 0)}}


def linear(place: Place, value: Tensor, out: Channels) -> Action:
    said = place.channels(out, value)
    if place.chance.maybe():
        return {"linear": said}
    return {"linear": {"out": said, "bias": setting(place, "flag", True, False)}}


def fitting(place: Place, value: Tensor, out: Channels) -> Action:
    """What brings a value to so many channels."""
    if value.is_row:
        return linear(place, value, out)
    return {"conv": {"out": place.channels(out, value), "kernel": 1}}


def plain(place: Place, value: Tensor, exact: bool) -> Made:
    """An op of one value."""
    chance = place.chance
    if chance.maybe(0.45):
        return _same(place, value), value
    if not (exact or place.keep or value.is_row) and chance.maybe(0.35):
        return _resized(place, value)
    out = value.channels if exact or value.channels.about > 12 else place.width()
    made = value.with_channels(out)
    action = linear(place, value, out) if value.is_row else convolution(place, value, out)
    return action, made


def _same(place: Place, value: Tensor) -> Action:
    word: Any = place.chance.pick(_ROW_WORDS if value.is_row else _GRID_WORDS)
    options: list[Action] = [{word: {}}] * 6
    options += [{"leaky_relu": 0.2}, {"scale": setting(place, "rate", 0.5, 2)}, {"prelu": {}}]
    own: dict[str, Action] = {"gate": {"channels": "$in.channels"}, "cell_op": {"factor": 0.5}}
    options += [{name: own[name]} for name in place.drawing.own]
    if not value.is_row:
        options += [
            {"max_pool": {"kernel": 3, "stride": 1, "padding": 1}},
            {"avg_pool": {"kernel": 3, "stride": 1, "padding": "same"}},
            {"depthwise_conv": {"kernel": setting(place, "kernel", 3), "padding": "same"}},
            {"separable_conv": {"out": place.channels(value.channels, value), "kernel": 3,
                                "padding": "same"}},
            {"layer_norm": {"axes": [0]}},
        ]  # fmt: skip
    return place.chance.pick(options)


def _resized(place: Place, value: Tensor) -> Made:
    """An op that makes the size another one."""
    chance, channels = place.chance, value.channels
    others = [
        name
        for name, one in place.visible().items()
        if isinstance(one, Tensor)
        and name.isidentifier()
        and name not in place.roles
        and len(one.size) > 1
    ]
    if others and chance.maybe(0.4):
        name = chance.pick(others)
        known = place.visible()[name]
        assert isinstance(known, Tensor)
        return {"upsample": {"size": f"$({name}.shape[1:])"}}, Tensor(channels, known.size)
    halved = Tensor(channels, f"{value.size}/2")
    if value.size.count("/") < 2 and value.size != "1":
        how = chance.pick(["conv", "conv", "max", "avg"])
        if how == "conv":
            out = place.width()
            return convolution(place, value, out, 2), halved.with_channels(out)
        pool = {"kernel": 3, "stride": 2, "padding": 1}
        return {f"{how}_pool": pool}, halved
    pool_word = chance.pick(["global_avg_pool", "global_max_pool"])
    if chance.maybe():
        return {pool_word: {"keepdims": False}}, Tensor(channels)
    return {pool_word: {}}, Tensor(channels, "1")


def split(place: Place, value: Tensor, exact: bool) -> Made | None:
    """Several values of one: two halves of the channels."""
    if exact or value.channels.factor % 2:
        return None
    half = value.with_channels(value.channels.half())
    return {"split": place.chance.pick([2, {"parts": 2}])}, {"0": half, "1": half}


def merge(place: Place, value: Tensor, exact: bool) -> tuple[Action, Known, list[str]] | None:
    """An op of several values, and those that it takes beside the first."""
    chance = place.chance
    if chance.maybe(0.3) and not exact:
        fits = place.sized(value)
        known = place.known()
        more = chance.some(fits, 1 + chance.upto(1)) if fits else ["prev"]
        widths = [known[name].channels if name in known else value.channels for name in more]
        if sum(one.about for one in widths) + value.channels.about > 20:
            return None
        out = value.channels
        for one in widths:
            out = out + one
        return {"concat": {}}, value.with_channels(out), more
    fits = place.like(value)
    if not fits:
        return None
    word = chance.pick(["add", "add", "maximum", "average", "multiply", "subtract"])
    return {word: {}}, value, [chance.pick(fits)]
