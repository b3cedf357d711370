"""How a domain set is made: the flags of `loresmith dataset prepare` derive from this."""

from typing import Literal

from pydantic import Field

from loresmith.recipe.sections import Section


class PrepareConfig(Section):
    """How many questions are drawn, how they are asked, and in which order they stand."""

    size: int = Field(default=5000, ge=1)
    """Rows of the finished set, over all domains."""
    form: Literal["mixed", "short", "choice"] = "mixed"
    """Questions with options: asked for their letter (`choice`), for the answer itself (`short`), or half and half; a
    question that points at its options always shows them."""
    open_book: float = Field(default=0.25, ge=0.0, le=1.0)
    """Share of the questions with evidence that are asked with it in view."""
    max_repeats: int = Field(default=1, ge=1, le=10)
    """Times that one question may stand in the set when its source runs out; 1 repeats none."""
    curriculum: bool = False
    """Order the rows from easy to hard by their column `difficulty`; replay is spread evenly."""
    with_validation: bool = False
    """Read validation splits as well; test splits are refused in any case."""
    seed: int = 17
