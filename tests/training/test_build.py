from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from training.starter import build
from training.starter.__main__ import main
from training.starter.fitting import Fitting
from training.starter.shape import Shape


@pytest.fixture(scope="module")
def plan(
    tiny_corpus: Path, tiny_shape: Shape, tiny_fitting: Fitting, tmp_path_factory: pytest.TempPathFactory
) -> build.Plan:
    folder = tmp_path_factory.mktemp("build")
    made = build.Plan(tiny_corpus, folder / "work", folder / "out", tiny_shape, tiny_fitting)
    build.build(made)
    return made


def test_the_folder_opens_with_plain_transformers_and_generates(plan: build.Plan) -> None:
    model = AutoModelForCausalLM.from_pretrained(plan.out)
    tokenizer = AutoTokenizer.from_pretrained(plan.out)
    assert model.dtype == torch.bfloat16
    ids = tokenizer("The valve", return_tensors="pt")["input_ids"]
    assert model.generate(ids, max_new_tokens=4).shape[1] > ids.shape[1]
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id == 399


def test_a_second_build_gives_the_same_files(plan: build.Plan, tmp_path: Path) -> None:
    again = build.Plan(plan.corpus, tmp_path / "work", tmp_path / "out", plan.shape, plan.fitting)
    build.build(again)
    for name in ("tokenizer.json", "model.safetensors", "config.json", "chat_template.jinja"):
        assert (again.out / name).read_bytes() == (plan.out / name).read_bytes(), name


def test_the_sources_are_listed_with_licence_hash_and_tokens(plan: build.Plan) -> None:
    listed = (plan.work / "sources.json").read_text()
    assert "public domain" in listed
    assert '"sha256"' in listed
    assert str(plan.corpus) not in listed


def test_a_missing_corpus_is_one_line_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--corpus", str(tmp_path), "--work", str(tmp_path / "work"), "--out", str(tmp_path / "out")]
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
