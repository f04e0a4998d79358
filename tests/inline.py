"""Specs written in a test, and the models that they are."""

from __future__ import annotations

from graphcnn.codes.code import spec
from graphcnn.compiler import Model, check, compile_file
from graphcnn.diagnostics import Diagnostic
from graphcnn.source import SourceFile

__all__ = ["findings", "model", "spec"]


def model(text: str, variant: str | None = None) -> Model:
    return compile_file(SourceFile("net.yaml", text), variant)


def findings(text: str) -> list[Diagnostic]:
    return check(SourceFile("net.yaml", text))
