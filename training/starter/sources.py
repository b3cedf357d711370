"""Which files the starter may be trained on, under which licence; nothing outside this list is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    """One file of the corpus folder."""

    name: str
    """Path inside the corpus folder; also the name that the model card prints."""
    kind: str
    """How to read it: `gutenberg`, `plain`, `wikitext`, `markdown_tar` or `text_zip`."""
    licence: str
    origin: str


SOURCES = (
    Source("wikitext2/train_5k.txt", "wikitext", "CC BY-SA 3.0", "WikiText-2 training articles (Wikipedia authors)"),
    Source("openstax_biology_md.tar.gz", "markdown_tar", "CC BY 3.0", "Biology, OpenStax (openstax.org)"),
    Source("owasp_cheatsheets_md.tar.gz", "markdown_tar", "CC BY-SA 4.0", "OWASP Cheat Sheet Series"),
    Source("gutenberg/great_expectations.txt", "gutenberg", "public domain (US)", "C. Dickens, Project Gutenberg 1400"),
    Source("gutenberg/moby_dick.txt", "gutenberg", "public domain (US)", "H. Melville, Project Gutenberg 2701"),
    Source("gutenberg/pride_and_prejudice.txt", "gutenberg", "public domain (US)", "J. Austen, Project Gutenberg 1342"),
    Source("gutenberg/sherlock_holmes.txt", "gutenberg", "public domain (US)", "A. C. Doyle, Project Gutenberg 1661"),
    Source("nltk/inaugural.zip", "text_zip", "public domain (US government)", "US inaugural addresses"),
    Source("nltk/state_union.zip", "text_zip", "public domain (US government)", "US State of the Union addresses"),
    Source("tinyshakespeare.txt", "plain", "public domain", "Plays of William Shakespeare"),
    Source("deepseek_docs_md.tar.gz", "markdown_tar", "MIT", "3FS documentation, DeepSeek"),
    Source("open_infra_index_md.tar.gz", "markdown_tar", "CC0-1.0", "open-infra-index, DeepSeek"),
)

HELD_OUT_EVERY = 20
"""Every 20th block of a source (5%) is kept out of training and gives the held-out loss."""
