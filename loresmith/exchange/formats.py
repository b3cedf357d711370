"""The formats of rows by name, and which one a file is in."""

from collections import Counter
from collections.abc import Sequence

from loresmith.errors import UserError
from loresmith.exchange.alpaca import ALPACA
from loresmith.exchange.dolly import DOLLY
from loresmith.exchange.glaive import GLAIVE
from loresmith.exchange.messages import MESSAGES
from loresmith.exchange.mt_bench import MT_BENCH
from loresmith.exchange.oasst import OASST
from loresmith.exchange.preference import PREFERENCE
from loresmith.exchange.prompt_completion import PROMPT_COMPLETION
from loresmith.exchange.ragas import RAGAS
from loresmith.exchange.row_format import Content, RowFormat
from loresmith.exchange.sharegpt import SHAREGPT

# The order decides where several claim a row: a preference row also has a prompt, a tree too.
ORDER = (
    PREFERENCE,
    OASST,
    GLAIVE,
    SHAREGPT,
    MESSAGES,
    MT_BENCH,
    ALPACA,
    DOLLY,
    RAGAS,
    PROMPT_COMPLETION,
)
FORMATS = {form.name: form for form in ORDER}
READABLE = tuple(name for name in FORMATS if name != PREFERENCE.name)
LOOKED_AT = 200
"""Rows of a file that decide its format."""


def claimant(content: Content) -> RowFormat | None:
    """The first format that knows a row as its own."""
    return next((form for form in ORDER if form.claims(content)), None)


def detect(rows: Sequence[Content], where: str) -> RowFormat:
    """The format that claims the most of the first rows.

    Raises:
        UserError: no format claims any of them; names the columns that are there.
    """
    votes = Counter(form.name for content in rows[:LOOKED_AT] if (form := claimant(content)) is not None)
    if not votes:
        columns = ", ".join(dict.fromkeys(name for content in rows[:LOOKED_AT] for name in content)) or "none"
        raise UserError(
            f"{where}: no format has rows like these (columns: {columns}).",
            next_step=f"Rename the columns, or name the format with --from ({', '.join(READABLE)}).",
        )
    return FORMATS[votes.most_common(1)[0][0]]
