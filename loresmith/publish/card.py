"""A model card out of the manifests: what it is, what the exams found, what it was made from, and how to run it.

Figures come from the settings and notes that the stages wrote, not from the recipe as it is now. Of the documents only
names, hashes and counts are told: no title, no quote, no question.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from loresmith import __version__
from loresmith.publish.base import Base
from loresmith.publish.expert import Expert, What
from loresmith.publish.head import front_matter
from loresmith.publish.languages import languages_of
from loresmith.publish.scores import MODELS, compared, examined, refusals
from loresmith.publish.usage import quantization, usage
from loresmith.publish.writing import points, safe, table
from loresmith.recipe.languages import LANGUAGES
from loresmith.records import UNANSWERABLE
from loresmith.report.compose import UNEXAMINED
from loresmith.report.wording import count, millions, percent, plural, tally, value

KIND = {
    "adapter": "a LoRA adapter, to be loaded on top of its base model",
    "merged": "the base model with a LoRA adapter merged into it, in 16 bits",
    "gguf": "the base model with a LoRA adapter merged into it, in one GGUF file",
}
USES = {
    "train": "learned from",
    "validation": "watches the loss",
    "recall": "exam: trained facts in a wording held back",
    "transfer": "exam: sources never trained on",
    "unanswerable": "exam: what no document tells",
}
HIDDEN = ("trainer",)


def card(expert: Expert, what: What, base: Base, repository: str | None = None) -> str:
    """README.md for a repository that holds `what`."""
    chapters = [
        (None, _opening(expert, what)),
        ("What it is", _identity(expert, what, base)),
        ("Examination", _examination(expert, what)),
        ("Is this the model that was examined?", _parity(expert, what)),
        ("How to run it", usage(expert, what, base, repository)),
        ("Training", _training(expert)),
        ("Data", _data(expert)),
        ("Limits", _limits(expert)),
        ("Licence", _licence(base)),
    ]
    lines = ["---", front_matter(expert, what, base, repository), "---", ""]
    lines += [f"# {safe(repository.split('/')[1] if repository else expert.name)}", ""]
    for title, content in chapters:
        lines += [f"## {title}", "", *content] if title else content
    lines += [f"Made by Loresmith {__version__}.", ""]
    return "\n".join(lines)


def _opening(expert: Expert, what: What) -> list[str]:
    exam, parity = expert.material.exam, expert.material.parity
    lines = [f"This is {KIND[what]}. It answers questions about a set of documents.", ""]
    lines += [f"**{safe(exam.verdict.headline if exam else UNEXAMINED)}**", ""]
    cautions = list(exam.verdict.cautions) if exam else []
    if what != "adapter" and not (parity and parity.get("passed")):
        cautions.insert(0, "This is not proven to be the model that was examined; see below.")
    if expert.project.rehearsed:
        cautions.insert(0, "This was a rehearsal with the starter model and small sizes.")
    for caution in cautions:
        lines += [f"> **Mind:** {safe(caution)}", ""]
    return lines


def _identity(expert: Expert, what: What, base: Base) -> list[str]:
    train = expert.settings("train").get("train", {})
    rows = [("Base model", base.name)]
    if base.revision:
        rows.append(("Revision of the base", base.revision))
    rows.append(("Method", _method(train)))
    if what == "gguf":
        rows.append(("Quantisation", quantization(expert)))
    if languages := languages_of(expert):
        rows.append(("Languages of the documents", ", ".join(LANGUAGES[code] for code in languages)))
    rows.append(("Licence", base.licence.shown))
    return table(("", ""), rows)


def _method(train: Mapping[str, Any]) -> str:
    method = str(train.get("method", "lora"))
    shape = f", rank {train['r']}, alpha {train['lora_alpha']}" if "r" in train and method != "full" else ""
    names = {"lora": "LoRA", "qlora": "QLoRA", "full": "full fine-tuning"}
    return f"{names.get(method, method)}{shape}; supervised, loss on the answers alone"


def _examination(expert: Expert, what: What) -> list[str]:
    exam = expert.material.exam
    if exam is None:
        return ["This model was not examined.", ""]
    lines = examined(exam)
    if what != "adapter":
        lines += [
            "The exams were held with the adapter on its base; the next chapter compares this model with that.",
            "",
        ]
    if exam.verdict.evidence:
        lines += ["What the verdict rests on:", "", *points(exam.verdict.evidence)]
    limited = [f"Of the {cut.exam} exam, {cut.asked} of {cut.available} questions were asked." for cut in exam.limited]
    return [*lines, *refusals(exam), *(points(limited) if limited else [])]


def _parity(expert: Expert, what: What) -> list[str]:
    parity = expert.material.parity
    if what == "adapter" and expert.material.exam is None:
        return ["No exam was held.", ""]
    if what == "adapter":
        return ["Yes: the exams above were held with this adapter on its base model.", ""]
    if parity is None:
        return ["**Nobody knows: it did not sit the parity exam.**", ""]
    word = (
        f"Yes: the {MODELS[what]} passed the parity exam."
        if parity.get("passed")
        else "**No: it did not pass the parity exam.**"
    )
    return [word, "", *compared(parity)]


def _training(expert: Expert) -> list[str]:
    notes, train = expert.material.notes("train"), expert.settings("train").get("train", {})
    told = [
        f"{label}: {text(notes[key])}"
        for key, label, text in (
            ("conversations", "Conversations", count),
            ("steps", "Optimizer steps", count),
            ("tokens", "Tokens seen", count),
            ("trained_numbers", "Numbers trained", millions),
        )
        if notes.get(key) is not None
    ]
    losses = [line["loss"] for line in expert.material.log if "loss" in line]
    if losses:
        told.append(f"Training loss, in nats per token of the answers: {losses[0]:.2f} → {losses[-1]:.2f}")
    rows = [(name, value(given)) for name, given in train.items() if name not in HIDDEN]
    return [*(points(told) if told else []), *table(("Hyperparameter", "Value"), rows)]


def _data(expert: Expert) -> list[str]:
    material, lines = expert.material, list[str]()
    notes, counts = material.notes("generate"), material.counts("generate")
    if counts:
        facts = int(notes.get("facts", counts.get("facts", 0)))
        told = [
            f"{plural(facts, 'fact')} and {plural(counts.get('kept', 0), 'question')} about them, written by "
            f"{_teacher(expert.settings('generate'))}; {plural(counts.get('dropped', 0), 'proposal')} fell to a check."
        ]
        told += [
            f"{label}: {tally(notes[key])}."
            for key, label in (("kinds", "Facts"), ("forms", "Questions"))
            if notes.get(key)
        ]
        lines += points(told)
    sets = material.notes("split").get("sets", {})
    if sets:
        rows = [
            (name, USES.get(name, ""), count(int(one["rows"])), count(int(one["facts"]))) for name, one in sets.items()
        ]
        lines += table(("Set", "Used for", "Questions", "Facts"), rows, right=2)
    if material.documents:
        unseen = set(map(str, material.notes("split").get("held_out_documents", ())))
        lines += ["Documents (their texts are not part of this repository):", ""]
        documents = [
            (
                one.source,
                one.format,
                count(one.pages) if one.pages else "–",
                "exam only" if one.source in unseen else "training",
                one.sha256,
            )
            for one in material.documents
        ]
        lines += table(("Name", "Format", "Pages", "Used for", "sha256"), documents)
    if not lines or not material.documents:
        lines += ["The documents behind this model are not listed: the project went on since it was trained.", ""]
    return lines


def _teacher(settings: Mapping[str, Any]) -> str:
    """Who wrote the questions, without a path of the machine."""
    name, _, model = str(settings.get("teacher", "an unknown teacher")).partition(":")
    if not model:
        return {"rules": "rules, without a model"}.get(name, name)
    return f"the model {PurePath(model).name if name == 'local' else model}"


def _limits(expert: Expert) -> list[str]:
    exam = expert.material.exam
    items = [
        "It was trained on what its documents say, right or wrong, as they stood then.",
        "About anything else it may know less than its base model; general ability was not examined.",
        "Without sources it can state something false with confidence: check what matters against the documents.",
        "Short answers count as right only when they match word for word after normalisation, in every arm alike.",
    ]
    if expert.settings("generate").get("teacher") == "rules":
        items.append("Its questions were written by rules and ask for stated facts, not for explanations or reasoning.")
    pairs = [pair for pair in exam.pairs if pair.form == "all" and pair.than == "base"] if exam else []
    visible = [pair.visible for pair in pairs if pair.exam != UNANSWERABLE]  # decides nothing, and is small
    if visible:
        items.append(
            f"Differences below {percent(max(visible)).rstrip('%')} points may be missed by exams of this size."
        )
    return points(items)


def _licence(base: Base) -> list[str]:
    licence = base.licence
    if not licence.is_known:
        return [
            "The licence of the base model is not known here, and it holds for this model too. Find out what it allows "
            "before you use or pass on this model.",
            "",
        ]
    link = f" ({licence.link})" if licence.link else ""
    lines = [f"Inherited from the base model: {safe(licence.shown)}{safe(link) if link else ''}.", ""]
    if licence.duties:
        lines += ["Among other things it asks for this; its own text decides:", "", *points(licence.duties)]
    lines += ["Whether the documents allow what is done with this model is not said here.", ""]
    if base.licence.name in ("qwen-research", "qwen"):
        lines += ["Built with Qwen.", ""]
    elif base.licence.id.startswith("llama") and base.licence.id != "llama2":
        lines += [
            f"Built with Llama. Llama {base.licence.id.removeprefix('llama')} is licensed under the {licence.title}.",
            "",
        ]
    return lines
