"""What the finished model can and cannot do, in numbers with n: `python -m training.starter.measure`.

Held-out text, exercises never seen, the reading exam, agreement with the GGUF files, teaching by LoRA.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, Qwen2ForCausalLM

from loresmith.models.language import open_model
from loresmith.models.locate import find
from training.starter import corpus, fitting, gguf_agreement, lora_facts, mixture, packing, probes, reading_exam
from training.starter.build import PROBED
from training.starter.shape import Shape

EXERCISES = 100
PROMPTS = 300
SEED = 77


def measure(folder: Path, source: Path, lesson: lora_facts.Lesson) -> dict[str, Any]:
    """The figures that need the corpus alone; `source` is its folder."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    rng = np.random.default_rng(SEED)
    unseen = mixture.material(corpus.read(source), rng, held_out=True)
    weights = dict(model.named_parameters())
    exact = {}
    for kind in PROBED:
        rows = packing.pack_exchanges(tokenizer, mixture.draw(unseen, kind, EXERCISES, rng))
        found = probes.exact_answers(weights, Shape(), rows)
        exact[kind] = reading_exam.counted(sum(found), len(found))
    return {
        "held_out": fluency(model, tokenizer, packing.pack_text(tokenizer, list(unseen.texts))),
        "exact": exact,
        "copy": probes.copy_share(weights, Shape()),
        "lora": asdict(lesson) | lora_facts.teach(folder, lesson),
    }


def fluency(model: Qwen2ForCausalLM, tokenizer: Tokenizer, words: packing.Packed) -> dict[str, float]:
    """Nats a token and bits a byte over `words`, in windows of 512 tokens, each begun without context."""
    weights, rows = dict(model.named_parameters()), min(400, (len(words) - 1) // 512)
    loss = probes.text_loss(weights, Shape(), words, rows)
    text = tokenizer.decode([int(t) for t in words[1 : rows * 512 + 1]], skip_special_tokens=True)
    bits = loss * rows * 512 / math.log(2) / len(text.encode("utf-8"))
    return {"tokens": rows * 512, "nats_per_token": loss, "bits_per_byte": bits, "perplexity_per_byte": 2**bits}


def main() -> None:
    """Write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--project", type=Path, help="see training.starter.reading_exam")
    parser.add_argument("--xquad", type=Path, help="a file in SQuAD format")
    parser.add_argument("--wikitext", type=Path, help="a WikiText-2 file that is not the training one")
    parser.add_argument("--out", type=Path, required=True, help="the JSON file to write")
    given = parser.parse_args()
    torch.manual_seed(fitting.Fitting().seed)
    found = measure(given.model, given.corpus, lora_facts.Lesson())
    _keep(given.out, found)
    if given.wikitext:
        tokenizer = Tokenizer.from_file(str(given.model / "tokenizer.json"))
        text = corpus.clean_wikitext(given.wikitext.read_text(encoding="utf-8"))
        words = packing.pack_text(tokenizer, list(corpus.articles(text)))
        model = AutoModelForCausalLM.from_pretrained(given.model, dtype=torch.float32)
        found["wikitext"] = fluency(model, tokenizer, words)
    if given.project and given.xquad:
        made, human = reading_exam.of_xquad(given.xquad)
        sets = {"papers": reading_exam.of_project(given.project), "xquad": made}
        model = open_model(find(str(given.model)), "float32")
        found["reading"] = reading_exam.examine(model, sets, human)
        _keep(given.out, found)
        items = [item for items in sets.values() for item in items]
        found["gguf"] = gguf_agreement.agreement(given.model, model, random.Random(SEED).sample(items, PROMPTS))
    _keep(given.out, found)


def _keep(path: Path, found: dict[str, Any]) -> None:
    """Write what there is so far: the exams take minutes, and a later one may fail."""
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
