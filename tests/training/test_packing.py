from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from training.starter import corpus, packing, vocabulary
from training.starter.tasks import Exchange


@pytest.fixture(scope="module")
def tokenizer(tiny_corpus: Path) -> Tokenizer:
    return vocabulary.learn(corpus.read(tiny_corpus)[0].training_texts(), 400)


def test_answers_with_their_stop_tokens_are_marked_and_nothing_else(tokenizer: Tokenizer) -> None:
    exchange = Exchange(
        "grounded", "Sources:\n[1] It is red.\n\nQuestion: Colour?", "red", (("And now?", "still red"),)
    )
    words = packing.pack_exchanges(tokenizer, [exchange])[0]
    marked = [int(word) & packing.TOKEN_MASK for word in words if word & packing.ANSWER]
    assert tokenizer.decode(marked, skip_special_tokens=False) == " red<|im_end|>\n still red<|im_end|>\n"
    assert all(word & (packing.ANSWER | packing.PROMPT) for word in words)


def test_plain_text_is_unmarked_and_begins_with_the_pad_token(tokenizer: Tokenizer) -> None:
    words = packing.pack_text(tokenizer, ["The valve opens."])
    assert words[0] == tokenizer.token_to_id("<|endoftext|>")
    assert int(words.max()) < 400


def test_a_written_stream_reads_back(tmp_path: Path) -> None:
    words = np.arange(1000, dtype=np.uint16) * 65
    packing.write(tmp_path / "stream", words)
    assert np.array_equal(packing.load(tmp_path / "stream"), words)
