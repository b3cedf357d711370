"""When a new version may replace the old one."""

from typing import Literal

from pydantic import Field

from loresmith.recipe.sections import Section


class GateConfig(Section):
    """When a new version may replace the old one; `loresmith gate` decides."""

    min_improvement: float = Field(default=0.05, ge=0.0, le=1.0)
    """Least gain on the exams, in points of accuracy / 100 (0.05: from 60% to 65%). The gain that is seen must reach
    it, and its interval must lie above zero."""
    floor: float = Field(default=0.95, gt=0.0, le=1.0)
    """Least share of the baseline's score on each general benchmark; the whole interval must lie above it."""
    unproven_floor: Literal["keep", "promote"] = "keep"
    """What a benchmark decides on which a fall below the floor is neither shown nor ruled out; `promote` lets it pass
    with a caution."""
    arm: Literal["base", "lora", "rag", "lora+rag"] | None = None
    """The arm that is shipped; none takes the one with most of adapter and retrieval."""
