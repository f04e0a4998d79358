"""`import graphcnn`: what it offers, and what it costs."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import torch

import graphcnn
from graphcnn.backends import Backend, Level, find, names
from graphcnn.ops import OPS
from tests.inline import spec


def test_everything_offered_is_there() -> None:
    for name in graphcnn.__all__:
        assert getattr(graphcnn, name) is not None
    assert set(graphcnn.__all__) <= set(dir(graphcnn))


def test_everything_typed_is_offered() -> None:
    """The lazy table and what type checkers see are the same."""
    tree = inspect.getsource(graphcnn)
    block = tree[tree.index("if TYPE_CHECKING:") : tree.index("__all__")]
    offered = set(graphcnn.__all__) - {"__version__"}
    assert offered == graphcnn._HOMES.keys()
    for name, home in graphcnn._HOMES.items():
        line = next(line for line in block.splitlines() if f"from {home} import" in line)
        assert name in line.replace(",", " ").split()


def test_what_is_not_offered_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'laod'"):
        _ = graphcnn.laod


def test_importing_is_instant() -> None:
    script = (
        "import sys; before = set(sys.modules); import graphcnn;"
        "print(*sorted(name for name in set(sys.modules) - before if '.' not in name))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) <= {"graphcnn", "__future__", "_typing", "typing"}


def test_the_package_is_typed() -> None:
    assert Path(inspect.getfile(graphcnn)).with_name("py.typed").exists()


def test_load() -> None:
    model = graphcnn.load("resnet", variant="resnet18", classes=10)
    assert (model.name, model.variant) == ("resnet18", "resnet18")
    assert model.summary().outputs == {"logits": (10,)}
    assert graphcnn.load("resnet18", classes=10).summary() == model.summary()


def test_the_graph_is_of_networkx() -> None:
    graph = graphcnn.load("resnet18").graph
    assert isinstance(graph, nx.MultiDiGraph)
    assert nx.is_directed_acyclic_graph(graph)
    assert graph.nodes["conv1"]["op"] == "conv"
    assert graph.nodes["conv1"]["params"] == 9408


def test_errors_are_exceptions_with_diagnostics(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(spec("- convv\n- reluu"), encoding="utf-8")
    with pytest.raises(graphcnn.SpecError) as error:
        graphcnn.load(path)
    found = [diagnostic.as_dict() for diagnostic in error.value.diagnostics]
    assert [(one["line"], one["code"]) for one in found] == [(5, "unknown-op"), (6, "unknown-op")]
    for place in (path, tmp_path):
        assert [diagnostic.as_dict() for diagnostic in graphcnn.validate(place)] == found


@pytest.mark.parametrize("name", ["resnett50", "no.yaml", "resnet.yaml:nothing"])
def test_wrong_requests(name: str) -> None:
    with pytest.raises(graphcnn.UsageError):
        graphcnn.load(name)
    with pytest.raises(graphcnn.UsageError):
        graphcnn.validate(name)


def test_unknown_parameters() -> None:
    with pytest.raises(graphcnn.UsageError, match="did you mean `classes`"):
        graphcnn.load("resnet18", clases=10)
    with pytest.raises(
        graphcnn.UsageError, match="has no parameter `xyz`; it has channels, size, "
    ):
        graphcnn.load("lenet5", xyz=10)


def test_variants_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(spec("- relu", head="variants: {a: {}, b: {}}"), encoding="utf-8")
    assert graphcnn.validate(f"{path}:a") == []
    with pytest.raises(graphcnn.UsageError, match="has no variant `c`; its variants are a, b"):
        graphcnn.validate(f"{path}:c")


def test_two_variants_are_one_too_many(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(spec("- relu", head="variants: {a: {}, b: {}}"), encoding="utf-8")
    assert graphcnn.load(f"{path}:a", variant="a").variant == "a"
    message = r"two variants: .* is `a`, and `b` was asked for"
    with pytest.raises(graphcnn.UsageError, match=message):
        graphcnn.load(f"{path}:a", variant="b")
    with pytest.raises(graphcnn.UsageError, match="two variants"):
        graphcnn.load("resnet18", variant="resnet34")


def test_parameters_of_other_types_of_numbers(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    head = "parameters: {width: 8, rate: 0.5, kernel: [1, 1]}"
    graph = "- conv: {out: $width, kernel: $kernel}\n- dropout: $rate"
    path.write_text(spec(graph, head=head), encoding="utf-8")
    kernel = (np.int64(3), np.int32(1))
    model = graphcnn.load(path, width=np.int64(4), rate=np.float32(0.25), kernel=kernel)
    assert model.summary().outputs == {"output": (4, 30, 32)}
    for value, said in (
        (object(), "a builtins.object"), ({"a": 1}, "a mapping"), (np.zeros(2), "a numpy.ndarray"),
    ):  # fmt: skip
        message = re.escape(f"the parameter `width` is an integer, found {said}")
        with pytest.raises(graphcnn.UsageError, match=message):
            graphcnn.load(path, width=value)


def test_names_are_text() -> None:
    wrong: Any = 3
    nothing: Any = None
    with pytest.raises(TypeError, match="a variant is given by its name, not by int"):
        graphcnn.load("resnet", variant=wrong)
    with pytest.raises(TypeError, match="a backend is given by its name, not by NoneType"):
        graphcnn.load("lenet5").build(nothing)


# --- what is shown of them


def test_a_model_is_shown_in_a_line() -> None:
    model = graphcnn.load("resnet18")
    assert repr(model) == "Model(name='resnet18', variant='resnet18', nodes=69)"
    # Each of these would be the whole graph, once for every path through it.
    for part in (model.ir, model.ir.body, model.program, model.ir.nodes[-1], model.ir.outputs):
        assert len(repr(part)) < 1000
    assert repr(model.ir.nodes[-1].outputs) == "(Value('fc', shape=(1000,)),)"


def test_a_diagnostic_is_shown_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(spec("- convv"), encoding="utf-8")
    (found,) = graphcnn.validate(path)
    assert str(found) == f"{path}:5:5: error[unknown-op]: there is no op or block `convv`"
    assert "graphcnn: 1" not in repr(found)
    with pytest.raises(graphcnn.SpecError, match=re.escape(str(found))):
        graphcnn.load(path)


# --- live modules


def test_a_live_module() -> None:
    module = graphcnn.torch_module("lenet5", classes=7).eval()
    with torch.inference_mode():
        assert module(torch.zeros(2, 1, 32, 32)).shape == (2, 7)


def test_live_modules_are_known_to_python() -> None:
    module = graphcnn.torch_module("lenet5").eval()
    image = torch.rand(1, 1, 32, 32)
    for other in (pickle.loads(pickle.dumps(module)), copy.deepcopy(module)):  # noqa: S301 - our own
        assert type(other) is type(module)
        assert torch.equal(other(image), module(image))
    assert inspect.getsource(type(module)).startswith(f"class {type(module).__name__}")
    assert typing.get_type_hints(type(module).forward)["return"] is torch.Tensor


def test_the_same_model_has_the_same_class() -> None:
    model = graphcnn.load("lenet5")
    first, second = graphcnn.torch_module(model), graphcnn.torch_module("lenet5")
    assert type(first) is type(second)
    assert type(graphcnn.torch_module("lenet5", classes=7)) is not type(first)


def test_a_loaded_model_has_its_parameters() -> None:
    with pytest.raises(TypeError, match="when a model is loaded"):
        graphcnn.torch_module(graphcnn.load("lenet5"), classes=7)


def test_without_pytorch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(graphcnn.UsageError, match=r"pip install 'graphcnn\[torch\]'"):
        graphcnn.torch_module("lenet5")


# --- backends


def test_backends_are_found_by_name() -> None:
    assert "pytorch" in names()
    for name in names():
        backend: Backend = find(name)
        assert backend.name == name
        assert backend.suffix.startswith(".")


def test_unknown_backends() -> None:
    with pytest.raises(graphcnn.UsageError, match="did you mean `pytorch`"):
        find("pytorhc")
    with pytest.raises(graphcnn.UsageError, match=r"there are .*pytorch"):
        find("fortran")


def test_every_backend_speaks_of_every_op() -> None:
    for name in names():
        for op in OPS:
            level, reason = find(name).support(op)
            assert level in Level
            assert reason or level is not Level.UNSUPPORTED, f"{name} gives no reason for {op.name}"


def test_build_is_the_same_text_every_time() -> None:
    assert graphcnn.load("resnet18").build("pytorch") == graphcnn.load("resnet18").build("pytorch")
