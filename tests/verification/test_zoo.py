"""The shipped models compute the same in every backend."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from graphcnn.backends import Device
from graphcnn.compiler import Model, compile_file, read_spec
from tests.verification.runs import verified
from tests.verification.small import SMALL, families, file_of, shrunk, small
from tests.verification.tally import Record, record

#: the side of an image on which three samples leave enough cells for a batch norm behind five
#: strides of 2: on three cells, one after another, norms amplify rounding without bounds
TRAINED = 64


@pytest.fixture(autouse=True)
def _forgotten(request: pytest.FixtureRequest) -> Iterator[None]:
    """Keras' models are cycles of objects, so few and large that the collector takes its time."""
    yield
    if request.node.get_closest_marker("exhaustive"):
        gc.collect()


def variants() -> list[tuple[str, str | None]]:
    return [(family, name) for family in families() for name in read_spec(file_of(family)).variants]


def holds(model: Model, record_property: Record, device: Device, *, train: bool = False) -> None:
    found = verified(model, train=train, device=device)
    record(record_property, found)
    assert found.passed, found.to_dict()
    assert not [one for one in found.backends if one.reason]


@pytest.mark.parametrize("family", families())
def test_a_small_version_of_each_family(
    family: str, record_property: Record, device: Device
) -> None:
    holds(small(family), record_property, device)


def test_what_is_made_smaller_is_there() -> None:
    assert not SMALL.keys() - families()


@pytest.mark.exhaustive
@pytest.mark.parametrize(("family", "variant"), variants())
def test_every_variant_as_it_is(
    family: str, variant: str | None, record_property: Record, device: Device
) -> None:
    holds(compile_file(file_of(family), variant), record_property, device)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("family", "variant"), variants())
def test_every_variant_trains_the_same(
    family: str, variant: str | None, record_property: Record, device: Device
) -> None:
    holds(shrunk(family, variant, TRAINED), record_property, device, train=True)
