import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from loresmith.artifact import Artifact
from loresmith.benchmark import Examinee, asking, run, sitting
from loresmith.benchmark.hall import Hall
from loresmith.benchmark.results import Mark, Results
from loresmith.benchmark.sitting import drawn_up
from loresmith.benchmark.table import chosen
from loresmith.errors import UserError
from loresmith.models.language import LanguageModel
from loresmith.progress import finish
from loresmith.recipe.benchmark import BenchmarkConfig
from tests.benchmark import papers

Build = Callable[..., Examinee]


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs each call of the model weighed."""
    calls: list[int] = []
    plain = LanguageModel.loglikelihood

    def counted(self: LanguageModel, pairs: Sequence[Any]) -> list[float]:
        calls.append(len(pairs))
        return plain(self, pairs)

    monkeypatch.setattr(LanguageModel, "loglikelihood", counted)
    return calls


def results_of(made: Artifact) -> Results:
    return Results.model_validate_json((made / "results.json").read_bytes())


def test_both_arms_are_asked_alike_and_compared(examinee: Build, adapter: Artifact, tmp_path: Path) -> None:
    config = BenchmarkConfig(tasks=("arc_challenge",), data=(str(papers.arc(tmp_path / "arc")),))
    (made,) = finish(run(examinee(adapter), config, tmp_path / "out"))
    marks, results = list(made.rows(Mark)), results_of(made)
    arms = {arm: [mark for mark in marks if mark.arm == arm] for arm in ("base", "lora")}
    assert [mark.question for mark in arms["base"]] == [mark.question for mark in arms["lora"]]
    assert [mark.likelihoods for mark in arms["base"]] != [mark.likelihoods for mark in arms["lora"]]
    (pair,) = [pair for pair in results.comparisons if pair.metric == "acc"]
    base, lora = results.score("base", "acc"), results.score("lora", "acc")
    assert base is not None and lora is not None
    assert pair.difference.value == pytest.approx(lora.value.value - base.value.value, abs=1e-5)
    assert results.adapter == adapter.manifest.content
    assert made.manifest.parents == {"train": adapter.manifest.content}


def test_the_base_arm_is_the_model_without_its_adapter(examinee: Build, adapter: Artifact, tmp_path: Path) -> None:
    config = BenchmarkConfig(tasks=("arc_challenge",), data=(str(papers.arc(tmp_path / "arc")),), arms=("base",))
    found = [
        [mark.likelihoods for mark in finish(run(one, config, tmp_path / name))[0].rows(Mark)]
        for name, one in (("with", examinee(adapter)), ("without", examinee()))
    ]
    assert found[0] == found[1]


def test_a_killed_run_asks_no_question_twice(
    examinee: Build, tmp_path: Path, weighed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitting, "ASKED_AT_ONCE", 8)  # 36 questions: five parts
    config = BenchmarkConfig(tasks=("arc_challenge",), data=(str(papers.arc(tmp_path / "arc")),))
    (whole,) = finish(run(examinee(), config, tmp_path / "whole"))
    undisturbed = list(weighed)
    weighed.clear()
    work = run(examinee(), config, tmp_path / "killed")
    while len(weighed) < 2:
        next(work)
    work.close()
    assert weighed == undisturbed[:2]
    (resumed,) = finish(run(examinee(), config, tmp_path / "killed"))
    assert weighed == undisturbed
    assert resumed.manifest.content == whole.manifest.content


def test_what_is_there_is_taken_as_it_is_and_another_setting_asks_anew(
    examinee: Build, tmp_path: Path, weighed: list[int]
) -> None:
    data = papers.arc(tmp_path / "arc")
    config = BenchmarkConfig(tasks=("arc_challenge",), data=(str(data),))
    first = finish(run(examinee(), config, tmp_path / "out"))
    weighed.clear()
    moved = shutil.copytree(data.parent, tmp_path / "elsewhere" / "arc")  # where the rows lie does not matter
    again = config.model_copy(update={"data": (str(moved),), "batch_size": 3})
    assert finish(run(examinee(), again, tmp_path / "out"))[0].manifest == first[0].manifest
    assert weighed == []
    finish(run(examinee(), config.model_copy(update={"chat_template": True}), tmp_path / "out"))
    assert sum(weighed) > 0


def test_a_limit_is_marked_and_leaves_every_prompt_as_it_was(examinee: Build, tmp_path: Path) -> None:
    config = BenchmarkConfig(tasks=("gsm8k",), data=(str(papers.gsm8k(tmp_path / "gsm8k")),), limit=3)
    with Hall(examinee(), config) as hall:
        part = drawn_up(hall, chosen(["gsm8k"])[0], alone=True)
    with Hall(examinee(), config.model_copy(update={"limit": None})) as hall:
        whole = drawn_up(hall, chosen(["gsm8k"])[0], alone=True)
    assert len(part.prompts) == 3
    assert set(prompt.text for prompt in part.prompts) < set(prompt.text for prompt in whole.prompts)
    limited = config.model_copy(update={"tasks": ("arc_challenge",), "data": (str(papers.arc(tmp_path / "arc")),)})
    results = results_of(finish(run(examinee(), limited, tmp_path / "out"))[0])
    assert (results.asked, results.limit, results.data.rows) == (3, 3, 36)
    enough = limited.model_copy(update={"limit": 36})
    assert results_of(finish(run(examinee(), enough, tmp_path / "out"))[0]).limit is None


def test_the_setting_tells_apart_what_must_not_be_compared(examinee: Build, tmp_path: Path) -> None:
    data = str(papers.arc(tmp_path / "arc"))
    plain = BenchmarkConfig(tasks=("arc_challenge",), data=(data,), few_shot=2)
    settings = {}
    for name, changed in {"plain": {}, "chat": {"chat_template": True}, "more": {"few_shot": 3}}.items():
        made = finish(run(examinee(), plain.model_copy(update=changed), tmp_path / name))
        settings[name] = results_of(made[0]).setting
    assert settings["plain"].chat_template == "" != settings["chat"].chat_template
    assert settings["plain"].examples_sha256 != settings["more"].examples_sha256
    assert settings["plain"].prompt == "Question: {question}\nAnswer:"
    assert settings["plain"].dtype == "float32"


def test_prompts_beyond_the_window_are_cut_and_counted(examinee: Build, tmp_path: Path) -> None:
    path = papers.arc(tmp_path / "arc")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:3]]
    rows[1]["question"]["stem"] = "Long " * 400
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    config = BenchmarkConfig(tasks=("arc_challenge",), data=(str(path),))
    (made,) = finish(run(examinee(), config, tmp_path / "out"))
    assert [mark.is_cut for mark in made.rows(Mark)] == [False, True, False]
    assert results_of(made).cut == 1


def test_options_that_read_alike_tie_and_the_first_counts(examinee: Build, tmp_path: Path) -> None:
    path = papers.arc(tmp_path / "arc")
    row = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    for choice in row["question"]["choices"]:
        choice["text"] = "the same"
    rows = [{**row, "id": f"{key}", "answerKey": key} for key in "ABCD"]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    config = BenchmarkConfig(tasks=("arc_challenge",), data=(str(path),))
    (made,) = finish(run(examinee(), config, tmp_path / "out"))
    assert [mark.scores["acc"] for mark in made.rows(Mark)] == [1.0, 0.0, 0.0, 0.0]


def test_a_base_model_without_a_template_is_asked_plainly_and_refused_in_chat(
    build_tiny_model: Callable[..., Path], tmp_path: Path
) -> None:
    from loresmith.models.locate import find

    bare = Examinee(find(str(build_tiny_model(tmp_path / "bare", template=None))), "float32")
    config = BenchmarkConfig(tasks=("gsm8k",), data=(str(papers.gsm8k(tmp_path / "gsm8k")),), few_shot=0, limit=2)
    (made,) = finish(run(bare, config, tmp_path / "out"))
    assert all(mark.read.keys() == {"strict_match", "flexible_extract"} for mark in made.rows(Mark))
    with pytest.raises(UserError, match="no chat template"):
        finish(run(bare, config.model_copy(update={"chat_template": True}), tmp_path / "out"))


def test_a_model_alone_has_no_trained_arm(examinee: Build, tmp_path: Path) -> None:
    config = BenchmarkConfig(tasks=("arc_challenge",), data=(str(papers.arc(tmp_path)),), arms=("base", "lora"))
    with pytest.raises(UserError, match="has no arm lora"):
        finish(run(examinee(), config, tmp_path / "out"))


def test_the_share_of_the_true_answers_survives_tiny_probabilities() -> None:
    assert asking._mass([-2000.0, -2000.0, -2001.0], [True, False, False]) == pytest.approx(1 / (2 + 2.718281828**-1))
