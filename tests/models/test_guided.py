"""Replies bound to a form, by transformers and by llama.cpp, from random weights that would say anything."""

import json
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from loresmith.errors import UserError
from loresmith.models import prompts
from loresmith.models.forms import Choice, Either, Fields, Row, Text, together
from loresmith.models.gguf import GgufModel
from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from loresmith.models.speaker import Filler
from tests.models.test_gguf import exported

pytest.importorskip("llguidance")

FORM = Fields(
    {
        "evidence": Choice(("1", "2")),
        "answer": Either((Choice(('é "quoted" \\ \t', "4 bar")), Text(2, 12))),
        "question": Text(6, 40, ("What", "How many"), "?"),
        "wrong": Row((Choice(("5 bar", "6 bar")), Choice(("7 bar", "8 bar")))),
    }
)
YES_NO = Fields({"true": Choice(("yes", "no"))})


@pytest.fixture(scope="module")
def transformer(tiny_model: Path) -> LanguageModel:
    return open_model(find(str(tiny_model)))


@pytest.fixture(scope="module")
def llama(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GgufModel]:
    with GgufModel(exported(tiny_model, tmp_path_factory.mktemp("guided") / "tiny.gguf")) as opened:
        yield opened


@pytest.fixture(scope="module")
def story(repository: Path, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GgufModel]:
    """A real tiny model whose vocabulary is SentencePiece's."""
    scripts = {
        name: runpy.run_path(str(repository / "benchmarks" / f"{name}.py")) for name in ("stories", "story_gguf")
    }
    folder = tmp_path_factory.mktemp("story")
    scripts["stories"]["convert"](shared_data / "models" / "stories260K", folder)
    template = "{%- for m in messages -%}{{- m['content'] + '\n' -}}{%- endfor -%}"
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    with GgufModel(scripts["story_gguf"]["convert"](folder, folder / "story.gguf")) as opened:
        yield opened


@pytest.fixture(params=["transformer", "llama", "story"])
def filler(request: pytest.FixtureRequest) -> Filler:
    found: Filler = request.getfixturevalue(request.param)
    return found


def asked(filler: Filler, count: int) -> list[list[int]]:
    return [filler.encode(prompts.short(f"Ask about valve {number}" + "." * number)) for number in range(count)]


def test_every_reply_of_random_weights_is_whole_and_keeps_its_form(filler: Filler) -> None:
    replies = filler.fill(asked(filler, 12), [FORM] * 12)
    assert all(reply.stopped for reply in replies)
    rows = [json.loads(reply.text) for reply in replies]
    assert all(list(row) == ["evidence", "answer", "question", "wrong"] for row in rows)
    assert all(row["question"].startswith(("What ", "How many ")) and row["question"].endswith("?") for row in rows)
    assert all(row["wrong"][0] in ("5 bar", "6 bar") and row["wrong"][1] in ("7 bar", "8 bar") for row in rows)
    assert all(len(reply.ids) < together([FORM]) for reply in replies)


def test_each_row_of_a_batch_keeps_the_form_of_its_own(filler: Filler) -> None:
    replies = filler.fill(asked(filler, 4), [FORM, YES_NO, FORM, YES_NO])
    assert [list(json.loads(reply.text)) == ["true"] for reply in replies] == [False, True, False, True]


def test_a_reply_is_the_same_alone_and_in_a_batch(filler: Filler) -> None:
    ids = asked(filler, 3)
    assert filler.fill(ids, [FORM] * 3)[1].text == filler.fill(ids[1:2], [FORM])[0].text


def test_a_form_that_could_outgrow_the_window_is_refused_before_anything_is_written(filler: Filler) -> None:
    with pytest.raises(UserError, match="does not fit the window"):
        filler.fill(asked(filler, 1), [Fields({"long": Text(2, 400)})])


def test_a_long_prompt_with_a_short_form_goes_with_a_short_prompt_with_a_long_form(filler: Filler) -> None:
    short, long = filler.encode(prompts.short("Ask.")), filler.encode(prompts.short("Ask." * 80))
    wide = Fields({"long": Text(2, 120)})
    assert len(long) + together([wide]) > filler.window
    replies = filler.fill([short, long], [wide, YES_NO])
    assert [list(json.loads(reply.text)) for reply in replies] == [["long"], ["true"]]


def test_both_backends_take_the_likeliest_of_what_is_allowed(transformer: LanguageModel, llama: GgufModel) -> None:
    ids = asked(transformer, 10)
    theirs = llama.fill(ids, [YES_NO] * 10)
    ours = transformer.fill(ids, [YES_NO] * 10)
    assert (
        sum(one.text == other.text for one, other in zip(ours, theirs, strict=True)) >= 9
    )  # eight bits differ a little
