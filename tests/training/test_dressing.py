"""Corpus text in a paper's dress: what is asked about it is there, and names and numbers are other ones."""

import re
from collections import Counter

import numpy as np
import pytest

from training.starter import dressing, passages

TEXT = "\n\n".join(
    f"The valve of Harlow opens at {n} bar in {1800 + n}, and the engineers of Norway wrote about Harlow in a letter. "
    f"A pump is a machine that moves water up to a high tank. The tank of Boston holds {n},500 litres."
    for n in range(2, 42)
)


@pytest.fixture(scope="module")
def store() -> dressing.Wardrobe:
    return dressing.wardrobe([TEXT])


def test_the_wardrobe_holds_what_things_are(store: dressing.Wardrobe) -> None:
    assert "a machine that moves water up to a high tank" in store.meanings
    assert "engineers" in store.things


def test_names_change_everywhere_alike_and_numbers_change(store: dressing.Wardrobe) -> None:
    kept_names: list[str] = []
    for seed in range(10):
        text = dressing.dressed(TEXT, np.random.default_rng(seed), store)
        for name in ("Harlow", "Norway", "Boston"):
            assert text.count(name) in (0, TEXT.count(name))
            kept_names += [name] if name in text else []
    assert 1 <= len(kept_names) <= 18
    assert re.search(r" bar in 1[2-9]\d\d, and", text)
    kept = Counter(re.findall(r"opens at (\d+) bar", TEXT)) & Counter(re.findall(r"opens at (\S+) bar", text))
    assert kept.total() < 25


def test_every_sort_of_question_of_the_rule_teacher_comes_up(store: dressing.Wardrobe) -> None:
    rng = np.random.default_rng(5)
    pages = [
        page for _ in range(12) for page in passages.pages("book", dressing.dressed(TEXT, rng, store), rng)
    ]  # other dresses of one text
    asked = [question for page in pages for question in page.asked]
    assert {"expansion", "term", "definition", "number", "listed", "cloze", "list", "reason"} <= {
        question.sort for question in asked
    }
    assert all(question.answer in page.text for page in pages for question in page.asked)
    short = {q.answer: q.wordings[0] for q in asked if q.sort == "expansion"}
    assert all("stand for" in wording for wording in short.values())


def test_the_same_seed_gives_the_same_dress(store: dressing.Wardrobe) -> None:
    one, two = (dressing.dressed(TEXT, np.random.default_rng(6), store) for _ in range(2))
    assert one == two != dressing.dressed(TEXT, np.random.default_rng(7), store)


def test_questions_with_more_weight_are_drawn_more_often() -> None:
    plain, wanted = (passages.Asked((f"{sort}?",), "x", sort) for sort in ("word", "expansion"))
    page = passages.Page("x", (plain, wanted))
    rng = np.random.default_rng(8)
    first = Counter(page.drawn(rng, 1)[0].sort for _ in range(300))
    assert first["expansion"] > 3 * first["word"]
    assert {asked.sort for asked in page.drawn(rng, 5)} == {"word", "expansion"}


def test_a_document_has_a_title_and_names_it_again_and_again(store: dressing.Wardrobe) -> None:
    texts = [dressing.dressed(TEXT, np.random.default_rng(seed), store) for seed in range(8)]
    titles = [text.split("\n", 1)[0] for text in texts]
    assert all(title.startswith("# ") for title in titles)
    assert any("\n## " in text for text in texts)
    assert max(
        text.count(title.removeprefix("# ").removesuffix(" Technical Report"))
        for text, title in zip(texts, titles, strict=True)
    ) > 5  # fmt: skip


def test_an_abbreviation_goes_on_being_used_behind_its_meaning(store: dressing.Wardrobe) -> None:
    text = "\n\n".join(dressing.dressed(TEXT, np.random.default_rng(seed), store) for seed in range(8))
    introduced = set(re.findall(r"\(([A-Z]{3,})\)", text))
    used = [short for short in introduced if len(re.findall(rf"(?<!\(){short}\b(?!\))", text)) > 1]
    assert len(used) > len(introduced) / 4
