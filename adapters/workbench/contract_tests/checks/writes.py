"""Checks that a write is sent as recorded, and that it arrives once although its reply is lost."""

import json
from collections.abc import Callable
from typing import Any

from lxml import etree

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability, DepartmentError, Rows
from adapters.department_writes import FINDERS
from adapters.manifest import Manifest
from adapters.workbench.contract_tests.checks.calls import ContractBrokenError
from adapters.workbench.contract_tests.subjects import Subject, context, opened, replies_of
from adapters.workbench.replay.server import ReceivedRequest
from adapters.workbench.replay.stages import CanNotReplayError, http_stage
from adapters.workbench.replay.write_samples import WriteSample
from adapters.writes import WriteCapability, WriteReply, WriteRequest

OVER_HTTP = frozenset({"rest", "soap", "graphql"})
SOAP_BODY = "{*}Body"


async def write_is_sent_as_recorded(subject: Subject, sample: WriteSample) -> None:
    """Check that the adapter sends the recorded request, and reads the recorded outcome.

    Raises:
        ContractBrokenError: the request or the outcome differs from `samples.yaml`.
        CanNotReplayError: the department is not called over HTTP.
    """
    where = f"samples/{sample.path.name}"
    if subject.kind not in OVER_HTTP:
        raise CanNotReplayError("writes to a database and to files are tested with --mock only")
    if sample.capability not in subject.manifest.file.writes:
        raise ContractBrokenError(
            f"{where} answers {sample.capability}, which the manifest does not have",
            "add it to `writes`, or remove the sample",
        )
    with http_stage(subject.manifest, replies_of(sample, sample.path.read_bytes())) as stage:
        async with opened(stage.manifest) as adapter:
            found = await _outcome(adapter, sample.capability, sample.entry.send.request())
            # `close` may log off.
            assert stage.server is not None
            requests = list(stage.server.requests)
    _compare_outcome(where, sample, found)
    of_write = [
        each
        for each in requests
        if not any(each.holds(further.when) for further in sample.entry.also)
    ]
    if not of_write:
        raise ContractBrokenError(f"no request for {where} was sent", "correct `when` of `also`")
    _compare_request(where, sample, of_write[-1])


async def _outcome(
    adapter: ManifestAdapter, capability: WriteCapability, request: WriteRequest
) -> WriteReply | DepartmentError:
    try:
        return await adapter.write(capability, request, context())
    except DepartmentError as error:
        return error


def _compare_outcome(where: str, sample: WriteSample, found: WriteReply | DepartmentError) -> None:
    entry = sample.entry
    expected: object
    got: object
    if isinstance(found, DepartmentError):
        got = {"error": found.code, "not_done": found.not_done}
        expected = {"error": entry.error, "not_done": entry.not_done}
    else:
        got = {
            "reference": found.reference,
            "token": found.token,
            "final": found.is_final,
            "already_there": found.already_there,
        }
        expected = {name: getattr(entry, name) for name in got} if entry.error is None else {}
    if got != expected:
        raise ContractBrokenError(
            f"{where} gives {_written(got)}",
            "correct `reply` of the write, or the entry in samples.yaml",
        )


def _written(values: object) -> str:
    return json.dumps(values, ensure_ascii=False)


def _compare_request(where: str, sample: WriteSample, sent: ReceivedRequest) -> None:
    entry = sample.entry
    line = sent.line.rpartition(" ")[0]
    if entry.line is not None and entry.line != line:
        raise ContractBrokenError(
            f"the request for {where} is {line}, not {entry.line}", "correct `call`, or `line`"
        )
    if entry.request is None:
        return
    path = sample.path.parent / entry.request
    expected = path.read_text(encoding="utf-8")
    try:
        same = _parsed(expected, path.suffix) == _parsed(sent.body, path.suffix)
    except (ValueError, etree.XMLSyntaxError):
        same = expected.strip() == sent.body.strip()
    if not same:
        raise ContractBrokenError(
            f"the request for {where} is not {entry.request}: {' '.join(sent.body.split())}",
            "correct `call` and `forms`, or the file",
        )


def _parsed(text: str, suffix: str) -> Any:
    if suffix == ".json":
        return json.loads(text)
    if suffix == ".xml":
        root = etree.fromstring(text.encode())
        body = root.find(SOAP_BODY)
        return _tree(body[0] if body is not None and len(body) else root)
    raise ValueError(suffix)


def _tree(node: etree._Element) -> Any:
    """Return an element as nested values, without prefixes and blanks between elements."""
    text = (node.text or "").strip()
    return (
        etree.QName(node).text,
        sorted(node.attrib.items()),
        text,
        [_tree(child) for child in node.iterchildren(etree.Element)],
    )


def finder_of(manifest: Manifest, capability: WriteCapability) -> Capability | None:
    """Return the look-up that finds what the write has made; None if there is none."""
    finder = FINDERS.get(capability)
    return finder if finder in manifest.file.capabilities else None


def is_safe(manifest: Manifest, capability: WriteCapability) -> bool:
    """Return whether a write can be found, or sent again, after its reply was lost."""
    write = manifest.file.writes[capability]
    if write.repeatable or finder_of(manifest, capability) is not None:
        return True
    by_reference = Capability.APPLICATIONS_BY_REFERENCE
    # The status of the application says whether it was withdrawn.
    return (
        capability is WriteCapability.WITHDRAW_APPLICATION
        and by_reference in manifest.file.capabilities
    )


async def lost_write_arrives_once(
    adapter: ManifestAdapter,
    manifest: Manifest,
    sample: WriteSample,
    lose_replies: Callable[[bool], None],
    copies_of: Callable[[str], int],
) -> None:
    """Check that a write is found or repeated after its reply was lost, and is stored once.

    Args:
        adapter: calls a mock of the department.
        sample: a write that the mock accepts.
        lose_replies: switches on and off that replies to writes are lost.
        copies_of: returns how often the mock has stored a receipt number.

    Raises:
        ContractBrokenError: the write is lost, doubled, or taken for one without effect.
    """
    capability, request = sample.capability, sample.entry.send.request()
    receipt = request.receipt
    lose_replies(True)
    try:
        lost = await _outcome(adapter, capability, request)
    finally:
        lose_replies(False)
    if not isinstance(lost, DepartmentError) or lost.not_done:
        raise ContractBrokenError(
            f"a lost reply to {capability} is taken for a reply", "report this as a bug of the hub"
        )
    finder = finder_of(manifest, capability)
    if finder is not None:
        found = (await adapter.look_up(finder, [receipt], context())).results[receipt]
        if not isinstance(found, Rows) or len(found.records) != 1:
            raise ContractBrokenError(
                f"{finder} does not find a write after its reply was lost", f"correct `{finder}`"
            )
    if manifest.file.writes[capability].repeatable:
        again = await _outcome(adapter, capability, request)
        if isinstance(again, DepartmentError):
            raise ContractBrokenError(
                f"a second copy of {capability} gives {again.code}: {again.message}",
                "add a rule that means ALREADY_THERE, or remove `repeatable`",
            )
    copies = copies_of(receipt)
    if copies != 1:
        raise ContractBrokenError(
            f"the department has stored {capability} {copies} times",
            "remove `repeatable`, and add the capability that finds a submission",
        )
