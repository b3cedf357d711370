"""One way of fine-tuning in a process of its own: `python benchmarks/training_contenders.py NAME SHAPE SECONDS`.

The shapes `qwen2.5-3b` and `llama-3.2-3b` need a GPU and are computed in bfloat16 there, all others on the CPU.

Prints one line of JSON. Every contender gets the same random network, the same adapter (r 16 on all linears) and the
same conversations in the same order; a token counts when it is no padding. Times are those of whole optimizer steps
with the making of their batch, from the end of one to the end of the next; the first steps are not counted.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM, Trainer, TrainerCallback, TrainingArguments

from loresmith.plugins import Conversation, TrainingSet
from loresmith.recipe import TrainConfig
from loresmith.train import fused, heap, layers, lora, objective, precision
from loresmith.train.attention import PACKED
from loresmith.train.course import Course

SHAPES: dict[str, dict[str, int]] = {
    "5m": {
        "hidden_size": 256, "intermediate_size": 704, "num_hidden_layers": 4, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 4096,
    },
    "30m": {
        "hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 8, "num_attention_heads": 8,
        "num_key_value_heads": 2, "vocab_size": 8192,
    },
    "toy": {
        "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 512,
    },
    "qwen2.5-3b": {
        "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36, "num_attention_heads": 16,
        "num_key_value_heads": 2, "vocab_size": 151936,
    },
    "llama-3.2-3b": {
        "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 28, "num_attention_heads": 24,
        "num_key_value_heads": 8, "vocab_size": 128256,
    },
}  # fmt: skip
ON_GPU = ("qwen2.5-3b", "llama-3.2-3b")
CONVERSATIONS = 1024
BATCH, ROW = 8, 2048
"""Conversations of a padded batch, and tokens of a packed row (about 17 conversations)."""
MEAN_LENGTH = 116
WARM_UP = 3
FEWEST_STEPS = 12
NAIVE_LENGTH = 512
RATE, RANK, ALPHA = 1e-3, 16, 32
IGNORED = -100


@dataclass
class Clock:
    """What was measured step by step."""

    tokens: list[int] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    last: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        """From here the first step is timed."""
        self.last = time.perf_counter(), time.process_time()

    def stop(self) -> None:
        """A step is done."""
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        now = time.perf_counter(), time.process_time()
        self.wall.append(now[0] - self.last[0])
        self.cpu.append(now[1] - self.last[1])
        self.last = now

    def figures(self) -> dict[str, Any]:
        """Medians over the steps after the warm-up, and what shows that something was learned."""
        counted = list(zip(self.tokens, self.wall, self.cpu, strict=False))[WARM_UP:]
        third = max(1, len(self.losses) // 3)
        return {
            "steps": len(self.wall),
            "tokens_per_cpu_second": statistics.median(tokens / cpu for tokens, _, cpu in counted),
            "tokens_per_second": statistics.median(tokens / wall for tokens, wall, _ in counted),
            "first_loss": statistics.fmean(self.losses[:third]),
            "last_loss": statistics.fmean(self.losses[-third:]),
            "smallest_gradient_norm": min(self.norms),
            "peak_mib": _peak_mib(),
        }


def conversations(vocabulary: int, count: int = CONVERSATIONS) -> tuple[Conversation, ...]:
    """Lengths as of short questions and answers (60 to 200 tokens, mean 115); frequent words can be learned."""
    rng = np.random.default_rng(0)
    weights = 1 / np.arange(1, vocabulary - 4)
    made = []
    for _ in range(count):
        length = int(np.clip(rng.lognormal(math.log(110), 0.35), 60, 200))
        ids = rng.choice(vocabulary - 5, length, p=weights / weights.sum()) + 5
        made.append(Conversation(tuple(int(i) for i in ids), int(length * rng.uniform(0.35, 0.65))))
    return tuple(made)


def network(shape: str) -> Any:
    """The random network, nothing in it trained; float32 on the CPU, bfloat16 on a GPU."""
    torch.manual_seed(0)
    config = Qwen2Config(**SHAPES[shape], tie_word_embeddings=True, max_position_embeddings=32768)
    if shape not in ON_GPU:
        return Qwen2ForCausalLM(config).requires_grad_(False)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("cuda"):
            return Qwen2ForCausalLM(config).requires_grad_(False)
    finally:
        torch.set_default_dtype(before)


def ours(shape: str, seconds: float, asked: str = "auto", tokens: int = ROW) -> Clock:
    """The trainer of `loresmith train`, with steps of about as many `tokens`, in one row."""
    examples = TrainingSet(conversations(SHAPES[shape]["vocab_size"]), ())
    config = TrainConfig(
        r=RANK, lora_alpha=ALPHA, learning_rate=RATE, lr_scheduler_type="constant", warmup_steps=0, max_length=tokens,
        per_device_train_batch_size=max(1, tokens // MEAN_LENGTH - 1), num_train_epochs=1000, logging_steps=1,
        save_steps=10**6, eval_steps=10**6,
    )  # fmt: skip
    sizes = SHAPES[shape]
    way = precision.chosen(asked, sizes["hidden_size"], sizes["intermediate_size"])
    model = network(shape)
    if shape not in ON_GPU:
        model = model.to(torch.bfloat16 if way.dtype == "bfloat16" else torch.float32)
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, precision.applied(way), heap.kept():
        course = Course(model, "random", examples, config, Path(folder))
        clock.start()
        for done in _until(seconds, clock):
            step = course._learn(done)
            clock.stop()
            clock.tokens.append(step.tokens)
            clock.losses.append(step.loss / step.loss_tokens)
            clock.norms.append(step.grad_norm)
    return clock


def trainer(shape: str, seconds: float, *, length: int | None, half: bool) -> Clock:
    """`transformers.Trainer` as tutorials have it: batches padded to `length`, or to their longest conversation."""
    clock = Clock()
    rows = [_row(one) for one in conversations(SHAPES[shape]["vocab_size"])]

    def collate(batch: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        width = length or max(len(row["input_ids"]) for row in batch)
        clock.tokens.append(sum(len(row["input_ids"]) for row in batch))
        return {
            "input_ids": _padded(batch, "input_ids", width, 0),
            "labels": _padded(batch, "labels", width, IGNORED),
            "attention_mask": _padded([{"on": [1] * len(row["input_ids"])} for row in batch], "on", width, 0),
        }

    from peft import LoraConfig, get_peft_model

    model = network(shape).to(torch.bfloat16) if half else network(shape)
    adapted = get_peft_model(model, LoraConfig(**_adapter()))
    with tempfile.TemporaryDirectory() as folder:
        settings = TrainingArguments(folder, per_device_train_batch_size=BATCH, **_common(shape))
        Trainer(
            adapted, settings, train_dataset=rows, data_collator=collate, callbacks=[_timer(clock, seconds)]
        ).train()
    return clock


def trl(shape: str, seconds: float, **settings: Any) -> Clock:
    """TRL's SFTTrainer on the same rows, labels given."""
    from datasets import Dataset
    from peft import LoraConfig
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast
    from trl import SFTConfig, SFTTrainer

    clock = Clock()
    vocabulary = {"<pad>": 0, "<eos>": 1, "<unk>": 2} | {f"t{n}": n for n in range(3, SHAPES[shape]["vocab_size"])}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>")), pad_token="<pad>",
        eos_token="<eos>", unk_token="<unk>",
    )  # fmt: skip
    rows = Dataset.from_list([_row(one) for one in conversations(SHAPES[shape]["vocab_size"])])
    is_packed = settings.get("packing", False)
    with tempfile.TemporaryDirectory() as folder:
        config = SFTConfig(
            folder,
            max_length=ROW,
            per_device_train_batch_size=1 if is_packed and shape not in ON_GPU else BATCH,
            **(_common(shape) | settings),
        )
        made = SFTTrainer(
            network(shape), config, train_dataset=rows, processing_class=tokenizer,
            peft_config=LoraConfig(**_adapter()), callbacks=[_timer(clock, seconds)],
        )  # fmt: skip
        collate = made.data_collator

        def counted(batch: list[dict[str, Any]]) -> Any:
            clock.tokens.append(sum(len(row["input_ids"]) for row in batch))
            return collate(batch)

        made.data_collator = counted
        made.train()
    return clock


def gradient_error(shape: str) -> float:
    """How far the gradient of a packed row is from that of its conversations one by one, relative."""
    row = conversations(SHAPES[shape]["vocab_size"], 8)
    config = TrainConfig(r=RANK, lora_alpha=ALPHA, max_length=ROW)
    adapter = lora.attach(network(shape), config, "random")
    torch.manual_seed(1)
    adapter.weights.data.normal_(std=0.02)  # the half of a fresh adapter is zero
    adapter.network.set_attn_implementation("sdpa")
    for one in row:
        ids, labels = (torch.tensor([part], device=adapter.network.device) for part in _row(one).values())
        (adapter.network(input_ids=ids, labels=labels).loss * objective.loss_tokens([one])).backward()
    alone = adapter.gradient.clone()
    adapter.gradient.zero_()
    fused.fuse(adapter.network)
    layers.lighten(adapter.network)
    adapter.network.set_attn_implementation(PACKED)
    objective.row_loss(adapter.network, row, fused.head_loss(adapter.network)).backward()  # type: ignore[no-untyped-call]
    return float((adapter.gradient - alone).norm() / alone.norm())


CONTENDERS: dict[str, Callable[[str, float], Clock]] = {
    "Trainer, padded to 512": lambda shape, seconds: trainer(shape, seconds, length=NAIVE_LENGTH, half=False),
    "Trainer, padded to the batch": lambda shape, seconds: trainer(shape, seconds, length=None, half=False),
    "Trainer, padded to the batch, bf16 model": lambda shape, seconds: trainer(shape, seconds, length=None, half=True),
    "TRL, its defaults": lambda shape, seconds: trl(shape, seconds),
    "TRL, no checkpointing": lambda shape, seconds: trl(shape, seconds, gradient_checkpointing=False),
    "TRL, no checkpointing, fp32": lambda shape, seconds: trl(shape, seconds, gradient_checkpointing=False, bf16=False),
    "TRL, packed, no checkpointing": lambda shape, seconds: trl(
        shape, seconds, gradient_checkpointing=False, packing=True
    ),
    "ours, fp32": lambda shape, seconds: ours(shape, seconds, "float32"),
    "ours": ours,
    "ours, 4k tokens a step": lambda shape, seconds: ours(shape, seconds, tokens=4096),
    "ours, 16k tokens a step": lambda shape, seconds: ours(shape, seconds, tokens=16384),
}


def _row(one: Conversation) -> dict[str, list[int]]:
    return {"input_ids": list(one.ids), "labels": [IGNORED] * one.completion + list(one.ids[one.completion :])}


def _padded(batch: list[dict[str, list[int]]], key: str, width: int, filler: int) -> torch.Tensor:
    return torch.tensor([row[key] + [filler] * (width - len(row[key])) for row in batch])


def _adapter() -> dict[str, Any]:
    return {"r": RANK, "lora_alpha": ALPHA, "target_modules": "all-linear", "task_type": "CAUSAL_LM"}


def _common(shape: str) -> dict[str, Any]:
    return {
        "max_steps": 10**6, "use_cpu": shape not in ON_GPU, "report_to": [], "save_strategy": "no", "logging_steps": 1,
        "learning_rate": RATE, "lr_scheduler_type": "constant", "disable_tqdm": True, "seed": 0,
    }  # fmt: skip


def _peak_mib() -> int:
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated() >> 20)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _timer(clock: Clock, seconds: float) -> TrainerCallback:
    class Timer(TrainerCallback):
        def on_train_begin(self, *_: Any, **__: Any) -> None:
            self.until = time.perf_counter() + seconds
            clock.start()

        def on_step_end(self, _: Any, state: Any, control: Any, **__: Any) -> None:
            clock.stop()
            control.should_training_stop = len(clock.wall) >= FEWEST_STEPS and time.perf_counter() > self.until

        def on_log(self, _: Any, __: Any, ___: Any, logs: dict[str, float] | None = None, **____: Any) -> None:
            if logs and "loss" in logs:
                clock.losses.append(float(logs["loss"]))
                clock.norms.append(float(logs["grad_norm"]))

    return Timer()


def _until(seconds: float, clock: Clock) -> Iterator[int]:
    until = time.perf_counter() + seconds
    while len(clock.wall) < FEWEST_STEPS or time.perf_counter() < until:
        yield len(clock.wall)


if __name__ == "__main__":
    asked, chosen_shape, for_seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    with contextlib.redirect_stdout(io.StringIO()):  # trainers print
        if asked == "gradients":
            answer: dict[str, Any] = {"gradient_error": gradient_error(chosen_shape)}
        else:
            answer = CONTENDERS[asked](chosen_shape, for_seconds).figures()
    sys.stdout.write(json.dumps(answer) + "\n")
