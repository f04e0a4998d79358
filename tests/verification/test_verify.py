"""`graphcnn verify` finds what is wrong, says where, and passes what is right."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphcnn import counts
from graphcnn.backends import Device, Runner
from graphcnn.commands.verify import render
from graphcnn.compiler import Model
from graphcnn.diagnostics import UsageError
from graphcnn.model import CompiledModel
from graphcnn.verification import (
    BackendResult,
    Settings,
    Verdict,
    Verification,
    check,
    verify,
)
from graphcnn.verification.draw import Drawn
from graphcnn.verification.errors import error
from graphcnn.verification.sizes import choose, parse
from graphcnn.verification.sketch import distance, sketch
from graphcnn.weights import Weights, fresh, save
from tests.backends.emitted import variants, written
from tests.inline import model as inline
from tests.inline import spec
from tests.verification.runs import backends, verified

GRAPH = """
- {conv: {out: 4, kernel: 3}, id: first}
- {batch_norm: {}, id: norm}
- {relu: {}, id: act}
- {global_avg_pool: {keepdims: false}, id: pool}
- {linear: 5, id: last}
"""


class Wrong:
    """The PyTorch backend, but for something that goes wrong before a model is run or after."""

    name = "pytorch"
    suffix = ".py"

    def __init__(
        self,
        model: Callable[[CompiledModel], CompiledModel] = lambda model: model,
        change: Callable[[Any], None] = lambda _: None,
    ) -> None:
        (self.right,) = backends("pytorch")
        self.model = model
        self.change = change
        self.support = self.right.support
        self.emit = self.right.emit

    def obstacle(self, _device: Device) -> str | None:
        return None

    def runner(self, model: CompiledModel, weights: Weights, device: Device) -> Runner:
        runner = self.right.runner(self.model(model), weights, device)
        self.change(runner)
        return runner


def found_by(wrong: Wrong, graph: str = GRAPH) -> Verification:
    return verify(inline(spec(graph, image="[3, 9, 9]")), [wrong])


def with_op(name: str, **attributes: Any) -> Callable[[CompiledModel], CompiledModel]:
    """The same model, compiled anew, with an attribute of one node changed."""

    def changed(model: CompiledModel) -> CompiledModel:
        other = inline(model.program.file.text)
        for node in other.ir.nodes:
            if node.name == name:
                node.op = dataclasses.replace(node.op, **attributes)
        return other

    return changed


def test_what_is_right_passes() -> None:
    found = verified(inline(spec(GRAPH, image="[3, 9, 9]")), train=True)
    assert found.passed
    assert [one.verdict for one in found.backends] == [Verdict.PASSED] * 3
    for one in found.backends:
        assert 0 < one.error < 1e-5
        assert (one.seen, one.nodes) == (5, 5)
        assert all(count.found == count.inferred > 0 for count in one.counts.values())
    assert found.training is not None
    assert len(found.training.errors) == 7  # the loss, and six weights that are trained
    assert 0 < found.training.error < 1e-6


def test_the_first_node_that_differs_is_named() -> None:
    found = found_by(Wrong(with_op("norm", eps=0.1)))
    (one,) = found.backends
    assert not found.passed
    assert one.difference is not None
    assert (one.difference.node, one.difference.op) == ("norm", "batch_norm")
    assert one.difference.line == found_line("norm")
    assert one.difference.shape == (4, 7, 7)
    assert one.difference.error == pytest.approx(one.difference.error, rel=1)
    assert one.seen == 1
    assert one.rounding is not None
    assert one.rounding < 1e-5
    where = f"`norm` (batch_norm), net.yaml:{one.difference.line}"
    assert f"pytorch: the first node that differs is {where}" in render(found)


def found_line(id: str) -> int:
    text = spec(GRAPH, image="[3, 9, 9]")
    return next(n for n, line in enumerate(text.splitlines(), 1) if f"id: {id}" in line)


def test_a_node_that_differs_is_no_matter_of_how_much_comes_out() -> None:
    """The output is the same, whatever comes before a product with 0."""
    graph = "- {relu: {}, id: act}\n- {scale: 0.0}\n"

    def other(model: CompiledModel) -> CompiledModel:
        return inline(model.program.file.text.replace("relu", "tanh"))

    (one,) = found_by(Wrong(other), graph).backends
    assert one.error == 0
    assert one.verdict is Verdict.FAILED
    assert one.difference is not None
    assert one.difference.node == "act"


def test_rounding_that_a_model_amplifies_is_no_difference() -> None:
    """A `tanh` of what is left of nearly equal values; an output that hardly shows it."""
    graph = """
- {scale: 3000.0, id: large}
- {scale: 1.0001, id: larger}
- {subtract: {}, from: [larger, large], id: left}
- {tanh: {}, id: bent}
- {add: {}, from: [large, bent]}
"""
    found = found_by(Wrong(), graph)
    (one,) = found.backends
    assert found.passed
    assert (one.seen, one.nodes) == (5, 5)
    model = inline(spec(graph, image="[3, 9, 9]"))
    expected = check._Session(model, [], fresh(model), {}, Settings(), {"image": (2, 3, 9, 9)})
    assert expected.rounded.output < 1e-5
    assert max(expected.rounded.moves.values()) > 1e-4


def test_an_output_of_another_shape() -> None:
    def turned(runner: Any) -> None:
        run = runner.run
        runner.run = lambda inputs: {name: x.T for name, x in run(inputs).items()}

    (one,) = found_by(Wrong(change=turned)).backends
    assert one.verdict is Verdict.FAILED
    assert one.reason == "the output `output` has shape (5, 2), not (2, 5)"


def test_outputs_by_other_names() -> None:
    def renamed(runner: Any) -> None:
        run = runner.run
        runner.run = lambda inputs: {f"{name}2": x for name, x in run(inputs).items()}

    (one,) = found_by(Wrong(change=renamed)).backends
    assert one.reason is not None
    assert "there is no output `output`" in one.reason
    assert "there is an output `output2` which the spec has not" in one.reason


def test_another_count() -> None:
    def more(runner: Any) -> None:
        counts = runner.counts
        runner.counts = lambda: {name: n + 1 for name, n in counts().items()}

    (one,) = found_by(Wrong(change=more)).backends
    assert one.verdict is Verdict.FAILED
    assert one.reason == "it has 146 params, not 145; it has 9 buffers, not 8"


def test_a_framework_that_raises() -> None:
    def broken(model: CompiledModel) -> CompiledModel:
        raise RuntimeError("out of ideas\nand of lines")

    found = found_by(Wrong(broken))
    assert not found.passed
    assert found.backends[0].reason == "RuntimeError: out of ideas"


def test_weights_of_another_value_are_noticed_in_training() -> None:
    model = inline(spec(GRAPH, image="[3, 9, 9]"))
    right, keras = backends("pytorch", "keras")

    class Other(type(right)):  # type: ignore[misc]  # a class that is known at run time alone
        def step(self, model: Any, weights: Any, *given: Any) -> Any:
            moved = {name: x * 1.01 if name == "norm.bias" else x for name, x in weights.items()}
            return super().step(model, moved, *given)

    found = verify(model, [Other(), keras], Settings(train=True))
    assert all(one.verdict is Verdict.PASSED for one in found.backends)
    assert found.training is not None
    assert found.training.verdict is Verdict.FAILED
    assert not found.passed


@pytest.mark.parametrize("rate", ["0.5", "$rate"])
def test_what_draws_numbers_is_still_in_training(rate: str) -> None:
    """Of a model that keeps an argument, which emitters find by elaborating the spec anew."""
    head = "\nparameters: {classes: 5, rate: 0.3}\n"
    graph = f"{GRAPH}- {{dropout: {rate}}}\n- {{linear: $classes}}\n"
    found = verified(inline(spec(graph, image="[3, 9, 9]", head=head)), train=True)
    assert found.training is not None
    assert found.training.reason is None
    assert 0 < found.training.error < 1e-6
    assert found.passed


# what a verification is made of


def test_an_error_is_a_part_of_the_largest_value() -> None:
    a = np.array([[0.0, 100.0], [1.0, -200.0]])
    assert error(a, a) == 0
    assert error(a + np.array([[0.02, 0], [0, 0]]), a) == pytest.approx(1e-4)
    assert error(a.T, a) > 0.1
    assert error(a[:1], a) == float("inf")
    assert error(np.full_like(a, np.nan), a) == float("inf")
    assert error(np.zeros(2), np.zeros(2)) == 0


@pytest.mark.parametrize("cells", [100, 5_000, 70_000])
def test_a_sketch_estimates_the_distance(cells: int) -> None:
    generator = np.random.default_rng(0)
    a = generator.standard_normal(cells).astype(np.float32)
    same = a * (1 + 1e-7 * generator.standard_normal(cells))
    assert distance(sketch(same), sketch(a)) < 1e-6
    for other in (generator.permutation(a), np.roll(a, 1), a * 1.01, np.roll(a, 1 << 14)):
        assert distance(sketch(other), sketch(a)) > 1e-3 or np.array_equal(other, a)


def test_sizes_are_chosen_where_the_spec_leaves_them_open() -> None:
    graph = inline(spec("- {conv: {out: 2, kernel: 3}}", image="[3, H + 20, W + 2]")).ir
    assert choose(graph, {}) == {"H": 8, "W": 9}
    assert choose(graph, {"W": 30}) == {"H": 8, "W": 30}
    deep = inline(spec("- {max_pool: 8}\n- {max_pool: 8}\n- {conv: {out: 2, kernel: 1}}",
                       image="[3, 64*H, 64*W]")).ir  # fmt: skip
    assert choose(deep, {}) == {"H": 8, "W": 9}
    with pytest.raises(UsageError, match="no size `X`"):
        choose(graph, {"X": 3})


@pytest.mark.parametrize("option", ["H", "H=", "=3", "H=0", "H=-1", "H=1e3", "H=9999999"])
def test_sizes_that_are_no_numbers(option: str) -> None:
    with pytest.raises(UsageError, match="NAME=N"):
        parse([option])


def test_symbolic_models_are_run_on_a_chosen_size() -> None:
    (model,) = variants(written("symbolic"))
    found = verified(model)
    assert found.passed
    assert found.sizes == dict(choose(model.ir, {}))
    assert found.sizes


@pytest.mark.parametrize("what", ["weights", "activations", "macs"])
def test_what_is_too_large_is_not_run(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(check.LIMITS, what, 1)
    with pytest.raises(UsageError, match=what):
        verify(inline(spec(GRAPH, image="[3, 9, 9]")), backends("pytorch"))


def test_a_large_model_is_run_on_one_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    model = inline(spec(GRAPH, image="[3, 9, 9]"))
    activations = counts.costs(model.ir.nodes).activations
    assert isinstance(activations, int)
    monkeypatch.setattr(check, "TOGETHER", 2 * activations)
    assert verify(model, backends("pytorch")).inputs == {"image": (2, 3, 9, 9)}
    monkeypatch.setattr(check, "TOGETHER", 2 * activations - 1)
    found = verify(model, backends("pytorch"))
    assert (found.passed, found.inputs) == (True, {"image": (1, 3, 9, 9)})


GATED = """
- {id: skip, identity: {}}
- conv: {out: $(4 * x.channels), kernel: 1, bias: false}
- batch_norm
- silu
- depthwise_conv: {kernel: 3, stride: $stride, padding: 1, bias: false}
- batch_norm
- {silu: {}, id: wide}
- global_avg_pool
- {conv: {out: $(x.channels), kernel: 1}}
- silu
- conv: {out: $(4 * x.channels), kernel: 1}
- {sigmoid: {}, id: gate}
- {multiply: {}, from: [wide, gate]}
- conv: {out: $out, kernel: 1, bias: false}
- {batch_norm: {}, id: last}
- {add: {}, from: [last, skip], when: $(stride == 1 and x.channels == out)}
"""


def gated(side: int, width: int) -> str:
    """40 blocks with a squeeze and excitation each, in four stages."""
    body = [
        f"- {{mb: {{out: {width * 2**stage}, stride: {2 if block == 0 else 1}}}}}"
        for stage in range(4)
        for block in range(10)
    ]
    steps = "".join(f"      {line}\n" for line in GATED.strip().splitlines())
    head = f"blocks:\n  mb:\n    parameters: {{out: int, stride: 1}}\n    graph:\n{steps}"
    stem = f"- conv: {{out: {width}, kernel: 3, stride: 2, padding: 1}}"
    end = ["- global_avg_pool", "- flatten", "- linear: 10"]
    return spec("\n".join([stem, *body, *end]), head=head, image=f"[3, {side}, {side}]")


def plain(layers: int) -> str:
    graph = "- {conv: {out: 8, kernel: 3, padding: 1}}\n- relu\n" * layers
    return spec(f"{graph}- global_avg_pool\n- flatten\n- linear: 10", image="[3, 12, 12]")


#: seeds, of which the later ones take their time
SEEDS = [0, 1, *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in (2, 3, 4))]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("text", [gated(32, 4), plain(60)], ids=["gated", "plain"])
def test_deep_models_are_decided(text: str, seed: int) -> None:
    found = verify(inline(text), backends("pytorch", "onnx"), Settings(seed=seed))
    assert (found.verdict, found.draws) == (Verdict.PASSED, 1), found.to_dict()


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(5))
def test_a_deep_gated_model_of_large_images(seed: int) -> None:
    found = verify(inline(gated(384, 16)), backends(), Settings(seed=seed))
    assert found.verdict is Verdict.PASSED, found.to_dict()


def test_signals_keep_their_size() -> None:
    model = inline(plain(60))
    drawn = Drawn(model.ir, 0)
    expected = check._Session(model, [], drawn, {}, Settings(), {"image": (2, 3, 12, 12)})
    sizes: list[float] = []
    expected.evaluated(lambda _, x: sizes.append(float(abs(x).max())))
    assert min(sizes[:-3]) > 0.5
    assert max(sizes) < 20
    assert drawn["conv1.weight"].std() == pytest.approx((1.5 / 27) ** 0.5, rel=0.2)


AMPLIFIED = """
- {scale: 30000.0, id: large}
- {scale: 1.0001, id: larger}
- {subtract: {}, from: [larger, large], id: left}
- {scale: 1000.0}
"""


def test_what_rounding_alone_explains_is_undecided() -> None:
    """Little is left of nearly equal values, whatever the weights are."""
    found = found_by(Wrong(), AMPLIFIED)
    (one,) = found.backends
    assert one.rounding is not None
    assert found.tolerance < one.error <= 10 * one.rounding
    assert (one.verdict, found.verdict, found.draws) == (*[Verdict.UNDECIDED] * 2, check.DRAWS)
    assert not found.passed
    assert "so these weights decide nothing" in render(found)
    assert "is not the same everywhere" not in render(found)


def test_what_rounding_does_not_explain_is_wrong_all_the_same() -> None:
    def turned(runner: Any) -> None:
        run = runner.run
        runner.run = lambda inputs: {name: -x for name, x in run(inputs).items()}

    found = found_by(Wrong(change=turned), AMPLIFIED)
    assert (found.verdict, found.draws) == (Verdict.FAILED, 1)
    assert "is not the same everywhere" in render(found)


def test_weights_are_drawn_again_where_they_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    class Changed(Drawn):
        def __init__(self, graph: Any, seed: int, draw: int = 0) -> None:
            drawn.append(draw)
            super().__init__(graph, seed, draw)

    def result(session: Any, backend: Any) -> BackendResult:
        verdict = Verdict.PASSED if len(drawn) == 2 else Verdict.UNDECIDED
        return BackendResult(backend.name, verdict=verdict)

    monkeypatch.setattr(check, "Drawn", Changed)
    monkeypatch.setattr(check._Session, "result", result)
    found = found_by(Wrong())
    assert (drawn, found.draws, found.verdict) == ([0, 1], 2, Verdict.PASSED)


def test_classes_of_a_spec_are_not_imported_unless_it_is_trusted() -> None:
    (model,) = variants(written("declared_ops"))
    with pytest.raises(UsageError, match="--trust"):
        verify(model, backends("pytorch"))
    found = verify(model, backends("pytorch"), Settings(trust=True))
    assert found.passed


def test_what_a_class_of_the_spec_raises_is_said_of_that_class() -> None:
    head = "ops: {blur: {shape: $(in.shape), macs: 0, pytorch: tests.no_such_layers.Blur}}"
    model = inline(spec("[relu, {blur: {}}]", head=head))
    with pytest.raises(
        UsageError, match=r"no_such_layers\.Blur, the class of `blur`, cannot be run"
    ):
        verify(model, backends("pytorch"), Settings(trust=True))


def test_the_same_seed_gives_the_same_errors() -> None:
    model = inline(spec(GRAPH, image="[3, 9, 9]"))
    first, again, other = (
        verify(model, backends("pytorch"), Settings(seed=seed)).backends[0].errors
        for seed in (1, 1, 2)
    )
    assert first == again != other


def test_weights_lie_in_one_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every backend is handed the very tensors of the file that was written."""
    seen: list[Weights] = []

    def written(path: Any, weights: Weights) -> None:
        save(path, weights)
        seen.append(weights)

    monkeypatch.setattr(check, "save", written)
    model: Model = inline(spec(GRAPH, image="[3, 9, 9]"))
    assert verified(model).passed
    assert len(seen) == 1
    assert not np.array_equal(seen[0]["norm.running_mean"], fresh(model)["norm.running_mean"])


def test_gradients_that_are_all_of_rounding() -> None:
    """The length of one channel is its own: what comes out is its sign."""
    graph = "- {conv: {out: 1, kernel: 3}}\n- batch_norm\n- l2_norm\n"
    found = verified(inline(spec(graph, image="[2, 6, 6, 5]")), train=True)
    assert found.training is not None
    assert 0 < found.training.error < found.tolerance
    assert found.passed
