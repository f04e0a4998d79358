"""Steps of `forward` to lines: what is written inside what, and how values are called."""

from __future__ import annotations

from graphcnn.backends.python.code import Call, Infix, Input, Inputs, call
from graphcnn.backends.pytorch.forward import Forward
from graphcnn.backends.pytorch.steps import Slot, Step


class Body:
    """A small `forward` in the making."""

    def __init__(self, *names: str) -> None:
        self.inputs = [Slot({}, (8, 4, 4), name=name) for name in names]
        self.forward = Forward(self.inputs)

    def layer(
        self, name: str, *sources: Slot, light: bool = False, hint: str | None = None
    ) -> Slot:
        """A call of the module `self.name`."""
        code = Call(f"self.{name}", tuple(Input(n) for n in range(len(sources))))
        return self.step(code, *sources, light=light, hint=hint)

    def step(
        self,
        code: object,
        *sources: Slot,
        light: bool = True,
        hint: str | None = None,
        training: bool = False,
    ) -> Slot:
        slot = Slot({}, (8, 4, 4), hint)
        step = Step([slot], code, list(sources), light=light, training=training)
        self.forward.add(step)
        return slot

    def guarded(self, guard: str, before: Slot, *names: str) -> Slot:
        """Layers behind an `if`, the first of which reads what is ``before`` them."""
        begin, end = len(self.forward.steps), before
        for name in names:
            code, source, end = Call(f"self.{name}", (Input(),)), end, Slot({}, (8, 4, 4))
            self.forward.add(Step([end], code, [source], guard=guard))
        slot = Slot({}, (8, 4, 4))
        self.forward.join(slot, end, before, begin)
        return slot

    def lines(self, *results: Slot) -> list[str]:
        return self.forward.lines([(None, slot, False) for slot in results])


def test_light_steps_are_written_around_the_layer() -> None:
    body = Body("x")
    x = body.layer("conv", *body.inputs)
    x = body.layer("relu", body.layer("bn", x, light=True), light=True)
    x = body.layer("conv2", x)
    assert body.lines(x) == ["x = self.relu(self.bn(self.conv(x)))", "return self.conv2(x)"]


def test_a_value_that_is_needed_again_keeps_its_name() -> None:
    body = Body("x")
    (x,) = body.inputs
    y = body.layer("bn", body.layer("conv", x), light=True)
    y = body.layer("bn2", body.layer("conv2", y), light=True)
    total = body.step(Infix("+", (Input(0), Input(1))), y, x)
    assert body.lines(total) == [
        "y = self.bn(self.conv(x))",
        "y = self.bn2(self.conv2(y))",
        "return y + x",
    ]


def test_what_the_author_named_keeps_that_name_where_it_is_used_further_on() -> None:
    body = Body("image")
    low = body.layer("conv", *body.inputs, hint="low")
    x = body.layer("conv2", low)
    x = body.layer("conv3", x)
    joined = body.step(call("torch.cat", Inputs(), dim=1), low, x)
    assert body.lines(joined) == [
        "low = self.conv(image)",
        "x = self.conv2(low)",
        "return torch.cat([low, self.conv3(x)], dim=1)",
    ]


def test_operands_stand_in_the_call_that_joins_them() -> None:
    body = Body("x")
    (x,) = body.inputs
    paths = [body.layer(f"branch{n}", x) for n in range(3)]
    joined = body.step(call("torch.cat", Inputs(), dim=1), *paths)
    assert body.lines(joined) == [
        "return torch.cat([self.branch0(x), self.branch1(x), self.branch2(x)], dim=1)"
    ]


def test_a_line_that_is_too_long_is_broken_into_two() -> None:
    body = Body("x")
    x = body.inputs[0]
    for n in range(6):
        x = body.layer(f"a_layer_with_a_long_name{n}", x, light=True)
    lines = body.lines(x)
    assert len(lines) > 1
    assert all(len(line) <= 80 for line in lines)


def test_several_results_are_a_tuple_and_named_ones_a_dictionary() -> None:
    body = Body("x")
    a, b = body.layer("a", *body.inputs), body.layer("b", *body.inputs)
    assert body.lines(a, b) == ["return self.a(x), self.b(x)"]
    named = body.forward.lines([("low", a, False), ("high", b, False)])
    assert named[-1] == 'return {"low": self.a(x), "high": self.b(x)}'


def test_an_output_of_training_is_made_in_training_alone() -> None:
    body = Body("x")
    x = body.layer("stem", *body.inputs, hint="stem")
    aux = body.step(Call("self.aux", (Input(),)), x, light=False, training=True)
    top = body.layer("head", x)
    lines = body.forward.lines([("logits", top, False), ("aux", aux, True)])
    assert lines == [
        "outputs: dict[str, Tensor] = {}",
        "stem = self.stem(x)",
        "if self.training:",
        '    outputs["aux"] = self.aux(stem)',
        'outputs["logits"] = self.head(stem)',
        "return outputs",
    ]


def test_several_values_of_one_call_have_the_names_that_the_author_gave_them() -> None:
    body = Body("x")
    (x,) = body.inputs
    low, high = (Slot({}, (8, 4, 4), key=key) for key in ("Low", "high"))
    body.forward.add(Step([low, high], Call("self.body", (Input(),)), [x]))
    top = body.layer("top", high, hint="top")
    assert body.lines(top, low) == ["low, high = self.body(x)", "return self.top(high), low"]


def test_what_one_call_gives_is_returned_as_it_comes() -> None:
    body = Body("x")
    parts = [Slot({}, (8, 4, 4), key=key) for key in ("a", "b")]
    body.forward.add(Step(parts, Call("self.body", (Input(),)), body.inputs))
    assert body.lines(*parts) == ["return self.body(x)"]
    assert body.lines(*reversed(parts)) == ["a, b = self.body(x)", "return b, a"]


def test_a_value_goes_on_under_its_name_where_an_if_may_change_it() -> None:
    body = Body("x")
    x = body.guarded("self.deep", body.inputs[0], "left", "right")
    x = body.guarded("not self.deep", x, "leaf")
    assert body.lines(x) == [
        "if self.deep:",
        "    x = self.left(x)",
        "    x = self.right(x)",
        "else:",
        "    x = self.leaf(x)",
        "return x",
    ]


def test_a_value_that_is_needed_behind_the_if_is_kept() -> None:
    body = Body("x")
    (x,) = body.inputs
    y = body.guarded("self.deep", x, "left", "right")
    total = body.step(Infix("+", (Input(0), Input(1))), y, x)
    assert body.lines(total) == [
        "y = x",
        "if self.deep:",
        "    y = self.left(x)",
        "    y = self.right(y)",
        "return y + x",
    ]


def test_a_name_lent_behind_an_if_is_not_free_after_it() -> None:
    body = Body("x")
    (x,) = body.inputs
    y = body.guarded("self.deep", x, "left", "right")
    z = body.layer("far", y)
    total = body.step(call("torch.cat", Inputs(), dim=1), body.layer("far2", z), y)
    assert body.lines(total) == [
        "if self.deep:",
        "    x = self.left(x)",
        "    x = self.right(x)",
        "y = self.far(x)",
        "return torch.cat([self.far2(y), x], dim=1)",
    ]


def test_what_a_later_if_reads_is_not_overwritten() -> None:
    body = Body("x")
    (x,) = body.inputs
    y = body.guarded("self.deep", x, "left", "right")
    (early,) = body.forward.steps[1].targets
    y = body.layer("between", y)
    begin, end = len(body.forward.steps), Slot({}, (8, 4, 4))
    code = Infix("+", (Input(0), Input(1)))
    body.forward.add(Step([end], code, [y, early], guard="self.deep"))
    z = Slot({}, (8, 4, 4))
    body.forward.join(z, end, y, begin)
    assert body.lines(z) == [
        "if self.deep:",
        "    y = self.left(x)",
        "    x = self.right(y)",
        "x = self.between(x)",
        "if self.deep:",
        "    x = x + y",
        "return x",
    ]


def test_what_is_made_behind_an_if_is_not_written_before_it() -> None:
    body = Body("x")
    y = body.layer("stem", *body.inputs)
    y = body.guarded("self.deep", y, "left")
    assert body.lines(body.layer("bn", y, light=True)) == [
        "x = self.stem(x)",
        "if self.deep:",
        "    x = self.left(x)",
        "return self.bn(x)",
    ]


def test_outputs_of_training_share_an_if() -> None:
    body = Body("x")
    x = body.layer("stem", *body.inputs, hint="stem")
    aux = body.step(Call("self.aux", (Input(),)), x, light=False, training=True)
    lines = body.forward.lines([("low", x, True), ("aux", aux, True)])
    assert lines.count("if self.training:") == 1
