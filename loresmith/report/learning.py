"""How the training went."""

from collections.abc import Mapping, Sequence
from typing import Any

from loresmith.pictures import curve
from loresmith.report.content import Block, Facts, Picture, Prose, Section
from loresmith.report.material import Material
from loresmith.report.mixtures import mixtures
from loresmith.report.wording import count, millions, percent

OVERFITTED = 1.1
"""Validation loss that ends this many times above its lowest point is worth a warning."""


def training(material: Material) -> Section | None:
    """Loss curve and figures."""
    if "train" not in material.parents:
        return None
    notes = material.notes("train")
    facts = [
        (label, text(notes[key]))
        for key, label, text in (
            ("conversations", "Conversations", count),
            ("validation_conversations", "Conversations that watch the loss", count),
            ("steps", "Optimizer steps", count),
            ("epochs", "Epochs", count),
            ("tokens", "Tokens seen", count),
            ("trained_numbers", "Numbers trained", millions),
            ("exams", "Short exams on the way", count),
            ("kept_step", "Step that was kept", count),
            ("stopped", "Ended early", str),
        )
        if notes.get(key) is not None
    ]
    blocks: list[Block] = []
    trained, watched = _points(material.log, "loss"), _points(material.log, "validation_loss")
    lead = ""
    if trained:
        series = (curve.Series("training", "train", trained), curve.Series("validation", "watch", watched))
        picture = curve.drawn(series, "optimizer steps", "loss")
        said = [f"training loss {trained[0][1]:.2f} → {trained[-1][1]:.2f}"]
        said += [f"validation loss {watched[0][1]:.2f} → {watched[-1][1]:.2f}"] if watched else []
        lead = f"Loss on the answers alone, in nats per token: {', '.join(said)}."
        blocks.append(Picture(caption="Loss over the training", panels=(picture,), text="\n".join(said)))
    blocks += _beside_the_loss(material)
    if watched and watched[-1][1] > OVERFITTED * min(loss for _, loss in watched):
        lowest = min(watched, key=lambda point: point[1])
        blocks.append(
            Prose(
                text=(
                    f"The validation loss was lowest at step {lowest[0]:g} ({lowest[1]:.2f}) and rose after. For facts "
                    "that must be learned by heart this is common, and the recall exam decides; for other uses, train "
                    "for fewer epochs."
                ),
                tone="note",
            )
        )
    if "exam_general" in notes:
        blocks.append(_on_the_way(notes))
    if facts:
        blocks.append(Facts(items=tuple(facts)))
    blocks += mixtures(notes, material.exam)
    return Section(id="training", title="How it learned", lead=lead, blocks=tuple(blocks)) if blocks else None


def _points(lines: Sequence[Mapping[str, Any]], key: str) -> tuple[tuple[float, float], ...]:
    return tuple((line["step"], line[key]) for line in lines if line.get(key) is not None)


def _beside_the_loss(material: Material) -> list[Block]:
    """The short exams and the learning rate, where there are any."""
    exams = material.json_lines("train", "exams.jsonl")
    recall, general = _points(exams, "recall"), _points(exams, "general")
    rates = _points(material.log, "learning_rate")
    blocks: list[Block] = []
    if general:
        series = (curve.Series("questions", "train", recall), curve.Series("general", "watch", general))
        said = [f"{one.name}: {one.points[0][1]:.2f} → {one.last} right" for one in series if one.points]
        panel = curve.drawn(series, "optimizer steps", "share of right answers")
        blocks.append(Picture(caption="Short exams on the way", panels=(panel,), text="\n".join(said)))
    if rates:
        text = f"learning rate: at most {max(rate for _, rate in rates):.2g}, at the end {rates[-1][1]:.2g}"
        panel = curve.drawn((curve.Series("rate", "train", rates, ".2g"),), "optimizer steps", "learning rate")
        blocks.append(Picture(caption="Learning rate", panels=(panel,), text=text))
    return blocks


def _on_the_way(notes: Mapping[str, Any]) -> Prose:
    """What the short exams said of general ability."""
    fallen = notes.get("forgot_at") or []
    if fallen:
        steps = ", ".join(f"{step:g}" for step in fallen)
        text = f"General ability fell by more than chance explains (exact McNemar, p < 0.01) at step {steps}."
        return Prose(text=text + " The step that was kept is one where it had not, if there was any.", tone="note")
    if notes["exam_general"] is None:
        return Prose(text="General ability did not fall at any exam; the step that was kept sat none.")
    before, after = percent(notes["exam_general_before"]), percent(notes["exam_general"])
    return Prose(
        text=f"Easy questions on general ability: {before} right before training, {after} at the step kept; at "
        "no exam was the fall larger than chance explains."
    )
