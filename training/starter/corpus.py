"""Read the corpus folder into clean documents; markup, licence headers and site furniture are removed.

Covers only the formats named in `sources`; there is no language filter and no deduplication across sources.
"""

from __future__ import annotations

import hashlib
import html
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from training.starter.sources import HELD_OUT_EVERY, SOURCES, Source

BLOCK_CHARACTERS = 12_000
"""Books are cut at paragraph ends into documents of about this length, so that the held-out share is spread evenly."""


@dataclass(frozen=True)
class Document:
    """Clean text of one block of one source."""

    source: str
    text: str
    is_held_out: bool


@dataclass(frozen=True)
class Reading:
    """What was read of one source: its hash for the card, and its documents."""

    source: Source
    sha256: str
    documents: tuple[Document, ...]

    def training_texts(self) -> list[str]:
        """The texts that are not held out."""
        return [document.text for document in self.documents if not document.is_held_out]


class CorpusMissing(Exception):
    """The corpus folder lacks every known source, or holds too little text."""


def read(folder: Path) -> list[Reading]:
    """All known sources present in `folder`, in the order of `SOURCES`; absent ones are skipped.

    Raises:
        CorpusMissing: no known file is in `folder`.
    """
    readings = [_reading(folder, source) for source in SOURCES if (folder / source.name).is_file()]
    if not readings:
        raise CorpusMissing(f"No known source under {folder}; expected for example {SOURCES[0].name}.")
    return readings


def _reading(folder: Path, source: Source) -> Reading:
    raw = (folder / source.name).read_bytes()
    blocks = [block for text in _texts(source, raw) for block in blocks_of(text)]
    documents = tuple(
        Document(source.name, block, is_held_out=number % HELD_OUT_EVERY == HELD_OUT_EVERY - 1)
        for number, block in enumerate(blocks)
    )
    return Reading(source, hashlib.sha256(raw).hexdigest(), documents)


def _texts(source: Source, raw: bytes) -> Iterator[str]:
    if source.kind == "markdown_tar":
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r:gz") as archive:
            for member in sorted(archive.getmembers(), key=lambda m: m.name):
                stream = archive.extractfile(member) if member.name.endswith(".md") else None
                if stream is not None:
                    yield clean_markdown(stream.read().decode("utf-8", "replace"))
    elif source.kind == "text_zip":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for name in sorted(n for n in archive.namelist() if n.endswith(".txt")):
                yield unwrap(archive.read(name).decode("utf-8", "replace"))
    elif source.kind == "gutenberg":
        yield unwrap(strip_gutenberg(raw.decode("utf-8-sig", "replace")))
    elif source.kind == "wikitext":
        yield from articles(clean_wikitext(raw.decode("utf-8", "replace")))
    else:
        yield raw.decode("utf-8", "replace")


def strip_gutenberg(text: str) -> str:
    """Only the book: what stands between the START and END marks."""
    start = re.search(r"\*\*\* ?START OF TH[^\n]*\*\*\*", text)
    end = re.search(r"\*\*\* ?END OF TH[^\n]*\*\*\*", text)
    return text[start.end() if start else 0 : end.start() if end else len(text)]


def unwrap(text: str) -> str:
    """Hard-wrapped lines joined into paragraphs, parted by one empty line."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    joined = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return "\n\n".join(paragraph for paragraph in joined if paragraph)


def clean_wikitext(text: str) -> str:
    """WikiText's spaced-out punctuation put back to how people write it."""
    text = re.sub(r" @([-.,])@ ", r"\1", text)
    text = re.sub(r" ([.,;:!?)\]%])", r"\1", text)
    text = re.sub(r"([(\[$£]) ", r"\1", text)
    text = re.sub(r" '(s|t|re|ve|ll|d|m)\b", r"'\1", text)
    text = re.sub(r'" ([^"\n]{1,300}?) "', r'"\1"', text)
    text = text.replace(" n't", "n't").replace("<unk>", "")
    return re.sub(r" {2,}", " ", text)


def articles(text: str) -> Iterator[str]:
    """WikiText articles, each from its `= Title =` line on."""
    parts = re.split(r"(?m)^ ?(?== [^=\n]+ = ?$)", text)
    for part in parts:
        lines = [re.sub(r"^ ?(=+ ?)+(.*?)( ?=+)+ ?$", r"\2", line.strip()) for line in part.split("\n")]
        yield "\n\n".join(line for line in lines if line)


def clean_markdown(text: str) -> str:
    """Markdown as reading text: no front matter, attributes, HTML tags, images or link targets."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    text = re.sub(r"<sup.*?</sup>|<!--.*?-->|<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r"\{:[^}]*\}", "", text)
    text = re.sub(r"\(?\[\\\[link\\\]\]\([^)]*\)\)?", "", text)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"</?[a-zA-Z][^>]*>", "", text)
    text = html.unescape(text)
    text = re.sub(r"(\*\*|__)(.+?)\1", r"\2", text)
    text = re.sub(r"(?<!\w)\*([^*\n]+)\*", r"\1", text)
    text = re.sub(r"[ \t]+([.,;:)])", r"\1", text)
    text = re.sub(r"[ \t]{2,}", " ", text)
    text = re.sub(r"(?m)^\^$", "", text)
    return re.sub(r"\n\s*\n+", "\n\n", text).strip()


def blocks_of(text: str, size: int = BLOCK_CHARACTERS) -> Iterator[str]:
    """`text` cut at paragraph ends into blocks of about `size` characters; blocks under 200 characters are dropped."""
    block: list[str] = []
    length = 0
    for paragraph in text.split("\n\n"):
        if length + len(paragraph) > size and block:
            yield "\n\n".join(block)
            block, length = [], 0
        block.append(paragraph)
        length += len(paragraph) + 2
    if length >= 200:
        yield "\n\n".join(block)
