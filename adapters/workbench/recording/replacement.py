"""Replaces the personal values of a reply: JSON, XML or rows of a database."""

import base64
import datetime as dt
import decimal
import json
import re
from collections.abc import Callable, Collection
from typing import Any

from lxml import etree

from adapters.workbench.recording import dates
from adapters.workbench.recording.columns import ColumnKind, Columns
from adapters.workbench.recording.pseudonyms import LeakError, Pseudonyms

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
SHORT = 2
SHORTEST_SECRET = 4
MOST_DEPTH = 60
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
PROTOCOL = ("http://schemas.xmlsoap.org/", "http://www.w3.org/", "urn:schemas-microsoft-com:xml-")

BLANK_PDF = base64.b64encode(
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
).decode()
"""The file that replaces every file, in base64: an empty page."""

Visit = Callable[[str, str], str]


class Replacer:
    """Replaces the personal values of one reply.

    Args:
        columns: what the reply's columns hold.
        pseudonyms: pseudonyms of this reply.
        secrets: the hub's credentials. They are replaced wherever the reply has them.

    Attributes:
        personal: the personal values that were found.
    """

    def __init__(
        self, columns: Columns, pseudonyms: Pseudonyms, secrets: Collection[str] = ()
    ) -> None:
        self._columns = columns
        self._pseudonyms = pseudonyms
        # The longest first: a secret may contain another one.
        self._secrets = sorted((s for s in secrets if len(s) >= SHORTEST_SECRET), key=len)[::-1]
        self.personal: set[str] = set()
        self._identifying: set[str] = set()

    def replace_json(self, tree: Any) -> Any:
        """Return the tree with personal values replaced.

        Raises:
            LeakError: a personal value would be left.
        """
        self._walk(tree, "", self._learn, 0)
        self._pseudonyms.learn(self._identifying)
        replaced = self._walk(tree, "", self._replaced, 0)
        self._check(json.dumps(replaced, ensure_ascii=False))
        return replaced

    def replace_xml(self, content: bytes) -> bytes:
        """Return the document with personal values replaced, in UTF-8.

        Raises:
            etree.XMLSyntaxError: `content` is not XML.
            LeakError: a personal value would be left.
        """
        root = _root_of(content)
        self._walk_xml(root, self._learn)
        self._pseudonyms.learn(self._identifying)
        self._walk_xml(root, self._replaced)
        written = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        self._check(written.decode())
        return written

    def _check(self, text: str) -> None:
        self._pseudonyms.check(text, self.personal)
        if any(secret in text for secret in self._secrets):
            raise LeakError("the sample would still hold a credential, so nothing was written")

    def replace_text(self, text: str) -> str:
        """Return a personal text, such as a cookie, with its letters and digits replaced."""
        return self._pseudonyms.of_text(text)

    def replace_key(self, key: str) -> str:
        """Return the requested key as it is in the replaced reply."""
        column = self._columns.key_column
        return self._replaced(key, column) if column is not None else self._identifier(key)

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
        if self._columns.kind_of(column) is ColumnKind.FILE and isinstance(tree, bytes):
            return visit("", column)
        if isinstance(tree, dt.date | decimal.Decimal | bytes):
            text = tree.decode("utf-8", "replace") if isinstance(tree, bytes) else str(tree)
            return visit(text, column)
        written = repr(tree)
        if not _NUMBER.fullmatch(written):
            # 1e+16 or inf is not a personal number, and has no form to keep.
            return type(tree)(0)
        return type(tree)(visit(written, column))

    def _of_string(self, text: str, column: str, visit: Visit, depth: int) -> str:
        """Visit a text; if it contains JSON or XML, visit the values in that."""
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
                root = _root_of(stripped.encode())
            except etree.XMLSyntaxError:
                return visit(text, column)
            self._walk_xml(root, visit)
            return etree.tostring(root, encoding="unicode")
        return visit(text, column)

    def _walk_xml(self, root: etree._Element, visit: Visit) -> None:
        for element in root.iter(etree.Element):
            tag = etree.QName(element)
            if tag.namespace == SCHEMA:
                # The schema inside a DataSet has names of columns, and no values.
                continue
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
        if not self._is_kept(text, column):
            self.personal.add(stripped)
            if not _is_number(stripped) or stripped.isdigit():
                self._identifying.add(stripped)
        return text

    def _replaced(self, text: str, column: str) -> str:
        if self._columns.kind_of(column) is ColumnKind.FILE:
            return BLANK_PDF
        for secret in self._secrets:
            if secret in text:
                text = text.replace(secret, self._pseudonyms.of_text(secret))
        stripped = text.strip()
        prefix = self._columns.key_prefix
        if prefix and stripped.startswith(prefix) and stripped != prefix:
            return prefix + self._identifier(stripped.removeprefix(prefix))
        if self._is_kept(text, column):
            known = self._columns.absent | self._columns.codes
            kind = self._columns.kind_of(column)
            is_date = kind is ColumnKind.DATE or dates.is_written_date(stripped)
            if stripped in known or is_date or _NUMBER.fullmatch(stripped):
                return text
            return self._pseudonyms.without_known(text)
        kind = self._columns.kind_of(column)
        is_of_dates = kind in (ColumnKind.BIRTH, ColumnKind.DATE)
        if dates.is_written_date(stripped) or (is_of_dates and dates.is_date_of_column(stripped)):
            return self._pseudonyms.of_date(text)
        return self._identifier(text)

    def _identifier(self, text: str) -> str:
        if _is_number(text.strip()):
            made_up = self._pseudonyms.of_number(text, self._columns.patterns)
            if made_up != text:
                return made_up
        return self._pseudonyms.of_text(text)

    def _is_kept(self, text: str, column: str) -> bool:
        """Return True if the value is not personal: for example a code or an amount."""
        if self._columns.kind_of(column) is ColumnKind.FILE:
            # It is replaced as a whole.
            return True
        stripped = text.strip()
        if self._columns.is_absent(column, stripped) or not any(c.isalnum() for c in stripped):
            return True
        if self._columns.is_error_text(stripped):
            return True
        kind = self._columns.kind_of(column)
        if kind is ColumnKind.BIRTH or kind is ColumnKind.PERSONAL:
            return False
        if kind in (ColumnKind.MONEY, ColumnKind.OFFICIAL):
            return kind is ColumnKind.OFFICIAL or _NUMBER.fullmatch(stripped) is not None
        if kind is ColumnKind.DATE:
            return dates.is_date_of_column(stripped) and not dates.is_old(stripped)
        if dates.is_written_date(stripped):
            return not dates.is_old(stripped)
        if stripped in self._columns.codes:
            return True
        if _NUMBER.fullmatch(stripped):
            return len(stripped) <= SHORT + 2
        return len(stripped) <= SHORT or (kind is ColumnKind.CODE and len(stripped) <= SHORT * 10)


def _is_number(text: str) -> bool:
    """Return True for one number of any form, False for words with numbers among them."""
    return any(c.isdigit() for c in text) and not re.search(r"[\s@,]", text)


def _root_of(content: bytes) -> etree._Element:
    # Not the connectors' parser: it repairs defects, which a sample has to keep.
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
