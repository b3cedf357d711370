"""Captions: the lines that name a figure or a table."""

import re

CAPTION = re.compile(r"(?:figure|fig\.|table|algorithm|listing)\s*(?:\d+|[IVX]+)\s*[.:|]", re.IGNORECASE)
"""At the start of a line: `Table 3:`, `Figure 2.`, `TABLE IV.`"""
