"""Word lists written as running text, which is how people can read and amend them."""


def word_list(text: str) -> tuple[str, ...]:
    """The words of `text` in order."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """The distinct words of `text`."""
    return frozenset(text.split())
