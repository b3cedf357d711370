"""Fit an adapter on the training questions, through the trainer plug-in that the recipe names.

Reads `train.jsonl` and `validation.jsonl` of the split, and the chunks as sources for a part of them. Leaves a plain
PEFT adapter (`adapter_config.json`, `adapter_model.safetensors`), `log.jsonl`, `loss.svg`, and `dropped.jsonl` where
conversations were too long. A killed run goes on from its last checkpoint. Not covered: replay of general data.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from loresmith import artifact, plugins
from loresmith.artifact import DROPPED, Artifact, Draft, Plan
from loresmith.errors import NothingKept
from loresmith.plugins import Conversation, TrainingSet
from loresmith.progress import Work
from loresmith.recipe import TrainConfig
from loresmith.recipe.settings import TrainSettings
from loresmith.records import Chunk, Progress, Question


def run(plan: Plan, target: Path) -> Work[Artifact]:
    """Train on the split's questions and leave the adapter in `target`.

    Raises:
        NothingKept: no question of the wanted forms fits into `train.max_length`.
        UserError: the model cannot be used, or the training broke; names the step.
    """
    assert isinstance(plan.settings, TrainSettings)
    settings = plan.settings
    yield Progress(stage="train", done=0, total=None, note="reading the questions")
    with artifact.create(target, plan, resume=True) as draft:
        (draft.path / DROPPED).unlink(missing_ok=True)  # a killed attempt left it
        examples = _examples(plan.parents, settings, draft)
        trainer: plugins.Trainer = plugins.load(plugins.TRAINERS, settings.train.trainer)()
        figures = yield from trainer.fit(settings.model, examples, draft.path, settings.train)
        draft.notes.update(figures)
    return artifact.read(target, made_by="train")


def _examples(parents: Mapping[str, Artifact], settings: TrainSettings, draft: Draft) -> TrainingSet:
    """The conversations of the wanted forms; what is too long is dropped with its reason."""
    from loresmith.models import locate
    from loresmith.models.conversations import conversations
    from loresmith.models.weights import load_tokenizer

    config = settings.train
    tokenizer = load_tokenizer(locate.find(settings.model.base, settings.model.revision))

    def kept(rows: Iterable[tuple[Question, str | None]]) -> Iterator[Conversation]:
        for question, made in conversations(rows, tokenizer, config.max_length):
            if isinstance(made, Conversation):
                yield made
            else:
                draft.drop(question, made)

    wanted = _wanted(parents, "train", config)
    watched = _wanted(parents, "validation", config.model_copy(update={"open_book": 0.0}))
    examples = TrainingSet(tuple(kept(wanted)), tuple(kept(watched)))
    if not examples.train:
        raise NothingKept(
            f"None of the {len(wanted)} training questions ({', '.join(config.forms)}) can be learned from.",
            next_step="Raise train.max_length, check train.forms, or give more documents.",
        )
    draft.counts["kept"] = len(examples.train) + len(examples.validation)
    draft.balance(len(wanted) + len(watched))
    return examples


def _wanted(parents: Mapping[str, Artifact], name: str, config: TrainConfig) -> list[tuple[Question, str | None]]:
    from loresmith.models.conversations import taught

    passages = {chunk.id: chunk.text for chunk in parents["chunk"].rows(Chunk)} if config.open_book else {}
    return taught(parents["split"].rows(Question, f"{name}.jsonl"), passages, config)
