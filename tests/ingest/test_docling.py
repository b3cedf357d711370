"""Docling behind the protocol of readers, with a small package of its name and shape in its place."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from loresmith import ingest
from loresmith.artifact import Plan, hash_file
from loresmith.errors import MachineError, PackageMissing, Unreadable, UserError
from loresmith.ingest.child import readers_by_suffix
from loresmith.ingest.confined import ConfinedReader, Limits
from loresmith.progress import finish
from loresmith.recipe import IngestConfig

STAND_IN = {
    "docling/__init__.py": "",
    "docling/exceptions.py": "class ConversionError(RuntimeError): ...",
    "docling/datamodel/__init__.py": "",
    "docling/datamodel/base_models.py": (
        "from enum import Enum\n"
        "class InputFormat(Enum):\n    PDF = 'pdf'\n    DOCX = 'docx'\n    PPTX = 'pptx'\n    XLSX = 'xlsx'\n"
    ),
    "docling/datamodel/pipeline_options.py": (
        "class PdfPipelineOptions:\n"
        "    def __init__(self, *, artifacts_path, do_ocr, do_table_structure, enable_remote_services):\n"
        "        self.models, self.do_ocr, self.remote = artifacts_path, do_ocr, enable_remote_services\n"
    ),
    "docling/document_converter.py": """
from docling.datamodel.base_models import InputFormat
from docling.exceptions import ConversionError

class PdfFormatOption:
    def __init__(self, *, pipeline_options):
        self.pipeline_options = pipeline_options

class Converted:
    def __init__(self, texts):
        self.texts = texts
        self.pages = dict.fromkeys(texts)

    def export_to_markdown(self, *, page_no, image_placeholder, escape_html, escape_underscores):
        return self.texts[page_no] + image_placeholder

class Result:
    def __init__(self, document):
        self.document = document

class DocumentConverter:
    def __init__(self, *, allowed_formats, format_options):
        options = format_options[InputFormat.PDF].pipeline_options
        assert not options.do_ocr and not options.remote and options.models.name == "models"

    def convert(self, source):
        if b"broken" in source.read_bytes():
            raise ConversionError("no layout\\nin it")
        return Result(Converted({1: "## Of Valves\\n\\nfirst <script>x()</script>", 3: "third"}))
""",
}


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-1.4 stands for a paper")
    return path


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in STAND_IN.items():
        file = tmp_path / "site" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))  # the child's, and nobody else's
    (tmp_path / "models").mkdir()
    monkeypatch.setenv("DOCLING_ARTIFACTS_PATH", str(tmp_path / "models"))


@pytest.mark.usefixtures("stand_in")
def test_pages_keep_their_numbers_and_html_stays_asleep(paper: Path) -> None:
    with ConfinedReader(Limits(seconds=30, memory_mb=512), "docling") as reader:
        kind, reading = reader.read(paper)
    assert (kind, reading.title, reading.pages) == ("docling", "Of Valves", 3)
    assert reading.markdown == "<!-- page 1 -->\n\n## Of Valves\n\nfirst\n\n<!-- page 3 -->\n\nthird\n"


@pytest.mark.usefixtures("stand_in")
def test_what_docling_cannot_convert_is_set_aside(paper: Path) -> None:
    paper.write_bytes(b"%PDF-1.4 broken")
    confined = ConfinedReader(Limits(seconds=30, memory_mb=512), "docling")
    with confined as reader, pytest.raises(Unreadable, match="docling could not convert it"):
        reader.read(paper)


@pytest.mark.usefixtures("stand_in")
def test_models_that_are_not_there_are_named_with_the_command_that_fetches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("DOCLING_ARTIFACTS_PATH", str(tmp_path / "gone"))
    with pytest.raises(MachineError, match="gone") as fault:
        ingest.check_reader("docling")
    assert "docling-tools models download" in fault.value.next_step
    monkeypatch.delenv("DOCLING_ARTIFACTS_PATH")
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(MachineError, match=r"\.cache/docling/models"):
        ingest.check_reader("docling")


def test_docling_is_asked_only_by_name() -> None:
    assert "docling" not in {name for name, _ in readers_by_suffix().values()}


@pytest.mark.skipif(find_spec("docling") is not None, reason="docling is installed here")
def test_without_the_package_the_command_that_installs_it_is_named(paper: Path, tmp_path: Path) -> None:
    plan = Plan("ingest", IngestConfig(reader="docling"), inputs={"paper.pdf": hash_file(paper)})
    with pytest.raises(PackageMissing) as fault:
        finish(ingest.run(plan, tmp_path / "documents", {"paper.pdf": paper}))
    assert fault.value.next_step == "pip install 'loresmith[accurate]'"
    assert not (tmp_path / "documents").exists()


def test_a_reader_that_is_not_installed_is_named(paper: Path, tmp_path: Path) -> None:
    plan = Plan("ingest", IngestConfig(reader="crystal-ball"), inputs={"paper.pdf": hash_file(paper)})
    with pytest.raises(UserError, match="No plug-in 'crystal-ball'"):
        finish(ingest.run(plan, tmp_path / "documents", {"paper.pdf": paper}))
