"""Replies of a bounded shape: a form says what may stand in a reply, and how long the longest can get. Light: no torch.

A form is a JSON value whose every string has a bound and that holds no free white space, so that whoever writes under
its grammar comes to the end within `longest` tokens: no token is shorter than a byte. Strings that a model words itself
hold neither quotes nor backslashes, so nothing in them is escaped.

Not covered: whether what was written makes sense; that is for the caller to check.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

WORDED = " !#->@-Z^-z"
"""Of ASCII, what a model may word: no quote, no backslash, no brackets or braces of JSON, no question mark."""
LETTERS = "\u00a1-\u024f"
"""The accented letters of Latin scripts: two bytes each."""
EDGE = f"[0-9A-Za-z{LETTERS}]"
"""What a text of the model's own begins and ends with."""
BYTES_A_LETTER = 2


class Form(Protocol):
    """What may stand at one place of a reply."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of it."""
        ...

    def gbnf(self) -> str:
        """The same in llama.cpp's own notation."""
        ...

    def longest(self) -> int:
        """Bytes of the longest value."""
        ...


@dataclass(frozen=True)
class Choice:
    """One of some strings, word for word."""

    values: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("a choice needs a value")

    def schema(self) -> dict[str, Any]:
        """An enumeration."""
        return {"enum": list(self.values)}

    def gbnf(self) -> str:
        """Alternatives."""
        return _either(_literal(json.dumps(value, ensure_ascii=False)) for value in self.values)

    def longest(self) -> int:
        """The longest value, quoted; a writer may spell a character as a six-byte escape."""
        return 2 + max(sum(_bytes(character) for character in value) for value in self.values)


@dataclass(frozen=True)
class Text:
    """Words of the model's own: `least` to `most` characters between one of `openings` and the `ending`."""

    least: int
    most: int
    openings: tuple[str, ...] = ()
    """Letters and spaces alone."""
    ending: str = ""
    """Nothing, a full stop or a question mark."""

    def schema(self) -> dict[str, Any]:
        """A pattern with its bounds; it begins and ends with no space."""
        opening = f"({'|'.join(self.openings)}) " if self.openings else ""
        ending = f"[{self.ending}]" if self.ending else ""
        middle = f"[{WORDED}{LETTERS}]{{{max(0, self.least - 2)},{self.most - 2}}}"
        return {"type": "string", "pattern": f"^{opening}{EDGE}{middle}{EDGE}{ending}$"}

    def gbnf(self) -> str:
        """Character by character."""
        opening = f"{_either(_literal(f'{word} ') for word in self.openings)} " if self.openings else ""
        middle = f"[{WORDED}{LETTERS}]{{{max(0, self.least - 2)},{self.most - 2}}}"
        quote = _literal('"')
        return f"({quote} {opening}{EDGE} {middle} {EDGE} {_literal(self.ending + chr(34))})"

    def longest(self) -> int:
        """Every character an accented letter, and the quotes."""
        opening = max((len(opening) + 1 for opening in self.openings), default=0)
        return 2 + opening + BYTES_A_LETTER * self.most + len(self.ending)


@dataclass(frozen=True)
class Row:
    """A list with one value for each of `places`."""

    places: tuple[Form, ...]

    def schema(self) -> dict[str, Any]:
        """An array of exactly so many."""
        count = len(self.places)
        places = [place.schema() for place in self.places]
        return {"type": "array", "prefixItems": places, "items": False, "minItems": count, "maxItems": count}

    def gbnf(self) -> str:
        """The places with commas between them."""
        return (
            f"""({_literal("[")} {f" {_literal(',')} ".join(place.gbnf() for place in self.places)} {_literal("]")})"""
        )

    def longest(self) -> int:
        """Brackets, commas and the longest values."""
        return 2 + sum(place.longest() + 1 for place in self.places)


@dataclass(frozen=True)
class Fields:
    """An object with exactly these fields, in this order."""

    fields: Mapping[str, Form]

    def schema(self) -> dict[str, Any]:
        """An object that allows nothing else."""
        properties = {name: form.schema() for name, form in self.fields.items()}
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    def gbnf(self) -> str:
        """Names and values in their order."""
        fields = (f"{_literal(f'{json.dumps(name)}:')} {form.gbnf()}" for name, form in self.fields.items())
        return f"""({_literal("{")} {f" {_literal(',')} ".join(fields)} {_literal("}")})"""

    def longest(self) -> int:
        """Braces, names, colons, commas and the longest values."""
        return 2 + sum(len(json.dumps(name)) + 2 + form.longest() for name, form in self.fields.items())


@dataclass(frozen=True)
class Either:
    """One of several forms."""

    forms: tuple[Form, ...]

    def schema(self) -> dict[str, Any]:
        """Any of them."""
        return {"anyOf": [form.schema() for form in self.forms]}

    def gbnf(self) -> str:
        """Alternatives."""
        return _either(form.gbnf() for form in self.forms)

    def longest(self) -> int:
        """That of the longest."""
        return max(form.longest() for form in self.forms)


def grammar(form: Form) -> str:
    """`form` for llguidance, in this process and in llama.cpp's: its Lark syntax around a JSON schema.

    White space is not flexible: a weak model would write spaces between two fields until its tokens are spent.
    """
    schema = {**form.schema(), "x-guidance": {"whitespace_flexible": False}}
    return f"start: %json {json.dumps(schema, ensure_ascii=True)}"


def gbnf(form: Form) -> str:
    """`form` for llama.cpp's own grammar.

    Its llguidance takes the space off every piece of a SentencePiece vocabulary, and so binds words that are not what
    the reply holds; on such a file this notation is right.
    """
    return f"root ::= {form.gbnf()}"


def together(forms: Sequence[Form]) -> int:
    """Tokens within which a reply under any of `forms` has ended, with the token that ends it."""
    return 1 + max((form.longest() for form in forms), default=0)


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\u{ord(c):04X}" if c < " " else c for c in escaped) + '"'


def _either(options: Iterable[str]) -> str:
    return f"({' | '.join(options)})"


def _bytes(character: str) -> int:
    return max(6, len(character.encode())) if character < " " or character in '"\\' else len(character.encode())
