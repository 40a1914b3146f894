"""The pytest plugin of the contract tests; pytest loads it wherever the hub is installed.

It runs the suite's tests once for each department and capability, and collects the cases beside a
manifest. `docs/adapter-testing.md` shows how to use it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from adapters.contract import Capability
from adapters.manifest import ManifestError
from adapters.workbench.cases import run_case
from adapters.workbench.contract_tests.checks import ContractBrokenError
from adapters.workbench.contract_tests.subjects import Mode, Subject
from adapters.workbench.replay.samples import Sample
from adapters.workbench.replay.write_samples import WriteSample
from adapters.workbench.write_calls import MayWriteError, refuse_writes
from adapters.writes import WriteCapability

FOLDERS = "DEPARTMENTS_UNDER_TEST"
MODE = "DEPARTMENTS_MODE"
_LOADED = pytest.StashKey[dict[tuple[Path, Mode], Subject]]()
"""The departments that were loaded in this run."""

KnownKeys = Callable[[str, Capability], Mapping[str, int | None]]
Urls = Callable[[str], str | None]
MakeFail = Callable[[str], bool]


class MockWrites(Protocol):
    """What the tests of writes need from the mock of a department."""

    def lose_replies(self, is_lost: bool, /) -> None:
        """Begin or end to close the connection instead of sending the reply to a write."""

    def copies_of(self, receipt: str, /) -> int:
        """Return how often the mock has stored a receipt number."""
        ...


FindMockWrites = Callable[[str, WriteCapability], MockWrites | None]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("citizen hub")
    group.addoption(
        "--department",
        action="append",
        default=[],
        metavar="FOLDER",
        help="folder of a manifest to test; repeatable",
    )
    group.addoption("--department-mock", metavar="URL", help="URL of a mock of the department")
    group.addoption(
        "--department-live",
        action="store_true",
        help="call the department itself; the manifest's environment variables must be set",
    )
    group.addoption(
        "--yes-it-reads",
        action="store_true",
        help="with --department-live, call also operations that look like writes",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Provide `subject`, and `capability`, `sample` or `write_sample` with it."""
    if "subject" not in metafunc.fixturenames:
        return
    subjects = list(_subjects(metafunc))
    if "write_sample" in metafunc.fixturenames:
        found: list[tuple[Subject, Any]] = [(s, each) for s in subjects for each in s.writes]
        names = ("subject", "write_sample")
        metafunc.parametrize(names, found, ids=[_id(*pair) for pair in found])
    elif "sample" in metafunc.fixturenames:
        pairs: list[tuple[Subject, Any]] = [(s, each) for s in subjects for each in s.samples]
        metafunc.parametrize(("subject", "sample"), pairs, ids=[_id(*pair) for pair in pairs])
    elif "capability" in metafunc.fixturenames:
        pairs = [(s, each) for s in subjects for each in s.look_ups]
        metafunc.parametrize(("subject", "capability"), pairs, ids=[_id(*pair) for pair in pairs])
    else:
        metafunc.parametrize("subject", subjects, ids=[s.name for s in subjects])


def _id(subject: Subject, what: Capability | Sample | WriteSample) -> str:
    return f"{subject.name}-{what.value if isinstance(what, Capability) else what.path.stem}"


def _subjects(metafunc: pytest.Metafunc) -> Iterable[Subject]:
    config, module = metafunc.config, metafunc.module
    folders = [Path(each) for each in config.getoption("--department")]
    folders = folders or [Path(each) for each in getattr(module, FOLDERS, ())]
    url = config.getoption("--department-mock")
    mode = Mode(getattr(module, MODE, Mode.SAMPLES))
    if url:
        mode = Mode.MOCK
    elif config.getoption("--department-live"):
        mode = Mode.LIVE
    loaded = config.stash.setdefault(_LOADED, {})
    for folder in folders:
        if (folder, mode) not in loaded:
            loaded[folder, mode] = _load(config, folder, mode, url)
        yield loaded[folder, mode]


def _load(config: pytest.Config, folder: Path, mode: Mode, url: str | None) -> Subject:
    try:
        subject = Subject.load(folder, mode, url)
        if mode is Mode.LIVE and not config.getoption("--yes-it-reads"):
            refuse_writes(subject.manifest, subject.manifest.file.capabilities)
    except (ManifestError, MayWriteError) as error:
        raise pytest.UsageError(str(error)) from None
    return subject


@pytest.fixture(scope="session")
def department_urls() -> Urls:
    """Return the URL of a department's mock; override it if the URL is known at run time only."""
    return lambda _department: None


@pytest.fixture(scope="session")
def department_keys() -> KnownKeys | None:
    """Return a department's keys with their numbers of records.

    Override it if you know more keys than the samples contain.
    """
    return None


@pytest.fixture
def department_fails() -> MakeFail:
    """Make a department's mock fail, and return True; override it for a mock that can fail."""
    return lambda _department: False


@pytest.fixture
def department_writes() -> FindMockWrites:
    """Return what the tests of a write need; override it for a mock that can lose replies."""
    return lambda _department, _capability: None


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the pages of a folder `cases` that is beside a manifest or inside `tests`."""
    folder = file_path.parent
    if file_path.suffix != ".md" or folder.name != "cases":
        return None
    beside = folder.parent if (folder.parent / "department.yaml").exists() else None
    if beside is None and folder.parent.name not in ("tests", "test"):
        return None
    page = CasePage.from_parent(parent, path=file_path)
    page.beside = beside
    return page


class CasePage(pytest.File):
    """The page of a case. It is one test."""

    beside: Path | None = None

    def collect(self) -> Iterable[pytest.Item]:
        yield CaseItem.from_parent(self, name=self.path.stem)


class CaseItem(pytest.Item):
    def runtest(self) -> None:
        page = self.parent
        assert isinstance(page, CasePage)
        asyncio.run(run_case(page.path, page.beside))

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None
    ) -> str | Any:
        if isinstance(excinfo.value, ManifestError | ContractBrokenError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"case {self.name}"
