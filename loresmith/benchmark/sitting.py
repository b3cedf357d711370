"""One task: questions gathered, asked in every arm, each part stored at once, and summed up."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from loresmith import __version__, artifact
from loresmith.artifact import ROWS, Artifact, Plan
from loresmith.benchmark import STAGE, few_shot, reading, scoring
from loresmith.benchmark.asking import ask
from loresmith.benchmark.few_shot import Prompt
from loresmith.benchmark.hall import Hall
from loresmith.benchmark.items import Item
from loresmith.benchmark.limiting import limited
from loresmith.benchmark.results import Mark, Results, Setting
from loresmith.benchmark.sources import Gathered, gather
from loresmith.benchmark.table import Chosen, Task
from loresmith.evaluate.journal import RESULTS as RESULTS
from loresmith.evaluate.journal import Journal, lines
from loresmith.models import locate
from loresmith.models.weights import precision
from loresmith.progress import Work
from loresmith.recipe.sections import Section
from loresmith.records import Progress

ASKED_AT_ONCE = 64
"""Questions of a part; what a kill loses at most."""


class Depends(Section):
    """What the marks of a task depend on, beside model, adapter and questions."""

    setting: Setting
    task: str
    arms: tuple[str, ...]
    limit: int | None
    seed: int
    bootstrap_samples: int


@dataclass(frozen=True)
class Paper:
    """All that is asked in one task."""

    one: Chosen
    gathered: Gathered
    prompts: list[Prompt]
    """Those that the limit leaves, in the order of the files."""
    setting: Setting

    @property
    def items(self) -> list[Item]:
        """The questions asked."""
        return [prompt.item for prompt in self.prompts]

    def parts(self) -> list[list[Prompt]]:
        """The prompts in parts of one subject, the longest first, so that batches are of one length."""
        by_subject: dict[str, list[Prompt]] = {}
        for prompt in self.prompts:
            by_subject.setdefault(prompt.item.subject, []).append(prompt)
        parts = []
        for prompts in by_subject.values():
            ordered = sorted(prompts, key=lambda prompt: (-len(prompt.text), prompt.item.id))
            parts += [ordered[start : start + ASKED_AT_ONCE] for start in range(0, len(ordered), ASKED_AT_ONCE)]
        return parts


def sit(hall: Hall, one: Chosen, target: Path, *, alone: bool) -> Work[Artifact]:
    """Leave the artifact of the task `one` at `target`; one that is up to date stays."""
    yield Progress(stage=STAGE, done=0, total=None, note=f"{one.name}: reading the questions")
    paper = drawn_up(hall, one, alone=alone)
    plan = _plan(hall, paper)
    state = artifact.state(target, plan)
    if state.artifact is not None:
        return state.artifact
    with artifact.create(target, plan, resume=True) as draft:
        journal = Journal(draft.path)
        marks = yield from _marks(hall, paper, journal)
        results = _results(hall, paper, marks)
        artifact.write_whole(draft.path / ROWS, lines([mark for arm in marks.values() for mark in arm]))
        artifact.write_whole(draft.path / RESULTS, results.model_dump_json(indent=1))
        draft.counts["kept"] = len(hall.arms) * len(paper.prompts)
        draft.balance(len(hall.arms) * len(paper.prompts))
        journal.close()
    return artifact.read(target, made_by=STAGE)


def drawn_up(hall: Hall, one: Chosen, *, alone: bool) -> Paper:
    """The questions of `one` as they will be asked."""
    config, task = hall.config, one.task
    shots = task.few_shot if config.few_shot is None else config.few_shot
    gathered = gather(one, config.data, alone=alone, shots=shots)
    shown = few_shot.examples(task, gathered.exam, gathered.pool, shots)
    places = limited(gathered.exam, config.limit, config.seed)
    kept = [shown[place] for place in places]
    tokenizer = hall.tokenizer if config.chat_template else None
    prompts = few_shot.prompts(task, [gathered.exam[place] for place in places], kept, tokenizer)
    return Paper(one, gathered, prompts, _setting(hall, task, shots, few_shot.digest(prompts, kept)))


def _setting(hall: Hall, task: Task, shots: int, examples: str) -> Setting:
    is_written = task.form in ("number", "span")
    template = str(hall.tokenizer.chat_template) if hall.config.chat_template else ""
    return Setting(
        form=task.form,
        prompt=task.template,
        description=task.description,
        few_shot=shots,
        examples=("first" if task.takes_first else "drawn") if shots else "",
        examples_sha256=examples if shots else "",
        chat_template=sha256(template.encode()).hexdigest() if template else "",
        filters=reading.FILTERS if task.form == "number" else {},
        endings=task.endings,
        max_new_tokens=hall.new_tokens(task.max_new_tokens) if is_written else None,
        dtype=str(precision(hall.examinee.dtype)).removeprefix("torch."),
        harness=task.harness,
    )


def _plan(hall: Hall, paper: Paper) -> Plan:
    config, adapter = hall.config, hall.examinee.adapter
    is_cut = len(paper.prompts) < len(paper.gathered.exam)
    depends = Depends(
        setting=paper.setting,
        task=paper.one.name,
        arms=hall.arms,
        limit=config.limit if is_cut else None,
        seed=config.seed,
        bootstrap_samples=config.bootstrap_samples,
    )
    inputs = {"model": locate.identity(hall.examinee.source), "questions": paper.gathered.account.sha256}
    parents = {"train": adapter} if adapter is not None and "lora" in hall.arms else {}
    return Plan(STAGE, depends, parents=parents, inputs=inputs)


def _marks(hall: Hall, paper: Paper, journal: Journal) -> Work[dict[str, list[Mark]]]:
    """The marks by arm, in the order of the prompts.

    An attempt that got as far as its results has no parts any more, but all its marks in one log.
    """
    if (whole := journal.finished(Mark)) is not None:
        return {arm: [mark for mark in whole if mark.arm == arm] for arm in hall.arms}
    parts = paper.parts()
    done, total = 0, len(hall.arms) * len(paper.prompts)
    found: dict[str, list[Mark]] = {}
    for arm in hall.arms:
        by_question: dict[str, Mark] = {}
        for number, part in enumerate(parts):
            yield Progress(stage=STAGE, done=done, total=total, note=f"{paper.one.name}: {arm}")
            rows = _asked(hall, paper, arm, part, journal, f"{arm}-{number:05d}")
            by_question.update({row.question: row for row in rows})
            done += len(rows)
        found[arm] = [by_question[prompt.item.id] for prompt in paper.prompts]
    yield Progress(stage=STAGE, done=done, total=total, note=f"{paper.one.name}: counting")
    return found


def _asked(hall: Hall, paper: Paper, arm: str, part: Sequence[Prompt], journal: Journal, name: str) -> list[Mark]:
    """The marks of one part, from the journal where an earlier attempt left them."""
    marks = journal.stored(name, Mark, [prompt.item.id for prompt in part])
    if marks is None:
        with hall.arm(arm) as model:
            marks = ask(paper.one.task, part, arm, model, paper.setting.max_new_tokens)
        journal.store(name, marks)
    return marks


def _results(hall: Hall, paper: Paper, marks: dict[str, list[Mark]]) -> Results:
    config, gathered, adapter = hall.config, paper.gathered, hall.examinee.adapter
    available: dict[str, int] = {}
    for item in gathered.exam:
        available[item.subject] = available.get(item.subject, 0) + 1
    tally = scoring.Tally(
        paper.one.task, marks, paper.items, available, samples=config.bootstrap_samples, seed=config.seed
    )
    pairs = list(scoring.comparisons(tally, "lora", "base")) if len(hall.arms) == 2 else []
    return Results(
        task=paper.one.name,
        model=hall.examinee.source.name,
        adapter=adapter.manifest.content if adapter is not None and "lora" in hall.arms else "",
        asked=len(paper.prompts),
        limit=config.limit if len(paper.prompts) < len(gathered.exam) else None,
        cut=sum(mark.is_cut for rows in marks.values() for mark in rows),
        scores=tuple(scoring.scores(tally)),
        comparisons=tuple(pairs),
        setting=paper.setting,
        data=gathered.account,
        versions=_versions(),
    )


def _versions() -> dict[str, str]:
    libraries = {name: version(name) for name in ("torch", "transformers", "tokenizers")}
    return {"loresmith": __version__, **libraries, "python": platform.python_version()}
