"""Tabs that show a page of the site which stands by itself, so that its own rules bind it and not Gradio's."""

from loresmith.serve.page.look import fragment
from loresmith.serve.page.text import plain


def framed_tab(address: str, title: str, *, rights: str | None = None) -> None:
    """Draw the page at `address`; with `rights` (of an iframe's sandbox) it may do no more than they say."""
    sandbox = "" if rights is None else f' sandbox="{rights}"'
    fragment(
        f'<iframe src="{plain(address)}" title="{plain(title)}"{sandbox} loading="lazy"></iframe>',
        elem_classes="framed",
    )
