"""What is written loads in the libraries that it is written for."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from loresmith.exchange.dialogue import Dialogue, pair
from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.reading import Collection

datasets = pytest.importorskip("datasets")

LABEL = Label("Made for a test.", "cc0-1.0", "org/base")


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def written(tmp_path: Path, plain: Dialogue, long: Dialogue) -> Any:
    """`written(target, *more)`: a folder with two splits, `more` in the training split."""

    def write(target: str, *more: Dialogue) -> Path:
        folder = tmp_path / "my-rows"
        collection = Collection({"train": [plain, long, *more], "validation": [plain]}, (), ())
        hand_over(collection, target_named(target), folder, LABEL, force=True)
        return folder

    return write


@pytest.mark.parametrize("target", ["alpaca", "sharegpt", "messages", "prompt-completion", "parquet"])
def test_a_folder_of_rows_loads_by_its_card_with_its_splits(written: Any, target: str) -> None:
    found = datasets.load_dataset(str(written(target)))
    assert {split: rows.num_rows for split, rows in found.items()} == {"train": 2, "validation": 1}
    assert found["train"][1]["topic"] == "pumps"


@pytest.mark.parametrize("target", ["sharegpt", "parquet"])
def test_splits_have_the_same_columns_even_where_only_the_second_uses_them(
    tmp_path: Path, plain: Dialogue, calling: Dialogue, target: str
) -> None:
    noted = calling.model_copy(update={"aside": {"topic": "heat"}})
    collection = Collection({"train": [plain], "validation": [noted]}, (), ())
    hand_over(collection, target_named(target), tmp_path / "out", LABEL)
    found = datasets.load_dataset(str(tmp_path / "out"))
    assert found["train"].column_names == found["validation"].column_names
    assert found["validation"][0]["topic"] == "heat"


def test_a_saved_folder_loads_from_disk(written: Any, calling: Dialogue) -> None:
    found = datasets.load_from_disk(str(written("datasets", calling)))
    assert found["train"][0]["messages"][0]["content"] == "When does the valve open?"
    assert json.loads(found["train"][2]["tools"])[0]["function"]["name"] == "thermometer"


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize("target", ["messages", "prompt-completion", "parquet"])
def test_rows_go_through_the_preparation_of_trl(written: Any, target: str, tiny_model: Path, tmp_path: Path) -> None:
    trl = pytest.importorskip("trl")
    rows = datasets.load_dataset(str(written(target)), split="train")
    options = trl.SFTConfig(output_dir=str(tmp_path / "out"), report_to=[], use_cpu=True, bf16=False, max_length=256)
    trainer = trl.SFTTrainer(model=str(tiny_model), args=options, train_dataset=rows)
    assert trainer.train_dataset.num_rows == 2
    text = trainer.processing_class.decode(trainer.train_dataset[1]["input_ids"])
    assert "Be brief." in text
    assert "7 kg" in text


def test_the_card_says_licence_size_columns_and_files(written: Any) -> None:
    card = (written("messages") / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---")[1])
    assert head["license"] == "cc0-1.0"
    assert head["size_categories"] == ["n<1K"]
    assert head["configs"][0]["data_files"][1] == {"split": "validation", "path": "validation.jsonl"}
    assert "| train | 2 | 6 |" in card
    assert "| `messages` | turns |" in card


def test_llama_factory_finds_the_files_and_roles_that_its_folder_describes(written: Any, calling: Dialogue) -> None:
    folder = written("llama-factory", calling)
    info = json.loads((folder / "dataset_info.json").read_text(encoding="utf-8"))
    assert list(info) == ["my_rows_train", "my_rows_validation"]
    entry = info["my_rows_train"]
    assert entry["columns"] == {"messages": "conversations", "tools": "tools"}
    rows = datasets.load_dataset("json", data_files=str(folder / entry["file_name"]), split="train")
    tags = set(entry["tags"].values())
    spoken = {said[entry["tags"]["role_tag"]] for row in rows for said in row[entry["columns"]["messages"]]}
    assert spoken == {"human", "gpt", "function_call", "observation", "system"} <= tags


def test_axolotl_and_autotrain_name_files_that_are_there_and_the_columns_in_them(written: Any) -> None:
    folder = written("axolotl")
    config = yaml.safe_load((folder / "axolotl.yaml").read_text(encoding="utf-8"))
    (source,) = config["datasets"]
    row = json.loads((folder / source["path"]).read_text(encoding="utf-8").splitlines()[0])
    assert set(row[source["field_messages"]][0]) == set(source["message_property_mappings"].values())
    assert (folder / config["test_datasets"][0]["path"]).is_file()
    folder = written("autotrain")
    config = yaml.safe_load((folder / "autotrain.yml").read_text(encoding="utf-8"))
    path = folder / config["data"]["path"] / f"{config['data']['train_split']}.jsonl"
    assert config["data"]["column_mapping"]["text_column"] in json.loads(path.read_text().splitlines()[0])
    assert config["base_model"] == "org/base"


def test_unsloth_rows_render_through_the_chat_template_of_a_model(written: Any, tiny_model: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    rows = datasets.load_dataset("json", data_files=str(written("unsloth") / "train.jsonl"), split="train")
    rendered = [tokenizer.apply_chat_template(row["conversations"], tokenize=False) for row in rows]
    assert "At 4 bar." in rendered[0]


def test_the_harness_loads_the_tasks_and_knows_the_right_answers(
    tmp_path: Path, plain: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = pytest.importorskip("lm_eval.tasks")
    choice = Dialogue(
        id="c", system="S", turns=pair("Which?\nA. one\nB. two\nC. three", "B"), options=("one", "two", "three")
    )
    asked = [plain.model_copy(update={"system": "S"}), choice]
    folder = tmp_path / "exam"
    hand_over(Collection({"recall": asked, "transfer": asked}, (), ()), target_named("lm-eval"), folder, LABEL)
    monkeypatch.chdir(folder)
    found = tasks.TaskManager(include_path=str(folder), include_defaults=False)
    loaded = found.load(["exam_recall_choice", "exam_transfer_short"])["tasks"]
    task = loaded["exam_recall_choice"]
    (document,) = task.test_docs()
    assert task.doc_to_choice(document)[task.doc_to_target(document)] == "B"
    assert task.doc_to_text(document) == "Which?\nA. one\nB. two\nC. three"
    assert task.config.description == "S\n\n"
    short = loaded["exam_transfer_short"]
    assert short.doc_to_target(next(iter(short.test_docs()))) == "At 4 bar."
    assert "exam" in found.all_groups


def test_the_harness_counts_a_refusal_in_any_words_as_right_and_an_answer_as_wrong(
    tmp_path: Path, plain: Dialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = pytest.importorskip("lm_eval.tasks")
    silent = plain.model_copy(update={"aside": {"kind": "unanswerable"}})
    folder = tmp_path / "exam"
    hand_over(Collection({"unanswerable": [silent]}, (), ()), target_named("lm-eval"), folder, LABEL)
    monkeypatch.chdir(folder)
    found = tasks.TaskManager(include_path=str(folder), include_defaults=False)
    (task,) = found.load(["exam_unanswerable_refusal"])["tasks"].values()
    (document,) = task.test_docs()
    assert task.process_results(document, ["That is not stated in the paper."]) == {"acc": 1.0}
    assert task.process_results(document, ["At 4 bar."]) == {"acc": 0.0}
    assert task.aggregation()["acc"]([1.0, 0.0]) == 0.5
