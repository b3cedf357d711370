"""`loresmith report`."""

from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import ReportConfig

command = stage_command(
    "report",
    ReportConfig,
    about="Write report.html, report.md and report.json from the results.",
    next_verb="ask",
)
