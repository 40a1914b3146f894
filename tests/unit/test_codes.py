"""The codes of errors and warnings: the enums, `docs/errors.md` and the code name the same ones."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.contract import DepartmentError
from hub.link import errors as _link_errors  # noqa: F401 - more kinds of `DepartmentError`
from schema.codes import Code, ErrorCode, FaultKind, WarningCode

ROOT = Path(__file__).parents[2]
SECTIONS = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8").split("\n## ")
SOURCES = [
    path.read_text(encoding="utf-8")
    for folder in ("schema", "adapters", "hub")
    for path in (ROOT / folder).rglob("*.py")
    if path.name != "codes.py" or path.parent.name != "schema"
]


def codes_in(section: str) -> list[str]:
    return re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE)


def documented(title: str) -> set[str]:
    (section,) = (each for each in SECTIONS if each.lstrip("# ").startswith(title))
    return {*codes_in(section.split("\n### ")[0])}


@pytest.mark.parametrize(("codes", "title"), [(ErrorCode, "Codes"), (WarningCode, "Warnings")])
def test_every_code_is_documented(codes: type[Code], title: str) -> None:
    assert documented(title) == set(codes.__members__)


def test_every_kind_of_fault_is_documented() -> None:
    (section,) = (
        each for each in "".join(SECTIONS).split("\n### ") if "departmentFault" in each[:40]
    )
    assert set(FaultKind.__members__) <= set(re.findall(r"`([A-Z_]+)`", section))


@pytest.mark.parametrize("codes", [ErrorCode, WarningCode, FaultKind])
def test_every_code_equals_its_name_and_is_used(codes: type[Code]) -> None:
    for code in codes:
        assert code == code.name
        assert any(f"{codes.__name__}.{code}" in source for source in SOURCES), code


def kinds_of(error: type[DepartmentError]) -> Iterator[type[DepartmentError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def test_every_error_of_a_department_has_a_code_of_the_enum() -> None:
    kinds = list(kinds_of(DepartmentError))
    assert len(kinds) > 10
    assert all(isinstance(kind.code_name, ErrorCode) for kind in kinds)
