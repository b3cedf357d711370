"""The order of the stages, what is stale and why, and how a killed run goes on.

A project is a folder with `recipe.yaml`, `project.json` and one sub-folder per stage. Not covered: running stages on
several machines, and choosing when to run (that is `loresmith watch`, not built yet).
"""

from loresmith.pipeline.project import Project, open_project
from loresmith.pipeline.runner import Step, run, run_one, survey
from loresmith.pipeline.stages import STAGES, Stage, journey, stage

__all__ = ["STAGES", "Project", "Stage", "Step", "journey", "open_project", "run", "run_one", "stage", "survey"]
