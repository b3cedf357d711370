"""Files of three layouts, run by llama.cpp and held against transformers on the same merged weights."""

import random
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path

import pytest
import torch
from gguf import GGUFReader

from loresmith.errors import UserError
from loresmith.export import gguf_file, layout, shipping
from loresmith.models import locate, lora_weights, prompts
from loresmith.models.gguf import GgufModel
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.lora_weights import LoraWeights
from loresmith.models.merging import MergedWeights, merge_to_folder
from loresmith.recipe import ExportConfig, ModelConfig
from loresmith.recipe.settings import ExportSettings

LAYOUTS = ["qwen2", "qwen3", "llama"]
QUESTIONS = [
    "Which valve opens at four bar?",
    "  1024 valves\n\n\nor 77?",
    "Naïve — ½ Äpfel 你好 🙂 don't 'LL",
    "<|im_end|> <|eot_id|>",
]
ANSWERS = ["The relief valve.", "4 bar", "1024 times"]


def settings_for(base: Path, quantization: str) -> ExportSettings:
    return ExportSettings(
        model=ModelConfig(base=str(base)), export=ExportConfig.model_validate({"quantization": quantization})
    )


def export(base: Path, lora: LoraWeights, path: Path, quantization: str) -> Path:
    shipment = shipping.prepare(settings_for(base, quantization), lora, path.parent)
    assert len(list(shipping.write(shipment, path))) == shipment.tensors
    return path


class Pair:
    """The merged 16-bit model in transformers, and the file of the same weights in llama.cpp."""

    def __init__(self, base: Path, adapter: Path, folder: Path) -> None:
        lora = lora_weights.read(adapter)
        for _ in merge_to_folder(base, lora, folder / "merged", dtype=lambda weights: weights.sixteen_bit):
            pass
        self.base, self.lora, self.folder = base, lora, folder
        self.source = locate.find(str(folder / "merged"))
        self.merged: LanguageModel = open_model(self.source, "float32")
        self.file = GgufModel(export(base, lora, folder / "model.gguf", "f16"))

    def gap(self, prompt: list[int], ours: tuple[int, ...], theirs: tuple[int, ...]) -> float:
        """How much more likely transformers finds its own token where the two answers part; 0.0 for equal answers."""
        if ours == theirs:
            return 0.0
        place = next(n for n, (a, b) in enumerate(zip_longest(ours, theirs)) if a != b)
        before = [*prompt, *theirs[:place]]
        ends = [[*answer, self.merged.turn.end][place : place + 1] for answer in (ours, theirs)]
        first, second = self.merged.loglikelihood([(before, end) for end in ends])
        return second - first


@pytest.fixture(scope="module", params=LAYOUTS)
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, fit_adapter: Callable[..., Path]
) -> Pair:
    base = request.getfixturevalue(request.param)
    made = Pair(base, fit_adapter(base), tmp_path_factory.mktemp(request.param))
    request.addfinalizer(made.file.close)
    return made


def test_prompts_and_replies_have_the_same_ids_in_the_file(pair: Pair) -> None:
    for question in QUESTIONS:
        asked = prompts.short(question, "[1] The relief valve opens at 4 bar.")
        assert pair.file.encode(asked) == pair.merged.encode(asked)
        assert pair.file.encode_reply(question) == pair.merged.encode_reply(question)


def test_log_probabilities_agree_to_a_hundredth_a_token(pair: Pair) -> None:
    random.seed(1)
    contexts = [[random.randrange(330) for _ in range(length)] for length in (1, 7, 60, 200)]
    pairs = [(context, [random.randrange(330) for _ in range(5)]) for context in contexts]
    for ours, theirs in zip(pair.file.loglikelihood(pairs), pair.merged.loglikelihood(pairs), strict=True):
        assert ours == pytest.approx(theirs, abs=0.05)  # over five tokens; llama.cpp keeps its cache in float16


def test_greedy_answers_part_only_where_transformers_is_undecided(pair: Pair) -> None:
    asked = [pair.merged.encode(prompts.short(question)) for question in QUESTIONS]
    answers = zip(asked, pair.file.complete(asked, 16), pair.merged.complete(asked, 16), strict=True)
    gaps = [pair.gap(prompt, ours.ids, theirs.ids) for prompt, ours, theirs in answers]
    assert gaps.count(0.0) >= len(gaps) // 2
    assert max(gaps) < 0.02  # nats between the two best tokens; the cache of llama.cpp has 16 bits


@pytest.mark.parametrize(
    ("quantization", "off"),  # nats a token, of 5.8; random weights quantise worst
    [("q4_0", 0.8), ("q4_k_m", 0.5), ("q5_k_m", 0.3), ("q6_k", 0.15), ("q8_0", 0.05), ("bf16", 0.05)],
)
def test_a_quantised_file_stays_near_its_model(pair: Pair, quantization: str, off: float) -> None:
    path = export(pair.base, pair.lora, pair.folder / f"{quantization}.gguf", quantization)
    context = pair.merged.encode(prompts.short(QUESTIONS[0]))
    pairs = [(context, pair.merged.encode_reply(answer)) for answer in ANSWERS]
    with GgufModel(path) as small:
        for (_, reply), ours, theirs in zip(
            pairs, small.loglikelihood(pairs), pair.merged.loglikelihood(pairs), strict=True
        ):
            assert abs(ours - theirs) / len(reply) < off


def test_the_weights_are_those_of_the_merged_sixteen_bit_model_rounded_once(pair: Pair) -> None:
    stored = {tensor.name: tensor.data for tensor in GGUFReader(pair.folder / "model.gguf").tensors}
    with MergedWeights(pair.folder / "merged") as weights:
        for source, name in layout.gguf_names(weights.shards, tied="output.weight" not in stored).items():
            merged = torch.cat(list(weights.blocks(source, torch.float32))).squeeze(0)
            order = layout.row_order(name, len(merged), layout.read(locate.configuration(pair.source)))
            expected = merged if order is None else merged[order]
            expected = expected.half().float() if expected.dim() == 2 else expected
            assert torch.equal(torch.from_numpy(stored[name].copy()).float(), expected), name


@pytest.mark.parametrize("quantization", ["f16", "bf16", "q8_0", "q6_k", "q5_k_m", "q4_k_m", "q4_0"])
def test_the_same_inputs_give_the_same_bytes(
    qwen2: Path, fit_adapter: Callable[..., Path], tmp_path: Path, quantization: str
) -> None:
    lora = lora_weights.read(fit_adapter(qwen2))
    (tmp_path / "elsewhere").mkdir()
    first = export(qwen2, lora, tmp_path / "a.gguf", quantization)
    second = export(qwen2, lora, tmp_path / "elsewhere" / "b.gguf", quantization)
    assert first.read_bytes() == second.read_bytes()


def test_small_blocks_give_the_bytes_of_large_ones(
    llama: Path, fit_adapter: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lora = lora_weights.read(fit_adapter(llama))
    whole = export(llama, lora, tmp_path / "whole.gguf", "q4_k_m")
    monkeypatch.setattr("loresmith.models.merging.BLOCK_WEIGHTS", 256 * 24)  # no divisor of a head's 64 rows
    assert export(llama, lora, tmp_path / "parts.gguf", "q4_k_m").read_bytes() == whole.read_bytes()


def test_the_file_names_its_model_and_nothing_of_the_machine(
    llama: Path, fit_adapter: Callable[..., Path], tmp_path: Path
) -> None:
    path = export(llama, lora_weights.read(fit_adapter(llama)), tmp_path / "model.gguf", "q8_0")
    fields = {name: field.contents() for name, field in GGUFReader(path).fields.items() if "tokens" not in name}
    assert fields["general.name"] == "llama"
    assert fields["general.file_type"] == 7
    assert fields["llama.attention.head_count_kv"] == 2
    assert fields["tokenizer.ggml.pre"] == "llama-bpe"
    assert fields["tokenizer.ggml.add_bos_token"] is True
    assert str(llama.parent).encode() not in path.read_bytes()


def test_an_adapter_on_a_head_that_is_the_embedding_is_refused(qwen2: Path) -> None:
    lora = LoraWeights(1.0, {"lm_head.weight": (torch.zeros(2, 256), torch.zeros(352, 2))})
    weights = MergedWeights(qwen2)
    weights.lora = lora
    config = locate.configuration(locate.find(str(qwen2)))
    with pytest.raises(UserError, match="lm_head"):
        gguf_file.plan(weights, layout.read(config), "q4_k_m")
