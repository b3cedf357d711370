"""The same questions put to the adapter, to the merged model and to the exported file, one after the other.

Only one model is in memory at a time. Each one's answers are written down when it has finished, so that a killed run
goes on with the next.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from loresmith import artifact
from loresmith.artifact import AnyRecord, Plan
from loresmith.models import choice, full_weights, locate, merging, prompts
from loresmith.models.gguf import GgufModel
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import ModelSource
from loresmith.models.speaker import Speaker
from loresmith.parity.paper import Asked
from loresmith.progress import Work
from loresmith.recipe.settings import ParitySettings
from loresmith.records import Progress, Record
from loresmith.retrieval import ground
from loresmith.retrieval.searcher import open_index

ARMS = ("adapter", "merged", "gguf")
MERGED = "merged"
# Questions between two reports of progress.
AT_ONCE = 32
SPARE_TOKENS = 16
"""What the words around sources and question take in a prompt, beyond the question's own."""


class Sat(Record):
    """What one model made of one question."""

    prompt: tuple[int, ...]
    """Ids of the bare question."""
    grounded: tuple[int, ...]
    """Ids of the question with its sources; empty where it has none."""
    reply: tuple[int, ...]
    """Ids of the right answer as the model would write it."""
    given: str
    stopped: bool | None
    """Whether a written answer ended by itself; `None` for a choice."""


class Grounding(Record):
    """The sources of one question; empty where nothing was found or no room is left."""

    sources: str


def sit_all(plan: Plan, settings: ParitySettings, asked: Sequence[Asked], folder: Path) -> Work[dict[str, list[Sat]]]:
    """What every model made of every question, by model, in the order of `asked`."""
    source = locate.find(settings.model.base, settings.model.revision)
    adapter = plan.parents["train"].path
    grounding: list[Grounding] | None = _kept(folder, "grounding", Grounding, len(asked))

    def base_with_adapter() -> LanguageModel:
        return open_model(source, settings.model.dtype, adapter)

    def merged() -> LanguageModel:
        return _merged(source, adapter, folder / MERGED, settings.model.dtype)

    def exported() -> GgufModel:
        return GgufModel(plan.parents["export"] / "model.gguf")

    openers: dict[str, Callable[[], Speaker]] = {"adapter": base_with_adapter, "merged": merged, "gguf": exported}
    sat: dict[str, list[Sat]] = {}
    for place, arm in enumerate(ARMS):
        if (kept := _kept(folder, arm, Sat, len(asked))) is not None and grounding is not None:
            sat[arm] = kept
            continue
        speaker = openers[arm]()
        try:
            if grounding is None:
                grounding = list(_look_up(plan.parents["index"].path, speaker, asked, settings))
                _keep(folder, "grounding", grounding)
            sat[arm] = []
            for answers in _sit(speaker, asked, grounding, settings):
                sat[arm] += answers
                done = place * len(asked) + len(sat[arm])
                yield Progress(stage="parity", done=done, total=len(ARMS) * len(asked), note=arm)
        finally:
            speaker.close()
        _keep(folder, arm, sat[arm])
        shutil.rmtree(folder / MERGED, ignore_errors=True)
    return sat


def tidy(folder: Path) -> None:
    """Only results are left in `folder`."""
    for name in (*ARMS, "grounding"):
        _path(folder, name).unlink(missing_ok=True)
    shutil.rmtree(folder / MERGED, ignore_errors=True)


def _merged(source: ModelSource, adapter: Path, folder: Path, dtype: str) -> LanguageModel:
    """The merged 16-bit model, loaded from files like any other model; they are deleted when it has answered."""
    shutil.rmtree(folder, ignore_errors=True)
    tuned = full_weights.tuned(source.path, adapter)
    for _ in merging.merge_to_folder(tuned.weights, tuned.lora, folder, dtype=lambda weights: weights.sixteen_bit):
        pass
    return open_model(ModelSource("folder", folder, source.name), dtype)


def _look_up(index: Path, speaker: Speaker, asked: Sequence[Asked], settings: ParitySettings) -> Iterator[Grounding]:
    """The sources of each question, with the tokens counted by `speaker`."""

    def count(text: str) -> int:
        return len(speaker.encode_reply(text)) - 1

    with open_index(index) as searcher:
        for item in asked:
            question = item.question.question
            needed = len(speaker.encode(prompts.short(question))) + settings.evaluate.max_new_tokens + SPARE_TOKENS
            budget = min(settings.ask.source_tokens, speaker.window - needed)
            passages = searcher.search(question, settings.ask.passages) if budget > 0 else []
            yield Grounding(sources=ground.sources(passages, count, budget)[0] if passages else "")


def _sit(
    speaker: Speaker, asked: Sequence[Asked], grounding: Sequence[Grounding], settings: ParitySettings
) -> Iterator[list[Sat]]:
    """The answers of one model in parts of `AT_ONCE`."""
    for start in range(0, len(asked), AT_ONCE):
        part = list(asked[start : start + AT_ONCE])
        given = _answers(speaker, part, settings)
        yield [
            _sat(speaker, item, grounding[start + place].sources, given[item.question.id])
            for place, item in enumerate(part)
        ]


def _answers(
    speaker: Speaker, part: Sequence[Asked], settings: ParitySettings
) -> Mapping[str, tuple[str, bool | None]]:
    """The answer to each question by its id, and for written ones whether it ended by itself."""
    found: dict[str, tuple[str, bool | None]] = {}
    shorts = [item.question for item in part if item.question.form == "short"]
    bare = [speaker.encode(prompts.short(question.question)) for question in shorts]
    written = speaker.complete(bare, settings.evaluate.max_new_tokens) if bare else []
    for question, answer in zip(shorts, written, strict=True):
        found[question.id] = (answer.text, answer.stopped)
    by_letter = settings.evaluate.choice_scoring == "letter"
    choices = [item.question for item in part if item.question.form == "choice"]
    weighed = [choice.weighed(speaker, each.question, each.options, by_letter=by_letter) for each in choices]
    pairs = [(context, reply) for context, replies in weighed for reply in replies]
    sums = iter(speaker.loglikelihood(pairs) if pairs else [])
    for question in choices:
        scores = [next(sums) for _ in question.options]
        shown = prompts.LETTERS[: len(scores)] if by_letter else question.options
        found[question.id] = (question.options[shown.index(choice.best(shown, scores))], None)
    return found


def _sat(speaker: Speaker, item: Asked, sources: str, answer: tuple[str, bool | None]) -> Sat:
    question = item.question
    return Sat(
        prompt=tuple(speaker.encode(prompts.short(question.question))),
        grounded=tuple(speaker.encode(prompts.short(question.question, sources))) if sources else (),
        reply=tuple(speaker.encode_reply(question.answer)),
        given=answer[0],
        stopped=answer[1],
    )


def _path(folder: Path, name: str) -> Path:
    return folder / f"{name}.unfinished.jsonl"


def _keep(folder: Path, name: str, rows: Sequence[Record]) -> None:
    artifact.write_whole(_path(folder, name), "".join(row.model_dump_json() + "\n" for row in rows))


def _kept(folder: Path, name: str, kind: type[AnyRecord], count: int) -> list[AnyRecord] | None:
    """What an earlier, killed run wrote down, if it is whole."""
    rows = list(artifact.read_rows(_path(folder, name), kind, made_by="parity"))
    return rows if len(rows) == count else None
