from pathlib import Path

import pytest
from tokenizers import Tokenizer
from transformers import AutoTokenizer

from loresmith.models import prompts
from loresmith.models.chat import reply, turn
from training.starter import corpus, vocabulary
from training.starter.formats import chat


@pytest.fixture(scope="module")
def texts(tiny_corpus: Path) -> list[str]:
    return [text for reading in corpus.read(tiny_corpus) for text in reading.training_texts()]


@pytest.fixture(scope="module")
def tokenizer(texts: list[str]) -> Tokenizer:
    return vocabulary.learn(texts, 400)


def test_the_same_text_gives_the_same_tokenizer_bytes(texts: list[str], tokenizer: Tokenizer) -> None:
    assert vocabulary.learn(texts, 400).to_str() == tokenizer.to_str()


def test_the_size_is_exact_and_the_specials_are_last(tokenizer: Tokenizer) -> None:
    assert tokenizer.get_vocab_size() == 400
    assert [tokenizer.token_to_id(name) for name in vocabulary.SPECIALS] == [397, 398, 399]


@pytest.mark.parametrize("text", ["It's 42.5 km!\n\n\tEnd ", "naïve é\u0301 日本 🙂", "", "  two  spaces\r\n"])
def test_every_text_survives_encoding_up_to_its_normal_form(tokenizer: Tokenizer, text: str) -> None:
    import unicodedata

    assert tokenizer.decode(tokenizer.encode(text).ids) == unicodedata.normalize("NFC", text)


def test_every_digit_stands_alone_and_a_space_goes_with_the_word_after_it(tokenizer: Tokenizer) -> None:
    pieces = [piece for piece, _ in tokenizer.pre_tokenizer.pre_tokenize_str("it's 1234 km")]
    assert pieces == ["it", "'s", "Ġ", "1", "2", "3", "4", "Ġkm"]


def test_the_saved_folder_opens_and_renders_the_prompts_of_training(tokenizer: Tokenizer, tmp_path: Path) -> None:
    vocabulary.save(tokenizer, tmp_path, 512)
    opened = AutoTokenizer.from_pretrained(tmp_path)
    messages = prompts.short("How high is it?", "[1] It is 3 m high.")
    rendered = opened.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    assert rendered == chat(messages[-1]["content"], "")[0]
    assert opened(rendered)["input_ids"] == tokenizer.encode(rendered).ids
    assert (opened.eos_token, opened.pad_token) == ("<|im_end|>", "<|endoftext|>")


def test_the_system_message_is_optional(tokenizer: Tokenizer, tmp_path: Path) -> None:
    vocabulary.save(tokenizer, tmp_path, 512)
    rendered = AutoTokenizer.from_pretrained(tmp_path).apply_chat_template(
        [{"role": "user", "content": "Hi"}], tokenize=False, add_generation_prompt=True
    )
    assert rendered == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def test_an_answer_begins_with_the_tokens_that_it_has_inside_a_passage(tokenizer: Tokenizer, tmp_path: Path) -> None:
    vocabulary.save(tokenizer, tmp_path, 512)
    opened = AutoTokenizer.from_pretrained(tmp_path)
    how = turn(opened)
    inside = tokenizer.encode("[1] It has a copper valve").ids
    answer = reply(opened, "copper valve", how)
    assert answer[:-1] == inside[-len(answer) + 1 :]
    assert answer[-1] == opened.eos_token_id


def test_opened_by_transformers_it_splits_numbers_as_in_training(tmp_path: Path) -> None:
    learned = vocabulary.learn([f"In {1800 + n} it held {n},000 litres (about {n}%)." for n in range(90)], 400)
    vocabulary.save(learned, tmp_path, 512)
    (tmp_path / "config.json").write_text('{"model_type": "qwen2"}')  # by this AutoTokenizer chooses its splitter
    text = "In 1905 it held 300,000 litres (77%), not 12."
    assert AutoTokenizer.from_pretrained(tmp_path)(text)["input_ids"] == learned.encode(text).ids
