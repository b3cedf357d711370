"""What an earlier artifact read from the same bytes under the same settings: one new file costs the reading of one."""

from pathlib import Path

from loresmith import __version__, artifact
from loresmith.artifact import Plan
from loresmith.errors import UserError
from loresmith.records import Document

SCAN_READER = "tesseract"
"""The input that stands for what this machine reads scans with."""
OF_SEVERAL_FILES = frozenset({"latex"})
"""Formats whose documents are made of more files than the one that names them."""


def read_earlier(target: Path, plan: Plan) -> dict[str, Document]:
    """The documents in the artifact `target` that reading their files again would give again, by name.

    What was set aside is not among them: it is tried again.
    """
    try:
        made = artifact.read(target, made_by=plan.stage)
    except UserError:
        return {}
    manifest = made.manifest
    then = (manifest.revision, manifest.version, manifest.settings)
    if then != (plan.revision, __version__, plan.settings.model_dump(mode="json")):
        return {}
    reads_scans_alike = manifest.inputs.get(SCAN_READER) == plan.inputs.get(SCAN_READER)
    return {
        document.source: document
        for document in made.rows(Document)
        if document.sha256 == plan.inputs.get(document.source)
        and document.format not in OF_SEVERAL_FILES
        and (reads_scans_alike or document.format != "pdf")
    }
