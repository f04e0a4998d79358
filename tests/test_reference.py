"""The reference itself: torchvision imports here and holds the models that it should."""

from __future__ import annotations

from types import ModuleType


def test_the_reference_is_the_pinned_one_and_builds_models(torchvision: ModuleType) -> None:
    assert torchvision.__version__.startswith("0.28.")
    model = torchvision.models.resnet18()
    assert sum(parameter.numel() for parameter in model.parameters()) == 11_689_512
