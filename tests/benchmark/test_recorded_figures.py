"""Our figures beside those of lm-evaluation-harness for the same rows; `recorded.json` says how they were made."""

import json
from pathlib import Path
from typing import Any

import pytest

from loresmith.benchmark import Examinee, reading, run
from loresmith.benchmark.results import Mark, Results
from loresmith.models.locate import find
from loresmith.progress import finish
from loresmith.recipe.benchmark import BenchmarkConfig
from tests.benchmark import papers

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("recorded.json").read_text(encoding="utf-8"))
THEIRS = {
    "acc": "acc,none",
    "acc_norm": "acc_norm,none",
    "strict_match": "exact_match,strict-match",
    "flexible_extract": "exact_match,flexible-extract",
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Results, list[Mark]]]:
    """All recorded tasks asked of the starter, in one run."""
    folder = tmp_path_factory.mktemp("papers")
    data = (
        f"arc_challenge={papers.arc(folder / 'arc')}",
        f"mmlu={papers.mmlu(folder / 'mmlu')}",
        f"gsm8k={papers.gsm8k(folder / 'gsm8k')}",
    )
    config = BenchmarkConfig(tasks=tuple(RECORDED["figures"]), data=data)
    made = finish(run(Examinee(find("starter"), "float32"), config, folder / "out"))
    found = [(Results.model_validate_json((one / "results.json").read_bytes()), list(one.rows(Mark))) for one in made]
    return {results.task: (results, marks) for results, marks in found}


@pytest.mark.parametrize("task", RECORDED["figures"])
def test_every_figure_is_the_harness_s_to_four_decimals(ours: dict[str, tuple[Results, list[Mark]]], task: str) -> None:
    results, _ = ours[task]
    theirs = RECORDED["figures"][task]["scores"]
    assert {score.metric: f"{score.value.value:.4f}" for score in results.scores} == {
        metric: f"{theirs[name]:.4f}" for metric, name in THEIRS.items() if name in theirs
    }


@pytest.mark.parametrize("task", [task for task, found in RECORDED["figures"].items() if "likelihoods" in found])
def test_every_likelihood_is_the_harness_s(ours: dict[str, tuple[Results, list[Mark]]], task: str) -> None:
    _, marks = ours[task]
    for mark, theirs in zip(marks, RECORDED["figures"][task]["likelihoods"], strict=True):
        assert mark.likelihoods == pytest.approx(theirs, abs=2e-3)  # float32 sums of up to 30 terms, other batches


def test_every_written_text_is_the_harness_s(ours: dict[str, tuple[Results, list[Mark]]]) -> None:
    results, marks = ours["gsm8k"]
    assert [mark.given for mark in marks] == RECORDED["figures"]["gsm8k"]["texts"]
    assert results.setting.max_new_tokens == 64  # the starter's own generation config, which wins there too


@pytest.mark.parametrize("row", RECORDED["answers"], ids=lambda row: repr(row["answer"]))
def test_a_written_number_is_read_as_the_harness_reads_it(row: dict[str, Any]) -> None:
    scores, _ = reading.numbers(row["answer"], row["solution"])
    assert scores == {name: row[name] for name in ("strict_match", "flexible_extract")}


def test_the_harness_itself_agrees_where_it_is_installed(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("lm_eval", reason="lm_eval (the extra `eval`) is not installed")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    import harness

    rows = papers.arc(tmp_path / "arc")
    # without `fewshot_split` the harness would draw a question as its own worked example
    nothing = {"training_split": None, "validation_split": None, "fewshot_split": "test", "num_fewshot": 3}
    (tmp_path / "theirs").mkdir()
    name = harness.task(tmp_path / "theirs", "arc/arc_challenge.yaml", {"test": harness.arc(rows)}, **nothing)
    for chat in (False, True):
        found = harness.evaluate(harness.opened(tiny_model, batch_size=4), tmp_path / "theirs", [name], chat=chat)
        config = BenchmarkConfig(tasks=("arc_challenge",), data=(str(rows),), few_shot=3, chat_template=chat)
        (made,) = finish(run(Examinee(find(str(tiny_model)), "float32"), config, tmp_path / f"chat-{chat}"))
        results = Results.model_validate_json((made / "results.json").read_bytes())
        for score in results.scores:
            assert score.value.value == pytest.approx(found["results"][name][THEIRS[score.metric]], abs=5e-5)
        for mark, theirs in zip(made.rows(Mark), harness.likelihoods(found["samples"][name]), strict=True):
            assert mark.likelihoods == pytest.approx(theirs, abs=2e-3)
