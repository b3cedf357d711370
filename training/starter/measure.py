"""What the finished model can and cannot do, in numbers with n: `python -m training.starter.measure`.

Held-out text, stopping, exercises never seen, refusing, agreement with 4-bit rounding, teaching by LoRA.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen2ForCausalLM

from training.starter import corpus, fitting, lora_facts, mixture, network, packing, probes
from training.starter.formats import chat
from training.starter.rounding import is_rounded, rounded
from training.starter.shape import Shape
from training.starter.tasks import Exchange

EXERCISES = 150
KINDS = ("pairs", "table", "invented", "corpus")
SEED = 77


def measure(folder: Path, source: Path, lesson: lora_facts.Lesson) -> dict[str, Any]:
    """All figures of the model in `folder`; `source` is the corpus folder."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    rng = np.random.default_rng(SEED)
    unseen = mixture.material(corpus.read(source), tokenizer, rng, held_out=True)
    exchanges = {kind: mixture.draw(unseen, kind, EXERCISES, rng) for kind in KINDS}
    singles = [Exchange(e.kind, e.user, e.answer) for kind in KINDS for e in exchanges[kind]]
    return {
        "held_out": held_out(model, tokenizer, unseen.texts),
        "exact": by_sort(model, tokenizer, singles),
        "copy": probes.copy_share(dict(model.named_parameters()), Shape()),
        "stopping": stopping(folder, singles),
        "rounding": rounding_agreement(model, tokenizer, singles),
        "lora": asdict(lesson) | lora_facts.teach(folder, lesson),
    }


def held_out(model: Qwen2ForCausalLM, tokenizer: Tokenizer, words: packing.Packed) -> dict[str, float]:
    """Nats a token and bits a byte over the held-out text, in windows of 512."""
    weights, rows = dict(model.named_parameters()), min(200, (len(words) - 1) // 512)
    loss = probes.text_loss(weights, Shape(), words, rows)
    text = tokenizer.decode([int(t) for t in words[1 : rows * 512 + 1]], skip_special_tokens=True)
    bits = loss * rows * 512 / math.log(2) / len(text.encode("utf-8"))
    return {"tokens": rows * 512, "nats_per_token": loss, "bits_per_byte": bits, "perplexity_per_byte": 2**bits}


def by_sort(model: Qwen2ForCausalLM, tokenizer: Tokenizer, singles: list[Exchange]) -> dict[str, dict[str, int]]:
    """Exact answers by sort of exercise: closed, grounded, choice, untold."""
    weights, found = dict(model.named_parameters()), {}
    for kind in sorted({single.kind for single in singles}):
        rows = packing.pack_exchanges(tokenizer, [single for single in singles if single.kind == kind])
        found[kind] = {"right": round(probes.exact_share(weights, Shape(), rows) * len(rows)), "n": len(rows)}
    return found


def stopping(folder: Path, singles: list[Exchange], count: int = 200) -> dict[str, int]:
    """How many of `count` greedy generations end with the stop token within 64 tokens."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    step = len(singles) // count
    prompts = [chat(single.user, "")[0] for single in singles[::step]][:count]
    stopped = 0
    for start in range(0, count, 25):
        batch = tokenizer(prompts[start : start + 25], return_tensors="pt", padding=True, padding_side="left")
        with torch.no_grad():
            out = model.generate(**batch, max_new_tokens=64, do_sample=False)
        stopped += sum(tokenizer.eos_token_id in line for line in out[:, batch["input_ids"].shape[1] :].tolist())
    return {"stopped": stopped, "n": count}


def rounding_agreement(model: Qwen2ForCausalLM, tokenizer: Tokenizer, singles: list[Exchange]) -> dict[str, int]:
    """On how many multiple-choice questions the model with 4-bit weights picks the same letter."""
    weights: dict[str, torch.Tensor] = dict(model.named_parameters())
    coarse = {name: rounded(w.detach()) if is_rounded(name, w) else w for name, w in weights.items()}
    letters = [tokenizer.encode(letter).ids[0] for letter in "ABCD"]
    chosen = [single for single in singles if single.kind == "choice"]
    same = 0
    for single in chosen:
        ids = torch.tensor([tokenizer.encode(chat(single.user, "")[0]).ids])
        picks = [int(_last_logits(each, ids)[letters].argmax()) for each in (weights, coarse)]
        same += int(picks[0] == picks[1])
    return {"same": same, "n": len(chosen)}


def _last_logits(weights: network.Weights, ids: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        hidden = network.hidden_states(weights, Shape(), ids, network.turns(Shape(), ids.shape[1]))
        return hidden[0, -1] @ weights["model.embed_tokens.weight"].t()


def main() -> None:
    """Write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    given = parser.parse_args()
    torch.manual_seed(fitting.Fitting().seed)
    found = measure(given.model, given.corpus, lora_facts.Lesson())
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
