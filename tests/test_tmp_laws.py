import pytest
from hypothesis import given, settings, strategies as st
from tests.ops.laws import check_laws
from tests.ops.kernel_draws import CASES
@pytest.mark.parametrize("op", CASES, ids=lambda o:o.name)
@settings(max_examples=2000, deadline=None)
@given(data=st.data())
def test_laws(op, data):
    o, shapes = data.draw(CASES[op])
    check_laws(data, o, shapes)
