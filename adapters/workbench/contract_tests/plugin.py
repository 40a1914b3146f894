"""The pytest plugin: any distribution that installs the hub has it.

It fills the suite's tests with departments and capabilities, and collects the cases beside a
manifest. `docs/adapter-testing.md` shows its use.

    pytest --pyargs adapters.workbench.contract_tests.suite --department path/to/folder
    pytest --pyargs adapters.workbench.contract_tests.suite --department path/to/folder --department-mock URL
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import Capability
from adapters.manifest import ManifestError
from adapters.workbench.cases import run_case
from adapters.workbench.contract_tests.checks import ContractBrokenError
from adapters.workbench.contract_tests.subjects import Mode, Subject
from adapters.workbench.replay.samples import Sample

FOLDERS = "DEPARTMENTS_UNDER_TEST"
MODE = "DEPARTMENTS_MODE"

KnownKeys = Callable[[str, Capability], Mapping[str, int | None]]
Urls = Callable[[str], str | None]
MakeFail = Callable[[str], bool]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("citizen hub")
    group.addoption(
        "--department",
        action="append",
        default=[],
        metavar="FOLDER",
        help="folder of a manifest to hold against the adapters' contract; repeatable",
    )
    group.addoption("--department-mock", metavar="URL", help="where a mock of it answers")
    group.addoption(
        "--department-live",
        action="store_true",
        help="ask the department itself, where its environment says",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Fills `subject`, and `capability` or `sample` beside it."""
    if "subject" not in metafunc.fixturenames:
        return
    subjects = list(_subjects(metafunc))
    if "sample" in metafunc.fixturenames:
        pairs: list[tuple[Subject, Any]] = [(s, each) for s in subjects for each in s.samples]
        metafunc.parametrize(("subject", "sample"), pairs, ids=[_id(*pair) for pair in pairs])
    elif "capability" in metafunc.fixturenames:
        pairs = [(s, each) for s in subjects for each in s.look_ups]
        metafunc.parametrize(("subject", "capability"), pairs, ids=[_id(*pair) for pair in pairs])
    else:
        metafunc.parametrize("subject", subjects, ids=[s.name for s in subjects])


def _id(subject: Subject, what: Capability | Sample) -> str:
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
    for folder in folders:
        try:
            yield Subject.load(folder, mode, url)
        except ManifestError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def department_urls() -> Urls:
    """Where the mock of a department answers; override it where that is known at run time only."""
    return lambda _department: None


@pytest.fixture(scope="session")
def department_keys() -> KnownKeys | None:
    """Keys a department knows, with how many records each has; override it where you know more
    than the samples tell."""
    return None


@pytest.fixture
def department_fails() -> MakeFail:
    """Has a department's mock fail, and tells whether it can; override it for a mock that can."""
    return lambda _department: False


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Pages in a folder `cases` are cases where a manifest is beside it, or a test module says."""
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
    """A page of a case: one test."""

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
