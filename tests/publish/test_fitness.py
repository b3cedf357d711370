import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from loresmith.artifact import Draft
from loresmith.errors import ArtifactMissing, UserError
from loresmith.pipeline import Project
from loresmith.publish.expert import open_expert
from loresmith.publish.fitness import NOT_BETTER, NOT_EQUAL, objections, require_fit
from tests.publish.conftest import evaluate, fill_train, parity, refill


def judged(decision: str) -> Callable[[Draft], None]:
    def fill(draft: Draft) -> None:
        evaluate(draft)
        told: dict[str, Any] = json.loads((draft.path / "results.json").read_text(encoding="utf-8"))
        told["verdict"] |= {"decision": decision, "headline": f"It is {decision}."}
        (draft.path / "results.json").write_text(json.dumps(told), encoding="utf-8")

    return fill


def failed(draft: Draft) -> None:
    parity(draft)
    told = json.loads((draft.path / "results.json").read_text(encoding="utf-8"))
    told |= {"passed": False, "reasons": ["They agree on 3 of 40 choices."]}
    (draft.path / "results.json").write_text(json.dumps(told), encoding="utf-8")


def test_nothing_speaks_against_a_model_that_helped_and_a_file_that_is_equal(project: Project) -> None:
    expert = open_expert(project)
    assert expert.apart == ()
    assert [objections(expert, what) for what in ("adapter", "merged", "gguf")] == [[], [], []]


@pytest.mark.parametrize(("decision", "count"), [("lora", 0), ("lora+rag", 0), ("rag", 1), ("none", 1), ("unclear", 1)])
def test_a_verdict_not_to_ship_it_holds_everything_back(remake: Any, decision: str, count: int) -> None:
    expert = open_expert(remake(evaluate=judged(decision)))
    for what in ("adapter", "merged", "gguf"):
        found = objections(expert, what)  # type: ignore[arg-type]
        assert [one.flag for one in found] == [NOT_BETTER] * count
    if count:
        with pytest.raises(UserError, match=f"not to ship this model: It is {decision}."):
            require_fit(expert, "adapter", overruled=(NOT_EQUAL,))
        require_fit(expert, "adapter", overruled=(NOT_BETTER,))


def test_a_failed_parity_exam_holds_back_the_file_and_the_merged_model_but_not_the_adapter(remake: Any) -> None:
    expert = open_expert(remake(parity=failed))
    require_fit(expert, "adapter")
    for what in ("merged", "gguf"):
        with pytest.raises(UserError, match="They agree on 3 of 40 choices") as caught:
            require_fit(expert, what)  # type: ignore[arg-type]
        assert NOT_EQUAL in caught.value.next_step
        require_fit(expert, what, overruled=(NOT_EQUAL,))  # type: ignore[arg-type]


def test_exams_of_an_adapter_made_before_do_not_count(project: Project, tiny_model: Any, tmp_path: Any) -> None:
    old = {name: project.path / name for name in ("exam", "export", "parity")}
    for name, folder in old.items():
        shutil.copytree(folder, tmp_path / name)

    def other(draft: Draft) -> None:
        fill_train(tiny_model)(draft)
        (draft.path / "log.jsonl").write_text("", encoding="utf-8")

    refill(project, tiny_model, train=other)
    for name, folder in old.items():
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / name, folder)
    expert = open_expert(project)
    assert expert.apart == ("evaluate", "export", "parity")
    problems = [one.problem for one in objections(expert, "gguf")]
    assert "its exam is of an adapter made before" in problems[0]
    assert "its parity exam is of another file" in problems[1]
    assert {"ingest", "chunk", "generate", "split", "train"} <= expert.material.parents.keys()


def test_an_exam_of_another_split_does_not_count(project: Project) -> None:
    """It may ask what was trained."""
    path = project.path / "exam" / "manifest.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    told["parents"]["split"] = "0" * 64
    path.write_text(json.dumps(told), encoding="utf-8")
    assert open_expert(project).apart == ("evaluate",)


def test_missing_exams_and_a_missing_adapter_are_told(project: Project) -> None:
    (project.path / "exam" / "manifest.json").unlink()
    (project.path / "parity" / "manifest.json").unlink()
    problems = [one.problem for one in objections(open_expert(project), "merged")]
    assert ["never examined" in problems[0], "did not sit the parity exam" in problems[1]] == [True, True]
    (project.path / "adapter" / "manifest.json").unlink()
    with pytest.raises(ArtifactMissing):
        open_expert(project)
