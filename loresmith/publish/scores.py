"""The scores of a published model in the Hub's schema, and as tables for people.

What goes into `model-index` was measured on the very thing that is published: the exams for an adapter, the parity exam
for a merged model or a GGUF file.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from loresmith.publish.expert import Expert, What
from loresmith.publish.writing import points, table
from loresmith.records import Estimate
from loresmith.report.exam import FORMS, WAYS, Exam
from loresmith.report.wording import count, interval, percent

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TASK = "text-generation"
DATASET = "loresmith-exam"
"""Type of a dataset that is not on the Hub: the exams are a project's own."""
HAS_ADAPTER = ("lora", "lora+rag")
ABOUT = {
    "recall": "facts that were trained, in a wording that was held back",
    "transfer": "sources that training never saw",
    "unanswerable": "what no document tells; right is who says so",
}
MODELS = {"adapter": "base with adapter", "merged": "merged, 16 bit", "gguf": "GGUF file"}


def eval_results(expert: Expert, what: What) -> "list[EvalResult]":
    """The accuracies of `what`, shares between 0 and 1, each with its interval and n."""
    return list(_of_exam(expert) if what == "adapter" else _of_parity(expert, what))


def examined(exam: Exam) -> list[str]:
    """Every arm in every exam and form."""
    told = "; ".join(f"**{name}** asks about {ABOUT[name]}" for name in exam.exams() if name in ABOUT)
    arms = ", ".join(f"`{arm}` ({WAYS[arm]})" for arm in exam.arms())
    lines = [
        f"{told}. The same questions were asked of {arms}." if told else f"Asked were {arms}.",
        "The passages of the arms with retrieval come from the documents, which are not in this repository.",
        "",
    ]
    rows = [
        (name, FORMS[form], arm, percent(cell.accuracy.value), interval(cell.accuracy), count(cell.n))
        for name in exam.exams()
        for form in ("all", *exam.forms(name))
        for arm in exam.arms()
        if (cell := exam.cell(name, arm, form)) is not None
    ]
    return [*lines, *table(("Exam", "Form", "Arm", "Correct", "95% interval", "n"), rows, right=3)]


def compared(parity: Mapping[str, Any]) -> list[str]:
    """What the parity exam found: agreement and accuracy of adapter, merged model and file."""
    lines = points(parity.get("reasons", ()))
    agreed = [
        (FORMS.get(form, form), pair.replace("-", " and "), f"{found['same']} of {found['n']}", _shown(found))
        for form, pairs in parity.get("agreement", {}).items()
        for pair, found in pairs.items()
        if found["n"]
    ]
    if agreed:
        lines += table(("Form", "Models", "Same answer", "95% interval"), agreed, right=2)
    scores = [
        (FORMS.get(form, form), MODELS.get(model, model), f"{found['same']} of {found['n']}", _shown(found))
        for form, models in parity.get("accuracy", {}).items()
        for model, found in models.items()
        if found["n"]
    ]
    if scores:
        lines += table(("Form", "Model", "Correct", "95% interval"), scores, right=2)
    return lines


def refusals(exam: Exam) -> list[str]:
    """How often the arms decline to answer."""
    rows = [
        (one.arm, *_percent(one.rightly), *_percent(one.wrongly)) for one in exam.refusals if one.rightly or one.wrongly
    ]
    if not rows:
        return []
    names = ("Arm", "Refused, rightly", "95% interval", "Refused, wrongly", "95% interval")
    return ["How often it says that the sources do not tell:", "", *table(names, rows, right=4)]


def _percent(found: Estimate | None) -> tuple[str, str]:
    return (percent(found.value), f"{interval(found)}, n = {count(found.n)}") if found else ("–", "–")


def _shown(share: Mapping[str, Any]) -> str:
    return interval(Estimate.model_validate(share["estimate"])) if share.get("estimate") else "–"


def _of_exam(expert: Expert) -> "Iterator[EvalResult]":
    exam = expert.material.exam
    if exam is None:
        return
    for name in exam.exams():
        for arm in HAS_ADAPTER:
            cell = exam.cell(name, arm)
            if cell is not None:
                way = "without sources" if arm == "lora" else "with retrieved sources"
                yield _result(expert, f"{name} exam", name, (f"Accuracy, {way}", cell.accuracy))


def _of_parity(expert: Expert, what: What) -> "Iterator[EvalResult]":
    for form, models in (expert.material.parity or {}).get("accuracy", {}).items():
        found = models.get(what, {}).get("estimate")
        if found:
            scored = (f"Accuracy, {FORMS.get(form, form)}", Estimate.model_validate(found))
            yield _result(expert, "parity exam", "parity", scored)


def _result(expert: Expert, about: str, split: str, scored: tuple[str, Estimate]) -> "EvalResult":
    from huggingface_hub import EvalResult

    name, accuracy = scored
    return EvalResult(
        task_type=TASK,
        task_name="Question answering about the documents",
        dataset_type=DATASET,
        dataset_name=f"{expert.name}: {about}",
        dataset_split=split,
        metric_type="accuracy",
        metric_name=name,
        metric_value=round(accuracy.value, 4),
        metric_args={
            "n": accuracy.n,
            "low": round(accuracy.low, 4),
            "high": round(accuracy.high, 4),
            "interval": accuracy.method,
        },
    )
