import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from loresmith import artifact
from loresmith.errors import ArtifactCorrupt, ArtifactMissing
from loresmith.pipeline import Project
from loresmith.records import Answer
from loresmith.serve.expert import open_expert, reads_sources


@pytest.fixture
def copied(project: Project, tmp_path: Path) -> Project:
    shutil.copytree(project.path, tmp_path / "copy")
    return Project(tmp_path / "copy", project.recipe)


def test_without_a_model_the_best_passages_answer_with_their_quotes(project: Project) -> None:
    with open_expert(project) as expert:
        answer = expert.ask("At what pressure does the relief valve open?")
    assert expert.writer is None
    assert answer.generator is None
    assert "opens at 4 bar" in answer.citations[0].quote
    assert answer.citations[0].source == "pumps.md"


def test_a_stream_ends_with_the_answer_that_ask_gives(project: Project) -> None:
    with open_expert(project, "none") as expert:
        *pieces, whole = expert.stream("What does the economiser warm?")
        assert whole == expert.ask("What does the economiser warm?")
    assert isinstance(whole, Answer)
    assert "".join(str(piece) for piece in pieces).strip() == whole.text


def test_searching_says_why_each_passage_was_found(project: Project) -> None:
    with open_expert(project, "none") as expert:
        first = expert.search("Katla boiler output", 3)[0]
    assert first.source == "boilers.md"
    assert first.lexical_rank == 1


def test_it_knows_its_documents_and_proposes_questions_from_each(project: Project) -> None:
    with open_expert(project, "none") as expert:
        assert [document.source for document in expert.documents()] == ["boilers.md", "pumps.md"]
        examples = expert.examples(4)
    assert len(set(examples)) == 4
    assert all(text.endswith("?") and "__" not in text for text in examples)


@pytest.mark.parametrize(("writer", "verb"), [("gguf", "export"), ("adapter", "train")])
def test_a_writer_that_was_not_made_is_an_error_that_names_its_verb(project: Project, writer: str, verb: str) -> None:
    with pytest.raises(ArtifactMissing, match=f"loresmith {verb}"):
        open_expert(project, writer)  # type: ignore[arg-type]


def test_a_missing_index_is_an_error_that_names_its_verb(copied: Project) -> None:
    shutil.rmtree(copied.path / "index")
    with pytest.raises(ArtifactMissing, match="loresmith index"):
        open_expert(copied, "none")


def test_a_damaged_index_is_said_and_not_used(copied: Project) -> None:
    vectors = copied.path / "index" / "vectors.npy"
    vectors.write_bytes(vectors.read_bytes()[:-8])
    with pytest.raises(ArtifactCorrupt, match="loresmith index"):
        open_expert(copied, "none")


def test_documents_and_examples_are_not_needed_to_answer(copied: Project) -> None:
    shutil.rmtree(copied.path / "documents")
    shutil.rmtree(copied.path / "split")
    with open_expert(copied, "none") as expert:
        assert expert.examples() == []
        assert list(expert.documents()) == []
        assert not expert.ask("At what pressure does the relief valve open?").refused


@pytest.mark.filterwarnings(
    "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"
)  # peft asks by an old name
def test_with_an_adapter_the_model_writes_under_its_own_name(
    copied: Project, build_tiny_model: Callable[..., Path], tmp_path: Path
) -> None:
    adapted = with_random_adapter(copied, build_tiny_model(tmp_path / "tiny"))
    with open_expert(adapted) as expert:
        answer = expert.ask("At what pressure does the relief valve open?", max_new_tokens=4)
        assert expert.count_tokens("The relief valve opens at 4 bar.") > 4
    assert expert.writer == "tiny with adapter"
    assert answer.generator is None or answer.generator.startswith("tiny")
    assert answer.passages


def with_random_adapter(project: Project, model: Path) -> Project:
    """`project` on the tiny model, with a fresh LoRA adapter as `train` leaves it."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from loresmith import artifact
    from loresmith.artifact import Plan
    from loresmith.recipe import ModelConfig

    recipe = project.recipe.model_copy(update={"model": ModelConfig(base=str(model))})
    with artifact.create(project.path / "adapter", Plan("train", recipe.train)) as draft:
        fitted = get_peft_model(
            AutoModelForCausalLM.from_pretrained(model), LoraConfig(r=2, target_modules="all-linear")
        )
        fitted.save_pretrained(draft.path)
        settings = json.loads((draft.path / "adapter_config.json").read_text(encoding="utf-8"))
        assert settings["r"] == 2
    return Project(project.path, recipe)


@pytest.mark.parametrize(("decision", "reads"), [("lora", False), ("lora+rag", True), ("rag", True), ("unclear", True)])
def test_sources_go_into_the_prompt_unless_the_exam_chose_the_adapter_alone(
    copied: Project, decision: str, reads: bool
) -> None:
    assert reads_sources(copied)  # nothing was examined yet
    with artifact.create(copied.path / "exam", artifact.Plan("evaluate", copied.recipe.evaluate)) as draft:
        (draft.path / "results.json").write_text(json.dumps({"verdict": {"decision": decision}}))
    assert reads_sources(copied) == reads
