"""The nightly file to the post-matric scholarships, over SFTP, and the numbers that come back."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import asyncssh
import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.connectors.files import FilesConnector
from adapters.connectors.files.sftp import _OpenSftpFolder
from adapters.connectors.kept_rows import MemoryRows
from adapters.contract import Capability, DepartmentRefusedError, Rows
from adapters.manifest import find_departments, load_departments
from adapters.writes import WriteCapability, WriteReply, WriteRequest
from mocks.post_matric.inbox import RefusedFileError, read_file
from mocks.post_matric.sftp import PASSWORD, READER
from schema.application import Application
from schema.status import ApplicationStatus
from tests.support.calls import call_context
from tests.support.processes import Mock, url_variable

SUBMIT = WriteCapability.SUBMIT_APPLICATION
VALUES = {
    "applicant_name": "अंकित कुमार",
    "institute": "राजकीय महाविद्यालय, करनाल",
    "course": "DEGREE",
    "hosteller": "YES",
    "fees": 12000,
}
FACTS = {"applicant_birth_date": "2006-05-04", "applicant_phone": "9812345678", "channel": "CSC"}
receipts = (f"CHFILE{number:09d}" for number in range(1, 1000))


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    started = Mock("post-matric")
    yield started
    started.stop()


@pytest.fixture
def connect(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> Callable[[], ManifestAdapter]:
    """Return a function that makes an adapter, as a new process of the hub has it."""
    mock.control.delete("submissions")
    monkeypatch.setenv(url_variable("post-matric"), mock.url)
    monkeypatch.setenv("HUB_POST_MATRIC_POLL", "1h")
    monkeypatch.setenv("HUB_POST_MATRIC_OUTBOX_EVERY", "1s")
    (manifest,) = load_departments(find_departments(None, ("post-matric",)))
    store = MemoryRows()
    return lambda: build_adapter(manifest, store)


@pytest.fixture
async def adapter(connect: Callable[[], ManifestAdapter]) -> AsyncIterator[ManifestAdapter]:
    made = connect()
    yield made
    await made.close()


def connector_of(adapter: ManifestAdapter) -> FilesConnector:
    return cast("FilesConnector", adapter.connector)


async def submit(adapter: ManifestAdapter, receipt: str, **changed: Any) -> WriteReply:
    request = WriteRequest(
        receipt=receipt,
        submitted_at=dt.datetime(2026, 11, 24, 16, 55, tzinfo=dt.UTC),
        service_code="WEL-PMS",
        citizen=changed.pop("citizen", "STU2024000123"),
        values=VALUES | changed,
        facts=FACTS,
    )
    return await adapter.write(SUBMIT, request, call_context())


async def deliver(adapter: ManifestAdapter) -> None:
    """Wait for the next second, when a file is due, and deliver it."""
    await asyncio.sleep(1.1)
    await connector_of(adapter)._outboxes.deliver()


async def arrived(mock: Mock, *receipts: str, seconds: float = 20) -> list[dict[str, Any]]:
    """Return what the department has received, after it has read its folder."""
    until = time.monotonic() + seconds
    while True:
        rows: list[dict[str, Any]] = await asyncio.to_thread(
            lambda: mock.control.get("submissions").json()
        )
        found = [row for row in rows if row["hubReference"] in receipts]
        if len(found) >= len(receipts) or time.monotonic() > until:
            return found
        await asyncio.sleep(0.1)


async def found(adapter: ManifestAdapter, receipt: str) -> list[Application]:
    await connector_of(adapter).poll()
    reply = await adapter.look_up(Capability.FIND_SUBMISSION, [receipt], call_context())
    rows = reply.results[receipt]
    assert isinstance(rows, Rows), rows
    return [record for record in rows.records if isinstance(record, Application)]


async def test_an_application_gets_a_token_now_and_its_number_with_a_later_file(
    adapter: ManifestAdapter, mock: Mock
) -> None:
    first, second = next(receipts), next(receipts)
    reply = await submit(adapter, first)
    assert (reply.reference, reply.token, reply.is_final) == (None, first, False)
    await submit(adapter, second, fees=8000.0)
    # A second copy is the same row.
    assert (await submit(adapter, second)).token == second
    await deliver(adapter)
    rows = await arrived(mock, first, second)
    assert [row["copies"] for row in rows] == [1, 1]
    assert await found(adapter, first) == []
    mock.control.post("clock", json={"advance": "1d"})
    (application,) = await found(adapter, first)
    assert application.application_reference_number == rows[0]["reference"]
    assert application.receipt_number == first
    assert application.application_status is ApplicationStatus.SUBMITTED
    # Applications of the department's own register have no receipt number.
    own = await adapter.look_up(
        Capability.APPLICATIONS_BY_CITIZEN, ["STU2024000123"], call_context()
    )
    rows_of_citizen = own.results["STU2024000123"]
    assert isinstance(rows_of_citizen, Rows)
    numbers = {getattr(each, "receipt_number", None) for each in rows_of_citizen.records}
    assert numbers == {None, first, second}
    mock.control.post("clock", json={"advance": "30d"})
    (moved,) = await found(adapter, first)
    assert moved.application_status is not ApplicationStatus.SUBMITTED


@pytest.mark.parametrize("is_renamed", [False, True], ids=["before", "after"])
async def test_a_process_that_ends_at_the_rename_leaves_one_row_in_one_file(
    connect: Callable[[], ManifestAdapter],
    mock: Mock,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_renamed: bool,
) -> None:
    receipt = next(receipts)
    rename = _OpenSftpFolder.rename

    async def rename_and_end(folder: _OpenSftpFolder, name: str, new_name: str) -> None:
        if is_renamed:
            await rename(folder, name, new_name)
        raise asyncio.CancelledError

    ended = connect()
    await submit(ended, receipt)
    with monkeypatch.context() as patch:
        patch.setattr(_OpenSftpFolder, "rename", rename_and_end)
        with pytest.raises(asyncio.CancelledError):
            await deliver(ended)
    await ended.close()
    assert len(await arrived(mock, receipt, seconds=20 if is_renamed else 2)) == is_renamed
    following = connect()
    for _ in range(2):
        await submit(following, receipt)
        await deliver(following)
    (row,) = await arrived(mock, receipt)
    assert row["copies"] == 1
    await following.close()


async def test_a_value_that_does_not_fit_is_refused_before_it_is_stored(
    adapter: ManifestAdapter, mock: Mock
) -> None:
    receipt = next(receipts)
    for changed in ({"citizen": "S" * 17}, {"course": "NONE"}, {"fees": 8000.5}):
        with pytest.raises(DepartmentRefusedError) as caught:
            await submit(adapter, receipt, **changed)
        assert caught.value.not_done
    await deliver(adapter)
    assert await arrived(mock) == []


async def test_the_hub_reports_names_that_the_file_would_cut(adapter: ManifestAdapter) -> None:
    misfits = adapter.misfits("WEL-PMS", VALUES | {"institute": "क" * 40}, FACTS)
    assert [(misfit.name, misfit.limit) for misfit in misfits] == [("institute", 80)]


async def test_the_account_writes_to_its_inbox_only(mock: Mock) -> None:
    _, _, address = mock.url.partition("@")
    host, _, port = address.partition("/")[0].partition(":")
    async with (
        asyncssh.connect(
            host, int(port), username=READER, password=PASSWORD, known_hosts=None, client_keys=None
        ) as connection,
        connection.start_sftp_client() as client,
    ):
        for path in ("/outbox/x.txt", "/x.txt", "/inbox/../x.txt"):
            with pytest.raises(asyncssh.SFTPError):
                async with client.open(path, "wb") as file:
                    await file.write(b"x")
        async with client.open("/inbox/x.tmp", "wb") as file:
            await file.write(b"x")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await client.posix_rename("/inbox/x.tmp", "/outbox/x.txt")


def whole_file() -> bytes:
    """Return a file with one row, as the hub writes it."""
    detail = b"D" + b"CH1".ljust(16) + b"STU2024000123".ljust(16) + b" " * 163 + b"000012000"
    lines = (b"H20261124200000000001", detail, b"T00000001" + b"000000000012000")
    return b"".join(line.ljust(240) + b"\n" for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"000000000012000", b"000000000012001", "control sum"),
        (b"T00000001", b"T00000002", "counts 2 rows"),
        (b"STU2024", b"STU20", "240 bytes"),
        (b"T00000001", b"X00000001", "trailer is missing"),
    ],
)
def test_the_department_refuses_a_damaged_file_as_a_whole(
    old: bytes, new: bytes, reason: str
) -> None:
    content = whole_file()
    (row,) = read_file(content)
    assert (row["hub_ref"], row["fees"]) == ("CH1", "000012000")
    with pytest.raises(RefusedFileError, match=reason):
        read_file(content.replace(old, new))
    with pytest.raises(RefusedFileError, match="cut off"):
        read_file(content[:-1])
