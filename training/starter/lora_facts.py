"""How well the finished starter learns facts by LoRA: 100 invented facts, three wordings trained, a fourth asked.

Run it alone with `python -m training.starter.lora_facts MODEL_FOLDER [RATE ...]`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerBase

from loresmith.models import prompts
from training.starter.formats import LEAD
from training.starter.lora_exam import Row, exam


@dataclass(frozen=True)
class Lesson:
    """How the adapter is trained."""

    rate: float = 4e-3
    epochs: int = 12
    batch: int = 16
    rank: int = 16
    alpha: int = 32
    facts: int = 100
    seed: int = 0


def _prompt(tokenizer: PreTrainedTokenizerBase, question: str) -> str:
    return str(tokenizer.apply_chat_template(prompts.short(question), tokenize=False, add_generation_prompt=True))


def collate(tokenizer: PreTrainedTokenizerBase, rows: Sequence[Row]) -> dict[str, Tensor]:
    """A right-padded batch with the loss on the answers and their stop tokens only."""
    end, pad = tokenizer.eos_token_id, tokenizer.pad_token_id
    pieces: list[tuple[list[int], list[int]]] = []
    for question, answer in rows:
        prompt = _prompt(tokenizer, question)
        pieces.append((tokenizer(prompt)["input_ids"], [*tokenizer(LEAD + answer)["input_ids"], end]))
    width = max(len(p) + len(a) for p, a in pieces)
    ids = torch.full((len(pieces), width), pad)
    labels = torch.full((len(pieces), width), -100)
    for number, (prompt_ids, answer_ids) in enumerate(pieces):
        whole = torch.tensor([*prompt_ids, *answer_ids])
        ids[number, : len(whole)] = whole
        labels[number, len(prompt_ids) : len(whole)] = whole[len(prompt_ids) :]
    return {"input_ids": ids, "labels": labels, "attention_mask": (ids != pad).long()}


def exact(model: torch.nn.Module, tokenizer: PreTrainedTokenizerBase, rows: Sequence[Row]) -> tuple[int, int]:
    """How many greedy answers equal the expected one, and how many end by themselves within 32 tokens."""
    right = stopped = 0
    for start in range(0, len(rows), 50):
        group = rows[start : start + 50]
        texts = [_prompt(tokenizer, question) for question, _ in group]
        batch = tokenizer(texts, return_tensors="pt", padding=True, padding_side="left")
        with torch.no_grad():
            out = model.generate(**batch, max_new_tokens=32, do_sample=False)  # type: ignore[operator]
        for line, (_, answer) in zip(out[:, batch["input_ids"].shape[1] :], group, strict=True):
            stopped += int(tokenizer.eos_token_id in line.tolist())
            right += int(tokenizer.decode(line, skip_special_tokens=True).strip() == answer)
    return right, stopped


def teach(folder: Path, lesson: Lesson) -> dict[str, float]:
    """Train an adapter on the facts and sit the exam; counts, the two losses and the seconds of training."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    torch.manual_seed(lesson.seed)
    base = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    taught, asked = exam(lesson.facts, lesson.seed)
    before, _ = exact(base, tokenizer, asked)
    config = LoraConfig(r=lesson.rank, lora_alpha=lesson.alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(base, config)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=lesson.rate, weight_decay=0.0)
    rng = np.random.default_rng(lesson.seed)
    steps = lesson.epochs * -(-len(taught) // lesson.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lesson.rate, total_steps=steps, pct_start=0.1)
    started, losses = time.monotonic(), []
    for _ in range(lesson.epochs):
        order = rng.permutation(len(taught))
        for start in range(0, len(taught), lesson.batch):
            rows = [taught[int(i)] for i in order[start : start + lesson.batch]]
            loss = model(**collate(tokenizer, rows)).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(float(loss.detach()))
    seconds = time.monotonic() - started
    after, stopped = exact(model, tokenizer, asked)
    seen, _ = exact(model, tokenizer, taught[:100])
    return {
        "n": len(asked), "base_right": before, "lora_right": after, "trained_wordings_right": seen, "stopped": stopped,
        "first_loss": losses[0], "last_loss": float(np.mean(losses[-5:])), "seconds": seconds, "steps": steps,
    }  # fmt: skip


if __name__ == "__main__":
    chosen = [Lesson(rate=float(rate)) for rate in sys.argv[2:]] or [Lesson()]
    for one in chosen:
        sys.stdout.write(json.dumps({"rate": one.rate, "epochs": one.epochs} | teach(Path(sys.argv[1]), one)) + "\n")
        sys.stdout.flush()
