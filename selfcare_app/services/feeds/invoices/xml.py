"""Reading XML that anybody may have written: bytes to elements with their line numbers, or a refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from xml.parsers import expat

from lxml import etree

from selfcare_app.services.feeds.report import Refusal

MAX_BYTES = 50_000_000
MAX_MARKS = 1_500_000
"""How many `<` and `=` a file may hold: each element and attribute takes memory, however short it is written.
An invoice of 15,000 lines stays below."""
MAX_DEPTH = 40
"""An invoice has nine levels; signatures and extensions some more."""
MAX_ATTRIBUTES = 50
"""Of one element; in UBL they are at most six."""
BASIC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
AGGREGATE = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"

_OTHER_FORMATS = {
    b"%PDF": "pdf",
    b"\xd0\xcf\x11\xe0": "office",
    b"\x1f\x8b": "packed",
    b"7z\xbc\xaf": "packed",
    b"Rar!": "packed",
    b"BZh": "packed",
    b"\xfd7zXZ": "packed",
}
"""First bytes of what people send by mistake."""


class Unfit(Exception):
    """The file as a whole can't be taken."""

    def __init__(self, key: str, line: int = 0, rule: str = "", **values: object) -> None:
        super().__init__(key)
        self.refusal = Refusal(line, "", f"invoice_files.{key}", values, rule)


_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})
_NO_PARTS: Mapping[str, Sequence[Element]] = MappingProxyType({})
"""Shared by all that have none: most elements of a file do, and a dictionary for each is half its memory."""


class Element:
    """An element with its parts by name. UBL's own have their bare name; others keep their namespace, and so are
    never asked for."""

    __slots__ = ("attributes", "line", "name", "parts", "text")

    def __init__(self, name: str, line: int, text: str = "") -> None:
        self.name = name
        self.line = line
        self.text = text
        self.attributes: Mapping[str, str] = _NO_ATTRIBUTES
        self.parts: Mapping[str, Sequence[Element]] = _NO_PARTS

    def all(self, *path: str) -> Sequence[Element]:
        """Every element at the end of the path."""
        found = self.parts.get(path[0], ())
        for name in path[1:]:
            found = [part for each in found for part in each.parts.get(name, ())]
        return found

    def one(self, *path: str) -> Element | None:
        """The first element at the end of the path."""
        found = self.all(*path)
        return found[0] if found else None

    def value(self, *path: str) -> str:
        """The text at the end of the path, trimmed; empty when there is none."""
        for found in self.all(*path):
            if text := found.text.strip():
                return text
        return ""


def read(content: bytes) -> Element:
    """The root element. Raises Unfit for what is no XML, has a DTD, or is made to exhaust the machine.

    Nothing outside the file is ever looked at.
    """
    if not content or content.isspace():
        raise Unfit("empty")
    for first, key in _OTHER_FORMATS.items():
        if content.startswith(first):
            raise Unfit(key)
    if len(content) > MAX_BYTES:
        raise Unfit("too_big", megabytes=MAX_BYTES // 1_000_000)
    if content.count(b"<") + content.count(b"=") > MAX_MARKS:
        raise Unfit("too_many_elements")
    _refuse_dtd(content)
    # Long texts are PDFs; that allows 2048 levels too, which is why depth is counted below.
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Unfit("not_well_formed", line, "XML", column=column) from None
    # The other parser may take bytes for another encoding than the first: what counts is what it saw.
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise Unfit("dtd", 1, "XML")
    return _element(root, 0, _Names())


class _Begun(Exception):
    """The root element has begun; a document type declaration can't follow."""


def _refuse_dtd(content: bytes) -> None:
    """Stop at a document type declaration before anything in it is read, whatever the encoding."""
    parser = expat.ParserCreate()

    def declared(*_: Any) -> None:
        raise Unfit("dtd", parser.CurrentLineNumber, "XML")

    def begun(*_: Any) -> None:
        raise _Begun

    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = begun
    try:
        parser.Parse(content, True)
    except _Begun:
        pass
    except expat.ExpatError as error:
        raise Unfit("not_well_formed", error.lineno, "XML", column=error.offset + 1) from None
    except (LookupError, ValueError):
        # An encoding that the parser doesn't know.
        raise Unfit("encoding", 1, "XML") from None


class _Names(dict[str, str]):
    """The name of each tag of a file, worked out once."""

    def __missing__(self, tag: str) -> str:
        self[tag] = tag.removeprefix(BASIC).removeprefix(AGGREGATE)
        return self[tag]


def _element(node: Any, depth: int, names: _Names) -> Element:
    """The element with all in it. Most have no parts: those are made where they stand, without a call for each."""
    if depth > MAX_DEPTH:
        raise Unfit("too_deep", most=MAX_DEPTH)
    element = _bare(node, names)
    parts: dict[str, list[Element]] = {}
    for child in node:
        part = _element(child, depth + 1, names) if len(child) else _bare(child, names)
        if part.name in parts:
            parts[part.name].append(part)
        else:
            parts[part.name] = [part]
    if parts:
        element.parts = parts
        element.text = ""
    return element


def _bare(node: Any, names: _Names) -> Element:
    if not isinstance(node.tag, str):
        # A reference to an entity that nobody declared.
        raise Unfit("not_well_formed", node.sourceline or 0, "XML", column=0)
    element = Element(names[node.tag], node.sourceline or 0, node.text or "")
    given = node.attrib
    if given:
        if len(given) > MAX_ATTRIBUTES:
            raise Unfit("too_many_attributes", most=MAX_ATTRIBUTES)
        element.attributes = dict(given.items())
    return element
