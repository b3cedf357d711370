"""Sections that published recipes name and that this version refuses: known by name, never silently ignored."""

from pydantic import Field

from loresmith.recipe.sections import Section


class DatasetConfig(Section):
    """A ready dataset to train on, instead of or beside generated questions."""

    hub_id: str
    """Such as `mlabonne/FineTome-100k`."""
    configuration: str | None = None
    size: int | None = Field(default=None, ge=1)
    """Rows to take."""
    weight: float = Field(default=1.0, gt=0)
    """Share in the mixture, relative to the other sources."""


class ExpertConfig(Section):
    """One domain with an adapter of its own."""

    name: str
    documents: tuple[str, ...] = ()
    datasets: tuple[DatasetConfig, ...] = ()
    weight: float = Field(default=1.0, gt=0)
    """Share in a multi-task mixture."""
    keywords: tuple[str, ...] = ()
    """Words that send a question to this expert whatever the classifier says."""
