"""The mocks that deliver files: their folders, the SFTP server and the faults of deliveries."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncssh
import pytest

from mocks.deliveries import DELIVERY_FAULTS
from mocks.options import DEFAULT_SEED
from mocks.population import Population
from mocks.population.work_departments import POST_MATRIC
from mocks.post_matric.inbox import LINE_BYTES as HUB_LINE_BYTES
from mocks.post_matric.inbox import Inbox, InboxFolders
from mocks.post_matric.rows import LINE_BYTES, NightlyFiles, in_bytes
from mocks.post_matric.sftp import PASSWORD, public_host_key
from mocks.submissions import ApplicationDesk, Intake
from tests.support.processes import Mock


async def fetched(mock: Mock) -> dict[str, bytes]:
    """Return the files of the SFTP server by name, sorted."""
    url = urlsplit(mock.url)
    known = asyncssh.import_known_hosts(f"[{url.hostname}]:{url.port} {public_host_key()}\n")
    async with (
        asyncssh.connect(
            str(url.hostname), url.port or 0, username=url.username or "", password=PASSWORD,
            known_hosts=known,
        ) as connection,
        connection.start_sftp_client() as client,
    ):  # fmt: skip
        files: dict[str, bytes] = {}
        for name in sorted(await client.listdir(url.path)):
            if str(name).startswith("PMS_"):
                async with client.open(f"{url.path}/{name}", "rb") as file:
                    content = await file.read()
                    assert isinstance(content, bytes)
                    files[str(name)] = content
        return files


async def test_two_nightly_files_have_lines_of_180_bytes(post_matric: Mock) -> None:
    files = await fetched(post_matric)
    assert len(files) == 2
    for name, content in files.items():
        lines = content.split(b"\n")
        assert lines.pop() == b""
        header, *details, trailer = lines
        assert {len(line) for line in lines} == {LINE_BYTES}
        assert header.startswith(b"H" + name[4:12].encode() + b"000214")
        assert int(trailer[1:9]) == len(details) > 50
        assert int(trailer[9:24]) == sum(int(line[109:118]) for line in details)
        assert all(line.startswith(b"DSTU") for line in details)
        # Names in Devanagari are cut between letters.
        assert all(line[37:77].decode().strip() for line in details)
    older, newer = files.values()
    assert older[100:] != newer[100:]
    assert post_matric.calls() == {"list": 1, "read": 2}


@pytest.mark.parametrize(
    ("now", "newest"),
    [("00:01", "23"), ("00:27", "23"), ("01:42", "23"), ("01:43", "24"), ("23:59", "24")],
)
def test_a_nightly_file_appears_after_its_delivery_time(now: str, newest: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-24T{now}:00")
    files = NightlyFiles(Population(50, DEFAULT_SEED))(moment, frozenset({"duplicated"}))
    assert max(files) == f"PMS_202611{newest}_1.txt"
    assert all(written <= moment for _, written in files.values())


def test_a_name_is_cut_between_letters() -> None:
    assert in_bytes("राम देवी", 10).decode() == "राम "
    assert len(in_bytes("राम देवी", 10)) == 10


async def test_each_fault_of_the_nightly_file(post_matric: Mock) -> None:
    whole = await fetched(post_matric)
    newest = max(whole)
    for fault in DELIVERY_FAULTS:
        post_matric.set_faults(**{fault: 1})
        spoilt = await fetched(post_matric)
        match fault:
            case "late":
                assert max(spoilt) < newest
            case "duplicated":
                assert spoilt[newest] == spoilt[newest.replace(".txt", "_1.txt")]
            case "lost_rows":
                assert spoilt[newest].splitlines()[-1] == whole[newest].splitlines()[-1]
                assert len(spoilt[newest]) == len(whole[newest]) - LINE_BYTES - 1
            case "empty_file":
                assert spoilt[newest] == b""
            case "half_written":
                assert whole[newest].startswith(spoilt[newest])
                assert not spoilt[newest].endswith(b"\n")
            case "wrong_count":
                assert len(spoilt[newest]) == len(whole[newest])
                assert spoilt[newest] != whole[newest]
            case "bad_row":
                short = [len(line) for line in spoilt[newest].split(b"\n")[:-1]]
                assert sorted(short)[:2] == [LINE_BYTES - 3, LINE_BYTES]
                with pytest.raises(UnicodeDecodeError):
                    spoilt[newest].decode()
    post_matric.clear()
    assert await fetched(post_matric) == whole


async def test_a_wrong_password_is_refused(post_matric: Mock) -> None:
    url = urlsplit(post_matric.url)
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            str(url.hostname), url.port or 0, username="hub_reader", password="wrong",
            known_hosts=None, client_keys=None,
        )  # fmt: skip


def delivered(mock: Mock) -> dict[str, list[str]]:
    """Return the lines of each file in the folder by name, sorted."""
    paths = sorted(Path(urlsplit(mock.url).path).iterdir())
    return {path.name: path.read_bytes().decode().split("\r\n") for path in paths}


def test_half_hourly_files_overlap(employment: Mock) -> None:
    files = delivered(employment)
    assert len(files) == 4
    assert all(re.fullmatch(r"EMP_\d{10}(00|30)\.csv", name) for name in files)
    register, *windows = files.values()
    for lines in (register, *windows):
        assert lines[0] == "reg_no,appl_no,name,status,remarks,applied,updated,due"
        assert lines[-1] == ""
        assert lines[-2] == f"#END,{len(lines) - 3}"
    # A changed application is in three files; some have an earlier status in the oldest file.
    assert windows[0] == windows[1] == windows[2]
    moved = set(windows[0][1:-2])
    assert moved
    assert not moved <= set(register)


def test_each_fault_of_the_half_hourly_files(employment: Mock) -> None:
    whole = delivered(employment)
    newest = max(whole)
    for fault in DELIVERY_FAULTS:
        employment.set_faults(**{fault: 1})
        spoilt = delivered(employment)
        match fault:
            case "late":
                assert max(spoilt) < newest
            case "duplicated":
                assert spoilt[newest] == spoilt[newest.replace(".csv", "_1.csv")]
            case "lost_rows":
                assert spoilt[newest] == whole[newest][:-3] + whole[newest][-2:]
            case "empty_file":
                assert spoilt[newest] == [""]
            case "half_written":
                assert len(spoilt[newest]) < len(whole[newest])
                assert not spoilt[newest][-1].startswith("#END")
            case "wrong_count":
                assert spoilt[newest][:-2] == whole[newest][:-2]
                assert spoilt[newest] != whole[newest]
            case "bad_row":
                assert spoilt[newest][1].count(",") < 7
                assert spoilt[newest][2].startswith('"')
    employment.clear()
    assert delivered(employment) == whole


def test_a_temporary_folder_is_deleted_when_the_mock_stops() -> None:
    mock = Mock("employment")
    folder = Path(urlsplit(mock.url).path)
    assert folder.is_dir()
    assert mock.stop()[0] == 0
    assert not folder.exists()


def hub_file(receipts: Sequence[str], fees: int = 12000, total: int | None = None) -> bytes:
    """Return a file of applications, as the hub writes it."""
    details = [
        b"D" + receipt.encode().ljust(16) + b" " * 16 + b"7KNL042102".ljust(12) + b" " * 151
        + f"{fees:09d}".encode()
        for receipt in receipts
    ]  # fmt: skip
    total = fees * len(receipts) if total is None else total
    trailer = f"T{len(receipts):08d}{total:015d}".encode()
    lines = (b"H20261124200000000001", *details, trailer)
    return b"".join(line.ljust(HUB_LINE_BYTES) + b"\n" for line in lines)


def test_a_file_with_a_wrong_sum_is_refused_as_a_whole_and_copies_are_counted(
    tmp_path: Path,
) -> None:
    population, intake = Population(50, DEFAULT_SEED), Intake()
    desk = ApplicationDesk(
        POST_MATRIC, population.applications_at(POST_MATRIC), population.by_member_id, intake
    )
    folders = InboxFolders(*(tmp_path / name for name in ("inbox", "accepted", "refused")))
    folders.create()
    refused: list[str] = []
    inbox = Inbox(folders, desk, refused.append)
    (folders.inbox / "HUB_1.txt").write_bytes(hub_file(["CH1", "CH2"]))
    (folders.inbox / "HUB_2.txt").write_bytes(hub_file(["CH3", "CH4"], total=1))
    (folders.inbox / "HUB_3.txt").write_bytes(hub_file(["CH2"]))
    (folders.inbox / "HUB_4.txt.tmp").write_bytes(hub_file(["CH5"]))
    inbox.read()
    inbox.read()
    summary = asyncio.run(intake.summary())
    assert [(each["hubReference"], each["copies"]) for each in summary] == [("CH1", 1), ("CH2", 2)]
    assert refused == ["HUB_2.txt is refused: the control sum is wrong"]
    assert [path.name for path in folders.refused.iterdir()] == ["HUB_2.txt"]
    assert [path.name for path in folders.inbox.iterdir()] == ["HUB_4.txt.tmp"]
    # The student had no number of the department: it has given one.
    assert {each.owner for each in desk.received()} - {""}
    files = NightlyFiles(population, desk, lambda: intake.clock.now().date())
    now = datetime.fromisoformat("2026-11-24T12:00:00")
    assert not [name for name in files(now, frozenset()) if "_R" in name]
    asyncio.run(intake.advance(timedelta(days=1)))
    (content,) = [content for name, (content, _) in files(now, frozenset()).items() if "_R" in name]
    assert [line[122:138].strip() for line in content.splitlines()[1:-1]] == [
        b"CH1",
        b"CH2",
        b"CH2",
    ]
