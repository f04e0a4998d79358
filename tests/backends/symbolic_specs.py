"""Specs whose attributes come to sizes that are known only where the model runs."""

from __future__ import annotations

_HEAD = "graphcnn: 1\nname: net\n"

#: What follows the head, by what it is about.
BODIES = {
    "grids": """
inputs: {image: [3, H, W]}
graph:
  - {conv: {out: 4, kernel: 3, stride: 2, padding: 1}, id: a}
  - {conv: {out: 4, kernel: 3, stride: 2, padding: 1}, id: b}
  - upsample: {size: "$(a.shape[1:])", mode: bilinear}
  - {add: {}, from: [a, prev]}
  - upsample: {size: [$image.height, $image.width], mode: bilinear}
""",
    "corners": """
inputs: {image: [3, 2*H, 2*W]}
graph:
  - {max_pool: 2, from: image, id: a}
  - {upsample: {size: "$(image.shape[1:])", mode: bilinear, align_corners: true}, id: b}
  - {upsample: {size: ["$(2 * image.height)", 7]}, id: c}
  - {upsample: {size: $(image.height + image.width)}, from: a, id: d}
outputs: {b: b, c: c, d: d}
""",
    "slice": """
inputs: {image: [3, 2*H, 2*W]}
graph:
  - {slice: {axis: 1, start: $(image.height // 2), stop: $image.height}, id: a}
  - {slice: {axis: 2, start: $(0 - image.width // 2)}, from: image, id: b}
  - {slice: {axis: -1, stop: $(image.width - 1), step: 2}, from: image, id: c}
outputs: {a: a, b: b, c: c}
""",
    "crop": """
inputs: {image: [3, 2*H, 2*W]}
graph:
  - {crop: [[0, $(image.height // 2)], [0, 1]], from: image, id: a}
  - {crop: [[$(image.height // 2 - 1), $(image.height // 2 - 1)], 0], from: image, id: b}
  - {crop: [[$(image.height // 2 - 1), 1], 0], from: image, id: c}
outputs: {a: a, b: b, c: c}
""",
    "pad": """
inputs: {image: [3, 2*H, 2*W]}
graph:
  - {pad: [[0, $image.height], [0, 1]], from: image, id: a}
  - {pad: {amounts: [$(image.height // 2), $(image.width // 2)], mode: reflect}, from: image, id: b}
  - {pad: {amounts: [[1, $image.height], 0], mode: replicate}, from: image, id: c}
  - {pad: {amounts: [0, [0, $image.width], 2], value: 1.5}, from: image, id: d}
outputs: {a: a, b: b, c: c, d: d}
""",
    "split": """
inputs: {image: [3, 2*H, 2*W]}
graph:
  - {split: {sizes: [$(image.height // 2), $(image.height // 2)], axis: 1}, id: halves}
  - {split: {sizes: [1, $(image.width - 1)], axis: -1}, from: image, id: parts}
outputs: {a: halves.1, b: halves.0, c: parts.1}
""",
    "tile": """
inputs: {image: [3, H, W]}
graph:
  - global_avg_pool
  - {tile: [1, $image.height, $image.width], id: a}
  - {tile: [2, 1, $image.height], from: image, id: b}
outputs: {a: a, b: b}
""",
    "reshape": """
inputs: {image: [4, H, W]}
graph:
  - {reshape: [4, $(image.height * image.width)], id: tokens}
  - {permute: [1, 0]}
  - {linear: 4}
  - {permute: [1, 0]}
  - {reshape: [4, $image.height, $image.width], id: a}
  - {reshape: [2, 2, $image.height, $image.width], from: image, id: b}
  - {reshape: [$image.width, 4, $image.height], from: image, id: c}
  - {flatten: {start: 0, end: 1}, from: image, id: d}
outputs: {a: a, b: b, c: c, d: d}
""",
    "adaptive": """
inputs: {image: [3, 2*H, 2*W]}
graph:
  - {max_pool: 2, id: half}
  - {adaptive_avg_pool: {size: "$(half.shape[1:])"}, from: image, id: a}
  - {adaptive_max_pool: {size: [$half.height, 2]}, from: image, id: b}
  - {adaptive_avg_pool: {size: [3, 2]}, from: image, id: c}
  - {adaptive_max_pool: {size: 2}, from: image, id: d}
outputs: {a: a, b: b, c: c, d: d}
""",
    "windows": """
inputs: {image: [3, H, W]}
graph:
  - {avg_pool: {kernel: "$(image.shape[1:])"}, from: image, id: a}
  - {avg_pool: {kernel: [$image.height, 1]}, from: image, id: b}
  - {max_pool: {kernel: [1, $image.width], stride: 1}, from: image, id: c}
outputs: {a: a, b: b, c: c}
""",
    "norms": """
inputs: {image: [3, H, W]}
graph:
  - {layer_norm: {axes: [0, 1, 2], scale: false, shift: false}, id: a}
  - {layer_norm: {axes: [-1], scale: false, shift: false}, id: b}
outputs: {a: a, b: b}
""",
    "line": """
inputs: {signal: [2, L]}
graph:
  - {conv: {out: 3, kernel: 5, stride: 4, padding: 2}, id: a}
  - {upsample: {size: $signal.length, mode: bilinear}, id: b}
  - {crop: $(a.length - 1), from: signal}
outputs: {b: b, c: prev}
""",
    "volume": """
inputs: {scan: [2, 2*D, 2*H, 2*W]}
graph:
  - {max_pool: {kernel: 2}, id: a}
  - {upsample: {size: "$(scan.shape[1:])", mode: bilinear}, id: b}
  - {pad: [[0, $a.depth], 0, [0, $a.width]], from: a, id: c}
outputs: {b: b, c: c}
""",
    "inputs": """
inputs: {low: [3, A, B], high: [4, H, W]}
graph:
  - {upsample: {size: "$(high.shape[1:])", mode: bilinear}, from: low}
  - {concat: {}, from: [prev, high]}
  - {conv: {out: 2, kernel: 1}, id: a}
  - {upsample: {size: [$low.height, $high.width]}, from: high}
outputs: {a: a, b: prev}
""",
    "block reads its input": """
blocks:
  pyramid:
    parameters: {bins: int}
    inputs: [x]
    graph:
      - {adaptive_avg_pool: $bins}
      - {conv: {out: 2, kernel: 1}}
      - {upsample: {size: "$(x.shape[1:])", mode: bilinear}}
inputs: {image: [3, H, W]}
graph:
  - {pyramid: {bins: 2}, id: a}
  - {pyramid: {bins: 3}, from: image}
  - {concat: {}, from: [image, a, prev]}
  - {conv: {out: 3, kernel: 3, stride: 2, padding: 1}}
  - {pyramid: {bins: 1}}
""",
    "fixed here and symbolic there": """
blocks:
  halve:
    inputs: [x]
    graph:
      - {conv: {out: 3, kernel: 3, padding: 1}}
      - {slice: {axis: 1, start: $(x.height // 2)}}
      - {upsample: {size: "$(x.shape[1:])"}}
inputs: {image: [3, 2*H, 2*W], small: [3, 8, 6]}
graph:
  - {halve: {}, from: image, id: a}
  - {halve: {}, from: small, id: b}
outputs: {a: a, b: b}
""",
    "block with its own symbols": """
blocks:
  half:
    parameters: {parts: 2}
    inputs: [x]
    let: {rows: $(x.height // parts)}
    graph:
      - {slice: {axis: 1, stop: $rows}}
      - {conv: {out: 2, kernel: 1}}
inputs: {image: [3, 8*H, W]}
graph:
  - {half: {}, id: a}
  - {half: {}, from: a, id: b}
  - {half: {parts: 4}, from: image, id: c}
outputs: {a: a, b: b, c: c}
""",
    "handed to a block": """
blocks:
  up:
    parameters: {size: list, out: int}
    inputs: [x]
    graph:
      - {conv: {out: $out, kernel: 1}}
      - {upsample: {size: $size, mode: bilinear}}
inputs: {image: [3, H, W]}
graph:
  - {conv: {out: 4, kernel: 3, stride: 2, padding: 1}, id: a}
  - {conv: {out: 4, kernel: 3, stride: 2, padding: 1}, id: b}
  - {up: {size: "$(a.shape[1:])", out: 4}, id: c}
  - {add: {}, from: [a, prev]}
  - {up: {size: "$(image.shape[1:])", out: 2}, id: d}
""",
    "handed through blocks": """
blocks:
  grow: {parameters: {rows: int}, graph: [{upsample: {size: [$rows, 5]}}]}
  outer:
    parameters: {rows: int}
    graph: [{conv: {out: 2, kernel: 1}}, {grow: {rows: $(2 * rows)}, id: grown}]
inputs: {image: [3, H, W]}
graph:
  - {global_avg_pool: {}}
  - {outer: {rows: $image.height}, id: a}
  - {outer: {rows: $(image.width + 1)}, id: b}
""",
    "handed within sequences": """
blocks:
  grow:
    parameters: {rows: int}
    sequence: [{conv: {out: 2, kernel: 1}}, {upsample: {size: $rows}}]
inputs: {image: [2, H, W]}
graph:
  - sequence:
      - {grow: {rows: $(2 * image.height)}}
      - relu
      - {grow: {rows: $(image.width + 1)}, repeat: 2}
    id: trunk
  - sequence: [{grow: {rows: $image.height}}, {conv: {out: 3, kernel: 1}}]
  - {for: {k: [1, 2]}, do: [{sequence: [{grow: {rows: $(k * image.height)}}], id: turn$k}]}
""",
    "chain": """
inputs: {image: [3, 2*H, W]}
graph:
  - sequence:
      - {conv: {out: 4, kernel: 3, padding: 1}}
      - {crop: [[0, $(image.height // 2)], 0]}
      - relu
      - {upsample: {size: "$(image.shape[1:])"}}
    id: trunk
  - {conv: {out: 2, kernel: 1}}
""",
    "repeat": """
blocks:
  shrink:
    inputs: [x]
    sequence:
      - {conv: {out: 3, kernel: 3, stride: 2, padding: 1}}
      - {upsample: {size: "$(x.shape[1:])"}}
inputs: {image: [3, H, W]}
graph:
  - {shrink: {}, repeat: 3, id: stage}
  - {for: {n: [1, 2]}, do: [{upsample: {size: $(n * image.height)}}, {conv: {out: $n, kernel: 1}}]}
""",
    "branches": """
inputs: {image: [3, 2*H, 2*W]}
graph:
  - branches:
      paths:
        - - global_avg_pool
          - {conv: {out: 2, kernel: 1}}
          - {upsample: {size: "$(image.shape[1:])"}}
        - - {max_pool: 2}
          - {upsample: {size: "$(image.shape[1:])", mode: bilinear}}
        - - {conv: {out: 1, kernel: 1}}
  - residual:
      body:
        - {avg_pool: {kernel: 3, stride: 2, padding: 1}}
        - {upsample: {size: "$(image.shape[1:])"}}
""",
    "several outputs of a block": """
blocks:
  both:
    inputs: [low, high]
    graph:
      - {upsample: {size: "$(high.shape[1:])"}, from: low, id: up}
      - {adaptive_avg_pool: {size: "$(low.shape[1:])"}, from: high, id: down}
    outputs: {up: up, down: down}
inputs: {low: [3, A, B], high: [3, H, W]}
graph:
  - {both: {}, from: [low, high], id: first}
  - {both: {}, from: [high, low], id: second}
outputs: {a: first.up, b: first.down, c: second.up, d: second.down}
""",
}

SPECS = {name: f"{_HEAD}{body.lstrip()}" for name, body in BODIES.items()}
