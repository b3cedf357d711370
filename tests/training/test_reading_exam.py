"""The reading exam on two paragraphs, sat by the starter that ships."""

import json
from pathlib import Path

import pytest

from loresmith.models.language import LanguageModel, open_model
from loresmith.models.locate import find
from training.starter import gguf_agreement, reading_exam

PARAGRAPHS = {
    "Harbour": "The harbour of Velmar was founded in 1871. Marie Olsen designed the north pier. The pier holds 40 "
    "cranes. "
    "A pilot boat is a small ship that leads large ships into a harbour.",
    "Mill": "The mill of Brackwell grinds 12 tonnes of wheat each day. The miller sells flour to Norwick. "
    "A sluice is a gate that holds back the water of a stream.",
}


@pytest.fixture(scope="module")
def squad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("squad") / "small.json"
    asked = {"question": "When was the harbour of Velmar founded?", "answers": [{"text": "1871"}, {"text": "in 1871"}]}
    data = [
        {"title": title, "paragraphs": [{"context": text, "qas": [asked] if title == "Harbour" else []}]}
        for title, text in PARAGRAPHS.items()
    ]
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(repository: Path) -> Path:
    return repository / "loresmith" / "models" / "starter"


@pytest.fixture(scope="module")
def model(folder: Path) -> LanguageModel:
    return open_model(find(str(folder)), "float32")


def test_rules_and_people_ask_about_the_same_paragraphs(squad: Path) -> None:
    made, human = reading_exam.of_xquad(squad)
    assert {item.document for item in made} == set(PARAGRAPHS)
    assert all(item.answers[0] in item.passage for item in made)
    assert [(item.answers, item.kind) for item in human] == [(("1871", "in 1871"), "human")]


def test_every_figure_has_its_n_and_interval(squad: Path, model: LanguageModel) -> None:
    made, human = reading_exam.of_xquad(squad)
    found = reading_exam.examine(model, {"small": made}, human)
    short = sum(not item.options for item in made)
    assert found["small"]["spans"]["n"] == found["small"]["spans_closed_book"]["n"] == short
    assert found["small"]["cells"] == {"right": 0, "n": 0}
    assert found["small"]["refused_rightly"]["n"] == short
    share = found["small"]["stopped"]
    assert share["low"] <= share["share"] <= share["high"]
    assert share["right"] >= 0.9 * share["n"]  # the card measures 97%
    assert found["human"]["f1"]["n"] == 1


def test_the_starter_says_the_same_as_its_gguf_files(squad: Path, folder: Path, model: LanguageModel) -> None:
    items = [item for item in reading_exam.of_xquad(squad)[0] if not item.options]
    found = gguf_agreement.agreement(folder, model, items)
    assert all(found[kind]["same_ids"]["share"] == 1.0 for kind in ("f16", "q4_k_m"))
    assert found["f16"]["same_answers"]["share"] >= 0.9
