"""Short exams while a model trains: what it has learned, whether it forgets, and which step stood best.

Recall is asked with the validation questions, which are other wordings of what is trained and stand in no exam, so that
choosing a step by them does not make the examination easier. General ability is asked with `general_exam`. All that is
decided follows from `exams.jsonl`, so a run that goes on decides alike.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loresmith import artifact, statistics
from loresmith.models.language import LanguageModel
from loresmith.plugins import Conversation
from loresmith.recipe import TrainConfig
from loresmith.scoring.short import mark
from loresmith.train import general_exam
from loresmith.train.attention import PACKED

NAME = "exams.jsonl"
# Looked at after every exam, so a fall must be rarer than the usual 0.05 to count.
SIGNIFICANT = 0.01


@dataclass(frozen=True)
class Verdict:
    """What the exams so far say."""

    best_step: int
    since_best: int
    """Exams after the best one."""
    forgot: bool
    """General ability is lower than before training, by more than chance explains."""


class Watch:
    """Holds the exams of one course and keeps their results."""

    def __init__(
        self, speaker: LanguageModel, watched: Sequence[Conversation], config: TrainConfig, target: Path
    ) -> None:
        self._speaker, self._config, self._path = speaker, config, target / NAME
        self._recall = list(watched[: config.exam_questions])
        self._general = general_exam.questions()

    def go_on_from(self, step: int) -> str | None:
        """Forget exams after `step`, from where the run goes on; why it should end there, if the others say so."""
        kept = [line for line in self.results() if line["step"] <= step] if step else []
        artifact.write_whole(self._path, "".join(json.dumps(line) + "\n" for line in kept))
        return self.why_stop(verdict(kept)) if kept else None

    def results(self) -> list[dict[str, Any]]:
        """One line for each exam, the first from before training."""
        text = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
        return [json.loads(line) for line in text.splitlines()]

    def sit(self, step: int) -> Verdict:
        """Hold the exam of `step` with the network as it stands, and write it down."""
        network = self._speaker.model
        network.eval()
        network.set_attn_implementation("sdpa")
        try:
            recall, f1 = self._recalled()
            general = general_exam.marks(self._speaker, self._general)
        finally:
            network.set_attn_implementation(PACKED)
        line = {
            "step": step,
            "recall": round(sum(recall) / len(recall), 6) if recall else None,
            "recall_f1": round(f1, 6),
            "general": round(sum(general) / len(general), 6),
            "recall_marks": _shown(recall),
            "general_marks": _shown(general),
        }
        lines = [*self.results(), line]
        artifact.write_whole(self._path, "".join(json.dumps(each) + "\n" for each in lines))
        return verdict(lines)

    def why_stop(self, found: Verdict) -> str | None:
        """Why training should end now, if it should."""
        if found.forgot and self._config.on_forgetting == "stop":
            return "general ability fell"
        patience = self._config.early_stopping_patience
        if patience is not None and found.since_best >= patience:
            return f"no better exam in {found.since_best}"
        return None

    def summary(self, last_step: int, config: TrainConfig) -> dict[str, Any]:
        """What the report says about the exams."""
        lines = self.results()
        by_step = {line["step"]: line for line in lines}
        kept = verdict(lines).best_step if config.load_best_model_at_end else last_step
        before = _read(lines[0]["general_marks"])
        fallen = [line["step"] for line in lines if fell(before, _read(line["general_marks"]))]
        return {
            "kept_step": kept,
            "exams": len(lines),
            "exam_questions": len(lines[0]["recall_marks"]),
            "exam_recall_before": lines[0]["recall"],
            "exam_recall": by_step[kept]["recall"] if kept in by_step else None,
            "exam_general": by_step[kept]["general"] if kept in by_step else None,
            "exam_general_before": lines[0]["general"],
            "forgot_at": fallen,
        }

    def _recalled(self) -> tuple[list[bool], float]:
        """Which validation questions are answered right, and the mean token F1."""
        if not self._recall:
            return [], 0.0
        prompts = [list(each.ids[: each.completion]) for each in self._recall]
        longest = max(len(each.ids) - each.completion for each in self._recall)
        answers = self._speaker.complete(prompts, longest)
        told = [self._speaker.decode(each.ids[each.completion : -1]) for each in self._recall]
        marks = [mark(given.text, true) for given, true in zip(answers, told, strict=True)]
        right = [given.stopped and one.correct for given, one in zip(answers, marks, strict=True)]
        return right, sum(one.token_f1 for one in marks) / len(marks)


def verdict(lines: Sequence[dict[str, Any]]) -> Verdict:
    """What `lines` say together.

    The best step has the highest recall among those that did not forget, then the highest token F1; of equals the
    earliest, which changed the model least. Without validation questions it is the last one that did not forget. The
    untrained model is no candidate.
    """
    before = _read(lines[0]["general_marks"])
    forgot = [fell(before, _read(line["general_marks"])) for line in lines]

    def rank(place: int) -> tuple[bool, float, float, int]:
        line = lines[place]
        if line["recall"] is None:
            return (not forgot[place], 0.0, 0.0, place)
        return (not forgot[place], line["recall"], line["recall_f1"], -place)

    best = max(range(1, len(lines)), key=rank, default=0)
    return Verdict(lines[best]["step"], len(lines) - 1 - best, forgot[-1])


def fell(before: Sequence[bool], now: Sequence[bool]) -> bool:
    """Whether more was lost than won, and more than chance explains (exact McNemar, two-sided, 0.01)."""
    lost, won = statistics.discordant(before, now)
    return lost > won and statistics.mcnemar(lost, won) < SIGNIFICANT


def _shown(marks: Sequence[bool]) -> str:
    return "".join("1" if mark else "0" for mark in marks)


def _read(marks: str) -> list[bool]:
    return [mark == "1" for mark in marks]
