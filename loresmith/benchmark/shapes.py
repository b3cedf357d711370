"""Rows of benchmarks in the shapes that they are found in, read into items.

A reader takes one row and gives the items in it, or none where the row is of another shape. The official files, the
Hub's, tables with and without header, and the instruction rows of LLM-Adapters (arXiv 2304.01933) are known.

Not covered: translated benchmarks whose option labels are no letters or digits.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loresmith.benchmark.items import Item

Content = Mapping[str, Any]
Reader = Callable[[Content], list[Item]]

LETTERS = "ABCDEFGHIJ"
INSTRUCTED = re.compile(r"(?:Answer|Ending|Solution|Option)(\d+):\s*")
LEAD_IN = re.compile(r"^Please [^:]*:\s*")


def labelled(row: Content) -> list[Item]:
    """Options with labels: ARC and OpenBookQA as AI2 gives them (a stem with its choices) and as the Hub does."""
    asked = row.get("question_stem", row.get("question"))
    nested = asked if isinstance(asked, Mapping) else {}
    stem, choices = nested.get("stem", asked), nested.get("choices", row.get("choices"))
    if not isinstance(stem, str) or "answerKey" not in row:
        return []
    if isinstance(choices, Mapping):
        pairs = list(zip(choices.get("label", ()), choices.get("text", ()), strict=True))
    elif isinstance(choices, list) and all(isinstance(choice, Mapping) for choice in choices):
        pairs = [(choice.get("label"), choice.get("text")) for choice in choices]
    else:
        return []
    labels = [str(label).strip() for label, _ in pairs]
    key = str(row["answerKey"]).strip()
    answer = labels.index(key) if key in labels else None
    return [Item(id=str(row.get("id", "")), question=stem, options=_texts(text for _, text in pairs), answer=answer)]


def instructed(row: Content) -> list[Item]:
    """`Answer1: ... Answer2: ...` within an instruction, and `answer2` as the answer, as LLM-Adapters writes them."""
    text, answer = row.get("instruction"), row.get("answer")
    if not isinstance(text, str) or not isinstance(answer, str):
        return []
    body = re.split(r"\n\s*Answer format:", text)[0]
    question, *found = INSTRUCTED.split(body)
    numbers, options = found[::2], [option.strip() for option in found[1::2]]
    right = re.fullmatch(r"(?:answer|ending|solution|option)(\d+)", answer.strip())
    if len(options) < 2 or right is None or numbers != [str(place) for place in range(1, len(options) + 1)]:
        return []
    question, place = LEAD_IN.sub("", question.strip()), int(right[1]) - 1
    return [Item(question=question, options=tuple(options), answer=place if place < len(options) else None)]


def columned(row: Content) -> list[Item]:
    """MMLU: a list of choices, or a column for each (`A`, `choice0`); the answer as letter or as number from 0."""
    question, answer = row.get("question"), row.get("answer")
    if not isinstance(question, str) or answer is None:
        return []
    options = row.get("choices")
    if not isinstance(options, Sequence) or isinstance(options, str):
        names = _choice_columns(row)
        options = [row[name] for name in names]
    if len(options) < 2:
        return []
    place = _place(answer, len(options))
    return [Item(subject=str(row.get("subject", "")), question=question, options=_texts(options), answer=place)]


def cyber(row: Content) -> list[Item]:
    """CyberMetric: questions with lettered answers and the letter of the solution."""
    inner = row.get("questions")
    if isinstance(inner, list):
        return [item for question in inner if isinstance(question, Mapping) for item in cyber(question)]
    question, answers, letter = row.get("question"), row.get("answers"), row.get("solution")
    if not isinstance(question, str) or not isinstance(answers, Mapping) or not isinstance(letter, str):
        return []
    letters = list(answers)
    answer = letters.index(letter.strip()) if letter.strip() in letters else None
    return [Item(question=question, options=_texts(answers.values()), answer=answer)]


def solved(row: Content) -> list[Item]:
    """GSM8K: a question and its worked solution, which ends in `#### 18`."""
    question, answer = row.get("question"), row.get("answer")
    if not isinstance(question, str) or not isinstance(answer, str) or "####" not in answer:
        return []
    return [Item(question=question, told=(answer,))]


def science(row: Content) -> list[Item]:
    """SciQ: the right answer and three distractors; the right one stands last, as in the harness."""
    names = ("distractor1", "distractor2", "distractor3", "correct_answer")
    if not isinstance(row.get("question"), str) or not all(isinstance(row.get(name), str) for name in names):
        return []
    options = tuple(str(row[name]) for name in names)
    support = str(row.get("support") or "").lstrip()
    return [Item(question=str(row["question"]), options=options, answer=3, context=support)]


def endings(row: Content) -> list[Item]:
    """HellaSwag: a beginning in two parts and four endings."""
    parts = (row.get("ctx_a"), row.get("ctx_b"), row.get("activity_label"))
    found, label = row.get("endings"), row.get("label")
    if not all(isinstance(part, str) for part in parts) or not isinstance(found, list) or label in (None, ""):
        return []
    first, second, activity = (str(part) for part in parts)
    question = _without_brackets(f"{activity}: {first} {second.capitalize()}")
    options = tuple(_without_brackets(str(ending)) for ending in found)
    return [Item(id=str(row.get("ind", "")), question=question, options=options, answer=_place(label, len(options)))]


def truths(targets: str) -> Reader:
    """TruthfulQA's `mc1_targets` or `mc2_targets`: the Hub's lists, or the official object of answer to 0 or 1."""

    def read(row: Content) -> list[Item]:
        question, found = row.get("question"), row.get(targets)
        if not isinstance(question, str) or not isinstance(found, Mapping):
            return []
        if "choices" in found:
            options, labels = found["choices"], found["labels"]
        else:
            options, labels = list(found), list(found.values())
        right = tuple(int(label) == 1 for label in labels)
        return [Item(question=question, options=_texts(options), right=right, answer=_first(right))]

    return read


def truth_table(targets: str) -> Reader:
    """TruthfulQA's table of answers: the best against the false ones (mc1), or all true against all false (mc2)."""

    def read(row: Content) -> list[Item]:
        columns = {str(name).strip().lower(): value for name, value in row.items()}
        asked, best = columns.get("question"), columns.get("best answer")
        if not isinstance(asked, str) or not isinstance(best, str) or "incorrect answers" not in columns:
            return []
        true = [best] if targets == "mc1_targets" else _listed(columns.get("correct answers"))
        false = _listed(columns["incorrect answers"])
        right = (True,) * len(true) + (False,) * len(false)
        return [Item(question=asked, options=(*true, *false), right=right, answer=0)]

    return read


def abstracts(row: Content) -> list[Item]:
    """PubMedQA: an abstract, a question and yes, no or maybe; the official object of many, or the Hub's rows."""
    if row and all(isinstance(value, Mapping) and "QUESTION" in value for value in row.values()):
        return [item for name, value in row.items() for item in abstracts({"pubid": name, **value})]
    question = row.get("QUESTION", row.get("question"))
    passages = row.get("CONTEXTS", row.get("context"))
    if isinstance(passages, Mapping):
        passages = passages.get("contexts")
    decision = row.get("final_decision")
    if not isinstance(question, str) or not isinstance(passages, list) or not isinstance(decision, str):
        return []
    options = ("yes", "no", "maybe")
    answer = options.index(decision) if decision in options else None
    context = "\n".join(map(str, passages))
    return [Item(id=str(row.get("pubid", "")), question=question, options=options, answer=answer, context=context)]


def articles(row: Content) -> list[Item]:
    """SQuAD 1.1: articles of paragraphs with questions, or the Hub's row for each question."""
    if isinstance(paragraphs := row.get("paragraphs"), list):
        return [
            _spanned(question, str(row.get("title", "")), str(paragraph["context"]))
            for paragraph in paragraphs
            for question in paragraph["qas"]
        ]
    if not isinstance(row.get("context"), str) or not isinstance(row.get("answers"), Mapping):
        return []
    return [_spanned(row, str(row.get("title", "")), str(row["context"]))]


def _spanned(question: Content, title: str, context: str) -> Item:
    answers = question.get("answers", ())
    texts = answers.get("text", ()) if isinstance(answers, Mapping) else [answer["text"] for answer in answers]
    told = tuple(dict.fromkeys(map(str, texts)))
    return Item(
        id=str(question.get("id", "")), question=str(question["question"]), title=title, context=context, told=told
    )


def _choice_columns(row: Content) -> list[str]:
    """The columns of the choices in their order: `A` to `D`, or `choice0` to `choice3`."""
    lettered = [name for name in row if str(name).strip().upper() in LETTERS and len(str(name).strip()) == 1]
    return lettered or [name for name in row if re.fullmatch(r"(?:choice|option)[ _]?\w", str(name).strip().lower())]


def _place(answer: Any, count: int) -> int | None:
    """The place of an answer that is a letter, or a number from 0; `None` where it points at no option."""
    said = str(answer).strip().upper()
    place = LETTERS.find(said) if len(said) == 1 and said in LETTERS else int(said) if said.isdecimal() else -1
    return place if 0 <= place < count else None


def _first(right: Sequence[bool]) -> int | None:
    return right.index(True) if True in right else None


def _listed(text: Any) -> list[str]:
    return [part.strip() for part in str(text or "").split(";") if part.strip()]


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(str(value) for value in values)


def _without_brackets(text: str) -> str:
    """As the harness cleans HellaSwag: the marks that WikiHow left go."""
    text = re.sub(r"\[.*?\]", "", text.strip().replace(" [title]", ". "))
    return text.replace("  ", " ")
