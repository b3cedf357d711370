"""`loresmith generate`."""

from loresmith.cli.rejections import rejections
from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import GenerateConfig

command = stage_command(
    "generate",
    GenerateConfig,
    about="Find facts with exact quotes and word several questions about each; every drop has a reason.",
    next_verb="split",
    details=rejections,
)
