"""The certificates department on SQLite, for computers without PostgreSQL."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.assembly import build_adapter
from adapters.connectors.database import reader
from adapters.contract import Capability, Rows
from adapters.manifest import find_departments, load_department
from adapters.workbench.look_ups import look_up_all
from schema.application import Application
from schema.language import Text
from schema.status import ApplicationStatus
from tests.support.calls import call_context

APPLICATIONS = [
    ("REV-RES/2026/0000001     ", 7, "RES", 9, "2026-11-03 10:00:00"),
    ("REV-SCC/2026/0000002     ", 7, "SCC", 11, "2026-11-05 10:00:00"),
    ("REV-SCC/2026/0000003     ", 8, "SCC", 97, "2026-11-01 10:00:00"),
]


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "revenue.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute(
            "CREATE TABLE appl (appl_no, person_no, svc_cd, st_cd, upd_ts, appl_nm_hi, mobile, "
            "appl_dt, due_dt, src, remarks, pend_desig, pend_office)"
        )
        connection.execute(
            "CREATE TABLE appl_hist "
            "(appl_no, seq, act_cd, task_nm, desig, office, rcv_ts, exe_ts, remarks)"
        )
        connection.execute("CREATE TABLE cert (cert_no, person_no)")
        for number, person, service, status, updated in APPLICATIONS:
            connection.execute(
                "INSERT INTO appl (appl_no, person_no, svc_cd, st_cd, upd_ts) VALUES (?,?,?,?,?)",
                (number, person, service, status, updated),
            )
        connection.execute(
            "INSERT INTO appl_hist (appl_no, seq, act_cd, rcv_ts) VALUES (?, 1, 0, ?)",
            (APPLICATIONS[0][0], "2026-11-02 09:00:00"),
        )
    connection.close()
    monkeypatch.setenv("HUB_CERTIFICATES_URL", f"sqlite:///{file}")


@pytest.mark.usefixtures("database")
async def test_the_same_manifest_reads_sqlite() -> None:
    folder = next(path for path in find_departments() if path.name == "certificates")
    adapter = build_adapter(load_department(folder))
    context = call_context(5)
    reply = await look_up_all(adapter, Capability.APPLICATIONS_BY_CITIZEN, ["7", "8", "9"], context)
    counts = {k: len(r.records) for k, r in reply.results.items() if isinstance(r, Rows)}
    assert counts == {"7": 2, "8": 1, "9": 0}
    by_number = await look_up_all(
        adapter, Capability.APPLICATIONS_BY_REFERENCE, ["REV-RES/2026/0000001"], context
    )
    rows = by_number.results["REV-RES/2026/0000001"]
    assert isinstance(rows, Rows)
    (application,) = rows.records
    assert isinstance(application, Application)
    assert application.application_status is ApplicationStatus.UNDER_PROCESS
    assert [event.action for event in application.timeline] == [Text("Initiated", "आवेदन प्राप्त")]
    window = {"since": None, "offset": 0, "limit": 2}
    everything = await adapter.search(
        Capability.APPLICATIONS_SEARCH, {"statuses": [], **window}, context
    )
    assert everything.total_count == 3
    numbers = [r.application_reference_number for r in everything.rows.records]  # type: ignore[attr-defined]
    assert numbers == ["REV-SCC/2026/0000002", "REV-RES/2026/0000001"]
    delivered = await adapter.search(
        Capability.APPLICATIONS_SEARCH,
        {"statuses": [ApplicationStatus.DELIVERED], **window},
        context,
    )
    assert delivered.total_count == 1
    await adapter.close()


async def test_reading_stops_when_the_rows_exceed_the_size_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each row has a quarter of the limit, so the fifth exceeds it and no more are fetched."""
    seen = 0
    size_of = reader._size

    def counted(value: object) -> int:
        nonlocal seen
        seen += 1
        return size_of(value)

    monkeypatch.setattr(reader, "_size", counted)
    rows = text("SELECT zeroblob(262144) FROM json_each(:numbers)")
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:
        with pytest.raises(reader.TooManyBytesError):
            await reader.read_streamed(
                connection, rows, {"numbers": str(list(range(500)))}, 500, 1 << 20
            )
    await engine.dispose()
    assert seen == 5
