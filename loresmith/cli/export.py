"""`loresmith export`."""

from loresmith.cli.further import after_export
from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import ExportConfig

command = stage_command(
    "export",
    ExportConfig,
    about="Write one GGUF file with its chat template, then let it sit the parity exam, and the exam itself where "
    "`evaluate.further` says so.",
    stages=after_export,
    next_verb="report",
)
