"""Characters that no file can hold, and what stands in their place.

JSON can spell half of a surrogate pair; the text that comes of it cannot be written as UTF-8, nor given to a tokenizer.
"""


def storable(text: str) -> str:
    """`text` with U+FFFD for each half of a surrogate pair; two halves in a row become the character that they spell.

    So it can be shorter than `text`: offsets into one are none into the other.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def one_line(text: str) -> str:
    """`text` on one line without control characters, so that what a model wrote commands no terminal."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
