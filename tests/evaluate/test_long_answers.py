"""Long answers on made-up grades, and through a whole examination of a real random model."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loresmith import artifact, evaluate
from loresmith.artifact import Artifact, Plan
from loresmith.errors import MachineError
from loresmith.evaluate import further, hearing, long_answers, tally
from loresmith.evaluate.judge import Judgement
from loresmith.evaluate.long_answers import LongMark
from loresmith.evaluate.results import Further, LongScores, Results, cell_of
from loresmith.evaluate.verdict import ONLY_LONG, verdict
from loresmith.progress import finish
from loresmith.recipe import SplitConfig
from loresmith.recipe.settings import EvaluateSettings, FurtherSettings
from loresmith.records import Grade, Question
from loresmith.scoring import overlap
from tests.evaluate import bench
from tests.evaluate.bench import long_questions
from tests.evaluate.conftest import exam_questions
from tests.stand_in import StandIn, Told, completion, prompt_of, serving

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")
Questions = Callable[[str], list[Question]]


def said(question: Question, arm: str) -> str:
    """The base says little of the reference, the adapter most of it, and in every fourth question runs on."""
    words = question.answer.split()
    return "It is rated." if arm == "base" else " ".join(words[: len(words) - len(question.id) % 2])


def graded(arm: str, correct: bool | None = None) -> list[Grade]:
    return [
        Grade(
            question=question.id,
            fact=question.fact,
            document=question.document,
            arm=arm,
            exam="recall",
            form="long",
            given=said(question, arm),
            correct=correct,
            token_f1=0.25 if arm == "base" else 0.875,
            unparsed="ran past the token limit" if place % 4 == 0 and arm == "lora" else None,
        )
        for place, question in enumerate(long_questions("recall"))
    ]


def log_of(*grades: Grade) -> tally.Log:
    return tally.Log(grades, {question.id: question for question in long_questions("recall")}, 1000, 17)


@pytest.fixture
def log() -> tally.Log:
    return log_of(*graded("base"), *graded("lora"))


def scores_of(log: tally.Log) -> dict[str, LongScores]:
    return {one.arm: one for one in long_answers.scores(log, long_answers.marks(log))}


def test_each_arm_has_its_mean_with_interval_n_and_what_was_cut_off(log: tally.Log) -> None:
    asked = long_questions("recall")
    lora = scores_of(log)["lora"]
    answers, references = [said(one, "lora") for one in asked], [one.answer for one in asked]
    found = overlap.rouge_l(answers, references)
    assert lora.rouge_l is not None
    assert lora.rouge_l.value == pytest.approx(sum(found) / 27, abs=1e-6)
    assert lora.rouge_l.low <= lora.rouge_l.value <= lora.rouge_l.high
    assert (lora.n, lora.rouge_l.n, lora.cut_off, lora.unread) == (27, 27, 7, {})
    assert "9 documents" in lora.rouge_l.method
    assert lora.corpus_bleu == pytest.approx(overlap.corpus_bleu(answers, references), abs=1e-6)
    assert lora.reference_words == pytest.approx(sum(len(one.split()) for one in references) / 27, abs=0.05)


def test_arms_are_compared_on_the_same_questions_by_each_measure(log: tally.Log) -> None:
    found = {pair.measure: pair for pair in long_answers.pairs(log, long_answers.marks(log))}
    assert set(found) == {"rouge_l", "bleu", "token_f1"}
    assert {pair.name for pair in found.values()} == {"lora - base"}
    assert found["token_f1"].difference.value == 0.625
    assert found["rouge_l"].difference.low > 0.3
    assert found["rouge_l"].p_holm < 0.001
    assert found["rouge_l"].difference.method.startswith("paired")


def test_the_better_single_arm_by_rouge_is_what_both_together_are_compared_with(log: tally.Log) -> None:
    weak = [row.model_copy(update={"arm": "rag"}) for row in graded("base")]
    both = [row.model_copy(update={"arm": "lora+rag"}) for row in graded("lora")]
    four = log_of(*log.grades, *weak, *both)
    names = {pair.name for pair in long_answers.pairs(four, long_answers.marks(four))}
    assert names == {"lora - base", "rag - base", "lora+rag - base", "rag - lora", "lora+rag - lora"}


def test_long_answers_that_nobody_graded_are_in_no_cell_pair_or_part_and_the_verdict_says_so(log: tally.Log) -> None:
    assert (tally.cells(log), tally.pairs(log), tally.parts(log)) == ((), (), ())
    long = tuple(scores_of(log).values())
    told = verdict((), (), (), (), (), long)
    assert (told.decision, told.headline) == ("unclear", ONLY_LONG)
    assert told.cautions == (
        "27 of 27 long answers of the recall exam have no part in this: how much of the reference they say is "
        "measured, whether they are right is not.",
    )


def test_graded_long_answers_count_on_the_questions_that_were_graded_in_every_arm() -> None:
    base, lora = graded("base", correct=False), graded("lora", correct=True)
    lora[0] = lora[0].model_copy(update={"correct": None})
    log = log_of(*base, *lora)
    for arm, share in (("base", 0.0), ("lora", 1.0)):
        cell = cell_of(tally.cells(log), "recall", arm, "long")
        assert cell is not None
        assert (cell.n, cell.accuracy.value) == (26, share)
    assert {pair.won for pair in tally.pairs(log)} == {26}
    assert scores_of(log)["base"].n == 27


def test_without_the_packages_words_are_counted_and_the_absence_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "has_packages", lambda: False)
    found = scores_of(log_of(*graded("base")))["base"]
    assert (found.rouge_l, found.bleu, found.corpus_bleu) == (None, None, None)
    assert found.token_f1.value == 0.25
    assert list(found.unscored.values()) == [27]


@pytest.fixture(scope="session")
def long_parents(parents: dict[str, Artifact], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artifact]:
    """The project with four long questions in each exam beside the others."""
    folder = tmp_path_factory.mktemp("long")
    with artifact.create(folder / "split", Plan("split", SplitConfig())) as draft:
        for exam in ("recall", "transfer"):
            for question in (*exam_questions(exam)[:12], *long_questions(exam)[::7]):
                draft.keep(question, f"{exam}.jsonl")
    return {**parents, "split": artifact.read(folder / "split", made_by="split")}


def long_plan(parents: dict[str, Artifact], model: Path, **evaluate_: object) -> Plan:
    settings = {"max_new_tokens": 4, "long_max_new_tokens": 8, "bootstrap_samples": 1000, "text_passages": 0}
    given = {"model": {"base": str(model)}, "evaluate": {**settings, "arms": ("base", "rag"), **evaluate_}}
    ask = {"passages": 2, "source_tokens": 120}
    return Plan("evaluate", EvaluateSettings.model_validate(given | {"ask": ask}), parents)


def test_an_examination_scores_its_long_answers_and_keeps_them_out_of_the_verdict(
    long_parents: dict[str, Artifact], tiny_model: Path, tmp_path: Path
) -> None:
    made = finish(evaluate.run(long_plan(long_parents, tiny_model), tmp_path / "exam"))
    results = Results.model_validate_json((made / "results.json").read_bytes())
    assert [(one.exam, one.arm, one.n) for one in results.long] == [
        (exam, arm, 4) for arm in ("base", "rag") for exam in ("recall", "transfer")
    ]
    long = [grade for grade in made.rows(Grade) if grade.form == "long"]
    assert {grade.correct for grade in long} == {None}
    cut = sum(grade.unparsed == "ran past the token limit" for grade in long)
    assert sum(one.cut_off for one in results.long) == cut > 0  # a random model seldom stops by itself
    assert {cell.form for cell in results.cells} == {"short", "choice", "all"}
    assert {cell.n for cell in results.cells if cell.form == "all"} == {12}
    assert sum("4 of 4 long answers" in caution for caution in results.verdict.cautions) == 2
    assert [(row.arm, row.exam, row.question) for row in made.rows(LongMark, long_answers.LONG)] == [
        (grade.arm, grade.exam, grade.question) for grade in long
    ]


def test_an_examination_of_a_version_without_long_answers_is_still_read(tmp_path: Path, log: tally.Log) -> None:
    results = Results(
        cells=(), pairs=(), parts=(), retrieval=(), limited=(), known=(), verdict=verdict((), ()), long=()
    )
    before = results.model_dump(mode="json", exclude={"long", "long_pairs"})
    assert Results.model_validate(before) == results


@pytest.fixture
def server() -> Iterator[StandIn]:
    """One server for the judge and for the examinee, which says the reference's first words to everything."""
    judged = bench.judging()
    said = completion("The relief valve")
    with serving(lambda request: judged(request) if bench.is_judging(request) else said) as state:
        yield state


def judge_of(server: StandIn, **changes: object) -> dict[str, object]:
    return {"base_url": server.url, "model": "m", "concurrency": 2, "retries": 0, "compared": 30, **changes}


def judging_calls(server: StandIn) -> list[str]:
    return [prompt_of(request) for request in server.asked if bench.is_judging(request)]


def test_a_judge_is_asked_once_by_the_examination_its_repetition_and_the_arms_that_sit_afterwards(
    long_parents: dict[str, Artifact], tiny_model: Path, tmp_path: Path, server: StandIn
) -> None:
    plan = long_plan(long_parents, tiny_model, judge=judge_of(server))
    server.decide = lambda request, _: Told(503) if len(server.asked) == 3 else Told()
    with pytest.raises(MachineError, match="gave no verdict on"):
        finish(evaluate.run(plan, tmp_path / "exam"))
    made = finish(evaluate.run(plan, tmp_path / "exam"))
    asked = judging_calls(server)
    assert len(server.answered) == len(set(server.answered)) == len(set(asked)) < len(asked)
    results = Results.model_validate_json((made / "results.json").read_bytes())
    assert results.judge is not None
    assert [(one.exam, one.arm, one.n) for one in results.judge.arms] == [
        (exam, arm, 4) for arm in ("base", "rag") for exam in ("recall", "transfer")
    ]
    assert results.judge.words in results.verdict.cautions
    rows = list(made.rows(Judgement, hearing.LOG))
    assert sum(one.form == "long" for one in rows) == 16
    assert made.manifest.notes["judge"]["prompt_tokens"] == 100 * len(set(asked))
    graded_now = {grade.correct is not None for grade in made.rows(Grade) if grade.form == "long"}
    assert graded_now == {results.judge.is_trusted}

    finish(evaluate.run(long_plan(long_parents, tiny_model, judge=judge_of(server), seed=18), tmp_path / "exam"))
    new = set(judging_calls(server)[len(asked) :])
    assert not new & set(asked)
    settings = FurtherSettings.model_validate(
        {
            "evaluate": plan.settings.model_dump()["evaluate"]
            | {"arms": (), "further": ("endpoint",), "endpoint": {"base_url": server.url, "model": "e", "retries": 0}},
            "ask": {"passages": 2, "source_tokens": 120},
        }
    )
    exam = artifact.read(tmp_path / "exam", made_by="evaluate")
    over = Plan("endpoint", settings, {**long_parents, "evaluate": exam})
    sat = finish(further.run(over, tmp_path / "exam-endpoint"))
    found = Further.model_validate_json((sat / "results.json").read_bytes())
    assert [(one.arm, one.exam, one.n) for one in found.judged] == [("endpoint", exam, 4) for exam in results.exams()]
    assert all(one.partly and not one.unjudged for one in found.judged)
    assert {pair.than for pair in found.long_pairs} == {"base"}


def test_a_change_of_the_judge_asks_no_model_anything_but_the_judge(
    long_parents: dict[str, Artifact],
    tiny_model: Path,
    tmp_path: Path,
    server: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    finish(evaluate.run(long_plan(long_parents, tiny_model), tmp_path / "exam"))
    before = [grade for grade in artifact.read(tmp_path / "exam", made_by="evaluate").rows(Grade)]
    monkeypatch.setattr("loresmith.evaluate.room.open_model", None)  # whoever opens the model fails
    made = finish(evaluate.run(long_plan(long_parents, tiny_model, judge=judge_of(server)), tmp_path / "exam"))
    assert judging_calls(server)
    assert [grade.given for grade in made.rows(Grade)] == [grade.given for grade in before]
