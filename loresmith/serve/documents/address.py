"""Where a passage is shown."""

from urllib.parse import urlencode

DOCUMENTS_PATH = "/documents"
LONGEST_QUOTE = 1_200
"""Characters of a quote in an address; its beginning finds the place."""


def address(document: str, quote: str = "", page: int | None = None, chunk: str | None = None) -> str:
    """The path of the document's view, at the passage where one is given."""
    asked = {"quote": " ".join(quote.split())[:LONGEST_QUOTE], "page": page, "chunk": chunk}
    told = {key: value for key, value in asked.items() if value}
    return f"{DOCUMENTS_PATH}/{document}" + (f"?{urlencode(told)}" if told else "")
