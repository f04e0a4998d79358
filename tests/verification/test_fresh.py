"""Fresh models hold what the spec says, in every backend; and `verify` sees where they do not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graphcnn.backends import Startable
from graphcnn.backends.keras.spelling import builder_name
from graphcnn.backends.python.live import imported
from graphcnn.backends.pytorch.live import instantiate
from graphcnn.compiler import Model
from graphcnn.model import CompiledModel
from graphcnn.verification import Verdict, check, fresh
from graphcnn.verification.distribution import complaint, sample
from graphcnn.weights import stated
from graphcnn.weights.schemes import Scheme
from tests import inline
from tests.verification import fresh_nets
from tests.verification.runs import backends

Array = NDArray[Any]

KINDS = ("normal", "truncated_normal", "uniform")


def startable(name: str) -> Startable:
    (backend,) = backends(name)
    assert isinstance(backend, Startable)
    return backend


@pytest.fixture(autouse=True)
def _few_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fresh, "NODES", 150)


def holds(section: str) -> None:
    """Every weight starts as the section says, and all others as they do without it."""
    model, plain = inline.model(fresh_nets.net(section)), inline.model(fresh_nets.net("  {}\n"))
    for name in ("pytorch", "keras", "onnx"):
        backend = startable(name)
        found = fresh.compare(model, backend, stated(model), 0)
        assert (found.weights, found.wrong) == (len(stated(model)), []), name
        others = sorted(backend.fresh(plain, 0, [*names(plain)]).keys() - stated(model).keys())
        ours, usual = (backend.fresh(one, 1, others) for one in (model, plain))
        for weight in others:
            if ours[weight].size >= 30:
                a, b = (float(np.sqrt((x[weight] ** 2).mean())) for x in (ours, usual))
                assert a == pytest.approx(b, rel=0.6), (name, weight)


def names(model: Model) -> list[str]:
    return [name for node in model.ir.nodes for name, _ in node.weights()]


@pytest.mark.parametrize("seed", range(3))
def test_random_sections(seed: int) -> None:
    holds(fresh_nets.random_section(seed))


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_random_sections(seed: int) -> None:
    holds(fresh_nets.random_section(seed))


@pytest.mark.exhaustive
@pytest.mark.parametrize("scheme", [*fresh_nets.SCHEMES, *fresh_nets.COUNTING])
def test_every_scheme_of_every_op(scheme: str) -> None:
    holds(fresh_nets.same_everywhere(scheme))


def test_every_op_with_weights_is_there() -> None:
    model = inline.model(fresh_nets.net("  {}\n"))
    assert {n.op.name for n in model.ir.nodes if n.facts.weights} == fresh_nets.WEIGHTS.keys()


# the questions


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 20, 60, 300, 2000])
def test_right_numbers_are_not_refused(kind: Any, size: int) -> None:
    scheme = Scheme(kind, 0.3)
    generator = np.random.Generator(np.random.PCG64(size))
    numbers = scheme.draw(size * 3000, generator).reshape(3000, size)
    assert [c for row in numbers if (c := complaint(sample([row]), scheme))] == []


WRONG: dict[str, tuple[Scheme, Scheme]] = {
    "a deviation that is twice as large": (Scheme("normal", 0.2), Scheme("normal", 0.1)),
    "one that is a fifth smaller": (Scheme("normal", 0.08), Scheme("normal", 0.1)),
    "no cut": (Scheme("normal", 0.0879), Scheme("truncated_normal", 0.1)),
    "a cut": (Scheme("truncated_normal", 0.1), Scheme("normal", 0.0879)),
    "uniform": (Scheme("uniform", 0.1 * 3**0.5), Scheme("normal", 0.1)),
    "normal": (Scheme("normal", 0.1), Scheme("uniform", 0.1 * 3**0.5)),
    "narrower": (Scheme("uniform", 0.08), Scheme("uniform", 0.1)),
    "wider": (Scheme("uniform", 0.102), Scheme("uniform", 0.1)),
    "a constant": (Scheme("constant", 0.0), Scheme("uniform", 0.1)),
    "another constant": (Scheme("constant", 0.5), Scheme("constant", 0.6)),
    "no constant": (Scheme("normal", 0.1), Scheme("constant", 0.0)),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_numbers_are_refused(what: str) -> None:
    drawn, expected = WRONG[what]
    generator = np.random.Generator(np.random.PCG64(0))
    assert complaint(sample([drawn.draw(1000, generator)]), expected) is not None
    assert complaint(sample([drawn.draw(1000, generator)]), drawn) is None


def test_numbers_around_another_mean() -> None:
    numbers = np.random.Generator(np.random.PCG64(0)).standard_normal(1000) * 0.1 + 0.03
    found = complaint(sample([numbers]), Scheme("normal", 0.1))
    assert found is not None
    assert found.startswith("the mean is 0.0")


# what `verify` says

NET = """
- {conv: {out: 16, kernel: 3}, id: c}
- {depthwise_conv: 3, id: d}
- flatten
- {linear: 10, id: head}
"""

SECTION = """init:
  conv: {weight: kaiming_normal}
  linear: {weight: {uniform: 0.1}, bias: 0.5}
  layers:
    head: {weight: {uniform: 0.01}}
"""


def model_of(section: str = SECTION) -> Model:
    return inline.model(inline.spec(NET, image="[3, 8, 8]") + section)


class Otherwise:
    """A backend whose fresh models hold something else in one weight."""

    def __init__(self, weight: str, change: Callable[[Array], Array]) -> None:
        self._backend = startable("onnx")
        self._weight, self._change = weight, change

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def fresh(self, model: CompiledModel, seed: int, names: Sequence[str]) -> Mapping[str, Array]:
        found = dict(self._backend.fresh(model, seed, names))
        if self._weight in found:
            found[self._weight] = self._change(found[self._weight])
        return found


MISTAKES: dict[str, tuple[str, Callable[[Array], Array], str]] = {
    "the fan of all channels": ("d.weight", lambda x: x / 4, "the standard deviation is 0."),
    "another deviation": ("c.weight", lambda x: x * 1.5, "the standard deviation is 0."),
    "a layer that is left out": ("head.weight", lambda x: x * 10, "the standard deviation is 0.0"),
    "another constant": ("head.bias", lambda x: x * 0, "it is 0 everywhere, not 0.5"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_what_is_wrong_is_found(what: str) -> None:
    weight, change, words = MISTAKES[what]
    other: Any = Otherwise(weight, change)
    found = check.verify(model_of(), [other, *backends("pytorch")])
    wrong, right = found.backends
    assert (wrong.verdict, right.verdict) == (Verdict.FAILED, Verdict.PASSED)
    assert wrong.fresh is not None
    assert right.fresh is not None
    assert right.fresh.wrong == []
    (one,) = wrong.fresh.wrong
    assert (one.weight, one.file) == (weight, "net.yaml")
    assert one.found.startswith(words)
    assert one.line == {"c": 5, "d": 6, "h": 8}[weight[0]]
    assert found.to_dict()["backends"][0]["fresh"]["wrong"] == [one._asdict()]


def test_nothing_is_looked_at_where_nothing_is_said() -> None:
    (found,) = check.verify(model_of(""), backends("pytorch")).backends
    assert found.fresh is None


# what the emitted files say


@pytest.mark.parametrize("backend", ["pytorch", "keras"])
def test_a_parameter_in_the_section_stays_an_argument(backend: str) -> None:
    text = inline.spec(
        "- {linear: $classes, id: head}", image="[50]", head="parameters: {classes: 1000}"
    )
    section = "init:\n  linear: {weight: {uniform: $(classes ** -0.5)}, bias: $(1 / classes)}\n"
    model = inline.model(text + section)
    code = model.build(backend)
    assert isinstance(code, str)
    make = getattr(imported(model.name, code), builder_name(model.name))
    assert [*inspect.signature(make).parameters] == ["classes"]
    if backend == "pytorch":
        weight, bias = (x.detach().numpy() for x in make(classes=25).parameters())
    else:
        weight, bias = (np.asarray(x) for x in make(classes=25).get_weights())
    assert complaint(sample([weight]), Scheme("uniform", 0.2)) is None
    assert bias.tolist() == pytest.approx([0.04] * 25)


def test_a_norm_without_a_scale_keeps_its_constant() -> None:
    graph = "- {batch_norm: {scale: false}, id: a}\n- {batch_norm: {}, id: b}\n"
    text = inline.spec(graph) + "init:\n  batch_norm: {weight: 0.5, bias: 0.25}\n"
    module: Any = instantiate(inline.model(text))
    assert set(module.a.weight.tolist()) == {1.0}
    assert set(module.b.weight.tolist()) == {0.5}
    assert set(module.a.bias.tolist()) == {0.25}


OWN = """
ops:
  gate:
    attributes: {channels: int, power: 1.0}
    shape: $(in.shape)
    macs: 0
    weights: {weight: "$([channels])"}
    pytorch: tests.backends.layers.Gate
    keras: tests.backends.keras_layers.Gate
"""


@pytest.mark.parametrize("section", ["gate: {weight: 0.5}, conv: {weight: 2}", "conv: {weight: 2}"])
def test_ops_of_the_authors_own(section: str) -> None:
    """Their weights are filled by name, and are nobody else's."""
    graph = "- {gate: {channels: 400}, id: a}\n- {conv: {out: 2, kernel: 1}}\n"
    text = inline.spec(graph, image="[400, 4, 4]", head=OWN) + f"init: {{{section}}}\n"
    model = inline.model(text)
    for name in ("pytorch", "keras"):
        found = fresh.compare(model, startable(name), stated(model), 0)
        assert (found.weights, found.wrong) == (len(stated(model)), [])
        held = startable(name).fresh(model, 0, ["a.weight"])["a.weight"]
        assert set(held.tolist()) == ({0.5} if "gate" in section else {1.0})
