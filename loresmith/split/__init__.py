"""Decide what is trained on and what is examined, by fact and never by row.

Reads `questions/`; writes `split/`: `train.jsonl`, `validation.jsonl`, `recall.jsonl`, `transfer.jsonl`,
`unanswerable.jsonl` (all Question) and `dropped.jsonl`. The recall exam asks trained facts in wordings that were held
back; the transfer exam asks facts of documents (sections, where there is one document) that training never sees; the
third asks what no document tells, half of such questions being taught. What leaks is moved out of the exam, with
its reason; a leak that remains stops the run. Questions about taught facts that stand in a benchmark of
`split.decontaminate_against` are dropped before, each with the item named; facts that are held out are not trained.

Not covered: leaks in other words; passages of open-book training rows, compared with benchmarks only as far as they are
quoted.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from loresmith import artifact
from loresmith.artifact import Artifact, Plan
from loresmith.progress import Work
from loresmith.records import Fact, Progress, Question

if TYPE_CHECKING:
    from loresmith.contamination.screening import Hit
    from loresmith.recipe import SplitConfig

FACTS = "facts.jsonl"
SECTIONS = "sections.json"
FEWEST = 10
"""Questions below which an exam says nothing: its interval would span more than half of the scale."""


def run(plan: Plan, target: Path, benchmarks: Mapping[str, Path] | None = None) -> Work[Artifact]:
    """Leave training rows and exams in `target`; no training row stands in one of the files `benchmarks`, by name.

    Raises:
        UserError: the corpus is too small for an exam, or a benchmark is damaged or not understood.
        LeakFound: an exam question is still known to the training set; names the pair.
    """
    from loresmith.recipe import SplitConfig
    from loresmith.split.leaks import check
    from loresmith.split.places import held_out_facts, sections_of, torn_facts
    from loresmith.split.sets import divided, too_small

    config = cast(SplitConfig, plan.settings)
    generated = plan.parents["generate"]
    facts = list(generated.rows(Fact, FACTS))
    questions = list(generated.rows(Question))
    with artifact.create(target, plan) as draft:
        yield Progress(stage="split", done=0, total=3, note=f"{len(facts)} facts")
        sections = sections_of(generated / SECTIONS)
        held_out, torn = held_out_facts(facts, sections, config), torn_facts(facts, sections, config)
        taught = [question for question in questions if question.fact not in held_out | torn]
        hits = _contaminated(taught, benchmarks or {}, config)
        clean = [question for question in questions if question.id not in hits]
        sets = divided(facts, clean, held_out, config, torn=torn)
        yield Progress(stage="split", done=1, total=3, note=f"{len(sets.train)} training rows")
        if max(len(sets.recall), len(sets.transfer)) < FEWEST or not sets.train:
            raise too_small(facts, clean, sets, FEWEST)
        check(sets.train + sets.validation, sets.recall + sets.transfer + sets.unanswerable, config)
        yield Progress(stage="split", done=2, total=3, note="no leak")
        for name, rows in sets.files().items():
            (draft.path / name).touch()  # an empty set has its file as well
            for row in rows:
                draft.keep(row, name)
        for row, reason in sets.dropped:
            draft.drop(row, reason)
        for row, hit in ((row, hits[row.id]) for row in taught if row.id in hits):
            draft.drop({**row.model_dump(mode="json"), "benchmark": hit.model_dump(mode="json")}, hit.reason)
        draft.notes.update(sets.notes())
        if benchmarks:
            draft.notes["benchmarks"] = {"files": sorted(benchmarks), "rows": len(hits)}
        draft.balance(len(questions))
        yield Progress(stage="split", done=3, total=3, note="")
    return artifact.read(target, made_by="split")


def _contaminated(
    taught: Sequence[Question], benchmarks: Mapping[str, Path], config: "SplitConfig"
) -> "dict[str, Hit]":
    """The questions that stand in a benchmark, by their ids."""
    if not benchmarks:
        return {}
    from loresmith.contamination.index import Benchmarks
    from loresmith.contamination.screening import contaminated_questions
    from loresmith.recipe import DecontaminateConfig

    index = Benchmarks(benchmarks, DecontaminateConfig(ngram=config.ngram))
    return {hit.row: hit for hit in contaminated_questions(taught, index) if hit is not None}
