"""`graphcnn new`: a spec to start from."""

from __future__ import annotations

import os
import sys

from graphcnn.commands.output import write
from graphcnn.diagnostics import UsageError
from graphcnn.program import is_identifier

#: A file with the name of a module hides it, from a script beside it too.
_FRAMEWORKS = {"jax", "keras", "numpy", "tensorflow", "torch"}

STARTER = """\
# A small residual network for 32x32 images. Change it, and look at what becomes of it:
#
#   graphcnn validate {path}
#   graphcnn summary {path}
#   graphcnn build {path} --backend pytorch -o {module}.py
#
# `graphcnn ops` lists the layers there are, `graphcnn explain CODE` what an error means.

graphcnn: 1                     # the version of the language
name: {name}
doc: A small residual network for 32x32 images.

parameters:                     # `--set classes=100` changes one from outside
  width: 32                     # channels of the first stage
  blocks: [2, 2, 2]             # blocks in each stage
  classes: 10

variants:                       # named settings of the parameters
  {name}_small: {{}}
  {name}_large: {{width: 64, blocks: [3, 4, 3]}}

defaults:
  conv: {{bias: false}}           # a batch norm follows each, and adds its own

inputs: {{image: [3, 32, 32]}}    # one sample, channels first

blocks:
  unit:                         # used below as if it were a layer
    doc: Two convolutions, added to what came in.
    parameters: {{out: int, stride: 1}}     # `int` is required, `stride` has a default
    graph:
      - residual:
          body:
            - conv: {{out: $out, kernel: 3, stride: $stride, padding: 1}}
            - batch_norm
            - relu
            - conv: {{out: $out, kernel: 3, padding: 1}}
            - batch_norm
          shortcut:             # `x` is what comes in; without `when` it would be added as it is
            - conv: {{out: $out, kernel: 1, stride: $stride}}
              when: $(stride != 1 or x.channels != out)
      - relu

graph:                          # each statement takes the value of the one before it
  - conv: {{out: $width, kernel: 3, padding: 1}}
  - batch_norm
  - relu
  - for: {{stage: $(range(len(blocks)))}}
    do:
      - unit: {{out: $(width * 2 ** stage), stride: $(2 if stage > 0 and i == 0 else 1)}}
        repeat: $(blocks[stage])            # `i` counts the repeats from 0
        id: stage$(stage + 1)               # the name that its weights carry
  - global_avg_pool
  - flatten
  - {{linear: $classes, id: head}}

outputs: {{logits: head}}

expect:                         # checked by `graphcnn validate`
  {name}_small: {{params: < 1M, outputs: {{logits: [$classes]}}}}
"""


def starter(name: str, path: str) -> str:
    """A commented spec for a model called ``name``, which lies at ``path``.

    Raises:
        UsageError: ``name`` cannot be a name.
    """
    if not is_identifier(name):
        raise UsageError(
            f"`{name}` cannot be a name: it has letters, digits and `_`, starts with no digit, "
            "and is no word of Python's"
        )
    taken = name in sys.stdlib_module_names or name in _FRAMEWORKS
    return STARTER.format(name=name, path=path, module=f"{name}_model" if taken else name)


def create(name: str, output: str | None) -> str:
    """Write a starter spec to ``output`` or to NAME.yaml, and return its path.

    Raises:
        UsageError: ``name`` cannot be a name, or there is something at that path.
    """
    path = f"{name}.yaml" if output is None else output
    text = starter(name, f"{name}.yaml" if path == "-" else path)
    if path != "-" and os.path.lexists(path):
        raise UsageError(f"{path} exists already; name another file with -o")
    write(path, text)
    return path
