"""How the training went."""

from loresmith.report.content import Block, Facts, Picture, Prose, Section
from loresmith.report.material import Material
from loresmith.report.pictures import curve
from loresmith.report.wording import count, millions

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
        )
        if notes.get(key) is not None
    ]
    blocks: list[Block] = []
    trained = tuple((line["step"], line["loss"]) for line in material.log if "loss" in line)
    watched = tuple((line["step"], line["validation_loss"]) for line in material.log if "validation_loss" in line)
    lead = ""
    if trained:
        series = (curve.Series("training", "train", trained), curve.Series("validation", "watch", watched))
        picture = curve.drawn(series, "optimizer steps", "loss")
        said = [f"training loss {trained[0][1]:.2f} → {trained[-1][1]:.2f}"]
        said += [f"validation loss {watched[0][1]:.2f} → {watched[-1][1]:.2f}"] if watched else []
        lead = f"Loss on the answers alone, in nats per token: {', '.join(said)}."
        blocks.append(Picture(caption="Loss over the training", panels=(picture,), text="\n".join(said)))
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
    if facts:
        blocks.append(Facts(items=tuple(facts)))
    return Section(id="training", title="How it learned", lead=lead, blocks=tuple(blocks)) if blocks else None
