"""Our SQuAD figures against the definition worked out another way, ROUGE-L and BLEU against their own packages."""

import json
import re
import string
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
from rouge_score.rouge_scorer import RougeScorer

from loresmith.errors import PackageMissing
from loresmith.models import squad
from loresmith.scoring import overlap

GIVEN = (
    "The valve opens at four bar because the spring yields.",
    "Nobody knows.",
    "The seals swelled, and so it leaked.",
)
REFERENCES = (
    "because the spring of the valve yields at four bar, so that it opens before the vessel bursts",
    "since the pump has no strainer and the impeller picks up grit from the sump",
    "the seal swells in oil, and so it leaks after some weeks of use",
)


def predictions(dataset: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """(prediction, answers) by rule, in turns: right, dressed up, cut, padded, another's, respelled, off, empty."""
    asked = [
        ([answer["text"] for answer in row["answers"]], paragraph["context"])
        for article in dataset["data"]
        for paragraph in article["paragraphs"]
        for row in paragraph["qas"]
    ]
    for place, (answers, context) in enumerate(asked):
        right, words = answers[0], answers[0].split()
        made = (
            right,
            f"The {right.upper()}.",
            " ".join(words[1:]) or right,
            " ".join(words[: len(words) // 2]),
            f"I think it is {right}, according to the text",
            asked[place - 1][0][0],
            right.replace("-", " ").replace(",", "").replace(" ", "  "),
            " ".join(context.split()[:12]),
            "" if place % 2 else "an the a !?",
        )
        yield made[place % len(made)], answers


def by_definition(given: str, answers: list[str]) -> tuple[bool, Fraction]:
    """Exact match and F1 as SQuAD v1.1 defines them: lower case, then no punctuation, articles, superfluous spaces."""

    def words(text: str) -> list[str]:
        letters = "".join(sign for sign in text.lower() if sign not in set(string.punctuation))
        return [word for word in re.sub(r"\b(?:a|an|the)\b", " ", letters).split() if word]

    def f1(said: list[str], true: list[str]) -> Fraction:
        left, shared = list(true), 0
        for word in said:
            if word in left:
                left.remove(word)
                shared += 1
        return Fraction(2 * shared, len(said) + len(true)) if shared else Fraction(0)

    said = words(given)
    return any(said == words(answer) for answer in answers), max(f1(said, words(answer)) for answer in answers)


def test_exact_match_and_f1_are_those_of_squad_on_1190_predictions(shared_data: Path) -> None:
    dataset = json.loads((shared_data / "eval" / "squad" / "xquad.en.json").read_text(encoding="utf-8"))
    rows = list(predictions(dataset))
    assert len(rows) == 1190
    for given, answers in rows:
        exact, f1 = by_definition(given, answers)
        assert squad.exact_match(given, answers) == exact, given
        assert squad.token_f1(given, answers) == pytest.approx(float(f1), abs=1e-12), given
    # what torchmetrics 1.9.0 says of the same predictions
    assert 100 * sum(squad.exact_match(*row) for row in rows) / 1190 == pytest.approx(37.8992, abs=1e-4)
    assert 100 * sum(squad.token_f1(*row) for row in rows) / 1190 == pytest.approx(52.4572, abs=1e-4)


def test_rouge_l_is_that_of_rouge_score() -> None:
    scorer = RougeScorer(["rougeL"], use_stemmer=True)
    expected = [scorer.score(r, g)["rougeL"].fmeasure for g, r in zip(GIVEN, REFERENCES, strict=True)]
    assert overlap.rouge_l(GIVEN, REFERENCES) == expected
    assert expected[0] > expected[1] == 0.0
    assert expected[2] > 0.6  # "swelled" and "swells" are one word


def test_bleu_is_that_of_sacrebleu() -> None:
    expected = [sacrebleu.sentence_bleu(g, [r]).score / 100 for g, r in zip(GIVEN, REFERENCES, strict=True)]
    assert overlap.sentence_bleu(GIVEN, REFERENCES) == expected
    whole = sacrebleu.corpus_bleu(list(GIVEN), [list(REFERENCES)]).score / 100
    assert overlap.corpus_bleu(GIVEN, REFERENCES) == whole > 0


@pytest.mark.parametrize("measure", [overlap.rouge_l, overlap.sentence_bleu, overlap.corpus_bleu])
def test_answers_without_their_references_are_a_mistake_of_the_caller(measure: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match=r"shorter|references"):
        measure(GIVEN, REFERENCES[:2])


@pytest.mark.parametrize(
    ("measure", "module"), [(overlap.rouge_l, "rouge_score.rouge_scorer"), (overlap.corpus_bleu, "sacrebleu")]
)
def test_an_absent_package_is_named_with_the_command_that_installs_it(
    measure: Callable[..., object], module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)  # what Python does where an import is known to fail
    with pytest.raises(PackageMissing, match=r"pip install 'loresmith\[eval\]'"):
        measure(GIVEN, REFERENCES)


def test_a_reference_is_long_from_ten_words_on() -> None:
    assert not overlap.is_long("because the spring of the valve yields at four")
    assert overlap.is_long("because the spring of the valve yields at four bar")
