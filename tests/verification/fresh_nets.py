"""A network that has every op with weights in every form, to see what fresh ones hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

#: statements by input; an output is made of each
FORMS: Mapping[str, tuple[str, ...]] = {
    "line": (
        "{conv: {out: 8, kernel: 3}, id: conv_line}",
        "{conv: {out: 12, kernel: 3, groups: 6}, id: conv_line_each}",
        "{depthwise_conv: {kernel: 3, multiplier: 2}, id: each_line}",
        "{separable_conv: {out: 10, kernel: 3}, id: separable_line}",
        "{conv_transpose: {out: 8, kernel: 3, stride: 2}, id: transposed_line}",
        "{batch_norm: {}, id: bn_line}",
        "{instance_norm: {scale: true, shift: true}, id: in_line}",
    ),
    "image": (
        "{conv: {out: 8, kernel: 3}, id: conv_image}",
        "{conv: {out: 8, kernel: 3, stride: 2, padding: same, bias: false}, id: conv_strided}",
        "{conv: {out: 8, kernel: [3, 1], padding: [[0, 1], [2, 0]]}, id: conv_padded}",
        "{conv: {out: 8, kernel: 3, dilation: 2, groups: 2}, id: conv_groups}",
        "{conv: {out: 12, kernel: 3, groups: 6}, id: conv_each}",
        "{depthwise_conv: {kernel: 3}, id: each_image}",
        "{depthwise_conv: {kernel: 3, stride: [1, 2], multiplier: 2, bias: false}, id: each_odd}",
        "{separable_conv: {out: 10, kernel: 3, multiplier: 2}, id: separable_image}",
        "{conv_transpose: {out: 8, kernel: 3}, id: transposed_image}",
        "{conv_transpose: {out: 8, kernel: 3, stride: 2, groups: 2}, id: transposed_groups}",
        "{conv_transpose: {out: 8, kernel: 3, stride: 2, dilation: 2}, id: transposed_apart}",
        "{batch_norm: {}, id: bn_image}",
        "{batch_norm: {frozen: true}, id: bn_frozen}",
        "{batch_norm: {scale: false}, id: bn_shifts}",
        "{batch_norm: {shift: false}, id: bn_scales}",
        "{batch_norm: {scale: false, shift: false}, id: bn_alone}",
        "{group_norm: {groups: 2}, id: gn}",
        "{group_norm: {groups: 3, scale: false}, id: gn_shifts}",
        "{group_norm: {groups: 3, scale: false, shift: false}, id: gn_alone}",
        "{layer_norm: {axes: [0]}, id: ln_channels}",
        "{layer_norm: {axes: [0, 2], shift: false}, id: ln_axes}",
        "{layer_norm: {axes: [0], scale: false, shift: false}, id: ln_alone}",
        "{instance_norm: {scale: true}, id: in_image}",
        "{prelu: {}, id: prelu_image}",
        "{prelu: {shared: true}, id: prelu_shared}",
        "{l2_norm: {scale: 20}, id: l2}",
    ),
    "volume": (
        "{conv: {out: 8, kernel: 2}, id: conv_volume}",
        "{depthwise_conv: {kernel: 2}, id: each_volume}",
        "{separable_conv: {out: 10, kernel: 2}, id: separable_volume}",
        "{conv_transpose: {out: 8, kernel: 2, groups: 2}, id: transposed_volume}",
        "{batch_norm: {}, id: bn_volume}",
    ),
    "tokens": (
        "{attention: {heads: 3}, id: attention}",
        "{attention: {heads: 2, bias: false}, id: attention_plain}",
        "{linear: 9, id: linear_tokens}",
        "{layer_norm: {}, id: ln_tokens}",
    ),
    "vector": (
        "{linear: {out: 16}, id: linear_vector}",
        "{linear: {out: 16, bias: false}, id: linear_plain}",
        "{batch_norm: {}, id: bn_vector}",
    ),
    "grey": (
        "{conv: {out: 8, kernel: 3}, id: conv_grey}",
        "{depthwise_conv: {kernel: 3, multiplier: 4}, id: each_grey}",
    ),
    "": (
        "{parameter: {shape: [8]}, id: one_axis}",
        "{parameter: {shape: [4, 6]}, id: table}",
        "{parameter: {shape: [6, 8, 8], init: normal, std: 0.5}, id: picture}",
    ),
}

#: schemes that any weight may have, and those that count cells
SCHEMES = ("0.3", "zeros", "ones", "{normal: 0.2}", "{truncated_normal: 0.2}", "{uniform: 0.3}")
COUNTING = (
    "kaiming_normal",
    "{kaiming_normal: {mode: fan_out}}",
    "{kaiming_normal: {nonlinearity: selu}}",
    "kaiming_uniform",
    "{kaiming_uniform: {mode: fan_out, nonlinearity: tanh}}",
    "{kaiming_uniform: {nonlinearity: linear}}",
    "xavier_normal",
    "xavier_uniform",
)

#: which weights of an op may have a scheme that counts cells, and which may not
WEIGHTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "conv": (("weight",), ("bias",)),
    "depthwise_conv": (("weight",), ("bias",)),
    "separable_conv": (("weight", "depthwise.weight", "pointwise.weight"), ("bias",)),
    "conv_transpose": (("weight",), ("bias",)),
    "linear": (("weight",), ("bias",)),
    "attention": (("weight", "in_proj_weight", "out_proj.weight"), ("bias", "in_proj_bias")),
    "batch_norm": ((), ("weight", "bias", "running_mean", "running_var")),
    "group_norm": ((), ("weight", "bias")),
    "layer_norm": ((), ("weight", "bias")),
    "instance_norm": ((), ("weight", "bias")),
    "prelu": ((), ("weight",)),
    "l2_norm": ((), ("weight",)),
    "parameter": ((), ("weight",)),
}

INPUTS = {
    "line": "[6, 12]",
    "image": "[6, 8, 8]",
    "volume": "[6, 4, 4, 4]",
    "tokens": "[5, 12]",
    "vector": "[12]",
    "grey": "[1, 8, 8]",
}

#: what the tensor is added to, since every output is to depend on an input
_ADDED = {"one_axis": "vector8", "table": "row", "picture": "image"}


def ids() -> list[str]:
    """The statements' ids."""
    return [_id(one) for statements in FORMS.values() for one in statements]


def _id(statement: str) -> str:
    return statement.rpartition("id: ")[2].rstrip("}")


def net(init: str, kept: Iterable[str] | None = None) -> str:
    """A spec with the statements of these ids, all by default."""
    chosen = set(ids() if kept is None else kept)
    lines, outputs = [], []
    inputs = {**INPUTS, "vector8": "[8]", "row": "[4, 6]"}
    for origin, statements in FORMS.items():
        for one in statements:
            name = _id(one)
            if name not in chosen:
                continue
            if origin:
                lines.append(f"  - {one[:-1]}, from: {origin}}}")
                outputs.append(name)
            else:
                lines += [
                    f"  - {one}",
                    f"  - {{add: {{}}, from: [{_ADDED[name]}, {name}], id: with_{name}}}",
                ]
                outputs.append(f"with_{name}")
    shown = "\n".join(f"  {name}: {shape}" for name, shape in inputs.items())
    named = ", ".join(f"{name}: {name}" for name in outputs)
    graph = "\n".join(lines)
    return (
        f"graphcnn: 1\nname: net\ninputs:\n{shown}\ngraph:\n{graph}\n"
        f"outputs: {{{named}}}\ninit:\n{init}"
    )


def same_everywhere(scheme: str) -> str:
    """A section that gives each weight which can have it the same scheme."""
    lines = []
    for op, (kernels, others) in WEIGHTS.items():
        weights = kernels if scheme in COUNTING else (*kernels, *others)
        if weights:
            lines.append(f"  {op}: {{{', '.join(f'{name}: {scheme}' for name in weights)}}}\n")
    return "".join(lines)


def random_section(seed: int) -> str:
    """A section for some of the ops, and for some layers of the network by themselves."""
    random = Random(seed)  # noqa: S311 - no secret

    def weights(op: str) -> str:
        kernels, others = WEIGHTS[op]
        chosen = dict.fromkeys(kernels, (*SCHEMES, *COUNTING)) | dict.fromkeys(others, SCHEMES)
        names = random.sample([*chosen], random.randint(1, len(chosen)))
        return ", ".join(f"{name}: {random.choice(chosen[name])}" for name in names)

    ops = [op for op in WEIGHTS if random.random() < 0.7]
    lines = [f"  {op}: {{{weights(op)}}}\n" for op in ops]
    lines.append("  layers:\n")
    lines += (
        f"    {_id(one)}: {{{weights(one[1:].partition(':')[0])}}}\n"
        for statements in FORMS.values()
        for one in statements
        if random.random() < 0.2
    )
    return "".join(lines)
