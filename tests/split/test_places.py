import json
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.recipe import SplitConfig
from loresmith.records import Evidence, Fact, Question
from loresmith.split.places import held_out_facts, held_out_places, sections_of, torn_facts

MakeCorpus = Callable[..., tuple[list[Fact], list[Question]]]

SIZES = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(1, 50), max_size=8)


@settings(deadline=None)
@given(SIZES, st.floats(0, 0.5), st.integers(0, 5))
def test_some_place_is_held_out_and_some_is_taught(sizes: dict[str, int], share: float, seed: int) -> None:
    chosen = held_out_places(sizes, share, seed)
    assert chosen < set(sizes) or not sizes
    assert bool(chosen) == (share > 0 and len(sizes) > 1)
    assert chosen == held_out_places(dict(reversed(sizes.items())), share, seed)


def test_the_share_is_counted_in_facts() -> None:
    sizes = {f"d{number}": 10 for number in range(20)}
    assert len(held_out_places(sizes, 0.2, 17)) == 4


def test_the_seed_draws_other_places() -> None:
    sizes = {f"d{number}": 10 for number in range(20)}
    assert len({held_out_places(sizes, 0.2, seed) for seed in range(5)}) > 1


def test_documents_are_held_out_whole(corpus: MakeCorpus) -> None:
    facts, _ = corpus(a=10, b=10, c=10)
    held = held_out_facts(facts, {}, SplitConfig(held_out=0.3))
    documents = {fact.document for fact in facts if fact.id in held}
    assert held == {fact.id for fact in facts if fact.document in documents}
    assert len(documents) == 1


def test_of_a_single_document_sections_are_held_out(corpus: MakeCorpus) -> None:
    facts, _ = corpus(a=20)
    sections = {f"a-chunk-{number}": f"section {number // 2}" for number in range(4)}
    held = held_out_facts(facts, sections, SplitConfig(held_out=0.4))
    assert len(held) == 10
    assert len({sections[fact.chunk] for fact in facts if fact.id in held}) == 1


def test_sections_are_read_from_their_file(tmp_path: Path) -> None:
    (tmp_path / "sections.json").write_text(json.dumps({"c": "One"}), encoding="utf-8")
    assert sections_of(tmp_path / "sections.json") == {"c": "One"}
    assert sections_of(tmp_path / "none.json") == {}


def test_a_fact_with_evidence_on_both_sides_is_torn(corpus: MakeCorpus) -> None:
    facts, _ = corpus(a=10, b=10, c=10)
    config = SplitConfig(held_out=0.3)
    held = held_out_facts(facts, {}, config)
    out, taught = (next(fact for fact in facts if (fact.id in held) == side) for side in (True, False))
    mixed = [
        one.model_copy(update={"id": name, "also": (evidence_of(other),)})
        for name, one, other in (("t", taught, out), ("u", out, taught), ("v", out, out), ("w", taught, taught))
    ]
    assert torn_facts([*facts, *mixed], {}, config) == {"t", "u"}


def evidence_of(fact: Fact) -> Evidence:
    names = ("chunk", "document", "source", "page", "start", "end", "quote")
    return Evidence.model_validate({name: getattr(fact, name) for name in names})
