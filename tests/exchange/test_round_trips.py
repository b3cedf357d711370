"""In, out and in again: the conversations stay the same, in every format that can hold them."""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.exchange.dialogue import Dialogue, Turn, fault_of
from loresmith.exchange.formats import FORMATS
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import Collection, read
from loresmith.exchange.targets import TARGETS

NEEDS_ARROW = ("datasets", "parquet")
TRAINED_ON = [name for name in TARGETS if name != "lm-eval"]
LABEL = Label("Made for a test.", "cc0-1.0")
REAL_FILES = [
    "alpaca/seed_tasks.jsonl",
    "dolly/dolly_150.jsonl",
    "fastchat/dummy_conversation.json",
    "fastchat/mt_bench_question.jsonl",
    "llama_factory/alpaca_en_demo.json",
    "llama_factory/glaive_toolcall_en_demo.json",
    "llama_factory/identity.json",
    "oasst/en_100_tree.jsonl",
]


def need(target: str) -> None:
    if target in NEEDS_ARROW:
        pytest.importorskip("datasets")


def collected(*dialogues: Dialogue) -> Collection:
    return Collection({"train": list(dialogues)}, (), ())


def fitting(dialogues: list[Dialogue], target: str) -> list[Dialogue]:
    return [dialogue for dialogue in dialogues if target_named(target).unfit(dialogue) is None]


@pytest.mark.parametrize("target", TRAINED_ON)
def test_what_fits_a_target_comes_back_as_it_was_and_the_rest_is_counted(
    tmp_path: Path, target: str, plain: Dialogue, long: Dialogue, calling: Dialogue
) -> None:
    need(target)
    everything = [plain, long, calling]
    outcome = hand_over(collected(*everything), target_named(target), tmp_path / "out", LABEL)
    back = read(tmp_path / "out").dialogues
    kept = fitting(everything, target)
    assert [dialogue.spoken for dialogue in back] == [dialogue.spoken for dialogue in kept]
    assert [(dialogue.id, dialogue.aside) for dialogue in back] == [(d.id, d.aside) for d in kept]
    assert sum(outcome.written.values()) + sum(outcome.left_out.values()) == len(everything)


@pytest.mark.parametrize(
    ("target", "held"),
    [
        ("sharegpt", "plc"),
        ("messages", "plc"),
        ("datasets", "plc"),
        ("parquet", "plc"),
        ("llama-factory", "plc"),
        ("alpaca", "pl"),
        ("prompt-completion", "pl"),
        ("axolotl", "pl"),
        ("unsloth", "pl"),
        ("autotrain", "pl"),
        ("dolly", "p"),
        ("ragas", "p"),
        ("lm-eval", "p"),
    ],
)
def test_a_target_holds_what_it_has_a_place_for(
    target: str, held: str, plain: Dialogue, long: Dialogue, calling: Dialogue
) -> None:
    assert "".join(dialogue.id for dialogue in fitting([plain, long, calling], target)) == held


def test_parallel_calls_keep_their_results_apart() -> None:
    turns = (
        Turn(role="user", text="Q"),
        Turn(role="call", text='[{"name": "a", "arguments": {}}, {"name": "b", "arguments": {"x": [1]}}]'),
        Turn(role="result", text="1"),
        Turn(role="result", text="2"),
        Turn(role="assistant", text="A"),
    )
    dialogue = Dialogue(id="x", turns=turns)
    form = FORMATS["messages"]
    assert form.write is not None
    row = form.write(dialogue)
    assert [message.get("tool_call_id") for message in row["messages"]] == [None, None, "call_0", "call_1", None]
    (said,) = form.read(row)
    assert said.turns == turns
    assert target_named("llama-factory").unfit(dialogue) is not None


def test_ragas_rows_keep_their_contexts_and_other_targets_say_that_they_do_not(tmp_path: Path, plain: Dialogue) -> None:
    grounded = plain.model_copy(update={"contexts": ("The valve opens at 4 bar.",)})
    hand_over(collected(grounded), target_named("ragas"), tmp_path / "ragas", LABEL)
    assert read(tmp_path / "ragas").dialogues[0].contexts == grounded.contexts
    outcome = hand_over(collected(grounded), target_named("alpaca"), tmp_path / "alpaca", LABEL)
    assert list(outcome.notes.values()) == [1]


WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12).filter(lambda text: text.strip())


@given(said=st.lists(WORDS, min_size=2, max_size=6).filter(lambda said: len(said) % 2 == 0), system=WORDS | st.just(""))
@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.write is not None])
def test_any_text_survives_any_format(name: str, said: list[str], system: str) -> None:
    roles = ("user", "assistant") * 3
    turns = tuple(Turn(role=role, text=text) for role, text in zip(roles, said, strict=False))  # type: ignore[arg-type]
    dialogue = Dialogue(id="x", system=system, turns=turns)
    form = FORMATS[name]
    assert fault_of(turns) is None
    assert form.write is not None
    if form.unfit(dialogue) is None:
        (back,) = form.read(form.write(dialogue))
        assert (back.system, back.turns) == (system, turns)


@pytest.mark.parametrize("target", TRAINED_ON)
@pytest.mark.parametrize("file", REAL_FILES)
def test_real_files_go_through_every_target_and_come_back_the_same(
    shared_data: Path, tmp_path: Path, file: str, target: str
) -> None:
    need(target)
    source = shared_data / "instruct" / file
    if not source.is_file():
        pytest.skip(f"{file} is not in the shared data folder")
    found = read(source)
    sampled = random.Random(file).sample(found.dialogues, min(60, len(found.dialogues)))
    kept = fitting(sampled, target)
    if not kept:
        return  # no row of this file has a place in the target
    hand_over(collected(*sampled), target_named(target), tmp_path / "out", LABEL)
    assert [dialogue.spoken for dialogue in read(tmp_path / "out").dialogues] == [d.spoken for d in kept]


@pytest.mark.parametrize(
    ("file", "form", "rows", "dialogues", "dropped"),
    [
        ("alpaca/seed_tasks.jsonl", "alpaca", 175, 175, 0),
        ("dolly/dolly_150.jsonl", "prompt-completion", 151, 151, 0),
        ("fastchat/dummy_conversation.json", "sharegpt", 500, 500, 0),
        ("fastchat/mt_bench_question.jsonl", "mt-bench", 80, 31, 49),
        ("llama_factory/alpaca_en_demo.json", "alpaca", 999, 999, 0),
        ("llama_factory/glaive_toolcall_en_demo.json", "sharegpt", 300, 300, 0),
        ("llama_factory/identity.json", "alpaca", 91, 91, 0),
        ("oasst/en_100_tree.jsonl", "oasst", 100, 546, 0),
    ],
)
def test_real_files_are_read_in_their_own_format_with_nothing_lost_unsaid(
    shared_data: Path, file: str, form: str, rows: int, dialogues: int, dropped: int
) -> None:
    source = shared_data / "instruct" / file
    if not source.is_file():
        pytest.skip(f"{file} is not in the shared data folder")
    (account,) = read(source).accounts
    assert (account.format, account.rows, account.dialogues, account.dropped_count) == (form, rows, dialogues, dropped)
