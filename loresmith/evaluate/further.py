"""Further arms sit the exam that is over: the exported file (`gguf`), a model on a server (`endpoint`).

They get the very questions of the examination, and with sources the very passages that its grounded arms saw; nothing
is looked up twice. Reads `split/`, `index/`, `exam/` and, for the file, `export/`; writes `rows.jsonl` (one `Grade` per
question and arm), `support.jsonl` (what answers with sources rest on) and `results.json` (`Further`: figures, and
paired differences to the arms that sat before).

Not covered: the verdict; further arms are evidence beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import ROWS, Artifact, Draft, Plan
from loresmith.errors import LoresmithError, UserError
from loresmith.evaluate import exported, hearing, long_answers, paper, quality, ruling, served, tally
from loresmith.evaluate.arms import FILE, FURTHER, PARTNERS, Arm
from loresmith.evaluate.earlier import BASIS, Earlier, basis, by_arm
from loresmith.evaluate.grounding import Lookup, chunks_of, restored
from loresmith.evaluate.journal import LOOKUPS, RESULTS, SUPPORTS, Journal, lines
from loresmith.evaluate.paper import Sheet
from loresmith.evaluate.results import Further, Results, Scope, Scoring
from loresmith.evaluate.sitting import Sat
from loresmith.evaluate.support import measured
from loresmith.evaluate.tally import Log
from loresmith.progress import Work
from loresmith.recipe.settings import FurtherSettings
from loresmith.records import Grade, Question
from loresmith.retrieval.searcher import open_index

ANSWERS = ".examined"
"""Folder of a server's raw answers, in the project: they are paid for, and outlive the figures drawn from them."""
GGUF = "model.gguf"
SCORED = {
    "text": "by the likelihood of each option's words",
    "letter": "by the likelihood of each letter",
    "written": "by the letter that was written",
}


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """Let the further arms of `plan` sit, and leave what they answered at `target`.

    Raises:
        UserError: the examination has no sources to share, the recipe names no model, or the server refuses.
        MachineError: the server does not answer, or the file cannot be run.
    """
    settings = plan.settings
    if not isinstance(settings, FurtherSettings):
        raise LoresmithError(f"{plan.stage} got {type(settings).__name__}.", next_step="This is a bug: please report.")
    arms = [arm for arm in FURTHER[plan.stage] if arm.name in settings.evaluate.further]
    with artifact.create(target, plan, resume=True) as draft:
        exams = {name: list(plan.parents["split"].rows(Question, f"{name}.jsonl")) for name in paper.EXAMS}
        sheets = paper.sheets(exams, settings.evaluate.limit)
        lookups = _lookups(plan) if any(arm.grounded for arm in arms) else []
        sources = {lookup.question: lookup.sources for lookup in lookups if lookup.sources}
        journal = Journal(draft.path)
        if plan.stage == FILE:
            sat = yield from _file(plan, target, arms, sheets, sources, journal)
            draft.notes[BASIS] = basis(plan)
        else:
            sat = yield from served.sit(target.parent / ANSWERS, settings.evaluate, arms, sheets, sources)
        sat = yield from _judged(draft, plan, target, sheets, sat)
        _write(draft, plan, sheets, sat, lookups)
        journal.close()
    return artifact.read(target, made_by=plan.stage)


def _lookups(plan: Plan) -> list[Lookup]:
    """What was looked up for each question, with the sources as the exam's grounded arms saw them."""
    lookups = list(plan.parents["evaluate"].rows(Lookup, LOOKUPS))
    if not lookups:
        raise UserError(
            "The examination looked nothing up, so no further arm can be given its sources.",
            next_step="Add `rag` to `evaluate.arms`, or leave the arms with sources out of `evaluate.further`.",
        )
    index = plan.parents["index"].path
    with open_index(index) as searcher:
        return [restored(lookup, chunks_of(index, searcher)) for lookup in lookups]


def _file(
    plan: Plan,
    target: Path,
    arms: Sequence[Arm],
    sheets: Sequence[Sheet],
    sources: Mapping[str, str],
    journal: Journal,
) -> Work[Sat]:
    """What the exported file answers; arms that an earlier artifact or attempt holds whole are not asked.

    An attempt that got as far as its results has no parts any more, but all its grades in one log.
    """
    settings = plan.settings
    assert isinstance(settings, FurtherSettings)
    asked = [question.id for sheet in sheets for question in sheet.questions]
    kept = by_arm(journal.finished(Grade) or (), asked) or Earlier(target, plan).grades(asked)
    missing = [arm for arm in arms if arm.name not in kept]
    found = yield from exported.sit(plan.parents["export"] / GGUF, settings, missing, sheets, sources, journal)
    grades = {arm.name: kept.get(arm.name) or found[arm.name] for arm in arms}
    return Sat(GGUF, grades, dict.fromkeys(grades, settings.evaluate.choice_scoring))


def _judged(draft: Draft, plan: Plan, target: Path, sheets: Sequence[Sheet], sat: Sat) -> Work[Sat]:
    """`sat` with its long answers before the judge; its word is trusted as far as the examination found it to be."""
    assert isinstance(plan.settings, FurtherSettings)
    config, questions = plan.settings.evaluate, {question.id: question for s in sheets for question in s.questions}
    own = [grade for grades in sat.grades.values() for grade in grades if grade.form == "long"]
    sources = hearing.sources_of(plan.parents["index"].path, questions.values()) if config.judge.model else {}
    heard = yield from hearing.held(target.parent / hearing.JUDGED, config.judge, own, questions, sources, plan.stage)
    before = Results.model_validate_json((plan.parents["evaluate"] / RESULTS).read_bytes()).judge
    is_trusted = ruling.is_trusted_before(before, config)
    grades = {arm: hearing.graded(rows, heard.judgements, is_trusted=is_trusted) for arm, rows in sat.grades.items()}
    if heard.judgements:
        artifact.write_whole(draft.path / hearing.LOG, lines(heard.judgements))
        draft.notes["judge"] = heard.account
    return replace(sat, grades=grades, judged=ruling.by_arm(heard.judgements, questions))


def _write(draft: Draft, plan: Plan, sheets: Sequence[Sheet], sat: Sat, lookups: Sequence[Lookup]) -> None:
    settings, exam = plan.settings, plan.parents["evaluate"]
    assert isinstance(settings, FurtherSettings)
    config = settings.evaluate
    before = Results.model_validate_json((exam / RESULTS).read_bytes())
    questions = {question.id: question for sheet in sheets for question in sheet.questions}
    own = [grade for grades in sat.grades.values() for grade in grades]
    with_sources = {arm.name for arm in FURTHER[plan.stage] if arm.grounded}
    supports = measured(own, questions, lookups, with_sources)
    log = Log(own, questions, config.bootstrap_samples, config.seed)
    both = Log([*exam.rows(Grade), *own], questions, config.bootstrap_samples, config.seed)
    scoring = dict.fromkeys(_arms(before), before.choice_scoring) | sat.scoring
    marked = long_answers.marks(log)
    results = Further(
        examinee=sat.examinee,
        cells=tally.cells(log),
        pairs=tally.pairs(both, _compared(tuple(sat.grades), scoring)),
        parts=tally.parts(log),
        refusals=tally.refusals(log),
        grounded=quality.grounded(log, supports),
        wordings=quality.wordings(log),
        long=long_answers.scores(log, marked),
        long_pairs=long_answers.pairs(both, long_answers.marks(both), _partners(tuple(sat.grades))),
        judged=sat.judged,
        choice_scoring=sat.scoring,
        cautions=(*sat.cautions, *_apart(sat.scoring, before.choice_scoring)),
    )
    artifact.write_whole(draft.path / ROWS, lines(own))
    if supports:
        artifact.write_whole(draft.path / SUPPORTS, lines(supports))
    if marked:
        artifact.write_whole(draft.path / long_answers.LONG, lines([row for rows in marked.values() for row in rows]))
    artifact.write_whole(draft.path / RESULTS, results.model_dump_json(indent=1))
    draft.counts["kept"] = len(own)
    draft.balance(len(questions) * len(sat.grades))
    draft.notes.update(examinee=sat.examinee, unparsed=sum(grade.unparsed is not None for grade in own))


def _arms(results: Results) -> list[str]:
    return list(dict.fromkeys(cell.arm for cell in results.cells))


def _compared(sat: Sequence[str], scoring: Mapping[str, Scoring]) -> tally.Compared:
    """Each arm that sat with its partners; choices are compared only where both were made in the same way."""

    def compared(log: Log, exam: str, scope: Scope) -> Iterator[tuple[str, str]]:
        for arm in sat:
            has_choices = any(grade.form == "choice" for grade in log.by_cell[exam, scope, arm])
            for than in PARTNERS[arm]:
                if than in scoring and not (has_choices and scoring[arm] != scoring[than]):
                    yield arm, than

    return compared


def _partners(sat: Sequence[str]) -> long_answers.Contestants:
    """Each arm that sat with its partners, on long answers, which are written alike everywhere."""
    return lambda _, arms: [(arm, than) for arm in sat for than in PARTNERS[arm] if arm in arms and than in arms]


def _apart(scoring: Mapping[str, Scoring], before: Scoring) -> Iterator[str]:
    """What has to be said where choices were made in another way than in the examination."""
    for arm, way in scoring.items():
        if way != before:
            yield (
                f"The choices of {arm} were made {SCORED[way]}, those of the model in memory {SCORED[before]}: they "
                "are not compared, nor is the pool of all questions."
            )
