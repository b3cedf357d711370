"""The technical report: filled from files, with a reason for every hyperparameter."""

import json
from pathlib import Path
from typing import get_args

import pytest

from loresmith.models.locate import ModelSource
from loresmith.recipe import Recipe, TrainConfig
from loresmith.recipe.training import Schedule
from loresmith.report import modelfacts, technical
from loresmith.report.content import Facts, Points, Prose, Section, Table
from loresmith.report.material import Material
from loresmith.report.reasons import Setting, reason


def setting(**changes: object) -> Setting:
    train = TrainConfig().model_copy(update=changes)
    return Setting(train.model_dump(mode="json"), 494_000_000, 420, 8_800_000)


def said(section: Section) -> str:
    words = [section.lead]
    for block in section.blocks:
        if isinstance(block, Prose):
            words.append(block.text)
        elif isinstance(block, Points):
            words += block.items
        elif isinstance(block, Facts):
            words += [f"{name}: {value}" for name, value in block.items]
        elif isinstance(block, Table):
            words += [" ".join(row) for row in block.rows]
    return "\n".join(words)


def test_the_chapters_follow_the_outline_that_people_write_by_hand(material: Material) -> None:
    assert [chapter.title for chapter in technical.technical(material)] == [
        "Model choice",
        "Data and preprocessing",
        "Tokenisation",
        "Training",
        "Quantisation",
        "Retrieval",
        "Evaluation metrics",
        "Limits",
    ]


def test_chapters_say_what_this_run_did(material: Material) -> None:
    chapters = {chapter.id: said(chapter) for chapter in technical.technical(material)}
    assert "Base model: starter" in chapters["model-choice"]
    assert "gate: 0.05" in chapters["model-choice"]
    assert "10 documents as pdf" in chapters["data"]
    assert "160 facts (100 number, 60 definition)" in chapters["data"]
    assert "of more than 1,024 tokens is left out" in chapters["tokenisation"]
    assert "0.5 million numbers were trained" in chapters["hyperparameters"]
    assert "4.0 kB, of which 3.9 kB are weights" in chapters["quantisation"]
    assert "90 vectors of 384 dimensions" in chapters["retrieval-setup"]
    assert "10,000 resamples" in chapters["metrics"]
    assert "lora+rag − base: +70.0 points" in chapters["metrics"]
    assert "rehearsal" in chapters["limits"]


@pytest.mark.parametrize("name", sorted(set(TrainConfig.model_fields) - {"trainer"}))
def test_every_hyperparameter_has_a_reason(name: str) -> None:
    assert reason(name, setting()).endswith(".")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("method", ("lora", "qlora", "full")),
        ("r", (4, 16, 64)),
        ("lora_alpha", (16, 32)),
        ("lora_dropout", (0.0, 0.1)),
        ("open_book", (0.0, 0.25)),
        ("target_modules", ("all-linear", ("q_proj",))),
        ("learning_rate", (4e-3, 2e-4, 5e-5)),
        ("num_train_epochs", (1, 3, 12)),
        ("processes", (1, 2)),
        ("gradient_accumulation_steps", (1, 4)),
        ("lr_scheduler_type", get_args(Schedule)),
        ("optim", ("adamw_torch", "adamw_8bit")),
        ("packing", (True, False)),
        ("forms", (("short", "choice"), ("short",), ("choice",))),
        ("weight_decay", (0.0, 0.01)),
        ("warmup_steps", (0, 10)),
        ("use_dora", (False, True)),
        ("exam_steps", (0, 50)),
        ("early_stopping_patience", (None, 3)),
    ],
)
def test_another_value_has_another_reason(name: str, values: tuple[object, ...]) -> None:
    assert len({reason(name, setting(**{name: value})) for value in values}) == len(values)


def test_an_unknown_hyperparameter_has_no_made_up_reason() -> None:
    assert reason("momentum", setting()) == ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = {
        "model_type": "qwen2",
        "architectures": ["Qwen2ForCausalLM"],
        "num_hidden_layers": 24,
        "hidden_size": 896,
        "intermediate_size": 4864,
        "num_attention_heads": 14,
        "num_key_value_heads": 2,
        "vocab_size": 151936,
        "tie_word_embeddings": True,
    }
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    added = [{"content": "<|im_end|>", "special": True}, {"content": "tool", "special": False}]
    tokenizer = {"model": {"type": "BPE", "vocab": {"a": 0, "b": 1}}, "added_tokens": added}
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    return tmp_path


def test_facts_come_from_the_models_own_files(folder: Path) -> None:
    source = ModelSource("folder", folder, "half")
    facts = dict(modelfacts.model_facts(source, Recipe(name="x")))
    assert facts["Layers"] == "24"
    assert facts["Vocabulary"] == "151,936"
    assert facts["Parameters"] == "494.0 million"  # the published size of Qwen2.5-0.5B
    assert dict(modelfacts.tokenizer_facts(source)) == {"Kind": "BPE", "Pieces": "2", "Special tokens": "<|im_end|>"}


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("---\nlicense: apache-2.0\n---\n# Model", "apache-2.0"),
        ("---\ntags: [a]\nlicense: 'qwen-research'\n---\n", "qwen-research"),
        ("# Model\nNo licence here.", None),
        (None, None),
    ],
)
def test_a_licence_is_told_only_if_the_card_tells_it(folder: Path, card: str | None, expected: str | None) -> None:
    if card is not None:
        (folder / "README.md").write_text(card, encoding="utf-8")
    source = ModelSource("folder", folder, "m")
    assert modelfacts.licence(source) == expected
    shown = dict(modelfacts.model_facts(source, Recipe(name="x")))["Licence"]
    assert shown == (expected or "not stated in the model's files; check before you ship")


def test_a_model_that_is_gone_leaves_its_name() -> None:
    facts = dict(modelfacts.model_facts(None, Recipe.model_validate({"name": "x", "model": {"base": "gone/model"}})))
    assert facts["Base model"] == "gone/model"
    assert "Layers" not in facts
