"""What each adapter of a run learns: the project's questions, the rows beside them, and the account of both."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from loresmith.artifact import Artifact, Draft
from loresmith.curriculum import Task
from loresmith.errors import NothingKept
from loresmith.models import locate
from loresmith.models.conversations import conversations, taught
from loresmith.models.weights import load_tokenizer
from loresmith.plugins import Conversation, TrainingSet
from loresmith.recipe import AdapterConfig, DecontaminateConfig, TrainConfig
from loresmith.recipe.mixing import OWN
from loresmith.recipe.settings import TrainSettings
from loresmith.records import UNANSWERABLE, Chunk, Question
from loresmith.train.mixture import Mixture, Part, mixed, quotas
from loresmith.train.pools import Pool, Reader, Row, exam_index

HELD_BACK = ("recall", "transfer", UNANSWERABLE, "validation")
"""Sets of the split that no row beside its questions may stand in."""
WATCHED_SHARE = 10
"""Of so many rows of a source one watches an adapter that has no question of the project to do so."""

Asked = tuple[Question, str | None]


@dataclass(frozen=True)
class Lesson:
    """The whole of what one adapter learns."""

    examples: TrainingSet
    mixture: Mixture
    parts: tuple[Part, ...]
    pools: Mapping[str, Pool]

    def account(self, config: TrainConfig, steps: int) -> list[dict[str, Any]]:
        """Each part with its rows, their licences, and the examples that `steps` optimizer steps met."""
        seen = self.mixture.seen(steps, config.per_device_train_batch_size * config.gradient_accumulation_steps)
        told = []
        for part in self.parts:
            distinct = min(len(part.rows), part.per_epoch * config.num_train_epochs)
            line: dict[str, Any] = {
                "name": part.name,
                "share": round(part.per_epoch / self.examples.per_epoch, 6),
                "per_epoch": part.per_epoch,
                "seen": seen.get(part.name, 0),
                "distinct": distinct,
            }
            if (pool := self.pools.get(part.name)) is not None:
                line |= {
                    "rows": pool.read,
                    "dropped": dict(Counter(reason for _, reason in pool.dropped)),
                    "passed_over": pool.passed_over,
                    "licenses": dict(Counter(row.license for row in part.rows[:distinct])),
                }
            told.append(line)
        return told


class Lessons:
    """Every lesson of a run, made of the same questions and rows."""

    def __init__(
        self, parents: Mapping[str, Artifact], files: Mapping[str, Path], settings: TrainSettings, draft: Draft
    ) -> None:
        """Read the questions; those that cannot be learned are dropped with their reasons.

        Raises:
            UserError: rows that are to be trained beside them cannot be read, or are an exam.
        """
        self._config, self._draft = settings.train, draft
        tokenizer = load_tokenizer(locate.find(settings.model.base, settings.model.revision))
        closed_book = self._config.model_copy(update={"open_book": 0.0})
        self._wanted = wanted(parents, "train", self._config)
        self._watched = wanted(parents, "validation", closed_book)
        self._own = self._learnable(self._wanted, tokenizer)
        self._watching = self._learnable(self._watched, tokenizer)
        self._pools: dict[str, Pool] = {}
        if self._config.beside:
            exams = {f"{name}.jsonl": parents["split"] / f"{name}.jsonl" for name in HELD_BACK}
            exams |= {name: path for name, path in files.items() if name.startswith("benchmark/")}
            index = exam_index(exams, DecontaminateConfig())
            reader = Reader(tokenizer, self._config.max_length, index, self._config.seed)
            for source in self._config.beside:
                self._pools[source.name] = Pool(source, files[f"rows/{source.name}"], reader)

    def everything(self) -> Lesson:
        """All questions and all sources.

        Raises:
            NothingKept: no question, or no row of a source, can be learned from.
        """
        if not self._own:
            raise NothingKept(
                f"None of the {len(self._wanted)} training questions ({', '.join(self._config.forms)}) can be learned "
                "from.",
                next_step="Raise train.max_length, check train.forms, or give more documents.",
            )
        watching = tuple(row.conversation for _, row in self._watching)
        return self._lesson([row for _, row in self._own], watching, [source.name for source in self._config.mix])

    def of(self, adapter: AdapterConfig) -> Lesson:
        """The part of `adapter` alone. Without a question of the project to watch it, some rows of its sources do.

        Raises:
            NothingKept: its documents have no question that can be learned, or a source of it no row.
        """
        own = [row for question, row in self._own if _is_of(question, adapter)]
        watching = tuple(row.conversation for question, row in self._watching if _is_of(question, adapter))
        if adapter.documents and not own:
            documents = sorted({question.source for question, _ in self._own})
            raise NothingKept(
                f"No training question is of the documents of adapter {adapter.name} ({', '.join(adapter.documents)}).",
                next_step=f"Give patterns of names as these: {', '.join(documents[:3])}.",
            )
        return self._lesson(own, watching, adapter.sources)

    def close(self) -> None:
        """Write down every row that was looked at and dropped, now that all lessons are made."""
        for pool in self._pools.values():
            for row, reason in pool.dropped:
                self._draft.drop(row, reason)
        looked_at = sum(len(pool.kept) + len(pool.dropped) for pool in self._pools.values())
        taken = sum(len(pool.kept) for pool in self._pools.values())
        self._draft.counts["kept"] = len(self._own) + len(self._watching) + taken
        self._draft.balance(len(self._wanted) + len(self._watched) + looked_at)

    def _learnable(self, rows: Sequence[Asked], tokenizer: Any) -> list[tuple[Question, Row]]:
        found = []
        made_of = conversations(rows, tokenizer, self._config.max_length)
        for (_, sources), (question, made) in zip(rows, made_of, strict=True):
            if isinstance(made, Conversation):
                task = Task(question.question, question.answer, sources is not None, question.form == "choice")
                found.append((question, Row(made, task)))
            else:
                self._draft.drop(question, made)
        return found

    def _lesson(self, own: list[Row], watching: tuple[Conversation, ...], sources: Sequence[str]) -> Lesson:
        config = self._config
        pools = {name: self._pools[name] for name in sources}
        kept_back = {name: 0 if watching else _watching_rows(pool, config) for name, pool in pools.items()}
        weights = {source.name: source.weight for source in config.mix if source.name in pools}
        held = {name: pool.size - kept_back[name] for name, pool in pools.items()}
        replay = config.replay.share if config.replay else 0.0
        counts = quotas(len(own), config.own_weight, weights, held, replay)
        parts = [Part(OWN, own, len(own))] if own else []
        for name, per_epoch in counts.items():
            pool, back = self._pools[name], kept_back.get(name, 0)
            rows = pool.first(back + per_epoch * config.num_train_epochs)
            _require_rows(pool, rows[back:])
            watching += tuple(row.conversation for row in rows[:back])
            parts.append(Part(name, rows[back:], per_epoch))
        mixture = mixed(parts, config)
        examples = TrainingSet(mixture.train, watching, mixture.epochs)
        used = {name: self._pools[name] for name in counts}
        return Lesson(examples, mixture, tuple(parts), used)


def wanted(parents: Mapping[str, Artifact], name: str, config: TrainConfig) -> list[Asked]:
    """The questions of the wanted forms, each closed book, then some of them with sources."""
    passages = {chunk.id: chunk.text for chunk in parents["chunk"].rows(Chunk)} if config.open_book else {}
    return taught(parents["split"].rows(Question, f"{name}.jsonl"), passages, config)


def _is_of(question: Question, adapter: AdapterConfig) -> bool:
    return any(fnmatch(question.source, pattern) for pattern in adapter.documents)


def _watching_rows(pool: Pool, config: TrainConfig) -> int:
    return min(config.exam_questions, pool.size // WATCHED_SHARE)


def _require_rows(pool: Pool, rows: Sequence[Row]) -> None:
    if rows:
        return
    row, reason = pool.dropped[0] if pool.dropped else ({}, "there are too few")
    named = row.get("place") or row.get("id") or "row"
    raise NothingKept(
        f"None of the {pool.size} rows of {pool.source.name} can be learned from. The first, {named}: {reason}.",
        next_step="Raise train.max_length, or give other rows.",
    )
