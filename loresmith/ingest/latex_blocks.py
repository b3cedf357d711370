"""The body of a LaTeX document as Markdown blocks."""

import re
from collections.abc import Iterator

from loresmith.ingest.grids import rows_of
from loresmith.ingest.html_blocks import fenced
from loresmith.ingest.latex_inline import Inline
from loresmith.ingest.latex_math import display_math
from loresmith.ingest.latex_scan import (
    after_arguments,
    after_options,
    after_spaces,
    argument,
    environment,
    group,
    option,
    split,
)
from loresmith.ingest.latex_tables import grid_of
from loresmith.ingest.markup import block_quote, heading, list_item, pipe_table, safe_paragraph

_EVENT = re.compile(
    r"(?P<gap>\n[ \t]*\n\s*)|\\(?P<par>par|newpage|clearpage|maketitle|bigskip|medskip|smallskip)(?![A-Za-z])"
    r"|\\begin\s*\{(?P<begin>[^{}]*)\}|\\(?P<section>part|chapter|(?:sub){0,2}section|(?:sub)?paragraph)\*?(?=\s*[\[{])"
    r"|(?P<display>\$\$|\\\[)|\\(?P<note>footnote|footnotetext|thanks|marginpar)(?=\s*[\[{])"
    r"|\\(?P<caption>numberedcaption|caption\*?|subcaption|captionof|keywords|abstract)(?=\s*[\[{])|\\.",
    re.DOTALL,
)
_LEVELS = {"part": 0, "chapter": 0, "section": 1, "subsection": 2, "subsubsection": 3}
_LISTS = frozenset({
    "itemize", "enumerate", "description", "compactitem", "compactenum", "compactdesc", "inparaenum", "inparaitem",
    "tablenotes", "asparaenum", "list", "trivlist", "labeling", "easylist",
})  # fmt: skip
_ORDERED = frozenset({"enumerate", "compactenum", "inparaenum", "asparaenum"})
_TABULARS = {
    "tabular": 1, "tabular*": 2, "tabularx": 2, "tabulary": 2, "longtable": 1, "supertabular": 1, "xltabular": 2,
    "NiceTabular": 1, "tblr": 1, "longtblr": 1, "tabu": 0, "longtabu": 0, "deluxetable": 1, "deluxetable*": 1,
    "xtabular": 1, "NiceTabular*": 2, "NiceTabularX": 2, "booktabs": 1, "tabularray": 1,
}  # fmt: skip
_FORMULAS = {
    "equation": "", "displaymath": "", "math": "", "multline": "", "dmath": "", "align": "aligned",
    "gather": "gathered",
    "eqnarray": "aligned", "flalign": "aligned", "alignat": "aligned", "subequations": "", "empheq": "",
}  # fmt: skip
_VERBATIM = frozenset({"verbatim", "Verbatim", "lstlisting", "minted", "alltt", "verbatimtab", "BVerbatim"})
_DROPPED = frozenset({
    "tikzpicture", "pgfpicture", "picture", "comment", "CCSXML", "filecontents", "axis", "tikzcd", "forest", "overpic",
    "pspicture", "asy",
})  # fmt: skip
_QUOTES = frozenset({"quote", "quotation", "verse", "displayquote"})
_ARGUMENTS = {
    "minipage": 1, "multicols": 1, "wrapfigure": 2, "wraptable": 2, "adjustbox": 1, "subfigure": 1, "subtable": 1,
    "spacing": 1, "thebibliography": 1, "adjustwidth": 2, "columns": 0, "column": 1, "frame": 0, "block": 0,
    "otherlanguage": 1,
    "textblock": 1, "alignat": 1, "alignat*": 1, "minted": 1, "list": 2, "labeling": 1, "spacing*": 1, "empheq": 1,
}  # fmt: skip
_ITEM = re.compile(r"\\item(?![A-Za-z])")
_STEP = re.compile(
    r"\\(?=(?:State|Statex|Require|Ensure|For|ForAll|EndFor|While|EndWhile|If|ElsIf|Else|EndIf|Return|Function|EndFunction"
    r"|Procedure|EndProcedure|Repeat|Until|Loop|EndLoop|Input|Output|STATE|REQUIRE|ENSURE|FOR|ENDFOR|WHILE|ENDWHILE|IF"
    r"|ELSE|ELSIF|ENDIF|RETURN)(?![A-Za-z]))"
)
_WORD = re.compile(r"[A-Za-z]+")
_NAMED = re.compile(r"\\newtheorem\*?\s*\{([^{}]*)\}(?:\s*\[[^\]]*\])?\s*\{([^{}]*)\}")
_THEOREMS = ("theorem", "lemma", "corollary", "proposition", "definition", "remark", "example", "proof", "claim",
             "assumption", "conjecture", "fact", "observation", "exercise", "solution", "property")  # fmt: skip
_BIBLIOGRAPHY_ITEM = re.compile(r"\\bibitem(?![A-Za-z])")
_DEEPEST = 40
"""Environments inside environments."""


def theorems_of(source: str) -> dict[str, str]:
    r"""Environment to the word that it prints: the usual ones, and those that `\newtheorem` makes."""
    usual = {name: name.capitalize() for name in _THEOREMS}
    return usual | {name: title for name, title in _NAMED.findall(source)}


class Writer:
    """Writes the blocks of one document."""

    def __init__(self, inline: Inline, theorems: dict[str, str], *, has_chapters: bool) -> None:
        self._inline = inline
        self._theorems = theorems
        self._top = 2 if not has_chapters else 3
        """Level of a section's heading; 1 is the title of the document."""

    def blocks(self, source: str, depth: int = 0) -> list[str]:
        """Markdown of each block, none of them empty."""
        if depth > _DEEPEST:
            return [self._paragraph(source)]
        return [block for block in self._written(source, depth) if block.strip()]

    def _written(self, source: str, depth: int) -> Iterator[str]:
        start, at = 0, 0
        while event := _EVENT.search(source, at):
            at = event.end()
            if event["note"]:  # empty lines in a note do not end the paragraph around it
                at = argument(source, after_options(source, at))[1]
                continue
            if event.lastgroup is None:  # an escaped character
                continue
            if event["section"] in ("paragraph", "subparagraph"):
                yield self._paragraph(source[start : event.start()])
                title, after = argument(source, option(source, at)[1])
                source, start, at = rf"\runinhead{{{title}}} " + source[after:].lstrip(), 0, 0
                at = len(rf"\runinhead{{{title}}} ")
                continue
            yield self._paragraph(source[start : event.start()])
            made, at = self._event(source, event, depth)
            yield from made
            start = at
        yield self._paragraph(source[start:])

    def _event(self, source: str, event: re.Match[str], depth: int) -> tuple[list[str], int]:
        """The blocks that an event begins, and the place behind them."""
        at = event.end()
        if event["begin"]:
            content, after = environment(source, at, event["begin"])
            return list(self._environment(event["begin"], content, depth + 1)), after
        if event["section"]:
            title, after = argument(source, option(source, at)[1])
            text = self._inline.text(title)
            level = max(2, self._top + _LEVELS[event["section"]] - 1)
            return [heading(text, level) if text else ""], after
        if event["display"]:
            mark = "$$" if event["display"] == "$$" else "\\]"
            end = source.find(mark, at)
            body, after = (source[at:], len(source)) if end < 0 else (source[at:end], end + 2)
            return [display_math(body)], after
        if event["caption"]:
            return self._caption(source, event["caption"], at)
        return [], at

    def _caption(self, source: str, name: str, at: int) -> tuple[list[str], int]:
        number = ""
        if name == "numberedcaption":
            number, at = group(source, at)
            if source.startswith("\\skipargument", at):
                at = argument(source, at + len("\\skipargument"))[1]
        elif name == "captionof":
            at = argument(source, at)[1]
        text, at = argument(source, option(source, at)[1])
        if name == "abstract":
            return [heading("Abstract", 2), *self.blocks(text, 1)], at
        written = self._inline.text(text)
        lead = {"keywords": "Keywords: "}.get(name, f"{number}: " if number else "")
        return [safe_paragraph(lead + written) if written else ""], at

    def _paragraph(self, source: str) -> str:
        return safe_paragraph(self._inline.text(source))

    def _environment(self, name: str, content: str, depth: int) -> Iterator[str]:
        plain = name.rstrip("*")
        if plain in _DROPPED:
            return
        if name in _TABULARS or plain in _TABULARS:
            yield from self._tabular(name, content, depth)
        elif plain in _VERBATIM:
            yield fenced(content[_behind_arguments(plain, content) :])
        elif plain in _FORMULAS:
            yield display_math(content[_behind_arguments(name, content) :], _FORMULAS[plain])
        elif plain in _LISTS:
            yield "\n".join(self._list(plain, content, depth))
        elif plain in ("algorithmic", "algorithm2e"):
            yield "\n".join(self._steps(content))
        elif plain == "thebibliography":
            yield heading("References", 2)
            yield "\n".join(self._references(content))
        else:
            yield from self._holder(name, content, depth)

    def _holder(self, name: str, content: str, depth: int) -> Iterator[str]:
        """The blocks of an environment that holds others."""
        plain = name.rstrip("*")
        if plain == "abstract":
            yield heading("Abstract", 2)
            yield from self.blocks(content, depth)
        elif plain in self._theorems:
            yield from self._theorem(self._theorems[plain], content, depth)
        elif plain in _QUOTES:
            yield block_quote("\n\n".join(self.blocks(content, depth)))
        else:
            blocks = self.blocks(content[_behind_arguments(name, content) :], depth)
            yield from _caption_first(blocks) if "table" in plain.lower() else blocks

    def _tabular(self, name: str, content: str, depth: int) -> Iterator[str]:
        """A table; one that only places things, with tables or lists in its cells, is read through."""
        count = _TABULARS.get(name, _TABULARS.get(name.rstrip("*"), 1))
        if name.startswith(("tabu", "longtabu")) and not count:  # \begin{tabu} to \linewidth {columns}
            at = content.find("{")
            content = content[group(content, at)[1] :] if at >= 0 else content
        else:
            content = content[after_options(content, after_arguments(content, after_options(content, 0), count)) :]
        if caption := re.search(r"\\(numberedcaption|caption\*?)(?=\s*[\[{])", content):
            made, after = self._caption(content, caption[1], caption.end())
            yield from made
            content = content[: caption.start()] + re.sub(r"\A\s*\\\\", "", content[after:])
        if re.search(
            r"\\begin\s*\{(?:tabular[x*]?|itemize|enumerate|figure|table)\}.*&.*\\end", content, re.DOTALL
        ) and (inner := self._inner_tables(content, depth)):
            yield from inner
            return
        grid = grid_of(content, self._inline.text)
        rows = rows_of(grid)
        if rows and len(rows[0]) == 1 and len(rows) < 3:  # a frame around text
            yield from (safe_paragraph(row[0]) for row in rows)
        elif rows:
            yield pipe_table(rows)

    def _inner_tables(self, content: str, depth: int) -> list[str]:
        """The blocks of the cells, when at least one of them is a table of two columns or more."""
        cells = [cell for _, row in split(content, re.compile(r"\\\\")) for _, cell in split(row, re.compile("&"))]
        blocks = [block for cell in cells for block in self.blocks(cell, depth)]
        return blocks if any(block.startswith("|") for block in blocks) else []

    def _list(self, name: str, content: str, depth: int) -> Iterator[str]:
        number = 0
        for before, source in split(content[_behind_arguments(name, content) :], _ITEM):
            if not before:
                continue
            label, after = option(source, 0)
            blocks = self.blocks(source[after:], depth)
            named = self._inline.text(label) if label else ""
            if named:
                blocks = (
                    [
                        f"{named.rstrip(':')}: {blocks[0]}" if name == "description" else f"{named} {blocks[0]}",
                        *blocks[1:],
                    ]
                    if blocks
                    else [named]
                )
            if not blocks:
                continue
            number += 1
            mark = f"{number}. " if name in _ORDERED and not named else "- "
            yield from list_item(mark, blocks)

    def _steps(self, content: str) -> Iterator[str]:
        """The lines of an algorithm; words that are no more than a line's begin are left out."""
        for before, source in split(content, _STEP):
            word = _WORD.match(source) if before else None
            shown = "" if word is None or word[0].lower() in ("state", "statex") else f"{word[0].capitalize()} "
            text = self._inline.text(source[word.end() if word else 0 :])
            if (text or shown) and before:
                yield f"- {shown}{text}".rstrip()

    def _references(self, content: str) -> Iterator[str]:
        for before, source in split(content, _BIBLIOGRAPHY_ITEM):
            if not before:
                continue
            key, after = argument(source, after_options(source, 0))
            text = self._inline.text(source[after_spaces(source, after) :])
            yield f"- [{key.strip()}] {text}"

    def _theorem(self, title: str, content: str, depth: int) -> Iterator[str]:
        name, after = option(content, 0)
        head = f"{title} ({name})." if name else f"{title}."
        yield from self.blocks(rf"\runinhead{{{head}}} {content[after:].lstrip()}", depth)


def _behind_arguments(name: str, content: str) -> int:
    at = after_options(content, 0)
    return after_options(content, after_arguments(content, at, _ARGUMENTS.get(name, 0)))


def _caption_first(blocks: list[str]) -> list[str]:
    """A caption below its table moves above it."""
    captions = [block for block in blocks if re.match(r"Table [\d.]+: ", block)]
    return [*captions, *(block for block in blocks if block not in captions)] if len(captions) == 1 else blocks
