"""From the corpus folder to a model folder: tokenizer, packed stream, training, shipped files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import GenerationConfig, Qwen2ForCausalLM

from training.starter import copying, corpus, fitting, guiding, meanings, mixture, packing, probes, rounding, vocabulary
from training.starter.asking import GAP
from training.starter.formats import END, PAD
from training.starter.shape import Shape, configuration

MOST_WORDS = 26_000_000
"""The stream's file stays below 52 MB."""
PROBED = ("pairs", "table", "invented", "corpus")


@dataclass(frozen=True)
class Plan:
    """Everything a build depends on."""

    corpus: Path
    work: Path
    """Scratch folder: tokenizer, stream, checkpoints, log."""
    out: Path
    """Where the finished model goes."""
    shape: Shape
    fitting: fitting.Fitting


def build(plan: Plan) -> None:
    """Make the model of `plan`; a run that was stopped goes on where it was.

    Raises:
        fitting.Interrupted: the wall-clock limit came before the last step.
    """
    tokenizer = prepare(plan)
    probe = _probe(plan, tokenizer)
    model, circuit = fresh_model(plan, tokenizer)
    stream = packing.load(plan.work / "stream.u16")
    run = fitting.Run(model, plan.shape, plan.fitting, plan.work, circuit, guiding.Guide(tokenizer, stream))
    run.resume()
    run.fit(stream, probe)
    ship(run.model, tokenizer, plan)


def prepare(plan: Plan) -> Tokenizer:
    """The tokenizer, and on disk `stream.u16`, `held_out.u16` and `sources.json`."""
    names = ("tokenizer.json", "stream.u16", "held_out.u16", "sources.json")
    if all((plan.work / name).is_file() for name in names):
        return Tokenizer.from_file(str(plan.work / "tokenizer.json"))
    readings = corpus.read(plan.corpus)
    rng = np.random.default_rng(plan.fitting.seed)
    stuff = mixture.material(readings, rng, held_out=False)
    tokenizer = vocabulary.learn([*stuff.texts, *mixture.samples(stuff, rng)], plan.shape.vocabulary)
    vocabulary.save(tokenizer, plan.work, plan.shape.window)
    stream = mixture.build(stuff, tokenizer, phases(plan.fitting), rng)
    packing.write(plan.work / "stream.u16", stream)
    unseen = mixture.texts_of(readings, rng, held_out=True)
    packing.write(plan.work / "held_out.u16", packing.pack_text(tokenizer, list(unseen)))
    rows = [
        {
            "name": r.source.name,
            "origin": r.source.origin,
            "licence": r.source.licence,
            "sha256": r.sha256,
            "tokens": sum(len(e.ids) for e in tokenizer.encode_batch(r.training_texts())),
        }
        for r in readings
    ]
    (plan.work / "sources.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return tokenizer


def phases(setting: fitting.Fitting) -> tuple[mixture.Phase, mixture.Phase]:
    """Short rows, then long ones; long ones repeat when the stream would be larger than `MOST_WORDS`."""
    short, long = fitting.LENGTHS
    first = setting.short_steps * setting.rows
    second = (setting.steps - setting.short_steps) * setting.rows
    most = max(1, (MOST_WORDS - first * short) // long)
    return mixture.Phase(first, short, mixture.EARLY), mixture.Phase(min(second, most), long, mixture.LATE)


def fresh_model(plan: Plan, tokenizer: Tokenizer) -> tuple[Qwen2ForCausalLM, copying.Circuit]:
    """The untrained network: random from the seed, with the copying heads written in."""
    torch.manual_seed(plan.fitting.seed)
    entries = tokenizer.get_vocab()
    ids = {"pad": entries[PAD], "end": entries[END]}
    model = Qwen2ForCausalLM(configuration(plan.shape, ids))
    generator = torch.Generator().manual_seed(plan.fitting.seed)
    words = meanings.table(tokenizer, plan.shape.hidden, generator)
    gaps = [number for word, number in entries.items() if word.lstrip("Ġ") == GAP]
    gap = copying.Gap(sorted(gaps), entries["assistant"]) if "assistant" in entries else None
    starts = {place: start for place, start in guiding.STARTS.items() if place[0] < plan.shape.layers}
    circuit = copying.install(model, plan.shape, generator, words, gap, starts)
    return model, circuit


def _probe(plan: Plan, tokenizer: Tokenizer) -> fitting.Probe:
    rng = np.random.default_rng(plan.fitting.seed + 1)
    readings = corpus.read(plan.corpus)
    unseen = mixture.material(readings, rng, held_out=True)
    texts = packing.load(plan.work / "held_out.u16")
    sets = {kind: packing.pack_exchanges(tokenizer, mixture.draw(unseen, kind, 64, rng)) for kind in PROBED}

    def measure(weights: dict[str, torch.Tensor]) -> dict[str, float]:
        found = {f"exact_{kind}": probes.exact_share(weights, plan.shape, rows) for kind, rows in sets.items()}
        found["copy"] = probes.copy_share(weights, plan.shape)
        return found | {"held_out_loss": probes.text_loss(weights, plan.shape, texts)}

    return measure


def ship(model: Qwen2ForCausalLM, tokenizer: Tokenizer, plan: Plan) -> None:
    """Write the model folder: weights on the 4-bit file's grid in 16 bits, configurations, tokenizer, template."""
    plan.out.mkdir(parents=True, exist_ok=True)
    vocabulary.save(tokenizer, plan.out, plan.shape.window)
    model = model.to("cpu")
    config = model.config
    config.dtype = torch.bfloat16
    config.architectures = ["Qwen2ForCausalLM"]
    config.save_pretrained(plan.out)
    GenerationConfig(
        do_sample=False, max_new_tokens=64, eos_token_id=config.eos_token_id, pad_token_id=config.pad_token_id
    ).save_pretrained(plan.out)
    weights = rounding.as_filed(dict(model.named_parameters()), config.num_hidden_layers)
    found = {name: weight.contiguous() for name, weight in weights.items()}
    save_file(found, plan.out / "model.safetensors", metadata={"format": "pt"})
    (plan.out / "model.safetensors").chmod(0o644)  # safetensors writes it for the owner only
