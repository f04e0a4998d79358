"""The size that is not known, since an earlier error lost it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from graphcnn.size.terms import Size


class Unknown:
    """The size that an earlier error lost; whatever is computed from it is unknown too."""

    __slots__ = ()

    def _absorb(self, _other: Size) -> Unknown:
        return self

    def _same(self) -> Unknown:
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _absorb
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _absorb
    __neg__ = __pos__ = __abs__ = _same

    def _unordered(self, _other: object) -> NoReturn:
        raise TypeError("cannot decide the order of an unknown size; use at_least")

    __lt__ = __le__ = __gt__ = __ge__ = _unordered

    def __bool__(self) -> bool:
        raise TypeError("cannot decide whether an unknown size is zero; use is_known and equal")

    def __int__(self) -> NoReturn:
        raise TypeError("an unknown size has no integer value")

    def __repr__(self) -> str:
        return "?"

    def __reduce__(self) -> str:
        return "UNKNOWN"  # a copy is the singleton again


UNKNOWN: Final = Unknown()
