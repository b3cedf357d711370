"""Letters, accents and signs that LaTeX spells out."""

ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331",
}  # fmt: skip
"""Command to the combining mark that follows its letter."""

SYMBOLS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å", "AA": "Å", "l": "ł", "L": "Ł",
    "i": "i", "j": "j", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "S": "§", "P": "¶", "dag": "†", "ddag": "‡",
    "copyright": "©", "pounds": "£", "euro": "€", "ldots": "…", "dots": "…", "textellipsis": "…", "textdegree": "°",
    "degree": "°", "textpm": "±", "texttimes": "×", "textmu": "µ", "textmultiply": "×", "textdiv": "÷",
    "textregistered": "®",
    "texttrademark": "™", "textcopyright": "©", "textbullet": "•", "textasciitilde": "~", "textasciicircum": "^",
    "textbackslash": "\\", "textbar": "|", "textless": "<", "textgreater": ">", "textunderscore": "_",
    "textdollar": "$",
    "textquotedblleft": "“", "textquotedblright": "”", "textquoteleft": "‘", "textquoteright": "’", "textendash": "–",
    "textemdash": "—", "textdagger": "†", "textdaggerdbl": "‡", "textsection": "§", "textdownarrow": "↓",
    "textuparrow": "↑", "textrightarrow": "→", "textleftarrow": "←", "TeX": "TeX", "LaTeX": "LaTeX", "BibTeX": "BibTeX",
    "slash": "/", "quad": " ", "qquad": " ", "space": " ", "newline": " ", "linebreak": " ", "hfill": " ", "hskip": " ",
    "checkmark": "✓", "cmark": "✓", "xmark": "✗", "textemdash*": "—", "guillemotleft": "«", "guillemotright": "»",
    "tabularnewline": " ", "par": " ", "break": " ", "nobreakspace": " ", "thinspace": " ", "enspace": " ", "and": ", ",
    "And": ", ", "AND": ", ", "eg": "e.g.", "ie": "i.e.", "textperthousand": "‰", "texteuro": "€",
}  # fmt: skip

CHARACTERS = {
    "%": "%", "&": "&", "$": "$", "#": "#", "_": "_", "{": "{", "}": "}", " ": " ", "\n": " ", ",": " ", ";": " ",
    ":": " ", "!": "", "/": "", "-": "", "@": "", "\\": " ", "|": "‖", "*": "",
}  # fmt: skip
"""Commands of one character that is no letter; accents are none of them."""

MATH_SIGNS = {
    "pm": "±", "mp": "∓", "times": "×", "cdot": "·", "to": "→", "rightarrow": "→", "leftarrow": "←", "leq": "≤",
    "le": "≤", "geq": "≥", "ge": "≥", "sim": "~", "approx": "≈", "uparrow": "↑", "downarrow": "↓", "checkmark": "✓",
    "dagger": "†", "ddagger": "‡", "ast": "*", "star": "★", "circ": "°", "bullet": "•", "infty": "∞", "neq": "≠",
    "ne": "≠",
    "Uparrow": "⇑", "Downarrow": "⇓", "Rightarrow": "⇒", "div": "÷", "ldots": "…", "dots": "…", "cdots": "…",
    "surd": "√",
    "triangle": "△", "blacktriangle": "▲", "blacktriangledown": "▼", "diamond": "◇", "square": "□", "nearrow": "↗",
    "searrow": "↘", "lbrack": "[", "rbrack": "]", "colon": ":", "ll": "≪", "gg": "≫", "lt": "<", "gt": ">",
    "prime": "′",
    "%": "%", "$": "$", "#": "#", ",": " ", ";": " ", "!": "", ":": " ", " ": " ", "quad": " ", "&": "&",
}  # fmt: skip
"""What a formula of numbers and signs can be written with instead."""
