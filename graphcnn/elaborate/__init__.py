"""From a program to a graph: parameters bound, blocks used, repeats unrolled, shapes inferred.

One walk over the statements, in the source's order; each node's shape is inferred as it is
made, so that expressions can ask for it. An error is reported once, at its cause, and what
depends on it goes on as unknown: the next independent mistake is found in the same run.
"""

from graphcnn.elaborate.graph import graph_of
from graphcnn.elaborate.infer import Inference
from graphcnn.elaborate.part import Part, graph_of_block
from graphcnn.elaborate.state import Limits

__all__ = ["Inference", "Limits", "Part", "graph_of", "graph_of_block"]
