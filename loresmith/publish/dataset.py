"""The training rows of a project as a dataset repository: written as `loresmith dataset export` does, then packed."""

import importlib.util
from pathlib import Path

from loresmith.exchange.handing_over import Label, hand_over, target_named
from loresmith.exchange.project_rows import project_rows
from loresmith.exchange.shipment import pack
from loresmith.hub.parcel import Parcel
from loresmith.pipeline import Project


def dataset_parcel(project: Project, folder: Path, license_name: str) -> Parcel:
    """Write the rows into the new folder `folder`, whose name the card takes, and pack them. Exams stay here.

    Raises:
        UserError: nothing was split yet, or there is no licence.
    """
    target = target_named("parquet" if importlib.util.find_spec("pyarrow") else "messages")
    origin = f"Made by Loresmith from the documents of the project `{project.recipe.name}`."
    hand_over(project_rows(project.path, "training"), target, folder, Label(origin, license_name))
    return pack(folder).parcel()
