"""Docling as a reader: slower, with layout models, for PDFs that the built-in reader does not understand.

Used where the recipe says `ingest: {reader: docling}`; the package comes with `pip install 'loresmith[accurate]'`. Its
models must lie on this machine, where `docling-tools models download` puts them or DOCLING_ARTIFACTS_PATH says; nothing
is fetched here. It needs more memory and time, so raise `ingest.memory_per_file_mb` and `ingest.seconds_per_file`. Not
covered: OCR, remote models, pictures.
"""

import importlib.util
import os
from pathlib import Path
from typing import Any

from loresmith.errors import MachineError, PackageMissing, Unreadable
from loresmith.ingest.archives import DAMAGED, check_archive
from loresmith.ingest.markdown import tidied
from loresmith.ingest.markup import first_heading, page_mark
from loresmith.records import Reading

_PACKED = frozenset({".docx", ".pptx", ".xlsx"})


class DoclingReader:
    """Reads what docling converts, PDFs and office documents, page by page."""

    suffixes: tuple[str, ...] = (".pdf", ".docx", ".pptx", ".xlsx")

    def __init__(self) -> None:
        if importlib.util.find_spec("docling") is None:
            raise PackageMissing("docling", needed_for="The reader `docling`", extra="accurate")
        self._models = _models_folder()
        self._converter: Any = None

    def read(self, path: Path) -> Reading:
        """Docling's Markdown without raw HTML; every page that it tells apart begins with its mark.

        Raises:
            Unreadable: docling could not convert it, or found no text; an archive that `check_archive` refuses.
        """
        from docling.exceptions import ConversionError

        try:
            if path.suffix.lower() in _PACKED:
                check_archive(path)
            document = self._opened().convert(path).document
        except DAMAGED as fault:
            raise Unreadable(path, f"damaged, or no {path.suffix[1:].upper()}") from fault
        except ConversionError as fault:
            raise Unreadable(path, f"docling could not convert it ({' '.join(str(fault).split())[:200]})") from fault
        numbers = sorted(document.pages)
        if numbers:
            texts = [(number, _markdown(document, number)) for number in numbers]
            blocks = [f"{page_mark(number)}\n\n{text}".strip() for number, text in texts]
        else:
            texts = [(1, _markdown(document, None))]
            blocks = [texts[0][1]]
        if not any(text for _, text in texts):
            raise Unreadable(path, "docling found no text")
        pages = max(numbers) if numbers else None
        return Reading(title=_title(texts, path), markdown="\n\n".join(blocks) + "\n", pages=pages)

    def _opened(self) -> Any:
        """The converter with its models, loaded for the first file and kept for the others."""
        if self._converter is None:
            from docling.datamodel.base_models import InputFormat
            from docling.datamodel.pipeline_options import PdfPipelineOptions
            from docling.document_converter import DocumentConverter, PdfFormatOption

            options = PdfPipelineOptions(
                artifacts_path=self._models, do_ocr=False, do_table_structure=True, enable_remote_services=False
            )
            formats = [InputFormat.PDF, InputFormat.DOCX, InputFormat.PPTX, InputFormat.XLSX]
            self._converter = DocumentConverter(
                allowed_formats=formats,
                format_options={InputFormat.PDF: PdfFormatOption(pipeline_options=options)},
            )
        return self._converter


def _models_folder() -> Path:
    """Where docling's models lie; without being told, docling would look for them on the network.

    Raises:
        MachineError: there is no such folder.
    """
    named = os.environ.get("DOCLING_ARTIFACTS_PATH")
    folder = Path(named) if named else Path.home() / ".cache" / "docling" / "models"
    if not folder.is_dir():
        raise MachineError(
            f"The models of docling are not at {folder}.",
            next_step="Run `docling-tools models download`, or set DOCLING_ARTIFACTS_PATH to the folder that has them.",
        )
    return folder


def _markdown(document: Any, page: int | None) -> str:
    """One page, or the whole of a document without pages."""
    raw = document.export_to_markdown(page_no=page, image_placeholder="", escape_html=False, escape_underscores=False)
    return "\n".join(tidied(raw)).strip()


def _title(texts: list[tuple[int, str]], path: Path) -> str:
    lines = (line for _, text in texts for line in text.split("\n"))
    return first_heading(lines) or path.stem
