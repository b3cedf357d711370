"""Ask every exam question in every arm, and say what the answers prove.

Reads the split's `recall.jsonl`, `transfer.jsonl` and `unanswerable.jsonl`, the index and the adapter; writes
`rows.jsonl` (one `Grade` per question and arm, in a fixed order), `retrieval.jsonl` (what was looked up),
`support.jsonl` (what grounded answers rest on), `long.jsonl` (the scores of long answers), `judged.jsonl` (what a judge
says of them), `texts.jsonl` (how likely held-out passages are), `adapters.jsonl` (the grades of adapters of single
domains) and `results.json` (figures with intervals, paired differences, verdict). The model is loaded once; a killed
examination asks no question twice, and neither does one with more arms than the one before. The exported file, and
models on servers, sit the same exam afterwards: see `further`.

Not covered: public benchmarks, which `benchmark.floors` asks afterwards.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from loresmith import artifact
from loresmith.artifact import ROWS, Artifact, Draft, Plan
from loresmith.errors import LoresmithError, NothingKept
from loresmith.progress import Work
from loresmith.recipe.settings import EvaluateSettings
from loresmith.records import Question

if TYPE_CHECKING:
    from loresmith.evaluate.examination import Logs
    from loresmith.evaluate.hearing import Heard
    from loresmith.evaluate.paper import Sheet
    from loresmith.evaluate.results import Results
    from loresmith.records import Grade


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """Hold the examination that `plan` describes and leave its artifact at `target`.

    Raises:
        NothingKept: the exams hold no question.
    """
    from loresmith.evaluate import examination, paper
    from loresmith.evaluate.earlier import BASIS, Earlier, basis
    from loresmith.evaluate.journal import Journal

    settings = _settings(plan)
    with artifact.create(target, plan, resume=True) as draft:
        exams = {name: list(plan.parents["split"].rows(Question, f"{name}.jsonl")) for name in paper.EXAMS}
        sheets = paper.sheets(exams, settings.evaluate.limit)
        if not sheets:
            raise NothingKept(
                "The recall and transfer exams hold no question, so nothing can be examined.",
                next_step="Add documents, or raise `generate.max_facts`, and run `loresmith generate` again.",
            )
        journal = Journal(draft.path)
        logs = examination.finished(journal)
        if logs is None:
            logs = yield from examination.hold(plan, settings, sheets, journal, Earlier(target, plan))
        draft.notes[BASIS] = basis(plan)
        heard = yield from _heard(plan, target, settings, logs, sheets)
        _write(draft, settings, sheets, logs, heard)
        journal.close()
    return artifact.read(target, made_by=plan.stage)


def _heard(
    plan: Plan, target: Path, settings: EvaluateSettings, logs: "Logs", sheets: "Sequence[Sheet]"
) -> "Work[Heard]":
    """What the judge says, where one is named and long answers were asked for."""
    from loresmith.evaluate import hearing

    questions = {question.id: question for sheet in sheets for question in sheet.questions}
    judge = settings.evaluate.judge
    sources = hearing.sources_of(plan.parents["index"].path, questions.values()) if judge.model else {}
    folder = target.parent / hearing.JUDGED
    return (yield from hearing.held(folder, judge, logs.grades, questions, sources, plan.stage))


def _write(draft: Draft, settings: EvaluateSettings, sheets: "Sequence[Sheet]", logs: "Logs", heard: "Heard") -> None:
    from loresmith.evaluate import long_answers, paper, quality, tally
    from loresmith.evaluate.hearing import LOG, graded
    from loresmith.evaluate.journal import LOOKUPS, RESULTS, SPECIAL, SUPPORTS, WEIGHED, lines
    from loresmith.evaluate.known import known_already
    from loresmith.evaluate.results import Results
    from loresmith.evaluate.ruling import measured
    from loresmith.evaluate.specialists import compared
    from loresmith.evaluate.verdict import verdict, with_judge

    config = settings.evaluate
    questions = {question.id: question for sheet in sheets for question in sheet.questions}
    judged = measured(heard.judgements, questions, config) if heard.judgements else None
    grades = graded(logs.grades, heard.judgements, is_trusted=judged is not None and judged.is_trusted)
    log = tally.Log(grades, questions, config.bootstrap_samples, config.seed)
    found = tally.retrieval(log, {lookup.question: lookup for lookup in logs.lookups}, settings.ask.passages)
    cells, pairs, limited = tally.cells(log), tally.pairs(log), paper.limits(sheets)
    refusals = tally.refusals(log)
    marked = long_answers.marks(log)
    long = long_answers.scores(log, marked)
    results = Results(
        cells=cells,
        pairs=pairs,
        parts=tally.parts(log),
        retrieval=found,
        limited=limited,
        choice_scoring=config.choice_scoring,
        known=known_already(log),
        refusals=refusals,
        specialists=compared(logs.special, grades),
        grounded=quality.grounded(log, logs.supports),
        wordings=quality.wordings(log),
        held_text=quality.held_text(log, logs.weighed),
        long=long,
        long_pairs=long_answers.pairs(log, marked),
        judge=judged,
        verdict=with_judge(verdict(cells, pairs, found, limited, refusals, long), judged),
    )
    artifact.write_whole(draft.path / ROWS, lines(grades))
    without_text = [lookup.model_copy(update={"sources": "", "passages": ()}) for lookup in logs.lookups]
    artifact.write_whole(draft.path / LOOKUPS, lines(without_text))
    artifact.write_whole(draft.path / SUPPORTS, lines(logs.supports))
    artifact.write_whole(draft.path / WEIGHED, lines(logs.weighed))
    if marked:
        artifact.write_whole(draft.path / long_answers.LONG, lines([row for rows in marked.values() for row in rows]))
    if judged is not None:
        artifact.write_whole(draft.path / LOG, lines(heard.judgements))
        draft.notes["judge"] = heard.account
    if logs.special:
        artifact.write_whole(draft.path / SPECIAL, lines(logs.special))
    artifact.write_whole(draft.path / RESULTS, results.model_dump_json(indent=1))
    draft.counts["kept"] = len(grades)
    draft.balance(len(questions) * len(log.arms()))
    _note(draft, results, grades, len(questions))


def _note(draft: Draft, results: "Results", grades: "Sequence[Grade]", questions: int) -> None:
    """What the manifest says of the examination."""
    draft.notes.update(
        headline=results.verdict.headline,
        decision=results.verdict.decision,
        questions=questions,
        unparsed=sum(grade.unparsed is not None for grade in grades),
        accuracy={
            exam: {
                cell.arm: cell.accuracy.model_dump()
                for cell in results.cells
                if (cell.exam, cell.form) == (exam, "all")
            }
            for exam in results.exams()
        },
    )


def _settings(plan: Plan) -> EvaluateSettings:
    if isinstance(plan.settings, EvaluateSettings):
        return plan.settings
    raise LoresmithError(
        f"The examination was given {type(plan.settings).__name__}.", next_step="This is a bug of Loresmith."
    )
