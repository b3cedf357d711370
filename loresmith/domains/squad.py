"""SQuAD rows whose article is about history, flat as on the Hub or nested as in the authors' files.

The questions were written with the paragraph in view ("When did he return?"), so the paragraph is always shown.
"""

import re
from collections.abc import Iterator
from typing import Any

from loresmith.domains.question import DomainQuestion
from loresmith.exchange.dialogue import Refused
from loresmith.exchange.row_format import Content, text

WORDS = """age ages ancient antiquity battle blitz century civilization conquest colonial colonialism crusade crusades
dynasty empire enlightenment era genocide history imperialism medieval neolithic period prehistory renaissance
revolution revolutionary siege treaty war wars"""
HISTORY = frozenset(WORDS.split())


def is_history(title: str) -> bool:
    """Whether a word of an article's title says that it is about the past."""
    return not HISTORY.isdisjoint(re.findall(r"[a-z]+", title.lower()))


def squad(content: Content) -> Iterator[DomainQuestion]:
    """The questions of a row, or of all paragraphs of an article.

    Raises:
        Refused: the article is about something else, or a part is missing.
    """
    title = text(content, "title").replace("_", " ")
    if not is_history(title):
        raise Refused("its article is not about history")
    paragraphs = content.get("paragraphs")
    if not isinstance(paragraphs, list):
        yield _question(title, content.get("context"), content)
        return
    found = [
        _question(title, paragraph.get("context"), asked)
        for paragraph in paragraphs
        if isinstance(paragraph, dict)
        for asked in paragraph.get("qas") or ()
        if not asked.get("is_impossible")
    ]
    if not found:
        raise Refused("an article without questions")
    yield from found


def _question(title: str, passage: Any, asked: Content) -> DomainQuestion:
    answers = asked.get("answers")
    if isinstance(answers, dict):  # the Hub's columns of lists
        said = answers.get("text") or []
    else:
        said = [one.get("text") for one in answers or () if isinstance(one, dict)]
    if not isinstance(passage, str) or not said or not isinstance(said[0], str) or not said[0].strip():
        raise Refused("no paragraph or no answer")
    return DomainQuestion(
        place="",
        question=" ".join(text(asked, "question").split()),
        answer=said[0].strip(),
        evidence=passage.strip(),
        topic=title,
        needs="evidence",
    )
