"""A plan in words: what fits, what it takes, what to change."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from loresmith.licences import Licence, licence_of
from loresmith.recipe import TrainConfig
from loresmith.sizing.fitting import MARGIN
from loresmith.sizing.plan import REACHED, Asked, Plan
from loresmith.sizing.published import Line

METHODS = {"full": "full training", "lora": "LoRA", "qlora": "QLoRA"}


def lines(made: Plan, asked: Asked) -> list[str]:
    """The whole plan of one model."""
    return [
        f"{asked.model.name}: {_how(asked)}",
        *(f"  {what:<18} {value}" for what, value in _sizes(made, asked)),
        "",
        _judged(made, asked),
        *(f"  change: {change}" for change in made.changes),
        *_other_engine(asked),
        *_licence(made, asked),
    ]


def advice(doubts: Sequence[str]) -> list[str]:
    """Why retrieval alone may do; nothing where there is no doubt."""
    if not doubts:
        return []
    said = (
        "Your corpus is too small to be worth training on: use retrieval (`loresmith ask` with `--with none`), because"
    )
    return ["", said, *(f"  - {doubt}" for doubt in doubts)]


def as_rows(made: Plan, asked: Asked) -> dict[str, Any]:
    """The plan for machines; sizes in bytes."""
    return {
        "model": asked.model.name,
        "seen_in": asked.model.seen_in,
        "licence_id": asked.model.licence.spelt if asked.model.licence.is_known else None,
        "licence": _terms(asked.model.licence),
        "method": asked.train.method,
        "dtype": asked.dtype,
        "dtype_because": asked.because,
        "machine": asdict(asked.machine),
        "operations_per_second": asked.operations_per_second,
        **asdict(made),
        "peak": {**asdict(made.peak), "total": made.peak.total},
        "disk": {**asdict(made.disk), "total": made.disk.total},
    }


def table(rows: Sequence[Line], train: TrainConfig) -> list[str]:
    """The arithmetic for all sizes and methods beside the published figures."""
    names = ("weights", "trained", "moments", "one row", "peak")
    head = f"{'':<12}{''.join(f'{name:>9}' for name in names)}  {'published':<10} what that holds"
    body = [
        f"{row.size:<5}{row.method:<7}{_gb(row.peak.weights):>9}{_gb(row.peak.adapter + row.peak.gradients):>9}"
        f"{_gb(row.peak.optimizer):>9}{_gb(row.peak.activations + row.peak.working):>9}{_gb(row.peak.total):>9}  "
        f"{_published(row):<10} {row.remark}"
        for row in rows
    ]
    return [
        f"Qwen2.5 on a GPU, 16-bit, r {train.r}, {train.optim}, rows of {train.max_length:,} tokens; GB of 10^9 bytes",
        head,
        *body,
        "",
        "weights: in 16 bits, NF4 for qlora, 32 bits for full. trained: gradients, and the adapter or, for full, the",
        "16-bit copy that is multiplied. moments: of the optimizer. one row: its activations, and what the step works",
        "with. published: least and recommended VRAM in a guide to fine-tuning Qwen models; beside it what that holds",
        "here. It says neither precision nor length, and nothing of QLoRA; its least figures for LoRA are below the",
        "16-bit weights alone, its least ones for full training below weights and gradients in 16 bits.",
    ]


def _how(asked: Asked) -> str:
    train, machine = asked.train, asked.machine
    method = METHODS[train.method] + (f" r {train.r}" if train.method != "full" else "")
    return f"{method} with {train.optim}, on {machine.name} with {_size(machine.memory)}"


def _sizes(made: Plan, asked: Asked) -> Iterator[tuple[str, str]]:
    peak, train = made.peak, asked.train
    share = made.trained_parameters / made.parameters
    trained = "all trained" if share == 1 else f"of which {made.trained_parameters:,} are trained ({share:.1%})"
    yield "parameters", f"{made.parameters:,}, {trained}"
    yield "precision", f"{asked.dtype} ({asked.because})" if asked.because else asked.dtype
    yield "weights", _size(peak.weights)
    if peak.adapter:
        yield "16-bit copy" if train.method == "full" else "adapter", _size(peak.adapter)
    yield "gradients", _size(peak.gradients)
    yield "optimizer", _size(peak.optimizer)
    together = round(made.row.tokens / made.work.length)
    what = f"{together:,} conversations packed" if train.packing else "one conversation"
    yield "activations", f"{_size(peak.activations)} for a row of {made.row.tokens:,} tokens, {what}"
    told = f" of {made.row.told:,} tokens of answers" if peak.work == "logits" else ""
    yield "working", f"{_size(peak.working)} for the {peak.work}{told}"
    if asked.machine.device == "cpu":
        yield "allocator", f"{_size(peak.allocator)} freed but not given back"
        yield "program", f"{_size(peak.program)} (Python, torch, transformers, peft)"
        if peak.compiled:
            yield "compiled", f"{_size(peak.compiled)} at most (code for products in 16 bits)"
        yield "peak RAM", _size(peak.total)
    else:
        yield "peak VRAM", f"{_size(peak.total)}, and what the driver keeps for itself"
        yield "peak RAM", _size(made.ram)
    room = f"{made.longest_row:,} tokens would fit, about {made.conversations_per_row:,} conversations"
    yield "longest row", room if made.longest_row else "none: not even one of 32 tokens fits"
    yield "disk", _disk(made, asked)
    yield "time", _time(made, asked)


def _disk(made: Plan, asked: Asked) -> str:
    needs = made.disk
    download = "already here" if asked.model.is_local else f"{_size(needs.download)} to download"
    left = "adapter" if asked.train.method != "full" else "model"
    return (
        f"{download}; {left} {_size(needs.adapter)}, checkpoints {_size(needs.checkpoints)}, "
        f"{asked.quantization} file about {_size(needs.gguf)}"
    )


def _time(made: Plan, asked: Asked) -> str:
    assumed = " (assumed)" if made.is_assumed else ""
    length, epochs = f"{made.work.length:.0f} tokens{assumed}", asked.train.num_train_epochs
    what = f"{made.work.conversations:,} conversations of {length}, {epochs} epoch{'s' if epochs > 1 else ''}"
    if made.minutes is None:
        return f"say how fast the card is with --tflops; {what}"
    return f"about {_duration(made.minutes)} at {REACHED[asked.machine.device]:.0%} of {_rate(asked)}; {what}"


def _duration(minutes: float) -> str:
    if minutes < 1.5:
        return f"{minutes * 60:.0f} s"
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:,.0f} h"


def _rate(asked: Asked) -> str:
    rate = asked.operations_per_second or 0.0
    return f"{rate / 1e12:.3g} teraflops" if rate >= 1e12 else f"{rate / 1e9:.3g} gigaflops"


def _judged(made: Plan, asked: Asked) -> str:
    needed, there = _size(made.peak.total), _size(asked.machine.memory)
    if made.verdict == "fits":
        return f"It fits: {needed} of {there}."
    if made.verdict == "is tight":
        return f"It is tight: {needed} of {there}; the arithmetic may be off by {MARGIN - 1:.0%}. One of these helps:"
    enough = " One of these is enough:" if made.changes else " Nothing that is known here would make it fit."
    return f"It does not fit: {needed} are needed, {there} are there.{enough}"


def _other_engine(asked: Asked) -> Iterator[str]:
    if asked.train.trainer != "peft":
        yield f"Counted for the built-in trainer; {asked.train.trainer} computes in its own way."


def _licence(made: Plan, asked: Asked) -> Iterator[str]:
    yield f"Licence: {_terms(asked.model.licence)}."
    if made.twin is not None:
        yield f"  The sizes are those of {made.twin}, whose licence is {_terms(licence_of(made.twin, None))}."
    if made.alternatives:
        yield f"  Apache-2.0 instead: {', '.join(made.alternatives)}."


def _terms(licence: Licence) -> str:
    if not licence.is_known:
        return "not stated; look it up before you ship"
    return f"{licence.spelt}: {licence.use or 'read its terms before you ship'}"


def _published(row: Line) -> str:
    return "–" if row.published is None else f"{row.published[0]}/{row.published[1]}"


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f}"


def _size(size: int) -> str:
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
