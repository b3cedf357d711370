import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.models.weights import load_tokenizer
from loresmith.plugins import TrainingSet
from loresmith.progress import finish
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train import general_exam, watching
from loresmith.train.attention import PACKED
from loresmith.train.peft_trainer import PeftTrainer
from loresmith.train.watching import Watch, fell, verdict


def line(step: int, recall: float | None, f1: float = 0.0, general: str = "1" * 20) -> dict[str, Any]:
    return {"step": step, "recall": recall, "recall_f1": f1, "general": 0.0, "general_marks": general}


def test_a_fall_counts_when_chance_does_not_explain_it() -> None:
    before = [True] * 20
    assert not fell(before, [False] * 7 + [True] * 13)  # p = 0.016
    assert fell(before, [False] * 8 + [True] * 12)  # p = 0.008
    assert not fell([False] * 20, before)


def test_the_best_step_has_the_highest_recall_of_those_that_did_not_forget() -> None:
    lines = [line(0, 0.9), line(5, 0.4), line(10, 0.6, 0.7), line(15, 0.6, 0.8), line(20, 0.6, 0.8)]
    assert verdict(lines).best_step == 15
    assert verdict(lines).since_best == 1
    lines.append(line(25, 1.0, 1.0, "0" * 10 + "1" * 10))
    assert verdict(lines).best_step == 15
    assert verdict(lines).forgot


def test_without_validation_questions_the_last_step_that_did_not_forget_stands() -> None:
    lines = [line(0, None), line(5, None), line(10, None), line(15, None, 0.0, "0" * 20)]
    assert verdict(lines).best_step == 10


def test_an_untrained_model_is_no_candidate_and_alone_it_is_all_there_is() -> None:
    assert verdict([line(0, 0.5)]).best_step == 0
    assert verdict([line(0, 0.5), line(5, 0.0)]).best_step == 5


def test_the_general_questions_are_distinct_and_have_their_answers_among_their_options() -> None:
    asked = general_exam.questions()
    assert len({item.question for item in asked}) == len(asked) == 52
    assert all(item.answer in item.options for item in asked if item.options)
    assert all(item.answer.lower() in item.passage.lower() for item in asked if not item.options)
    places = [item.options.index(item.answer) for item in asked if item.options]
    assert max(places.count(place) for place in range(4)) < len(places) / 2


@pytest.mark.parametrize(("policy", "stops"), [("warn", False), ("stop", True)])
def test_forgetting_ends_a_course_only_where_it_should(
    policy: str, stops: bool, network: Any, tiny_model: Path, tmp_path: Path
) -> None:
    config = TrainConfig.model_validate({"exam_steps": 1, "on_forgetting": policy})
    watch = Watch(LanguageModel(network, load_tokenizer(find(str(tiny_model))), "tiny"), (), config, tmp_path)
    found = watching.Verdict(best_step=1, since_best=3, forgot=True)
    assert bool(watch.why_stop(found)) == stops


def course(**changes: object) -> TrainConfig:
    return TrainConfig.model_validate({
        "r": 8, "lora_alpha": 16, "learning_rate": 1e-2, "num_train_epochs": 12, "per_device_train_batch_size": 4,
        "warmup_steps": 2, "max_length": 64, "exam_steps": 6, "seed": 3, "open_book": 0.0, **changes,
    })  # fmt: skip


def test_what_stood_best_in_the_exams_is_what_is_left(tmp_path: Path, tiny_model: Path, lesson: TrainingSet) -> None:
    watched = TrainingSet(lesson.train, lesson.train[:6])  # recall can be learned here
    config, base = course(num_train_epochs=24, exam_steps=12), ModelConfig(base=str(tiny_model))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    figures = finish(PeftTrainer().fit(base, watched, tmp_path / "a", config))
    exams = _read(tmp_path / "a")
    assert [each["step"] for each in exams] == [0, 12, 24, 36, 48, 60, 72]
    assert figures["kept_step"] == verdict(exams).best_step
    assert figures["exam_recall"] == max(each["recall"] for each in exams) > exams[0]["recall"]
    last = config.model_copy(update={"load_best_model_at_end": False, "early_stopping_patience": None})
    assert finish(PeftTrainer().fit(base, watched, tmp_path / "b", last))["kept_step"] == 72
    best, final = (load_file(tmp_path / name / "adapter_model.safetensors") for name in "ab")
    assert figures["kept_step"] < 72
    assert not all(torch.equal(best[name], final[name]) for name in best)
    expert = open_model(find(str(tiny_model)), adapter=tmp_path / "a")
    answers = expert.complete([list(c.ids[: c.completion]) for c in watched.validation], 2)
    right = [given.ids[0] == c.ids[c.completion] for given, c in zip(answers, watched.validation, strict=True)]
    assert sum(right) / len(right) == pytest.approx(figures["exam_recall"])


def test_patience_ends_a_course_that_gets_no_better(tmp_path: Path, tiny_model: Path, lesson: TrainingSet) -> None:
    config = course(early_stopping_patience=2, learning_rate=1e-6, exam_steps=3)
    figures = finish(PeftTrainer().fit(ModelConfig(base=str(tiny_model)), lesson, tmp_path, config))
    assert figures["stopped"] == "no better exam in 2"
    assert figures["steps"] == 9
    assert figures["kept_step"] == 3


def test_an_exam_leaves_the_network_packed_and_its_marks_are_written_down(
    network: Any, tiny_model: Path, lesson: TrainingSet, tmp_path: Path
) -> None:
    network.set_attn_implementation(PACKED)
    speaker = LanguageModel(network, load_tokenizer(find(str(tiny_model))), "tiny")
    watch = Watch(speaker, lesson.validation, course(), tmp_path)
    watch.sit(0)
    assert network.config._attn_implementation == PACKED
    (found,) = watch.results()
    assert len(found["general_marks"]) == 52
    assert len(found["recall_marks"]) == 4
    assert watch.go_on_from(0) is None
    assert watch.results() == []


def _read(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(each) for each in (folder / watching.NAME).read_text().splitlines()]
