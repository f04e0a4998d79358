from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphcnn.ops.attention import Attention
from graphcnn.ops.base import Weight
from graphcnn.size import symbol
from tests.ops.kernel_draws import CASES
from tests.ops.laws import check_laws, make, refused

D, L = symbol("D"), symbol("L")


@given(data=st.data())
def test_laws(data: st.DataObject) -> None:
    check_laws(data, *data.draw(CASES[Attention]))


def test_attention_of_vit_b_16() -> None:
    op = make(Attention, heads=12)
    x = (197, 768)
    assert op.outputs(x) == (x,)
    assert op.weights(x) == {
        "in_proj_weight": Weight((2304, 768), initial="xavier_uniform"),
        "in_proj_bias": Weight((2304,), initial=0.0),
        "out_proj.weight": Weight((768, 768)),
        "out_proj.bias": Weight((768,), initial=0.0),
    }
    assert op.macs(x) == 4 * 197 * 768**2 + 2 * 197**2 * 768
    assert list(make(Attention, heads=12, bias=False).weights(x)) == [
        "in_proj_weight",
        "out_proj.weight",
    ]


def test_heads_must_divide() -> None:
    error = refused(make(Attention, heads=5), (L, 768))
    assert error.code == "heads-do-not-divide"
    assert error.attribute == "heads"
    assert error.message == "5 heads do not divide 768 features"
    assert refused(make(Attention, heads=5), (L, D)).code == "undecided"
    assert make(Attention, heads=5).outputs((L, 5 * D)) == ((L, 5 * D),)
