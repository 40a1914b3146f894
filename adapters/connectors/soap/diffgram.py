"""Finds the tables of a .NET DataSet in a reply (`docs/quirks.md` 3).

A DataSet comes as `xs:any`: an inline schema, which is not needed, and a `diffgr:diffgram` whose
first element that is not diffgr's own holds the rows as they are now; `before` and `errors`, which
tell of edits, are left out.
"""

from typing import Any

from lxml import etree

from adapters.connectors.soap.schemaless_xml import local_name, read_loosely

DIFFGRAM_NAMESPACE = "urn:schemas-microsoft-com:xml-diffgram-v1"
DIFFGRAM = f"{{{DIFFGRAM_NAMESPACE}}}diffgram"
XSD_SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"

Tables = dict[str, list[Any]]


def tables_of(content: etree._Element) -> Tables | None:
    """Rows by table, in the order they came; None when there is no DataSet in the reply."""
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
