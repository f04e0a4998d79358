"""The weights of a model, under the names and in the layout that every backend shares.

A name is that of the node and the weight, `layer1.0.conv1.weight`; the layout is PyTorch's, (out,
in / groups, kernel…); the numbers are float32. The canonical file is safetensors.
"""

from graphcnn.weights.canonical import Entry, canonical, symbolic_weights
from graphcnn.weights.file import WeightsError, load, save, serialise
from graphcnn.weights.initial import fresh, initialise, stated
from graphcnn.weights.weights import Held, Weights

__all__ = [
    "Entry",
    "Held",
    "Weights",
    "WeightsError",
    "canonical",
    "fresh",
    "initialise",
    "load",
    "save",
    "serialise",
    "stated",
    "symbolic_weights",
]
