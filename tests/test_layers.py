"""The house as a test: who may import whom, how light the doors are, how long a file may be."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "loresmith"
GROUND = {"records", "errors"}
SHARED = GROUND | {"artifact", "recipe", "plugins", "progress", "statistics", "sentences", "likeness", "characters"}
SHARED |= {"decisions", "front_matter", "licences", "curriculum", "pictures"}
INSTRUMENTS = {"models", "retrieval", "sizing"}
SHARED |= {"decisions", "lines", "templates"}
INSTRUMENTS = {"models", "retrieval", "sizing", "scoring"}
STAGES = {"ingest", "chunk", "generate", "split", "index", "train", "evaluate", "export", "parity", "report"}
USES = {"answer", "quiz", "review", "tutor"}
PACKAGES = {"benchmark", "compare", "registry", "domains", "exchange", "contamination", "hub", "publish"}
PACKAGES |= {"failures", "practice", "blind", "router", "watch"}
ALLOWED = {
    "records": set(),
    "errors": set(),
    "progress": GROUND,
    "statistics": GROUND,
    "likeness": GROUND,
    "sentences": GROUND,
    "characters": GROUND,
    "lines": GROUND | {"artifact"},
    "decisions": GROUND | {"artifact", "lines"},
    "templates": set(),
    "front_matter": GROUND,
    "licences": GROUND | {"front_matter"},
    "curriculum": GROUND | {"likeness"},
    "pictures": GROUND,
    "plugins": GROUND | {"progress", "recipe"},
    "surroundings": set(),
    "artifact": GROUND | {"surroundings"},
    "recipe": GROUND | {"artifact"},
    "models": SHARED,
    "retrieval": SHARED | {"models"},
    "sizing": SHARED | {"models"},
    "scoring": SHARED | {"models", "retrieval"},
    **{stage: SHARED | INSTRUMENTS for stage in STAGES},
    "answer": SHARED | INSTRUMENTS,
    # what is written on demand has to pass the checks of the stage that fills the bank
    "quiz": SHARED | INSTRUMENTS | {"answer", "generate"},
    # its questions and its grades are the quiz's
    "tutor": SHARED | INSTRUMENTS | {"answer", "generate", "quiz"},
    # where an exam fails, and what people say of its answers: the verbs, the report and the page show the same
    "failures": SHARED | INSTRUMENTS,
    "blind": SHARED | {"models"},
    "report": SHARED | INSTRUMENTS | {"failures", "blind"},
    # rows to practise are worded by the teacher, and held against the exams by the checks of split and training
    "practice": SHARED | INSTRUMENTS | {"failures", "generate", "split", "contamination", "exchange"},
    # an edit has to pass the checks of the stage that will apply it; what an exam showed stands beside its question
    "review": SHARED | {"generate", "failures"},
    "compare": SHARED,
    "hub": SHARED,
    "exchange": SHARED | INSTRUMENTS | {"hub"},
    "domains": SHARED | INSTRUMENTS | {"exchange"},
    # what is trained is compared with benchmarks, which come as datasets do
    "contamination": SHARED | {"exchange"},
    # benchmarks are files that decontamination reads too, or datasets of the Hub; the examination's journal keeps them
    # and the gate's floor decides on them
    "benchmark": SHARED | INSTRUMENTS | {"compare", "contamination", "domains", "evaluate", "exchange"},
    "split": SHARED | INSTRUMENTS | {"contamination"},
    # rows in any format are trained beside a project's own, and none of them may stand in its exams
    "train": SHARED | INSTRUMENTS | {"exchange", "contamination"},
    # the bytes of benchmarks decide whether a split is stale, and a wrong name of one is found before any work
    "pipeline": SHARED | INSTRUMENTS | {"benchmark", "contamination"},
    # the report's figures and words, and the detector that checked the questions' language
    "publish": SHARED | INSTRUMENTS | {"exchange", "generate", "hub", "pipeline", "report"},
    # versions are projects, and the gate decides between two of them
    "registry": SHARED | {"pipeline", "compare"},
    "watch": SHARED | {"pipeline", "compare", "registry"},
    # the questions that teach and examine it are those of other projects' splits
    "router": SHARED | INSTRUMENTS | {"pipeline"},
    "serve": SHARED | INSTRUMENTS | USES | {"pipeline", "registry", "blind", "router"},
    # `ingest`, because one document can be looked at without a project; `train`, because a plan tells the precision
    # that training would choose on this machine
    "cli": SHARED | INSTRUMENTS | USES | PACKAGES | {"pipeline", "serve", "ingest", "train"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def part_of(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def parts_used(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    names = [f"{n.module}.{a.name}" for n in nodes if isinstance(n, ast.ImportFrom) and n.level == 0 for a in n.names]
    names += [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]
    return {name.split(".")[1] for name in names if name.startswith("loresmith.")} - {"__version__"}


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_a_part_imports_only_what_lies_below_it(file: Path) -> None:
    part = part_of(file)
    if part == "__init__":
        assert parts_used(file) == set()
        return
    assert parts_used(file) <= ALLOWED[part] | {part}


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_no_import_is_relative_and_no_file_is_long(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not any(isinstance(n, ast.ImportFrom) and n.level for n in ast.walk(ast.parse(text)))
    assert text.count("\n") <= 400


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_no_function_is_longer_than_sixty_lines(file: Path) -> None:
    nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f.name for f in functions if (f.end_lineno or 0) - f.lineno >= 60] == []


def test_every_part_has_its_layer() -> None:
    assert {part_of(file) for file in MODULES} - {"__init__"} <= ALLOWED.keys()


LIGHT = ["loresmith", "loresmith.cli.__main__", "loresmith.pipeline", "loresmith.recipe", "loresmith.artifact"]
HEAVY = ["torch", "numpy", "transformers", "peft", "faiss", "gradio", "lxml", "pypdfium2", "xllamacpp", "rich"]


@pytest.mark.parametrize("module", [*LIGHT, *(f"loresmith.{stage}" for stage in sorted(STAGES))])
def test_the_doors_are_light(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_neither_pydantic_nor_a_verb() -> None:
    code = (
        "import sys; sys.argv = ['loresmith', '--help']\n"
        "from loresmith.cli.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([n for n in sys.modules if n == 'pydantic' or n.startswith('loresmith.cli.') and n[14:] != '__main__'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"
