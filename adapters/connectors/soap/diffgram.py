"""Reads the tables of a .NET DataSet in a reply (`docs/quirks.md` 3).

A DataSet is sent as `xs:any`: an inline schema, which is ignored, and a `diffgr:diffgram`. Its
elements in diffgr's own namespace (`before`, `errors`) describe edits and are ignored; the other
element contains the current rows.
"""

from typing import Any

from lxml import etree

from adapters.connectors.soap.schemaless_xml import local_name, read_loosely

DIFFGRAM_NAMESPACE = "urn:schemas-microsoft-com:xml-diffgram-v1"
DIFFGRAM = f"{{{DIFFGRAM_NAMESPACE}}}diffgram"
XSD_SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"

Tables = dict[str, list[Any]]


def tables_of(content: etree._Element) -> Tables | None:
    """Return rows by table, in the order of the reply; None if the reply has no DataSet."""
    diffgram = next(content.iter(DIFFGRAM), None)
    if diffgram is None:
        return None
    tables: Tables = {}
    for dataset in diffgram:
        if str(dataset.tag).startswith(f"{{{DIFFGRAM_NAMESPACE}}}"):
            continue
        for row in dataset:
            tables.setdefault(local_name(str(row.tag)), []).append(read_loosely(row))
    return tables
