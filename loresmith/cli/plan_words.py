"""A plan in words: what fits, what it takes, what to change."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

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
        *_licence(made),
    ]


def advice(doubts: Sequence[str]) -> list[str]:
    """Why retrieval alone may do; nothing where there is no doubt."""
    if not doubts:
        return []
    said = "Your corpus is too small to be worth training on: use retrieval (`loresmith ask --arm rag`), because"
    return ["", said, *(f"  - {doubt}" for doubt in doubts)]


def as_rows(made: Plan, asked: Asked) -> dict[str, Any]:
    """The plan for machines; sizes in bytes."""
    return {
        "model": asked.model.name,
        "seen_in": asked.model.seen_in,
        "licence_id": asked.model.licence,
        "method": asked.train.method,
        "dtype": asked.dtype,
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
        f"{_gb(row.peak.optimizer):>9}{_gb(row.peak.activations + row.peak.logits):>9}{_gb(row.peak.total):>9}  "
        f"{_published(row):<10} {row.remark}"
        for row in rows
    ]
    return [
        f"Qwen2.5 on a GPU, 16-bit, r {train.r}, {train.optim}, rows of {train.max_length:,} tokens; GB of 10^9 bytes",
        head,
        *body,
        "",
        "trained: gradients, and the adapter or the 32-bit copy of the weights. moments: of the optimizer. one row:",
        "its activations and logits. published: least and recommended VRAM in a guide to fine-tuning Qwen models. It",
        "says neither precision nor length, and nothing of QLoRA; its figures for full training have no room for",
        "gradients, 32-bit copy or moments; its least figures for LoRA are below the 16-bit weights alone.",
    ]


def _how(asked: Asked) -> str:
    train, machine = asked.train, asked.machine
    method = METHODS[train.method] + (f" r {train.r}" if train.method != "full" else "")
    return f"{method}, {asked.dtype}, {train.optim}, on {machine.name} with {_size(machine.memory)}"


def _sizes(made: Plan, asked: Asked) -> Iterator[tuple[str, str]]:
    peak, train = made.peak, asked.train
    share = made.trained_parameters / made.parameters
    yield "parameters", f"{made.parameters:,}, of which {made.trained_parameters:,} are trained ({share:.1%} in number)"
    yield "weights", _size(peak.weights)
    yield "32-bit copy" if train.method == "full" else "adapter", _size(peak.adapter)
    yield "gradients", _size(peak.gradients)
    yield "optimizer", _size(peak.optimizer)
    yield "activations", f"{_size(peak.activations)} for a row of {made.row.tokens:,} tokens"
    yield "logits", f"{_size(peak.logits)} for {made.row.told:,} tokens with loss"
    if asked.machine.device == "cpu":
        yield "allocator", f"{_size(peak.allocator)} freed but not given back"
        yield "program", f"{_size(peak.program)} (Python, torch, transformers, peft)"
        yield "peak RAM", _size(peak.total)
    else:
        yield "peak VRAM", f"{_size(peak.total)}, and what the driver keeps for itself"
        yield "peak RAM", _size(made.ram)
    at_once = f"rows of {made.longest_row:,} tokens, about {made.conversations_per_row:,} conversations at once"
    yield "largest batch", at_once if made.longest_row else "none: not even a row of 32 tokens fits"
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
    work = made.work
    what = f"{work.conversations:,} conversations of {work.length:.0f} tokens, {asked.train.num_train_epochs} epochs"
    assumed = " (assumed)" if made.is_assumed else ""
    if made.minutes is None:
        return f"unknown for {what}{assumed}; say how fast the card is with --tflops"
    rate = (asked.operations_per_second or 0.0) / 1e12
    taken = f"{made.minutes * 60:.0f} s" if made.minutes < 1.5 else f"{made.minutes:,.0f} min"
    return f"about {taken} for {what}{assumed}, at {REACHED[asked.machine.device]:.0%} of {rate:.3g} teraflops"


def _judged(made: Plan, asked: Asked) -> str:
    needed, there = _size(made.peak.total), _size(asked.machine.memory)
    if made.verdict == "fits":
        return f"It fits: {needed} of {there}."
    if made.verdict == "is tight":
        return f"It is tight: {needed} of {there}; the arithmetic may be off by {MARGIN - 1:.0%}. One of these helps:"
    enough = " One of these is enough:" if made.changes else " Nothing that is known here would make it fit."
    return f"It does not fit: {needed} are needed, {there} are there.{enough}"


def _licence(made: Plan) -> Iterator[str]:
    yield f"Licence: {made.licence}."
    if made.alternatives:
        yield f"  Apache-2.0 instead: {', '.join(made.alternatives)}."


def _published(row: Line) -> str:
    return "–" if row.published is None else f"{row.published[0]}/{row.published[1]}"


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f}"


def _size(size: int) -> str:
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"
