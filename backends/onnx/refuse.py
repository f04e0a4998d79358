"""What ONNX cannot express, found before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

from graphcnn.backends import Level
from graphcnn.backends.onnx.assemble import Assembly, assemble, trial
from graphcnn.backends.onnx.lowering import support
from graphcnn.diagnostics import Diagnostic, SpecError
from graphcnn.ir import Graph, Node
from graphcnn.model import CompiledModel
from graphcnn.ops.base import OpError
from graphcnn.ops.declared import Declared
from graphcnn.weights import symbolic_weights
