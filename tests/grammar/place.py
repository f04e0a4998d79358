"""Where a statement is drawn: what it can read there, what its id must carry, what must stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, NamedTuple, TypeVar

from tests.grammar.values import Channels, Known, Shared, Space, Tensor, number, tensors

T = TypeVar("T")

#: ids that an author might take, some of which mean something to whoever writes the code
_IDS = (
    *("a", "b", "c", "left", "right", "stem", "head", "body", "stage", "unit", "skip", "out"),
    *("conv", "conv1", "bn1", "conv2d", "features", "classifier", "add", "layer", "layers"),
    *("image", "x", "y", "inputs", "self", "forward", "training", "torch", "nn", "keras", "ops"),
    *("shape", "size", "weight", "bias", "input", "len", "type", "s_pointwise", "model", "block"),
)


class Block(NamedTuple):
    """A block as its uses see it. ``makes`` are said by its parameters and the channels of inputs.

    ``keeps`` says that sizes stay; ``free`` that any size may enter each time its weights are
    used. ``needs`` are roles of parameters by name, with whether a use must give them.
    """

    name: str
    inputs: tuple[str, ...]
    row: bool
    needs: dict[str, tuple[str, bool]]
    defaults: dict[str, Channels]
    makes: dict[str, Tensor]
    single: bool
    keeps: bool
    free: bool
    cost: int


class Chance:
    """What is chosen; the same for the same number."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311

    def pick(self, options: Sequence[T]) -> T:
        return self._random.choice(options)

    def maybe(self, part: float = 0.5) -> bool:
        return self._random.random() < part

    def upto(self, most: int) -> int:
        return self._random.randint(0, most)

    def some(self, options: Sequence[T], most: int) -> list[T]:
        return self._random.sample(options, min(most, len(options)))


@dataclass
class Drawing:
    """One spec in the making.

    ``spent`` counts ops, as often as they are repeated, up to about the ``limit``. It is ``sized``
    once a layer has weights that depend on the size of the picture. ``own`` are ops of the spec's.
    """

    chance: Chance
    symbolic: bool = False
    rank: int = 2
    blocks: dict[str, Block] = field(default_factory=dict)
    limit: int = 40
    spent: int = 0
    sized: bool = False
    own: tuple[str, ...] = ()
    count: int = 0

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"


@dataclass
class Place:
    """A list of statements, as far as it is drawn. ``now`` is the value before the next one.

    ``roles`` are names that expressions may have here and what they stand for. ``turns`` must be
    in each id, so that it is another one in each turn; where that cannot be said, ids are ``mute``.
    ``keep`` says that all values have the size ``home``. What is drawn here is there ``copies``
    times, about; ``uses`` are blocks that may be used. What is ``veiled`` cannot be named, for its
    name would mean another turn.
    """

    drawing: Drawing
    space: Space
    roles: dict[str, str]
    now: Known | None
    turns: tuple[str, ...] = ()
    deep: int = 3
    keep: bool = False
    home: str = ""
    mute: bool = False
    uses: tuple[str, ...] = ()
    copies: int = 1
    veiled: frozenset[str] = frozenset()

    @property
    def chance(self) -> Chance:
        return self.drawing.chance

    def inside(self, now: Known | None, *, scope: bool, **changes: Any) -> Place:
        """The place of a list within a statement, which may be a scope of its own."""
        space = Space(self.space) if scope else self.space
        again = {"turns": (), "mute": False} if scope else {}
        return replace(
            self, **{"now": now, "space": space, "deep": self.deep - 1, **again, **changes}
        )

    # names

    def id(self) -> str | None:
        """A new id with all that it must carry; None where it cannot be told apart."""
        if self.mute:
            return None
        stem = self.chance.pick(_IDS) if self.chance.maybe(0.4) else self.drawing.fresh("v")
        if not self.turns and self.chance.maybe(0.1):
            more = self.chance.pick(["1 + 1", "'z'", "7 // 2"])
            stem = f"{stem}_$({more})"
        parts = [f"_$({turn})" for turn in self.turns]
        if parts and self.turns[-1].isidentifier() and self.chance.maybe():
            parts[-1] = f"_${self.turns[-1]}"
        name = stem + "".join(parts)
        if self._is_taken(name):
            name = self.drawing.fresh("w") + "".join(parts)
        self.space.taken.add(name)
        return name

    def _is_taken(self, name: str) -> bool:
        """Whether the id, or one that it may come to in a turn, is there or may become confused."""
        taken = {one.partition("$")[0] for one in self.space.taken}
        return name.partition("$")[0] in taken or name in self.roles

    def know(self, name: str, one: Known) -> None:
        self.space.taken.add(name)
        self.space.names[name] = one

    def share(self, name: str, takes: tuple[Tensor, ...], makes: Known, *, free: bool) -> None:
        self.space.shared[name] = Shared(takes, makes, free)

    # values

    def visible(self) -> dict[str, Known]:
        """All that has a name here."""
        return {n: one for n, one in self.space.visible().items() if n not in self.veiled}

    def known(self) -> dict[str, Tensor]:
        """Single values by how `from` reads them."""
        return tensors(self.visible())

    def reusable(self) -> dict[str, Shared]:
        return {n: one for n, one in self.space.reusable().items() if n not in self.veiled}

    def said(self, role: str) -> list[str]:
        """Names that stand for something of this role."""
        return [name for name, one in self.roles.items() if one == role]

    def like(self, value: Tensor) -> list[str]:
        return [name for name, one in self.known().items() if one == value]

    def sized(self, value: Tensor) -> list[str]:
        return [name for name, one in self.known().items() if one.size == value.size]

    # numbers

    def width(self) -> Channels:
        """An even number of channels, not many."""
        options = [number(2), number(4), number(4), number(6), number(8)]
        for name in self.said("width"):
            one = Channels(name, 4, 2)
            options += [one, one, one.times(number(2)), one + number(2)]
        return self.chance.pick(options)

    def channels(self, wanted: Channels, entering: Tensor | None = None) -> Any:
        """A number of channels as it may be written here: itself, or that of a value."""
        ways = [_written(wanted)] * 2
        if entering is not None and entering.channels == wanted:
            ways += ["$in.channels", "$(in.shape[0])"]
        named = [
            name
            for name, one in self.visible().items()
            if isinstance(one, Tensor)
            and one.channels == wanted
            and name.isidentifier()
            and name not in self.roles
        ]
        if named:
            name = self.chance.pick(named)
            ways += [f"${name}.channels", f"$({name}.shape[0])"]
        if wanted.text.isdigit() and self.chance.maybe(0.1):
            ways += [f"$({wanted.about // 2} * 2)", f"$([{wanted.text}, 1][0])",
                     f"$(max(1, {wanted.text}))", f"$({wanted.text} if true else 1)"]  # fmt: skip
        return self.chance.pick(ways)


def _written(wanted: Channels) -> Any:
    if wanted.text.isdigit():
        return int(wanted.text)
    plain = all(part.isidentifier() for part in wanted.text.split("."))
    return f"${wanted.text}" if plain else f"$({wanted.text})"
