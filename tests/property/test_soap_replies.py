"""Any bytes from a SOAP department yield rows or a `DepartmentError`."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from adapters.connectors.http.transport import HttpReply
from adapters.connectors.http.xml import NotXmlError, parse
from adapters.connectors.soap import SoapCall, SoapSettings
from adapters.connectors.soap.envelope import EnvelopeOpener
from adapters.connectors.soap.outcome import FaultRules, OutcomeRule, status_of
from adapters.connectors.soap.results import ResultReader, UndescribedError
from adapters.connectors.soap.schemaless_xml import read_loosely
from adapters.connectors.soap.wsdl import Wsdl
from adapters.contract import Capability, DepartmentError
from adapters.manifest import find_departments, load_department

Read = tuple[ResultReader, SoapCall, OutcomeRule | None]
SAMPLES = [
    sample
    for folder in find_departments(None, ("pensions", "water", "food", "power"))
    for sample in sorted((folder / "samples").glob("*_by_*.xml"))
]
OPENER = EnvelopeOpener("d", FaultRules(empty=["/no record/"], through_xroad=True), (500,), 1 << 20)
SNIPPETS = (
    b"", b"<", b"&#0;", b"&#x0B;", b"\x00", b"\xff\xfe", b"</x>", b"<x/>", b"<x xsi:nil='true'/>",
    b' href="#id0"', b' xsi:type="ns2:Application"', b"|", b"^", b"]]>", "क".encode(), b"<![CDATA[",
    b'<!DOCTYPE a [<!ENTITY b "c">]>',
)  # fmt: skip


def read(reader: ResultReader, call: SoapCall, outcome: OutcomeRule | None, body: bytes) -> None:
    """Read a reply as the connector does; let unexpected exceptions through."""
    with suppress(DepartmentError, UndescribedError, TypeError, ValueError):
        opened = OPENER.open(HttpReply(200, body))
        if opened is None:
            return
        tree, _ = reader.read(opened)
        if (rule := call.outcome or outcome) is not None:
            status_of(tree, rule)


@pytest.fixture(scope="module")
def readers() -> dict[Path, Read]:
    found = {}
    for sample in SAMPLES:
        manifest = load_department(sample.parent.parent)
        connector = manifest.file.connector
        assert isinstance(connector, SoapSettings)
        model = manifest.file.capabilities[Capability(sample.stem.partition("-")[0])]
        call = SoapCall.model_validate(model.call)
        wsdl = Wsdl(manifest.folder, connector.wsdl)
        operation = wsdl.operation(call.operation, ())
        found[sample] = (ResultReader(call, operation, wsdl), call, connector.outcome)
    return found


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.parent.parent.name}-{s.stem}")
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_damaged_reply(sample: Path, readers: dict[Path, Read], data: st.DataObject) -> None:
    body = sample.read_bytes()
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 60)))
        body = body[:start] + data.draw(st.sampled_from(SNIPPETS)) + body[end:]
    read(*readers[sample], body)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.parent.parent.name}-{s.stem}")
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_reply_with_elements_in_random_order(
    sample: Path, readers: dict[Path, Read], data: st.DataObject
) -> None:
    root = etree.fromstring(sample.read_bytes())
    nodes = [node for node in root.iter(etree.Element) if node is not root]
    moved = data.draw(st.sampled_from(nodes))
    onto = data.draw(st.sampled_from([root, *nodes]))
    if moved not in list(onto.iterancestors()) and moved is not onto:
        onto.append(moved)
    text = data.draw(st.sampled_from([None, "", "x", "02", "1|2|3", "<a/>"]))
    data.draw(st.sampled_from(nodes)).text = text
    read(*readers[sample], etree.tostring(root))


@pytest.mark.parametrize("depth", [200, 250])
def test_deep_replies_of_any_shape(depth: int) -> None:
    try:
        root = parse(b"<a>" * depth + b"x" + b"</a>" * depth).root
    except NotXmlError:
        return
    assert isinstance(read_loosely(root), dict)
