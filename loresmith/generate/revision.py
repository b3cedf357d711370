"""A row in the words of the person who edited it, and whether those words can be asked."""

from loresmith.decisions import Decision
from loresmith.generate.checks import answer_fault, question_fault
from loresmith.generate.truth import KIND
from loresmith.records import Question


def revised(question: Question, decision: Decision) -> Question:
    """`question` as the edit words it; a new answer of a multiple choice takes the place of the old among the options.

    Only the row changes: the other wordings of its fact keep theirs.
    """
    text = question.question if decision.question is None else _on_one_line(decision.question)
    answer = question.answer if decision.answer is None else _on_one_line(decision.answer)
    options = question.options
    if answer not in options and question.kind != KIND:
        options = tuple(answer if option == question.answer else option for option in options)
    return question.model_copy(update={"question": text, "answer": answer, "options": options})


def revision_fault(question: Question) -> str | None:
    """Why an edited row cannot be asked, seen alone; the checks are those that every proposed row passes."""
    if question.kind != KIND:  # whether a statement is true stands in no quote
        fault = answer_fault(question.answer, question.quote, question.kind, question.form)
        if fault is not None:
            return fault
    return question_fault(question)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
