"""The file that ships, and whether it is the model that was examined."""

from itertools import product
from typing import Any

from loresmith.report.content import Block, Column, Facts, Points, Prose, Section, Table
from loresmith.report.exam import WAYS
from loresmith.report.material import Material
from loresmith.report.wording import count, interval, percent, points, points_interval, size, tally, value

MODELS = {"adapter": "base with adapter", "merged": "merged, 16 bit", "gguf": "exported file"}
TWINS = {"gguf": "lora", "gguf+rag": "lora+rag"}
"""The arm of the model in memory that answers in the way of the file's."""
FORMS = {"short": "short answers", "choice": "multiple choice"}


def shipped(material: Material) -> Section | None:
    """The exported file and its parity exam."""
    if "export" not in material.parents:
        return None
    manifest = material.parents["export"].manifest
    notes = manifest.notes
    files = [(name, size(size_bytes)) for name, (size_bytes, _) in manifest.files.items()]
    facts = [("Files", "; ".join(f"{name}, {bytes_}" for name, bytes_ in files))]
    facts += [
        (label, tally(notes[key]) if isinstance(notes[key], dict) else value(notes[key]))
        for key, label in (
            ("quantization", "Quantisation"),
            ("tensor_types", "Tensors by type"),
            ("importance", "Importance of columns"),
            ("merged_precision", "Merged in"),
            ("stop_token", "Ends its turn with"),
        )
        if notes.get(key) is not None
    ]
    parity = material.parity
    lead, blocks = "The exported file was not examined.", list[Block]([Facts(items=tuple(facts))])
    if parity is not None:
        passed = bool(parity.get("passed"))
        lead = (
            "The exported file is the model that was examined: it passed the parity exam."
            if passed
            else "The exported file is not the model that was examined. Do not ship it."
        )
        if reasons := parity.get("reasons"):
            blocks.append(Points(items=tuple(map(str, reasons)), tone="plain" if passed else "warning"))
        blocks += _tables(parity)
        blocks += _in_the_exam(material)
    else:
        blocks.append(Prose(text="Run `loresmith export` to hold the parity exam.", tone="warning"))
    return Section(id="shipped", title="The file that ships", lead=lead, blocks=tuple(blocks))


def _in_the_exam(material: Material) -> list[Block]:
    """What the file itself answered in the examination, beside the model in memory."""
    exam, told = material.exam, []
    for name, (arm, twin) in product(exam.exams() if exam else (), TWINS.items()):
        assert exam is not None
        pair, own, other = exam.pair(name, f"{arm} - {twin}"), exam.cell(name, arm), exam.cell(name, twin)
        if pair and own and other:
            told.append(
                f"{name.capitalize()}, {WAYS[arm]}: {percent(own.accuracy.value)} {interval(own.accuracy)} right, "
                f"where the model in memory had {percent(other.accuracy.value)} {interval(other.accuracy)}: "
                f"{points(pair.difference.value)} points {points_interval(pair.difference)}, n = {count(own.n)}."
            )
    return [Points(items=tuple(told))] if told else []


def agreement(parity: dict[str, Any]) -> tuple[int, int] | None:
    """How many multiple-choice answers file and merged model give alike, and of how many."""
    share = parity.get("agreement", {}).get("choice", {}).get("merged-gguf")
    return (int(share["same"]), int(share["n"])) if share and share.get("n") else None


def _tables(parity: dict[str, Any]) -> list[Block]:
    same: list[tuple[str, str]] = [
        (label, _share(parity[key]))
        for key, label in (
            ("prompts", "Prompts with the same token ids"),
            ("grounded", "Prompts with sources, the same"),
            ("replies", "Answers with the same token ids"),
            ("stops", "Answers that end alike"),
        )
        if parity.get(key)
    ]
    for form, pairs in parity.get("agreement", {}).items():
        for pair, share in pairs.items():
            first, _, second = pair.partition("-")
            label = f"Same answer, {FORMS.get(form, form)}: {MODELS.get(first, first)} and {MODELS.get(second, second)}"
            same.append((label, _share(share)))
    columns = (Column(name="What is compared"), Column(name="Alike", is_number=True))
    made: list[Block] = [Table(caption="Parity", columns=columns, rows=tuple(same))]
    accuracy = parity.get("accuracy", {})
    rows = tuple(
        (FORMS.get(form, form), *(_share(found.get(model)) for model in MODELS)) for form, found in accuracy.items()
    )
    if rows:
        names = (Column(name="Form"), *(Column(name=name, is_number=True) for name in MODELS.values()))
        made.append(Table(caption="Correct answers of each model", columns=names, rows=rows))
    return made


def _share(share: Any) -> str:
    if not isinstance(share, dict) or not share.get("n"):
        return "–"
    return f"{share['same']} of {share['n']} ({percent(share['same'] / share['n'])})"
