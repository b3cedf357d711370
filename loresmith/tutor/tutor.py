"""The tutor of a project: its bank and index as the sources of a lesson, and lessons taken up from a conversation."""

from collections.abc import Callable, Sequence

from loresmith.answer.relevance import is_relevant
from loresmith.quiz.bank import Bank
from loresmith.records import Passage, Question
from loresmith.retrieval.terms import content_terms, share_covered
from loresmith.tutor.lesson import step
from loresmith.tutor.state import Manner, Move, State

MOST_PASSAGES = 5
"""About which one topic is asked."""
MOST_TURNS = 60
"""Turns of the learner that are gone through; of a longer conversation the beginning is forgotten."""

Search = Callable[[str, int], Sequence[Passage]]


class Tutor:
    """Teaches from a bank and whatever `search` finds."""

    def __init__(self, bank: Bank, search: Search) -> None:
        """`search` gives the best passages for a query, best first."""
        self._bank, self._search = bank, search
        self._by_chunk: dict[str, list[Question]] = {}
        for question in bank.questions:
            self._by_chunk.setdefault(question.chunk, []).append(question)

    def passages(self, topic: str) -> Sequence[Passage]:
        """What is about `topic`, best first; nothing where the sources do not say."""
        return [one for one in self._search(topic, MOST_PASSAGES) if is_relevant(topic, one)]

    def questions(self, topic: str, passages: Sequence[Passage]) -> Sequence[Question]:
        """The bank's questions about these passages, those that share most of the topic's telling words first."""
        needed = content_terms(topic)
        found = [question for passage in passages for question in self._by_chunk.get(passage.chunk, ())]

        def nearness(one: Question) -> float:
            return share_covered(needed, content_terms(f"{one.question} {one.quote}"))

        return sorted(found, key=nearness, reverse=True)

    def headings(self, question: Question) -> Sequence[str]:
        """Above the sentence that the question is about."""
        return self._bank.headings(question)

    def step(self, state: State, said: str, manner: Manner) -> tuple[State, Move]:
        """As `lesson.step`, from these sources."""
        return step(state, said, manner, self)

    def taken_up(self, said: Sequence[str], manner: Manner) -> tuple[State, Move]:
        """The state and the tutor's move after the learner's turns `said`, the last of which is new.

        Raises:
            ValueError: nothing was said.
        """
        if not said:
            raise ValueError("The learner has said nothing.")
        state, move = State(), Move("")
        for words in said[-MOST_TURNS:]:
            state, move = self.step(state, words, manner)
        return state, move
