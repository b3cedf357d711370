from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from loresmith.errors import UserError
from loresmith.models import likelihood, prompts
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.models.weights import quiet

QUESTIONS = ["Hi", "Which valve opens at four bar?", "What is the rank of the adapter, and why is it so?", "Bits?"] * 3


@pytest.fixture(scope="module")
def tiny(tiny_model: Path) -> LanguageModel:
    return open_model(find(str(tiny_model)))


@pytest.fixture(scope="module")
def asked(tiny: LanguageModel) -> list[list[int]]:
    return [tiny.encode(prompts.short(question)) for question in QUESTIONS]


@pytest.fixture
def adapter(tiny_model: Path, tmp_path: Path) -> Path:
    from peft import LoraConfig, get_peft_model

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = get_peft_model(open_model(find(str(tiny_model))).model, LoraConfig(r=4, target_modules="all-linear"))
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weights, std=0.5)
    model.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def plainly(tiny: LanguageModel, prompt: list[int], limit: int) -> tuple[tuple[int, ...], bool]:
    """One token after another from whole forward passes without cache, padding or batch."""
    ids = list(prompt)
    for _ in range(limit):
        with torch.inference_mode():
            token = int(tiny.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax())
        if token in tiny.stops:
            return tuple(ids[len(prompt) :]), True
        ids.append(token)
    return tuple(ids[len(prompt) :]), False


def test_batched_answers_are_those_of_one_question_at_a_time(tiny: LanguageModel, asked: list[list[int]]) -> None:
    expected = [plainly(tiny, prompt, 12) for prompt in asked]
    assert [(answer.ids, answer.stopped) for answer in tiny.complete(asked, 12)] == expected


def test_an_answer_ends_at_a_stop_token_and_says_so(tiny: LanguageModel, asked: list[list[int]]) -> None:
    free = tiny.complete(asked[:4], 8)
    stop = free[0].ids[3]
    before = tiny.stops
    try:
        tiny.stops = frozenset({stop})
        ended = tiny.complete(asked[:4], 8)
    finally:
        tiny.stops = before
    for cut, whole in zip(ended, free, strict=True):
        place = whole.ids.index(stop) if stop in whole.ids else 8
        assert (cut.ids, cut.stopped) == (whole.ids[:place], place < 8)
    assert ended[0].stopped


def test_the_order_of_the_questions_does_not_change_the_answers(tiny: LanguageModel, asked: list[list[int]]) -> None:
    assert tiny.complete(asked[::-1], 6)[::-1] == tiny.complete(asked, 6)


def test_a_likelihood_is_the_sum_over_the_continuation_of_the_plain_forward_pass(
    tiny: LanguageModel, asked: list[list[int]]
) -> None:
    pairs = [(prompt, tiny.encode_reply(text)) for prompt in asked[:4] for text in ("A", "4 bar", "the relief valve")]
    expected = []
    for context, continuation in pairs:
        with torch.inference_mode():
            logits = tiny.model(input_ids=torch.tensor([[*context, *continuation]])).logits[0].double()
        chosen = logits.log_softmax(-1)[len(context) - 1 : -1].gather(1, torch.tensor(continuation)[:, None])
        expected.append(float(chosen.sum()))
    assert tiny.loglikelihood(pairs) == pytest.approx(expected, abs=1e-3)


def test_continuations_of_very_different_lengths_weigh_what_each_weighs_alone(
    tiny: LanguageModel, asked: list[list[int]]
) -> None:
    lengths = (1, 30, 2, 0, 9, 3, 17, 1)
    pairs = [(prompt, [7 + place] * length) for prompt in asked[:3] for place, length in enumerate(lengths)]
    alone = [tiny.loglikelihood([pair])[0] for pair in pairs]
    assert tiny.loglikelihood(pairs) == pytest.approx(alone, abs=1e-3)


@given(st.lists(st.integers(0, 40)))
def test_parts_hold_each_longer_continuation_once_and_pad_none_by_half(lengths: list[int]) -> None:
    parts = likelihood._alike(lengths)
    assert sorted(place for part in parts for place in part) == [i for i, length in enumerate(lengths) if length > 1]
    assert all(lengths[place] - 1 > (lengths[part[0]] - 1) / 2 for part in parts for place in part)


def test_a_likelihood_computed_in_small_blocks_is_the_same(
    tiny: LanguageModel, asked: list[list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [(prompt, tiny.encode_reply("the relief valve opens")) for prompt in asked[:4]]
    whole = tiny.loglikelihood(pairs)
    monkeypatch.setattr("loresmith.models.likelihood.LOGIT_BUDGET", 512 * 4 * 2)  # two tokens at a time
    assert tiny.loglikelihood(pairs) == pytest.approx(whole, abs=1e-4)


def test_an_empty_continuation_weighs_nothing(tiny: LanguageModel, asked: list[list[int]]) -> None:
    assert tiny.loglikelihood([(asked[0], []), (asked[0], [5])])[0] == 0.0
    assert tiny.loglikelihood([(asked[0], [])]) == [0.0]
    assert tiny.loglikelihood([]) == []


def test_a_stream_says_what_a_completion_says(tiny: LanguageModel, asked: list[list[int]]) -> None:
    assert ["".join(tiny.stream(prompt, 12)) for prompt in asked[:4]] == [c.text for c in tiny.complete(asked[:4], 12)]


def test_the_adapter_can_be_switched_off_and_on(tiny: LanguageModel, tiny_model: Path, adapter: Path) -> None:
    both = open_model(find(str(tiny_model)), adapter=adapter)
    pair = [(both.encode(prompts.short("Bits?")), both.encode_reply("4 bar"))]
    fitted = both.loglikelihood(pair)
    with both.without_adapter():
        assert both.loglikelihood(pair) == pytest.approx(tiny.loglikelihood(pair), abs=1e-5)
    assert both.loglikelihood(pair) == fitted
    assert abs(fitted[0] - tiny.loglikelihood(pair)[0]) > 0.1


def test_an_adapter_of_another_base_is_refused(
    build_tiny_model: Callable[..., Path], tmp_path: Path, adapter: Path
) -> None:
    other = build_tiny_model(tmp_path / "wider", hidden=96)
    with pytest.raises(UserError, match="does not fit wider"):
        open_model(find(str(other)), adapter=adapter)


def test_a_folder_without_adapter_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no adapter"):
        open_model(find(str(tiny_model)), adapter=tmp_path)


def test_a_prompt_longer_than_the_window_is_refused(tiny: LanguageModel) -> None:
    with pytest.raises(UserError, match="does not fit the window"):
        tiny.complete([[5] * 500], 24)


def test_a_damaged_weights_file_is_one_clear_error(build_tiny_model: Callable[..., Path], tmp_path: Path) -> None:
    folder = build_tiny_model(tmp_path / "torn")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: 1 << 12])
    with pytest.raises(UserError, match="torn cannot be loaded"):
        open_model(find(str(folder)))


def test_a_damaged_tokenizer_is_one_clear_error(build_tiny_model: Callable[..., Path], tmp_path: Path) -> None:
    folder = build_tiny_model(tmp_path / "mute")
    (folder / "tokenizer.json").write_text('{"version": "1.0", "model": {}}', encoding="utf-8")
    with pytest.raises(UserError, match="tokenizer of mute cannot be loaded"):
        open_model(find(str(folder)))


def test_opening_a_model_writes_nothing_to_the_terminal(tiny_model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    open_model(find(str(tiny_model))).close()
    assert capfd.readouterr() == ("", "")


def test_the_starter_answers_in_its_own_template_and_stops() -> None:
    starter = open_model(find("starter"))
    answers = starter.complete([starter.encode(prompts.short("How many bits does NF4 use?"))], 32)
    assert answers[0].stopped
    assert answers[0].text
