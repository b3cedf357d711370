"""The likelihood of held-out passages by a real random model, against plain forward passes."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from loresmith.evaluate.held_text import Text, passages_of, weigh
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.records import Question


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> LanguageModel:
    return open_model(find(str(tiny_model)))


def plainly(model: LanguageModel, text: str) -> tuple[int, float]:
    """Tokens counted, and minus the log-probability of `text` behind its first token, by one pass over the whole."""
    ids = model.tokenizer(text, add_special_tokens=False)["input_ids"]
    with torch.inference_mode():
        logits = model.model(torch.tensor([ids])).logits[0].float().log_softmax(-1)
    return len(ids) - 1, -float(sum(logits[place, token] for place, token in enumerate(ids[1:])))


def test_each_passage_is_weighed_as_one_pass_over_it_would(model: LanguageModel) -> None:
    texts = [
        Text(chunk=f"c{number}", document="d", text=f"The relief valve number {number} opens at {'very ' * number}low.")
        for number in range(6)
    ]
    found = weigh(texts, model, "base")
    assert [(row.question, row.arm, row.unscored) for row in found] == [(f"c{n}", "base", None) for n in range(6)]
    for row, text in zip(found, texts, strict=True):
        tokens, nats = plainly(model, text.text)
        assert row.tokens == tokens
        assert row.nats == pytest.approx(nats, rel=1e-4)
        first = model.decode(model.encode_reply(text.text)[:1])
        assert row.bytes == len(text.text) - len(first)


def test_a_passage_longer_than_the_window_is_cut_and_one_of_a_single_token_is_unscored(model: LanguageModel) -> None:
    long, short = weigh(
        [Text(chunk="l", document="d", text="valve " * 2000), Text(chunk="s", document="d", text="a")], model, "base"
    )
    assert long.tokens == model.window - 1
    assert (short.tokens, short.unscored) == (0, "fewer than two tokens")


def test_passages_are_taken_once_and_from_the_documents_in_turn(questions: Callable[[str], list[Question]]) -> None:
    taken = passages_of(questions("transfer"), 4)
    assert [chunk for chunk, _ in taken] == ["chunk-corvid", "chunk-lindow", "chunk-marram", "chunk-ostler"]
    assert len(passages_of(questions("transfer"), 99)) == 9
    assert passages_of(questions("transfer"), 0) == []
