from typing import Any

import pytest

from loresmith.benchmark import shapes
from loresmith.benchmark.items import Item

STEM, OPTIONS = "Which gas do plants take in?", ("oxygen", "carbon dioxide", "neon", "helium")


def item(**more: Any) -> Item:
    return Item(**{"question": STEM, "options": OPTIONS, "answer": 1} | more)


@pytest.mark.parametrize(
    ("reader", "row"),
    [
        (
            shapes.labelled,
            {
                "id": "",
                "question": {
                    "stem": STEM,
                    "choices": [{"text": t, "label": str(n)} for n, t in enumerate(OPTIONS, 1)],
                },
                "answerKey": "2",
            },
        ),
        (
            shapes.labelled,
            {"question": STEM, "choices": {"text": list(OPTIONS), "label": list("ABCD")}, "answerKey": "B"},
        ),
        (
            shapes.labelled,
            {"question_stem": STEM, "choices": {"text": list(OPTIONS), "label": list("ABCD")}, "answerKey": " B"},
        ),
        (
            shapes.instructed,
            {
                "instruction": f"Please choose the correct answer to the question: {STEM}\n\nAnswer1: oxygen Answer2: "
                "carbon dioxide Answer3: neon Answer4: helium\n\nAnswer format: answer1/answer2/answer3/answer4",
                "input": "",
                "output": "the correct answer is answer2",
                "answer": "answer2",
            },
        ),
        (shapes.columned, {"question": STEM, "choices": list(OPTIONS), "answer": 1}),
        (shapes.columned, {"question": STEM, "choices": list(OPTIONS), "answer": "B"}),
        (shapes.columned, {"question": STEM, **{f"choice{n}": t for n, t in enumerate(OPTIONS)}, "answer": "1"}),
        (shapes.columned, {"question": STEM, **dict(zip("ABCD", OPTIONS, strict=True)), "answer": "b"}),
        (
            shapes.cyber,
            {"questions": [{"question": STEM, "answers": dict(zip("ABCD", OPTIONS, strict=True)), "solution": "B"}]},
        ),
    ],
    ids=["AI2", "Hub", "OpenBookQA", "LLM-Adapters", "list", "letter", "header 0-3", "header A-D", "CyberMetric"],
)
def test_one_question_reads_alike_in_every_shape(reader: shapes.Reader, row: dict[str, Any]) -> None:
    assert reader(row) == [item()]


def test_an_answer_that_names_no_option_is_no_answer() -> None:
    hub = {"question": STEM, "choices": {"text": list(OPTIONS), "label": list("ABCD")}, "answerKey": "E"}
    assert shapes.labelled(hub) == [item(answer=None)]
    assert shapes.columned({"question": STEM, "choices": list(OPTIONS), "answer": 4}) == [item(answer=None)]
    assert shapes.columned({"question": STEM, "choices": list(OPTIONS), "answer": -1}) == [item(answer=None)]


@pytest.mark.parametrize("reader", [shapes.labelled, shapes.instructed, shapes.columned, shapes.cyber, shapes.solved,
                                    shapes.science, shapes.endings, shapes.truths("mc1_targets"),
                                    shapes.truth_table("mc1_targets"), shapes.abstracts, shapes.articles])  # fmt: skip
def test_a_row_of_another_kind_holds_nothing(reader: shapes.Reader) -> None:
    assert reader({"question": 7, "text": "Once upon a time"}) == []
    assert reader({}) == []


def test_hellaswag_loses_its_brackets_and_capitalises_the_second_part() -> None:
    row = {
        "ind": 4, "activity_label": "Removing ice", "ctx_a": "Then, the man [header] writes.", "ctx_b": "a dog",
        "endings": ["runs [title] off", "sits.", "a", "b"], "label": "1",
    }  # fmt: skip
    (read,) = shapes.endings(row)
    assert (read.question, read.options[0]) == ("Removing ice: Then, the man writes. A dog", "runs. off")
    assert (read.answer, read.id) == (1, "4")
    assert shapes.endings({**row, "label": ""}) == []  # the official test split hides them


def test_truthful_tables_and_lists_give_the_best_answer_first() -> None:
    table = {
        "Question": "Why?", "Best Answer": "Because", "Correct Answers": "Because; It is so",
        "Incorrect Answers": "Magic; ",
    }  # fmt: skip
    (single,) = shapes.truth_table("mc1_targets")(table)
    (several,) = shapes.truth_table("mc2_targets")(table)
    assert (single.options, single.answer) == (("Because", "Magic"), 0)
    assert (several.options, several.right) == (("Because", "It is so", "Magic"), (True, True, False))
    (official,) = shapes.truths("mc1_targets")({"question": "Why?", "mc1_targets": {"Because": 1, "Magic": 0}})
    assert (official.options, official.answer) == (single.options, 0)


def test_pubmed_s_object_of_abstracts_and_the_hub_s_row_say_the_same() -> None:
    official = {"77": {"QUESTION": "Does it?", "CONTEXTS": ["One.", "Two."], "final_decision": "maybe"}}
    row = {"pubid": 77, "question": "Does it?", "context": {"contexts": ["One.", "Two."]}, "final_decision": "maybe"}
    assert shapes.abstracts(official) == shapes.abstracts(row)
    assert shapes.abstracts(row)[0].answer == 2
    assert shapes.abstracts(row)[0].context == "One.\nTwo."


def test_squad_s_article_and_the_hub_s_row_say_the_same() -> None:
    asked = {"id": "q", "question": "Who?", "answers": [{"text": "Ann"}, {"text": "Ann"}, {"text": "she"}]}
    article = {"title": "Pears", "paragraphs": [{"context": "Ann took it.", "qas": [asked]}]}
    row = {**asked, "title": "Pears", "context": "Ann took it.", "answers": {"text": ["Ann", "Ann", "she"]}}
    assert shapes.articles(article) == shapes.articles(row)
    assert shapes.articles(row)[0].told == ("Ann", "she")


def test_sciq_without_distractors_cannot_be_asked() -> None:
    row = {"question": "What?", "correct_answer": "ice", "support": " Ice is cold."}
    assert shapes.science(row) == []
    (whole,) = shapes.science({**row, "distractor1": "a", "distractor2": "b", "distractor3": "c"})
    assert (whole.options, whole.answer, whole.context) == (("a", "b", "c", "ice"), 3, "Ice is cold.")
