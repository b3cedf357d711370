"""The order of the stages, what is stale and why, and how a killed run goes on.

A project is a folder with `recipe.yaml`, `project.json` and one sub-folder per stage. Not covered: running stages on
several machines, and choosing when to run (that is `loresmith watch`).
"""

from loresmith.pipeline.project import Project, open_project
from loresmith.pipeline.runner import Step, identity_of, plan_of, run, run_one, survey
from loresmith.pipeline.stages import STAGES, Stage, journey, stage

__all__ = [
    "STAGES",
    "Project",
    "Stage",
    "Step",
    "identity_of",
    "journey",
    "open_project",
    "plan_of",
    "run",
    "run_one",
    "stage",
    "survey",
]
