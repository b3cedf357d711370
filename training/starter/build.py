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

from training.starter import copying, corpus, fitting, mixture, packing, probes, vocabulary
from training.starter.formats import END, PAD
from training.starter.shape import Shape, configuration

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
    run = fitting.Run(fresh_model(plan, tokenizer), plan.shape, plan.fitting, plan.work)
    run.resume()
    run.fit(packing.load(plan.work / "stream.u16"), probe)
    ship(run.model, tokenizer, plan)


def prepare(plan: Plan) -> Tokenizer:
    """The tokenizer, and on disk `stream.u16`, `held_out.u16` and `sources.json`."""
    names = ("tokenizer.json", "stream.u16", "held_out.u16", "sources.json")
    if all((plan.work / name).is_file() for name in names):
        return Tokenizer.from_file(str(plan.work / "tokenizer.json"))
    readings = corpus.read(plan.corpus)
    kept = [text for r in readings for text in r.training_texts()]
    tokenizer = vocabulary.learn(kept, plan.shape.vocabulary)
    vocabulary.save(tokenizer, plan.work, plan.shape.window)
    rng = np.random.default_rng(plan.fitting.seed)
    tokens = plan.fitting.steps * plan.fitting.rows * plan.fitting.length + 1
    stream = mixture.build(mixture.material(readings, tokenizer, rng, held_out=False), tokenizer, tokens, rng)
    packing.write(plan.work / "stream.u16", stream)
    packing.write(plan.work / "held_out.u16", mixture.material(readings, tokenizer, rng, held_out=True).texts)
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


def fresh_model(plan: Plan, tokenizer: Tokenizer) -> Qwen2ForCausalLM:
    """The untrained network: random from the seed, with the copying circuit written in."""
    torch.manual_seed(plan.fitting.seed)
    entries = tokenizer.get_vocab()
    ids = {"pad": entries[PAD], "end": entries[END]}
    model = Qwen2ForCausalLM(configuration(plan.shape, ids))
    copying.install(model, plan.shape, torch.Generator().manual_seed(plan.fitting.seed))
    return model


def _probe(plan: Plan, tokenizer: Tokenizer) -> fitting.Probe:
    rng = np.random.default_rng(plan.fitting.seed + 1)
    readings = corpus.read(plan.corpus)
    unseen = mixture.material(readings, tokenizer, rng, held_out=True)
    sets = {kind: packing.pack_exchanges(tokenizer, mixture.draw(unseen, kind, 64, rng)) for kind in PROBED}

    def measure(weights: dict[str, torch.Tensor]) -> dict[str, float]:
        found = {f"exact_{kind}": probes.exact_share(weights, plan.shape, rows) for kind, rows in sets.items()}
        found["copy"] = probes.copy_share(weights, plan.shape)
        return found | {"held_out_loss": probes.text_loss(weights, plan.shape, unseen.texts)}

    return measure


def ship(model: Qwen2ForCausalLM, tokenizer: Tokenizer, plan: Plan) -> None:
    """Write the model folder: 16-bit weights without the tied copy, configurations, tokenizer, template."""
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
    weights = {name: w.detach().to(torch.bfloat16).contiguous() for name, w in model.named_parameters()}
    save_file(weights, plan.out / "model.safetensors", metadata={"format": "pt"})
    (plan.out / "model.safetensors").chmod(0o644)  # safetensors writes it for the owner only
