"""Everything a plan says about one model, one way of training and one machine, put together from the other files."""

from collections.abc import Sequence
from dataclasses import dataclass

from loresmith.licences import licence_of
from loresmith.recipe import TrainConfig
from loresmith.recipe.export import Quantization
from loresmith.sizing import disk, fitting, known
from loresmith.sizing.compute import Work, minutes, operations
from loresmith.sizing.disk import Disk
from loresmith.sizing.fitting import Case, Verdict
from loresmith.sizing.machine import Machine
from loresmith.sizing.memory import PROGRAM, Device, Peak, training_peak
from loresmith.sizing.rows import LENGTH, TOLD, Row
from loresmith.sizing.source import Planned
from loresmith.sizing.weights import adapter_parameters, weight_bytes

# What a training step reaches of the rate of one large matrix product: measured on a CPU (benchmarks/plan.py),
# published for LoRA of a 7B model on an H100 (NeMo AutoModel: 402 to 423 of 989 teraflops).
REACHED: dict[Device, float] = {"cpu": 0.6, "cuda": 0.4}
ASSUMED_QUESTIONS = 1000


@dataclass(frozen=True)
class Asked:
    """What is to be planned."""

    model: Planned
    train: TrainConfig
    dtype: str
    """What products are computed in, and for an adapter also how the frozen base is held."""
    because: str
    """Why in that, in a few words; empty where it was asked for."""
    machine: Machine
    quantization: Quantization
    work: Work | None = None
    """What there is to learn; a thousand short questions where it is not known."""
    operations_per_second: float | None = None
    """Of a large matrix product; `None` where it is not known."""


@dataclass(frozen=True)
class Plan:
    """The answer; all sizes in bytes."""

    parameters: int
    trained_parameters: int
    row: Row
    peak: Peak
    ram: int
    """RAM at the peak: on a CPU the same as `peak.total`, with a GPU the program and the weights on their way to it."""
    verdict: Verdict
    longest_row: int
    conversations_per_row: int
    """How many conversations of mean length the longest row holds: the largest batch computed at once."""
    changes: tuple[str, ...]
    disk: Disk
    work: Work
    is_assumed: bool
    """Whether `work` is assumed."""
    minutes: float | None
    twin: str | None
    """A well-known model of exactly these sizes, where no licence is stated."""
    alternatives: tuple[str, ...]
    """Models of an open licence and about this size, where this one's licence is not open."""


def drawn_up(asked: Asked) -> Plan:
    """The plan for `asked`.

    Raises:
        UserError: `target_modules` names a layer that the layout does not have.
    """
    train, machine, shape = asked.train, asked.machine, asked.model.shape
    work = asked.work or assumed_work()
    case = Case(shape, train, asked.dtype, machine.device, work.told / max(1, work.tokens), work.length)
    row = case.row(fullest_row(train, work))
    peak = training_peak(shape, train, asked.dtype, row, machine.device)
    verdict = fitting.verdict(peak.total, machine.memory)
    longest = fitting.longest_row(case, machine.memory)
    changes: Sequence[str] = () if verdict == "fits" else tuple(fitting.changes(case, row.tokens, machine.memory))
    licence = asked.model.licence
    twin = None if licence.is_known else known.of_shape(shape)
    likely = licence_of(twin, None) if twin else licence
    time = None
    if asked.operations_per_second is not None:
        rate = asked.operations_per_second * REACHED[machine.device]
        time = minutes(operations(shape, train, work), rate)
    return Plan(
        parameters=shape.parameters,
        trained_parameters=shape.parameters if train.method == "full" else adapter_parameters(shape, train),
        row=row,
        peak=peak,
        ram=peak.total if machine.device == "cpu" else _on_the_way(asked),
        verdict=verdict,
        longest_row=longest,
        conversations_per_row=int(longest // work.length),
        changes=tuple(changes),
        disk=disk.needed(shape, train, asked.quantization, is_local=asked.model.is_local),
        work=work,
        is_assumed=asked.work is None,
        minutes=time,
        twin=twin,
        alternatives=() if likely.is_open or not likely.is_known else tuple(known.open_models_like(shape.parameters)),
    )


def _on_the_way(asked: Asked) -> int:
    """RAM that a training on a GPU needs: the program, and the weights as they are read, `full` in 32 bits."""
    return PROGRAM + weight_bytes(asked.model.shape, "float32" if asked.train.method == "full" else asked.dtype)


def assumed_work() -> Work:
    """A thousand short questions, half of their tokens answers."""
    tokens = ASSUMED_QUESTIONS * LENGTH
    return Work(ASSUMED_QUESTIONS, tokens, int(tokens * TOLD))


def fullest_row(train: TrainConfig, work: Work) -> int:
    """Tokens of the row that decides the peak: what a step's conversations fill, and never more than `max_length`.

    Without packing it is one conversation, which may be as long as `max_length`.
    """
    if not train.packing:
        return train.max_length
    per_step = train.per_device_train_batch_size * train.gradient_accumulation_steps
    return max(1, min(train.max_length, round(per_step * work.length)))
