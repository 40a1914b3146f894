"""Goes through a reply, of JSON, XML or rows, and has its personal values replaced."""

import datetime as dt
import decimal
import json
import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from adapters.workbench.recording.columns import ColumnKind, Columns
from adapters.workbench.recording.pseudonyms import Pseudonyms

_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d\d:\d\d.*)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
OLD_YEARS = re.compile(r"(18|19)\d\d")
SHORT = 2
MOST_DEPTH = 60
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
PROTOCOL = ("http://schemas.xmlsoap.org/", "http://www.w3.org/")

Visit = Callable[[str, str], str]


class Replacer:
    """Replaces in one file.

    Args:
        columns: what its columns hold.
        pseudonyms: of this file.
    """

    def __init__(self, columns: Columns, pseudonyms: Pseudonyms) -> None:
        self._columns = columns
        self._pseudonyms = pseudonyms
        self.personal: set[str] = set()
        self._telling: set[str] = set()

    def replace_json(self, tree: Any) -> Any:
        """The tree with personal values replaced; raises `LeakError`."""
        self._walk(tree, "", self._learn, 0)
        self._pseudonyms.learn(self._telling)
        replaced = self._walk(tree, "", self._replaced, 0)
        self._pseudonyms.check(json.dumps(replaced, ensure_ascii=False), self.personal)
        return replaced

    def replace_xml(self, content: bytes) -> bytes:
        """The same for XML; raises `etree.XMLSyntaxError`, `LeakError`."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        root = etree.fromstring(content, parser)
        self._walk_xml(root, self._learn)
        self._pseudonyms.learn(self._telling)
        self._walk_xml(root, self._replaced)
        written = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        self._pseudonyms.check(written.decode(), self.personal)
        return written

    def key(self, key: str) -> str:
        """A key that was asked for, as it stands in the file now."""
        return self._identifier(key)

    def _walk(self, tree: Any, column: str, visit: Visit, depth: int) -> Any:
        if depth > MOST_DEPTH:
            return None
        if isinstance(tree, dict):
            return {k: self._walk(v, str(k), visit, depth + 1) for k, v in tree.items()}
        if isinstance(tree, list | tuple):
            return [self._walk(each, column, visit, depth + 1) for each in tree]
        if tree is None or isinstance(tree, bool):
            return tree
        if isinstance(tree, str):
            return self._of_string(tree, column, visit, depth)
        if isinstance(tree, dt.date | decimal.Decimal | bytes):
            text = tree.decode("utf-8", "replace") if isinstance(tree, bytes) else str(tree)
            return visit(text, column)
        written = repr(tree)
        if not _NUMBER.fullmatch(written):
            # 1e+16 or inf: nobody's number, and no form to keep.
            return type(tree)(0)
        return type(tree)(visit(written, column))

    def _of_string(self, text: str, column: str, visit: Visit, depth: int) -> str:
        """A text that may hold JSON or XML of its own."""
        stripped = text.strip()
        if stripped[:1] in ("[", "{"):
            try:
                inner = json.loads(stripped)
            except (ValueError, RecursionError):
                inner = None
            if inner is not None:
                changed = self._walk(inner, column, visit, depth + 1)
                return json.dumps(changed, ensure_ascii=False)
        if stripped[:1] == "<":
            try:
                parser = etree.XMLParser(resolve_entities=False, no_network=True)
                root = etree.fromstring(stripped.encode(), parser)
            except etree.XMLSyntaxError:
                return visit(text, column)
            self._walk_xml(root, visit)
            return etree.tostring(root, encoding="unicode")
        return visit(text, column)

    def _walk_xml(self, root: etree._Element, visit: Visit) -> None:
        for element in root.iter(etree.Element):
            tag = etree.QName(element)
            for name, value in element.attrib.items():
                own = etree.QName(name)
                if not (own.namespace or "").startswith(PROTOCOL):
                    element.set(name, self._of_string(str(value), own.localname, visit, 0))
            if element.text and element.text.strip():
                element.text = self._of_string(element.text, tag.localname, visit, 0)
            if element.tail and element.tail.strip():
                element.tail = visit(element.tail, tag.localname)
        for comment in root.xpath("//comment() | //processing-instruction()"):  # type: ignore[union-attr]
            parent = comment.getparent()  # type: ignore[union-attr]
            if parent is not None:
                comment.text = ""  # type: ignore[union-attr]

    def _learn(self, text: str, column: str) -> str:
        stripped = text.strip()
        if not self._stays(text, column):
            self.personal.add(stripped)
            if not _is_number(stripped) or stripped.isdigit():
                self._telling.add(stripped)
        return text

    def _replaced(self, text: str, column: str) -> str:
        stripped = text.strip()
        prefix = self._columns.key_prefix
        if prefix and stripped.startswith(prefix) and stripped != prefix:
            return prefix + self._identifier(stripped.removeprefix(prefix))
        if self._stays(text, column):
            known = self._columns.absent | self._columns.codes
            if stripped in known or _DATE.fullmatch(stripped) or _NUMBER.fullmatch(stripped):
                return text
            return self._pseudonyms.without_known(text)
        sort = self._columns.kind_of(column)
        if sort is ColumnKind.BIRTH or _DATE.fullmatch(stripped):
            return self._pseudonyms.of_date(text)
        return self._identifier(text)

    def _identifier(self, text: str) -> str:
        if _is_number(text.strip()):
            made_up = self._pseudonyms.of_identifier(text)
            if made_up != text:
                return made_up
        return self._pseudonyms.of_text(text)

    def _stays(self, text: str, column: str) -> bool:
        """Whether the value is nobody's: a code, a word of an official, an amount, a recent day."""
        stripped = text.strip()
        if stripped in self._columns.absent or not any(c.isalnum() for c in stripped):
            return True
        if self._columns.tells_an_error(stripped):
            return True
        sort = self._columns.kind_of(column)
        if sort is ColumnKind.BIRTH or sort is ColumnKind.PERSONAL:
            return False
        if sort in (ColumnKind.MONEY, ColumnKind.OFFICIAL):
            return sort is ColumnKind.OFFICIAL or _NUMBER.fullmatch(stripped) is not None
        if sort is ColumnKind.DATE or _DATE.fullmatch(stripped):
            return _DATE.fullmatch(stripped) is not None and not OLD_YEARS.search(stripped)
        if stripped in self._columns.codes:
            return True
        if _NUMBER.fullmatch(stripped):
            return len(stripped) <= SHORT + 2
        return len(stripped) <= SHORT or (sort is ColumnKind.CODE and len(stripped) <= SHORT * 10)


def _is_number(text: str) -> bool:
    """Whether it is a number of some form rather than words with numbers among them."""
    return any(c.isdigit() for c in text) and not re.search(r"[\s@,]", text)
