from copy import deepcopy
from pathlib import Path

import pytest
import torch

from loresmith.errors import UserError
from loresmith.models import decoding, likelihood
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.models.plain import PlainText
from loresmith.models.weights import quiet

WORDS = "Which valve opens at four bar, and how many bits does the file use? "


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> LanguageModel:
    return open_model(find(str(tiny_model)))


def plainly(tiny: LanguageModel, text: str, continuation: str) -> float:
    """Log p of what follows the tokens of `text`, by one whole forward pass over the last 512."""
    whole, start = tiny.tokenizer(text + continuation)["input_ids"], len(tiny.tokenizer(text)["input_ids"])
    dropped = max(0, len(whole) - tiny.window - 1)
    ids = torch.tensor([whole[dropped:]])
    with torch.inference_mode():
        log_p = tiny.model(input_ids=ids[:, :-1]).logits[0].float().log_softmax(-1)
    return float(log_p.gather(-1, ids[0, 1:, None])[start - dropped - 1 :].sum())


@pytest.mark.parametrize("repeats", [1, 60], ids=["fits", "cut"])
def test_a_continuation_is_weighed_as_one_forward_pass_weighs_it(tiny: LanguageModel, repeats: int) -> None:
    contexts = [WORDS * repeats + "Answer:", WORDS * repeats + "The file:"]
    replies = [[" four bits", " A", " the relief valve"], [" B"]]
    for context, found, options in zip(contexts, PlainText(tiny).weigh(contexts, replies), replies, strict=True):
        assert found.sums == pytest.approx([plainly(tiny, context, reply) for reply in options], abs=1e-3)
        assert found.is_cut == (repeats > 1)


def test_a_space_at_the_end_of_a_context_belongs_to_what_follows(tiny: LanguageModel) -> None:
    spaced, plain = PlainText(tiny).weigh(["Answer: ", "Answer:"], [["four"], [" four"]])
    assert spaced.sums == plain.sums


def test_an_answer_longer_than_the_window_is_refused(tiny: LanguageModel) -> None:
    with pytest.raises(UserError, match="does not fit the window"):
        PlainText(tiny).weigh(["Answer:"], [[f" {WORDS * 100}"]])
    with pytest.raises(UserError, match="reads and writes 512 tokens together"):
        PlainText(tiny).write(["Answer:"], 512, [])


@pytest.mark.parametrize("penalty", [1.0, 1.3])
def test_a_text_is_continued_as_transformers_continues_it(
    tiny: LanguageModel, monkeypatch: pytest.MonkeyPatch, penalty: float
) -> None:
    monkeypatch.setattr(tiny.model.generation_config, "repetition_penalty", penalty)
    texts = [WORDS, "The rank of the adapter", WORDS * 60]
    found = PlainText(tiny).write(texts, 24, [])
    for text, written in zip(texts, found, strict=True):
        ids = torch.tensor([tiny.tokenizer(text)["input_ids"][-(tiny.window - 24) :]])
        with quiet():
            whole = tiny.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=24, do_sample=False)
        assert written.text == tiny.decode(whole[0, ids.shape[1] :].tolist())
    assert [written.is_cut for written in found] == [False, False, True]


def test_the_penalty_is_transformers_s_for_either_sign_and_not_for_padding() -> None:
    from transformers import RepetitionPenaltyLogitsProcessor

    logits = torch.linspace(-2, 2, 24).reshape(2, 12)
    ids, mask, _ = decoding.left_padded([[1, 9, 9], [11, 2, 5]], torch.device("cpu"))
    seen = decoding._seen(ids, mask, 12)
    theirs = RepetitionPenaltyLogitsProcessor(1.3)(ids, logits.clone())
    assert torch.equal(decoding._penalised(logits, seen, 1.3), theirs)
    ids, mask, _ = decoding.left_padded([[1, 9, 9], [11]], torch.device("cpu"))
    assert decoding._seen(ids, mask, 12)[1].nonzero().flatten().tolist() == [11]


def test_the_penalty_changes_what_is_written(tiny: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    free = PlainText(tiny).write([WORDS], 24, [])[0].text
    monkeypatch.setattr(tiny.model.generation_config, "repetition_penalty", 1.3)
    assert PlainText(tiny).write([WORDS], 24, [])[0].text != free


def test_writing_ends_before_the_first_ending(tiny: LanguageModel) -> None:
    contexts = [WORDS, "The rank of the adapter"]
    free = [written.text for written in PlainText(tiny).write(contexts, 24, [])]
    ending = free[0][5:8]
    cut = [written.text for written in PlainText(tiny).write(contexts, 24, [ending])]
    assert cut == [text.split(ending)[0] for text in free]
    assert cut[0] == free[0][:5] or ending in free[0][:5]


def test_a_shared_beginning_is_read_once_and_changes_nothing(
    tiny: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts = [WORDS * 3 + tail for tail in ("A:", "The rank of the adapter:", "How many bits?", "B:")]
    replies = [[" A", " four bits"]] * 4
    lengths: list[tuple[int, ...]] = []
    hook = tiny.model.get_input_embeddings().register_forward_hook(
        lambda _, given, __: lengths.append(tuple(given[0].shape))
    )
    shared = PlainText(tiny).weigh(contexts, replies)
    hook.remove()
    head = lengths[0]
    assert head[0] == 1 and head[1] >= likelihood.FEWEST_SHARED
    assert lengths[1][0] == 4 and lengths[1][1] < head[1]
    monkeypatch.setattr(likelihood, "FEWEST_SHARED", 10**6)
    for one, alone in zip(shared, PlainText(tiny).weigh(contexts, replies), strict=True):
        assert one.sums == pytest.approx(alone.sums, abs=1e-4)


def test_an_end_of_text_that_is_spelled_out_ends_it_too(tiny: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    free = PlainText(tiny).write([WORDS], 24, [])[0].text
    renamed = deepcopy(tiny.tokenizer)
    renamed.eos_token = free[5:8]  # the model only ever spells it
    monkeypatch.setattr(tiny, "tokenizer", renamed)
    assert PlainText(tiny).write([WORDS], 24, [])[0].text == free.split(free[5:8])[0]
