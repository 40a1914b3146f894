"""Every recorded reply of a department is read whole: no warning but the ones it is kept for."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter, record_type_of
from adapters.connectors.wire import RowsOfReply
from adapters.contract import (
    CallContext,
    Capability,
    DepartmentAuthError,
    DepartmentRefusedError,
    Rows,
)
from adapters.manifest import find_departments, load_department
from adapters.mapping.access import Shape
from tests.running import variable_of

# Parts of other conversations, what needs a status of its own, and what `samples.yaml` says.
NO_SAMPLES = ("samples.yaml", "token.json", "login.xml", "applications_by_citizen-error.json")
SAMPLES = [
    sample
    for folder in find_departments()
    for sample in (folder / "samples").iterdir()
    if sample.name not in NO_SAMPLES
]
# Keys whose rows the samples hold: those of the story family.
KEYS = {
    "registry": [*(f"7KNL0421{n:02}" for n in range(1, 7)), "7KNL0421", "0AAA000001"],
    "pensions": ["0613/04/002381"],
    "scholarships": ["STU2024000123", "STU2025000124"],
    "certificates": ["104233", "104234", "104235"],
    "helpdesk": ["AC000123", "AC000124"],
    "civil-registration": ["UP0000042", "UP0000043"],
    "post-matric": ["STU2024000123", "STU2025000124"],
    "employment": ["KNL/2026/00042", "KNL/2026/00043"],
    "labour": ["BOCW/KTL/000201", "BOCW/KNL/000021"],
    "labour-welfare": ["LWB000204", "LWB000201"],
    "trade-licences": ["000000205", "000000201"],
    "water": ["WS-KNL-00042"],
    "food": ["0699000001"],
    "power": ["50600000421"],
}
# Departments whose samples are rows, as the database or the file gave them.
OF_ROWS = ("certificates", "civil-registration", "post-matric", "employment")
ROWS = {
    "registry/citizens_by_identifier": 6,
    "registry/families_by_identifier": 1,
    "pensions/applications_by_citizen": 2,
    "pensions/applications_by_citizen-none": 0,
    "pensions/benefits_by_citizen": 1,
    "pensions/benefits_by_citizen-none": 0,
    "scholarships/applications_by_citizen": 2,
    "scholarships/applications_by_citizen-one-row": 1,
    "scholarships/applications_by_citizen-none": 0,
    "scholarships/benefits_by_citizen": 1,
    "certificates/applications_by_citizen": 3,
    "certificates/certificates_by_citizen": 3,
    "helpdesk/grievances_by_citizen": 2,
    "civil-registration/applications_by_citizen": 3,
    "post-matric/applications_by_citizen": 2,
    "employment/applications_by_citizen": 2,
    "labour/applications_by_citizen": 4,
    "labour/applications_by_citizen-one-row": 1,
    "labour/applications_by_citizen-none": 0,
    "labour-welfare/applications_by_citizen": 3,
    "labour-welfare/applications_by_citizen-none": 0,
    "trade-licences/applications_by_citizen": 4,
    "trade-licences/applications_by_citizen-none": 0,
    "water/applications_by_citizen": 1,
    "water/applications_by_citizen-none": 0,
    "food/applications_by_citizen": 1,
    "food/applications_by_citizen-none": 0,
    "power/applications_by_citizen": 1,
    "power/applications_by_citizen-none": 0,
}
TOKEN = next(f for f in find_departments() if f.name == "labour") / "samples" / "token.json"


class Recorded:
    """A connector that gives recorded rows."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._rows = rows

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        return RowsOfReply(self._rows)

    async def close(self) -> None:
        return


@pytest.fixture(scope="module")
def replay() -> Iterator[type[BaseHTTPRequestHandler]]:
    """A real HTTP server that answers every request with `Handler.body`."""

    class Handler(BaseHTTPRequestHandler):
        body = b""
        login = b""
        url = ""

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if self.path == "/oauth/token":
                self._answer(TOKEN.read_bytes())
            else:
                self._answer(self.login if b"doLogin" in asked else self.body)

        def do_GET(self) -> None:
            self._answer(self.body)

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Handler.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Handler
    server.shutdown()
    thread.join()
    server.server_close()


def adapter_over(
    sample: Path, replay: type[BaseHTTPRequestHandler], patch: pytest.MonkeyPatch
) -> ManifestAdapter:
    folder = sample.parent.parent
    if folder.name in OF_ROWS:
        adapter = build_adapter(load_department(folder))
        rows = json.loads(sample.read_bytes(), object_hook=_with_timestamps)
        return ManifestAdapter(folder.name, "database", adapter._compiled, Recorded(rows))
    patch.setenv(variable_of(folder.name), replay.url)  # type: ignore[attr-defined]
    replay.body = sample.read_bytes()  # type: ignore[attr-defined]
    login = sample.with_name("login.xml")
    replay.login = login.read_bytes() if login.exists() else b""  # type: ignore[attr-defined]
    return build_adapter(load_department(folder))


def _with_timestamps(row: dict[str, Any]) -> dict[str, Any]:
    """A database gives timestamps as such; JSON can't."""
    if "upd_ts" in row:
        row["upd_ts"] = datetime.fromisoformat(row["upd_ts"])
    return row


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.parent.parent.name}-{s.stem}")
async def test_a_sample_is_read_whole(
    sample: Path, replay: type[BaseHTTPRequestHandler], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, department = sample.stem, sample.parent.parent.name
    capability = Capability(name.partition("-")[0])
    adapter = adapter_over(sample, replay, monkeypatch)
    context = CallContext("sample", asyncio.get_running_loop().time() + 5)
    try:
        if name.endswith("-expired"):
            with pytest.raises(DepartmentAuthError):
                await adapter.look_up(capability, KEYS[department], context)
            return
        if name.endswith("-fault"):
            with pytest.raises(DepartmentRefusedError) as caught:
                await adapter.look_up(capability, KEYS[department], context)
            assert caught.value.fault is not None
            assert caught.value.fault.detail == {"Code": "E-INVALID"}
            return
        reply = await adapter.look_up(capability, KEYS[department], context)
    finally:
        await adapter.close()
    rows = [rows for rows in reply.results.values() if isinstance(rows, Rows)]
    records = [record for each in rows for record in each.records]
    assert len(records) == ROWS[f"{department}/{name}"]
    assert all(isinstance(record, record_type_of(capability)) for record in records)
    assert [warning for each in rows for warning in each.warnings] == []


def test_every_department_has_samples() -> None:
    assert {sample.parent.parent.name for sample in SAMPLES} == {f.name for f in find_departments()}
