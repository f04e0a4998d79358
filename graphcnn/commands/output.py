"""Writing files: whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from graphcnn.diagnostics import UsageError


def write(path: str, content: str | bytes | Iterable[bytes]) -> None:
    """Write ``content``, or its pieces, to ``path``, or to standard output where that is `-`.

    The file is written beside its place and moved there when it is complete, so that nobody
    ever finds a part of it. Folders are not created.

    Raises:
        UsageError: it cannot be written.
    """
    text = isinstance(content, str)
    whole = content.encode() if isinstance(content, str) else content
    pieces = [whole] if isinstance(whole, bytes) else whole
    if path == "-":
        if sys.stdout is None:
            raise UsageError("standard output is closed; name a file with -o")
        if not text and sys.stdout.isatty():
            raise UsageError("this is no text for a terminal; name a file with -o")
        sys.stdout.flush()
        sys.stdout.buffer.writelines(pieces)
        sys.stdout.buffer.flush()
        return
    try:
        _write(Path(os.path.realpath(path)), pieces)
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder; name a file in it") from None
    except (FileNotFoundError, NotADirectoryError):
        parent = os.path.dirname(path) or "."  # noqa: PTH120 - as the user wrote it
        raise UsageError(f"there is no folder {parent} to write {path} into") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise UsageError(f"{path!r} cannot be written: {error}") from None


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        # A pipe or a device such as /dev/null is written to, never replaced. Of a folder, open
        # says what is wrong.
        with path.open("wb") as stream:
            stream.writelines(pieces)
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(pieces)
        temporary.chmod(_fresh_mode() if mode is None else stat.S_IMODE(mode))
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _fresh_mode() -> int:
    """The permissions that a new file would have; a temporary one is for its owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
