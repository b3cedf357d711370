"""Wrong answers to questions that are alike, each cluster with its telling words and its most typical question.

Clusters are made of wrong answers, so they show where to look and prove nothing: what else was asked like them and is
right is counted beside them. One question stands for each fact, or wordings of one fact would be a cluster.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from loresmith.failures.cases import Case
from loresmith.failures.linkage import linked
from loresmith.likeness import words
from loresmith.records import Record
from loresmith.retrieval.terms import STOP_WORDS, stem

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to rows of length 1."""

FARTHEST = 0.55
"""Mean cosine distance within a cluster. Of 1,425 pairs of questions about different documents of the bundled guide 95
of 100 lie farther apart than 0.63, of pairs about one section a quarter lies nearer than 0.59."""
FEWEST = 3
"""Facts in a cluster."""
MOST = 8
"""Clusters that are told."""
TERMS = 3


class Cluster(Record):
    """Questions about different facts that are alike and were answered wrongly."""

    terms: tuple[str, ...]
    """Words that these questions have more often than all that were asked, the most telling first."""
    facts: int
    """That are wrong."""
    alike_right: int
    """Facts that would lie in it by the same measure, and whose answers are all right."""
    documents: int
    example: str
    """Id of the question nearest to the centre."""
    questions: tuple[str, ...]
    """Ids, nearest to the centre first."""


def clusters(cases: Sequence[Case], encode: Encode) -> list[Cluster]:
    """The largest clusters among the wrong ones of `cases`."""
    wrong, right = _by_fact(case for case in cases if case.is_wrong), _by_fact(cases)
    right = {fact: case for fact, case in right.items() if fact not in wrong}
    if len(wrong) < FEWEST:
        return []
    asked = [*wrong.values(), *right.values()]
    vectors = encode([case.question.question for case in asked])
    found = [group for group in linked(vectors[: len(wrong)], FARTHEST) if len(group) >= FEWEST]
    spoken = [_terms(case.question.question) for case in asked]
    common = Counter(term for terms in spoken for term in terms)
    return [_cluster(group, asked, vectors, spoken, common, len(wrong)) for group in found[:MOST]]


def _by_fact(cases: Iterable[Case]) -> dict[tuple[str, str], Case]:
    """The first question of each fact, written answers before choices; facts of two exams are two."""
    ordered = sorted(cases, key=lambda case: case.question.form == "choice")
    found: dict[tuple[str, str], Case] = {}
    for case in ordered:
        found.setdefault((case.grade.exam, case.question.fact), case)
    return found


def _cluster(
    group: Sequence[int],
    asked: Sequence[Case],
    vectors: NDArray[np.float32],
    spoken: Sequence[Mapping[str, str]],
    common: Counter[str],
    wrong: int,
) -> Cluster:
    near = vectors @ vectors[group].mean(axis=0)  # the mean cosine to the members
    ordered = sorted(group, key=lambda place: (-round(float(near[place]), 5), place))
    return Cluster(
        terms=_telling([spoken[place] for place in group], common, len(asked)),
        facts=len(group),
        alike_right=int((near[wrong:] >= 1.0 - FARTHEST).sum()),
        documents=len({asked[place].question.document for place in group}),
        example=asked[ordered[0]].question.id,
        questions=tuple(asked[place].question.id for place in ordered),
    )


def _terms(text: str) -> dict[str, str]:
    """Stem to the word as it is written, without stop words."""
    return {stem(word): word for word in words(text) if word not in STOP_WORDS}


def _telling(spoken: Sequence[Mapping[str, str]], common: Counter[str], asked: int) -> tuple[str, ...]:
    """The words that most of the cluster has and few others: how often, times how much more often than everywhere."""
    held = Counter(term for terms in spoken for term in terms)
    written = {term: word for terms in reversed(spoken) for term, word in terms.items()}
    score = {
        term: count * math.log(count / len(spoken) * asked / common[term]) for term, count in held.items() if count > 1
    }
    best = sorted(score, key=lambda term: (-round(score[term], 9), term))
    return tuple(written[term] for term in best[:TERMS])
