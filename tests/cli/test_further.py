"""Which verb lets the further arms sit, by what is there."""

from pathlib import Path

import pytest

from loresmith.cli.further import after_export, with_evaluate
from loresmith.pipeline import Project
from loresmith.recipe import Recipe

Names = tuple[str, ...]


def project(folder: Path, there: Names, further: Names) -> Project:
    for name in there:
        (folder / name).mkdir()
        (folder / name / "manifest.json").write_text("{}", encoding="utf-8")
    return Project(folder, Recipe.model_validate({"name": "x", "evaluate": {"further": further}}))


@pytest.mark.parametrize(
    ("there", "further", "evaluates", "exports"),
    [
        ((), (), (), ()),
        ((), ("gguf",), (), ()),
        (("export",), ("gguf",), ("gguf",), ()),
        (("exam",), ("gguf+rag",), (), ("gguf",)),
        (("exam", "export"), (), (), ()),
        ((), ("endpoint",), ("endpoint",), ()),
        (("exam", "export"), ("gguf", "endpoint+rag"), ("gguf", "endpoint"), ("gguf",)),
    ],
)
def test_whichever_verb_comes_last_lets_them_sit(
    tmp_path: Path,
    there: tuple[str, ...],
    further: tuple[str, ...],
    evaluates: tuple[str, ...],
    exports: tuple[str, ...],
) -> None:
    made = project(tmp_path, there, further)
    assert with_evaluate(made) == ("evaluate", *evaluates)
    assert after_export(made) == ("export", "parity", *exports)
