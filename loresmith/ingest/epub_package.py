"""What an EPUB says about itself: its title, its chapters in order, their names in the contents, what is encrypted."""

import posixpath
import zipfile
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

_CHAPTER_TYPES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml"})


@dataclass(frozen=True, slots=True)
class Package:
    """One book; files are named as in the archive."""

    title: str
    chapters: tuple[str, ...]
    labels: dict[str, str]
    """Chapter to the first entry that the table of contents has for it."""
    protected: frozenset[str]


def package_of(archive: zipfile.ZipFile) -> Package:
    """The package document that the container names, read.

    Raises:
        KeyError: a part that must be there is missing.
    """
    container = _tree(archive.read("META-INF/container.xml"))
    place = next((root.get("full-path", "") for root in _all(container, "rootfile")), "")
    package, folder = _tree(archive.read(place)), posixpath.dirname(place)
    items = {item.get("id"): item for item in _all(package, "item")}
    spine = [items[each.get("idref")] for each in _all(package, "itemref") if each.get("idref") in items]
    chapters = [
        resolved(folder, item.get("href", ""))
        for item in spine
        if item.get("media-type") in _CHAPTER_TYPES and "nav" not in (item.get("properties") or "").split()
    ]
    title = next((" ".join("".join(each.itertext()).split()) for each in _all(package, "title")), "")
    return Package(
        title, tuple(dict.fromkeys(chapters)), _labels(archive, list(items.values()), folder), _protected(archive)
    )


def resolved(folder: str, reference: str) -> str:
    """The name in the archive of what a file in `folder` refers to, without the place inside it."""
    return posixpath.normpath(posixpath.join(folder, unquote(reference.partition("#")[0])))


def _labels(archive: zipfile.ZipFile, items: list[etree._Element], folder: str) -> dict[str, str]:
    """From the navigation document, or the NCX of older books."""
    labels: dict[str, str] = {}
    for item in items:
        is_nav = "nav" in (item.get("properties") or "").split()
        if not is_nav and item.get("media-type") != "application/x-dtbncx+xml":
            continue
        name = resolved(folder, item.get("href", ""))
        try:
            contents = _tree(archive.read(name))
        except (KeyError, etree.LxmlError):  # the contents only name chapters; without them the chapters remain
            continue
        for reference, label in _links(contents) if is_nav else _points(contents):
            labels.setdefault(resolved(posixpath.dirname(name), reference), label)
    return labels


def _links(contents: etree._Element) -> list[tuple[str, str]]:
    return [(link.get("href", ""), " ".join("".join(link.itertext()).split())) for link in _all(contents, "a")]


def _points(contents: etree._Element) -> list[tuple[str, str]]:
    """The entries of an NCX: each has a label, then the file that it leads to."""
    return [
        (content.get("src", ""), " ".join("".join(label.itertext()).split()))
        for point in _all(contents, "navPoint")
        for label, content in zip(_all(point, "navLabel")[:1], _all(point, "content")[:1], strict=False)
    ]


def _protected(archive: zipfile.ZipFile) -> frozenset[str]:
    try:
        encryption = _tree(archive.read("META-INF/encryption.xml"))
    except KeyError:
        return frozenset()
    return frozenset(resolved("", each.get("URI", "")) for each in _all(encryption, "CipherReference"))


def _tree(raw: bytes) -> etree._Element:
    return etree.fromstring(
        raw, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, recover=True)
    )


def _all(root: etree._Element, name: str) -> list[etree._Element]:
    """Elements of that local name, whatever namespace they are in."""
    return list(root.iter(f"{{*}}{name}"))
