"""Writing files: whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from graphcnn.diagnostics import UsageError


def write(path: str, content: str | bytes, *, keep: Mapping[Path, str] | None = None) -> None:
    """Write ``content`` to ``path``, or to standard output where that is `-`.

    ``keep`` are files that are not to be replaced, each with the reason: `is the spec itself`.

    Raises:
        UsageError: it cannot be written.
    """
    text = isinstance(content, str)
    whole = content.encode() if isinstance(content, str) else content
    write_all([(path, [whole])], text=text, keep=keep)


def write_all(
    files: Iterable[tuple[str, Iterable[bytes]]],
    *,
    text: bool = False,
    keep: Mapping[Path, str] | None = None,
) -> None:
    """Write files that belong together, each a path and its pieces; `-` is standard output.

    Each is written beside its place, and all are moved there when all are complete, so that nobody
    ever finds a part of them. Folders are not created. ``keep`` is as in :func:`write`.

    Raises:
        UsageError: one cannot be written; then none is.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for path, pieces in files:
            if path == "-":
                _print(pieces, text=text)
                continue
            if not path:
                raise UsageError("the path to write to is empty; name a file, or - to print it")
            with _explained(path):
                _spare(path, keep or {})
                place = _place_of(path, pieces)
                if place is not None:
                    staged.append((_stage(place, pieces), place))
        for temporary, place in staged:
            with _explained(str(place)):
                temporary.replace(place)
    finally:
        for temporary, _ in staged:
            with suppress(OSError):
                temporary.unlink()


def _print(pieces: Iterable[bytes], *, text: bool) -> None:
    if sys.stdout is None:
        raise UsageError("standard output is closed; name a file with -o")
    if not text and sys.stdout.isatty():
        raise UsageError("this is no text for a terminal; name a file with -o")
    sys.stdout.flush()
    sys.stdout.buffer.writelines(pieces)
    sys.stdout.buffer.flush()


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder; name a file in it") from None
    except (FileNotFoundError, NotADirectoryError):
        parent = os.path.dirname(path) or "."  # noqa: PTH120 - as the user wrote it
        if os.path.isdir(parent):  # noqa: PTH112 - as in /proc, which takes no files
            raise UsageError(f"{path} cannot be written: {parent} takes no new files") from None
        raise UsageError(f"there is no folder {parent} to write {path} into") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise UsageError(f"{path!r} cannot be written: {error}") from None


def _spare(path: str, keep: Mapping[Path, str]) -> None:
    """Refuse to replace a file that is read."""
    for other, reason in keep.items():
        with suppress(FileNotFoundError):
            if os.path.samefile(path, other):  # noqa: PTH121 - as the user wrote it
                raise UsageError(f"{path} {reason}; name another file")


def _place_of(path: str, pieces: Iterable[bytes]) -> Path | None:
    """Where a file is to be, links followed; None where ``pieces`` were written to it right away.

    A pipe or a device such as /dev/null is written to, never replaced. Of a folder, open says what
    is wrong.
    """
    # Asked before links are followed by name: that of /dev/stdout leads to no path.
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(Path(path).stat().st_mode):
            with Path(path).open("wb") as stream:
                stream.writelines(pieces)
            return None
    return Path(os.path.realpath(path))


def _stage(path: Path, pieces: Iterable[bytes]) -> Path:
    """Write a file beside its place."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(pieces)
        temporary.chmod(_fresh_mode() if mode is None else stat.S_IMODE(mode))
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def _fresh_mode() -> int:
    """The permissions that a new file would have; a temporary one is for its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
