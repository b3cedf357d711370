"""A question of the project as the messages that ask it, and the words that answer it."""

from loresmith.errors import UserError
from loresmith.models import prompts
from loresmith.records import Question


def messages(question: Question, sources: str | None = None) -> list[prompts.Message]:
    """What the model is asked, closed book without `sources`."""
    if question.form == "choice":
        return prompts.choice(question.question, question.options, sources)
    if question.form == "long":
        return prompts.long(question.question, sources)
    return prompts.short(question.question, sources)


def expected(question: Question) -> str:
    """What the model should say: the answer, or the letter of the right option.

    Raises:
        UserError: the answer of a choice is not among its options.
    """
    if question.form != "choice":
        return question.answer
    if question.answer not in question.options:
        raise UserError(
            f"Question {question.id} has its answer {question.answer!r} not among its options.",
            next_step="Run `loresmith generate` again.",
        )
    return prompts.LETTERS[question.options.index(question.answer)]
