"""`graphcnn verify`: every backend computes what a model means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from graphcnn.backends import Device, Runnable, find, names
from graphcnn.compiler import Model
from graphcnn.diagnostics import UsageError
from graphcnn.report.table import Column, plain
from graphcnn.size.figures import exact
from graphcnn.verification import BackendResult, Settings, Tell, Verdict, Verification
from graphcnn.verification import verify as run
from graphcnn.verification.sizes import shown

_COLUMNS = (
    Column("backend"),
    Column("framework"),
    Column("verdict"),
    Column("error", "right"),
    Column("nodes", "right"),
    Column("params", "right"),
    Column("buffers", "right"),
)


def verify(model: Model, backends: str | None, settings: Settings, tell: Tell) -> Verification:
    """Run a model in the backends of a list such as `pytorch,onnx`, or in all.

    One that is named must be able to run the model; of all, those are skipped that are not
    installed, find no GPU where one is asked for, or cannot express it. ``tell`` hears how far it
    is.

    Raises:
        UsageError: a backend is unknown or not installed, or the model is not to be run.
        SpecError: a backend that is named cannot express the model.
    """
    chosen: list[Runnable] = []
    skipped: list[BackendResult] = []
    for name in _named(backends) if backends is not None else names():
        backend = find(name)
        if not isinstance(backend, Runnable):
            reason = f"the backend `{name}` has no way to run a model"
        elif obstacle := backend.obstacle(settings.device):
            reason = obstacle
        else:
            chosen.append(backend)
            continue
        if backends is not None:
            raise UsageError(f"{name} cannot be verified: {reason}")
        skipped.append(BackendResult(name, verdict=Verdict.SKIPPED, reason=reason))
    if not chosen:
        why = ", ".join(one.reason for one in skipped if one.reason)
        raise UsageError(f"no framework can run the model on the {settings.device}: {why}")
    if backends is not None:
        for backend in chosen:
            backend.emit(model)  # what it cannot express is said at its line
    found = run(model, chosen, settings, tell)
    found.backends += skipped
    return found


def _named(backends: str) -> list[str]:
    found = [*dict.fromkeys(name.strip() for name in backends.split(",") if name.strip())]
    if not found:
        raise UsageError("--backends takes names, such as `--backends pytorch,onnx`")
    return found


def render(found: Verification, format: str = "text", *, color: bool = False) -> str:
    """What came of it, as `text` or `json`."""
    if format == "json":
        return json.dumps(found.to_dict(), indent=2) + "\n"
    sizes = "".join(f", {name} = {size}" for name, size in found.sizes.items())
    rows = [[*_row(one)] for one in found.backends]
    lines = [
        f"{found.name}: {shown(found.inputs)}, seed {found.seed}{sizes}{_place(found.device)}\n\n",
        plain(_COLUMNS, rows, color=color),
        *_notes(found),
        f"\n{_conclusion(found)}\n",
    ]
    return "".join(lines)


def _place(device: Device) -> str:
    return "" if device is Device.CPU else f", on the {device}"


def _row(one: BackendResult) -> Iterator[str]:
    yield one.backend
    yield one.framework
    yield str(one.verdict)
    yield f"{one.error:.1e}" if one.errors else ""
    yield f"{one.seen}/{one.nodes}" if one.nodes else ""
    weights = one.counts.get("weights")
    if weights is not None:  # the framework does not tell trained ones from others
        yield f"{exact(weights.found)} in all"
    for name in ("params", "buffers"):
        if name in one.counts:
            yield exact(one.counts[name].found)
        elif weights is None or name == "buffers":
            yield ""


def _notes(found: Verification) -> Iterator[str]:
    """What there is to say beside the table."""
    notes: list[str] = []
    for one in found.backends:
        if one.reason is not None:
            notes.append(f"{one.backend}: {one.reason}")
        notes += (
            f"{one.backend}: the output `{name}` has an error of {_said(error)}"
            for name, error in one.errors.items()
            if error > found.tolerance
        )
        if one.rounding is not None:
            notes.append(
                f"{one.backend}: rounding to float32 alone moves an output by "
                f"{_said(one.rounding)}"
                + (", so these weights decide nothing" if one.verdict is Verdict.UNDECIDED else "")
            )
        first = one.difference
        if first is not None:
            where = f"`{first.node}` ({first.op}), {first.file}:{first.line}"
            shape = ", ".join(map(str, first.shape))
            notes.append(
                f"{one.backend}: the first node that differs is {where}: "
                f"no value of shape ({shape}) is near, the error is {_said(first.error)}"
            )
    notes += _of_fresh(found)
    step = found.training
    if step is not None and step.reason is not None:
        notes.append(f"training: {step.reason}")
    elif step is not None:
        a, b = step.backends
        notes.append(
            f"training: the loss is {step.losses[0]:.6f} in {a} and {step.losses[1]:.6f} in {b}; "
            f"{len(step.errors) - 1} gradients, error at most {_said(step.error)}"
            + (f" (of {step.worst})" if step.worst and step.error > found.tolerance else "")
        )
        if step.rounding is not None and step.rounding > found.tolerance / 10:
            notes.append(
                f"training: rounding the inputs to float32 alone moves a gradient by "
                f"{_said(step.rounding)}: larger inputs may decide"
            )
        notes += (f"training: only one of them has a gradient of {name}" for name in step.missing)
    if notes:
        yield "\n"
    yield from (f"{note}\n" for note in notes)


def _of_fresh(found: Verification) -> Iterator[str]:
    """What fresh weights are, and those that are not what the spec says."""
    looked = [one for one in found.backends if one.fresh is not None]
    for one in looked:
        for wrong in one.fresh.wrong if one.fresh else ():
            yield (
                f"{one.backend}: fresh `{wrong.weight}` ({wrong.op}), {wrong.file}:{wrong.line}, "
                f"is to be {wrong.expected}: {wrong.found}"
            )
    right = [one for one in looked if one.fresh and not one.fresh.wrong]
    if right:
        counts = sorted({one.fresh.weights for one in right if one.fresh})
        many = " or ".join(exact(count) for count in counts)
        names = _listed([one.backend for one in right])
        yield f"fresh weights: {many} tensors start as the spec says, in {names}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1))


def _said(error: float) -> str:
    return f"{error:.1e}"


def _conclusion(found: Verification) -> str:
    compared: Sequence[str] = [
        one.backend for one in found.backends if one.verdict is not Verdict.SKIPPED
    ]
    listed = _listed(compared)
    if found.passed:
        verb = "compute" if len(compared) > 1 else "computes"
        return f"{listed} {verb} what the spec means, within {found.tolerance:g}"
    if found.verdict is Verdict.UNDECIDED:
        return (
            f"undecided: {found.draws} draws of weights do not tell a difference from rounding; "
            "another --seed or --size may"
        )
    return f"{found.name} is not the same everywhere"
