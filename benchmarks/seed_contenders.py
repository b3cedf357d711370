"""One run of a published recipe in a process of its own: `python benchmarks/seed_contenders.py RECIPE SIDE ROWS`.

SIDE is `theirs` (the tools and the way of training that the recipe's document names), `ours` (the built-in trainer),
`ours, packed` (the same with `packing: true`) or `base` (nothing is trained). ROWS is a file as `seed_recipes.py`
writes it. Prints one line of JSON.

Both sides start from the bundled starter and take their hyperparameters from the recipe; its `warmup_steps` are cut to
a fifth of the steps, since runs here are short. What was learned is saved, put on the starter in float32, and the loss
of both on the held-out answers is computed by the same function.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (torch's own idiom)
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainerCallback, TrainingArguments

from loresmith.models.locate import configuration, find
from loresmith.models.weights import load_model
from loresmith.plugins import Conversation, TrainingSet
from loresmith.recipe import TrainConfig, load
from loresmith.train import methods, precision
from loresmith.train.course import Course
from loresmith.train.objective import loss_tokens, opening
from loresmith.train.trouble import Order

RECIPES = Path(__file__).parents[1] / "recipes"
STARTER = find("starter")
IGNORED = -100
WARM_SHARE = 5
"""A warm-up takes a fifth of the steps at most: 100 of the 469 that 5,000 rows make at 32 a step, as a guide has it."""


class NotMeasured(Exception):
    """What the recipe's tools need is not on this machine."""


@dataclass(frozen=True)
class Rows:
    """The conversations of one recipe."""

    train: tuple[Conversation, ...]
    held_out: tuple[Conversation, ...]

    @classmethod
    def read(cls, path: Path) -> Rows:
        """As `seed_recipes.py` wrote them."""
        found = json.loads(path.read_text(encoding="utf-8"))
        parts = [[Conversation(tuple(ids), begin) for ids, begin in found[name]] for name in ("train", "held_out")]
        return cls(*map(tuple, parts))


@dataclass
class Clock:
    """What a training run computed, and how long it took from its first batch to its last step."""

    computed: int = 0
    """Positions that went through the network."""
    real: int = 0
    """Those of them that are no padding."""
    with_loss: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    peak_mib: int = 0
    began: tuple[float, float] = field(default=(0.0, 0.0))

    def start(self) -> None:
        """Training begins."""
        self.began = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        """Training is over."""
        self.wall, self.cpu = time.perf_counter() - self.began[0], time.process_time() - self.began[1]
        self.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    def watch(self, network: Any) -> None:
        """Count each position that `network` embeds."""

        def count(_: Any, given: tuple[torch.Tensor]) -> None:
            self.computed += given[0].numel()

        network.get_input_embeddings().register_forward_pre_hook(count)


def settings_of(recipe: str, conversations: int) -> TrainConfig:
    """The recipe's hyperparameters for a run over so few conversations."""
    config = load(RECIPES / f"{recipe}.yaml").train
    per_step = config.per_device_train_batch_size * config.gradient_accumulation_steps
    steps = math.ceil(conversations / per_step) * config.num_train_epochs
    return config.model_copy(update={"warmup_steps": min(config.warmup_steps, steps // WARM_SHARE), "exam_steps": 0})


def ours(rows: Rows, config: TrainConfig, folder: Path) -> Clock:
    """The trainer of `loresmith train`."""
    clock, sizes = Clock(), configuration(STARTER)
    way = precision.chosen("auto", sizes["hidden_size"], sizes["intermediate_size"])
    network = methods.opened(STARTER, way.dtype, config)
    course = Course(network, STARTER.name, TrainingSet(rows.train, ()), config, folder)
    clock.watch(course.network)
    with precision.applied(way):
        clock.start()
        for _ in course.steps(Order()):
            pass
        clock.stop()
    clock.with_loss = config.num_train_epochs * loss_tokens(rows.train)
    for row in (row for step in range(course.total) for row in course._rows(step)):
        shared = opening(row)
        clock.real += shared + sum(len(one.ids) - shared for one in row)
    course.finish()
    return clock


def quicker() -> str:
    """The precision in which this machine multiplies faster: 16 bits are emulated where it knows none."""
    sizes = configuration(STARTER)
    return precision.chosen("auto", sizes["hidden_size"], sizes["intermediate_size"]).dtype


def trainer_padded(rows: Rows, config: TrainConfig, folder: Path) -> Clock:
    """`transformers.Trainer`, each row padded to `max_length`, loss on the whole text."""
    network = AutoModelForCausalLM.from_pretrained(STARTER.path, dtype=quicker())
    if config.method == "lora":
        network = _adapted(network, config)
    return _trained(Trainer, network, rows, _arguments(config, folder, bf16=False), width=config.max_length)


def trainer_with_adapter(rows: Rows, config: TrainConfig, folder: Path) -> Clock:
    """`transformers.Trainer` over a PEFT model, batches padded to their longest row, loss on the whole text.

    Its fp16 needs a GPU.
    """
    dtype = quicker()
    network = _adapted(AutoModelForCausalLM.from_pretrained(STARTER.path, dtype=dtype), config)
    return _trained(Trainer, network, rows, _arguments(config, folder, bf16=dtype == "bfloat16"))


def trl_in_four_bits(rows: Rows, config: TrainConfig, folder: Path) -> Clock:
    """TRL's SFTTrainer over bitsandbytes' NF4, batches padded to their longest row, loss on the whole text.

    Without Unsloth, which needs a GPU. Training arguments that are no `SFTConfig` leave checkpointing off.

    Raises:
        NotMeasured: bitsandbytes is not installed.
    """
    if find_spec("bitsandbytes") is None:
        raise NotMeasured("bitsandbytes is not installed")
    from transformers import BitsAndBytesConfig
    from trl import SFTTrainer

    dtype = quicker()
    four_bits = BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=dtype
    )
    network = AutoModelForCausalLM.from_pretrained(STARTER.path, dtype=dtype, quantization_config=four_bits)
    arguments = _arguments(config, folder, bf16=dtype == "bfloat16")
    return _trained(SFTTrainer, _adapted(network, config), rows, arguments)


THEIRS: dict[str, Callable[[Rows, TrainConfig, Path], Clock]] = {
    "ai-research-qa": trainer_padded,
    "qwen-full": trainer_padded,
    "deepseek-papers": trl_in_four_bits,
    "ml-tutor": trl_in_four_bits,
    "domain-experts": trainer_with_adapter,
}


def held_out_losses(network: Any, conversations: Sequence[Conversation]) -> list[float]:
    """The summed loss of each answer in nats, one conversation at a time, nothing packed or padded."""
    network.eval()
    found = []
    with torch.no_grad():
        for one in conversations:
            logits = network(input_ids=torch.tensor([one.ids])).logits[0, one.completion - 1 : -1]
            targets = torch.tensor(one.ids[one.completion :])
            found.append(float(F.cross_entropy(logits.float(), targets, reduction="sum")))
    return found


def learned(folder: Path) -> Any:
    """The starter in float32 with the adapter in `folder`, or the model in `folder` where all weights were trained."""
    from peft import PeftModel

    if (folder / "adapter_config.json").is_file():
        return PeftModel.from_pretrained(load_model(STARTER, "float32"), folder)
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def measured(recipe: str, side: str, rows: Rows) -> dict[str, Any]:
    """What one run says about itself; for `base` only the loss before training."""
    if side == "base":
        return {"losses": held_out_losses(load_model(STARTER, "float32"), rows.held_out)}
    config = settings_of(recipe, len(rows.train))
    if side == "ours, packed":
        config = config.model_copy(update={"packing": True})
    run = THEIRS[recipe] if side == "theirs" else ours
    with tempfile.TemporaryDirectory() as place:
        clock = run(rows, config, Path(place))
        losses = held_out_losses(learned(Path(place)), rows.held_out)
    tokens = config.num_train_epochs * sum(len(one.ids) for one in rows.train)
    return {
        "tokens": tokens,
        "with_loss": clock.with_loss,
        "real": clock.real,
        "computed": clock.computed,
        "tokens_per_second": tokens / clock.wall,
        "tokens_per_cpu_second": tokens / clock.cpu,
        "peak_mib": clock.peak_mib,
        "losses": losses,
    }


def _adapted(network: Any, config: TrainConfig) -> Any:
    from peft import LoraConfig, get_peft_model

    targets = config.target_modules
    wanted = LoraConfig(
        r=config.r, lora_alpha=config.lora_alpha, lora_dropout=config.lora_dropout, bias="none", task_type="CAUSAL_LM",
        target_modules=targets if targets == "all-linear" else list(targets),
    )  # fmt: skip
    torch.manual_seed(config.seed)
    return get_peft_model(network, wanted)


def _arguments(config: TrainConfig, folder: Path, bf16: bool) -> TrainingArguments:
    return TrainingArguments(
        str(folder / "checkpoints"), bf16=bf16, use_cpu=True, report_to=[], disable_tqdm=True,
        learning_rate=config.learning_rate, num_train_epochs=config.num_train_epochs,
        per_device_train_batch_size=config.per_device_train_batch_size,
        gradient_accumulation_steps=config.gradient_accumulation_steps, warmup_steps=config.warmup_steps,
        weight_decay=config.weight_decay, lr_scheduler_type=config.lr_scheduler_type,
        max_grad_norm=config.max_grad_norm, optim=config.optim, seed=config.seed, logging_steps=config.logging_steps,
        save_steps=config.save_steps, dataloader_pin_memory=False,
    )  # fmt: skip


def _trained(kind: Any, network: Any, rows: Rows, arguments: TrainingArguments, width: int | None = None) -> Clock:
    """`network` trained by a trainer of that `kind`, batches padded to `width` or to their longest row, and saved."""
    from datasets import Dataset

    clock = Clock()
    clock.watch(network)
    tokenizer = AutoTokenizer.from_pretrained(STARTER.path)

    def collate(batch: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        wide = width or max(len(row["input_ids"]) for row in batch)
        filled = tokenizer.pad(
            {"input_ids": [row["input_ids"] for row in batch]},
            padding="max_length", max_length=wide, return_tensors="pt",
        )  # fmt: skip
        labels = filled["input_ids"].masked_fill(filled["attention_mask"] == 0, IGNORED)
        clock.real += int(filled["attention_mask"].sum())
        clock.with_loss += int((labels[:, 1:] != IGNORED).sum())
        return {**filled, "labels": labels}

    made = kind(
        network, arguments, train_dataset=Dataset.from_list([{"input_ids": list(one.ids)} for one in rows.train]),
        data_collator=collate, processing_class=tokenizer, callbacks=[_timer(clock)],
    )  # fmt: skip
    made.train()
    made.save_model(str(Path(arguments.output_dir).parent))
    return clock


def _timer(clock: Clock) -> TrainerCallback:
    class Timer(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, *_: Any, **__: Any) -> None:
            clock.start()

        def on_train_end(self, *_: Any, **__: Any) -> None:
            clock.stop()

    return Timer()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()):  # trainers print
        yield


if __name__ == "__main__":
    with _silence():
        try:
            answer: dict[str, Any] = measured(sys.argv[1], sys.argv[2], Rows.read(Path(sys.argv[3])))
        except NotMeasured as reason:
            answer = {"not_measured": str(reason)}
    sys.stdout.write(json.dumps(answer) + "\n")
