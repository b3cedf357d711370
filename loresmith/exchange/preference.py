"""Preference rows: known, named and never read, since there is no single answer to learn."""

from collections.abc import Iterator

from loresmith.exchange.dialogue import Refused, Said
from loresmith.exchange.row_format import Content, RowFormat


def _claims(content: Content) -> bool:
    return ("chosen" in content and "rejected" in content) or (
        "completion" in content and isinstance(content.get("label"), bool)
    )


def _read(content: Content) -> Iterator[Said]:
    if "chosen" in content:
        raise Refused("a preference pair: two answers are compared, none is given to learn")
    raise Refused("an unpaired preference: an answer is rated, not given to learn")


PREFERENCE = RowFormat(
    name="preference",
    about="chosen and rejected answers, or a rated completion",
    columns={},
    claims=_claims,
    read=_read,
)
