"""The model folder inside the package: the files that a user gets."""

import re
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from loresmith.models import prompts
from training.starter import lora_exam
from training.starter.formats import chat
from training.starter.vocabulary import SPECIALS

FILES = ("config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "loresmith" / "models" / "starter"


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def model(folder: Path) -> PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def test_the_folder_is_whole_and_at_most_40_megabytes(folder: Path) -> None:
    assert [name for name in (*FILES, "chat_template.jinja", "MODEL_CARD.md") if not (folder / name).is_file()] == []
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 40_000_000


def test_rows_suit_q4_k_m_and_the_specials_are_known(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> None:
    assert {w.shape[1] % 256 for w in model.parameters() if w.dim() == 2} == {0}
    last = len(tokenizer) - len(SPECIALS)
    assert [tokenizer.convert_tokens_to_ids(name) for name in SPECIALS] == [last, last + 1, last + 2]
    messages = prompts.short("How high is it?", "[1] It is 3 m high.")
    rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert rendered == chat(messages[-1]["content"], "")[0]


def test_answers_end_by_themselves(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
    questions = [question for question, _ in lora_exam.exam(40, seed=9)[1]]
    texts = [
        tokenizer.apply_chat_template(prompts.short(question), tokenize=False, add_generation_prompt=True)
        for question in questions
    ]
    batch = tokenizer(texts, return_tensors="pt", padding=True, padding_side="left")
    out = model.generate(**batch, max_new_tokens=64, do_sample=False)
    stopped = sum(tokenizer.eos_token_id in line for line in out[:, batch["input_ids"].shape[1] :].tolist())
    assert stopped >= 38  # of 40


def test_the_card_names_every_source_and_no_machine_path(folder: Path) -> None:
    card = (folder / "MODEL_CARD.md").read_text()
    assert len(re.findall(r"\b[0-9a-f]{64}\b", card)) >= 10
    assert not re.search(r"(?<![\w.])/(work|home|tmp|root)/", card)
