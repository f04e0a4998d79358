"""Files to text, within bounds."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from graphcnn.diagnostics import Diagnostic, SpecError, UsageError
from graphcnn.source import SourceFile, Span

LIMIT = 16 * 1024 * 1024
"""Bytes that a spec may have."""

_VERSION = re.compile(r"""^(?:\{[ \t]*)?(["']?)graphcnn\1[ \t]*:""", re.MULTILINE)


def read(path: Path, name: str | None = None) -> SourceFile:
    """The file at ``path``, called ``name`` in diagnostics.

    Raises:
        UsageError: there is no such file, it is not a regular one, or it cannot be read.
        SpecError: it is larger than ``LIMIT`` or not UTF-8.
    """
    name = str(path) if name is None else name
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise UsageError(f"{name} is a directory, not a spec")
        # Opening a pipe would wait for its writer, and a device may never end.
        if not stat.S_ISREG(mode):
            raise UsageError(f"{name} is not a regular file")
        with path.open("rb") as stream:
            data = stream.read(LIMIT + 1)
    except FileNotFoundError:
        raise UsageError(f"{name}: no such file") from None
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise UsageError(f"{name!r} cannot be read: {error}") from None
    return decode(data, name, path)


def decode(data: bytes, name: str, path: Path | None = None) -> SourceFile:
    """The UTF-8 text in ``data``, with or without a byte order mark.

    Raises:
        SpecError: ``data`` is larger than ``LIMIT`` or not UTF-8.
    """
    if len(data) > LIMIT:
        raise SpecError([too_large(SourceFile(name, "", path))])
    body = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return SourceFile(name, body.decode(), path)
    except UnicodeDecodeError as error:
        file = SourceFile(name, body.decode(errors="replace"), path)
        at = len(body[: error.start].decode())
        wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        raise SpecError(
            [
                Diagnostic(
                    "not-utf8",
                    f"byte 0x{body[error.start]:02X} is not UTF-8 text",
                    Span(file, at, at + 1),
                    help=f"save the file as UTF-8{' (it looks like UTF-16)' if wide else ''}",
                )
            ]
        ) from None


def is_spec(file: SourceFile) -> bool:
    """Whether a text claims to be a spec: one of its lines begins with the key `graphcnn`.

    It need not be right, nor even YAML that a spec may be.
    """
    return _VERSION.search(file.text) is not None


def too_large(file: SourceFile) -> Diagnostic:
    return Diagnostic(
        "too-large", f"a spec has at most {LIMIT // 1024**2} MiB of text", Span(file, 0, 0)
    )
