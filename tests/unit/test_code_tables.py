"""Shared code tables, and their mistakes."""

from pathlib import Path

import pytest

from adapters.manifest import ManifestError, load_department
from schema.language import Text
from tests.unit.departments import CODES, write_department

SHARED = """tables:
  districts:
    texts: {06: Karnal}
"""


def problems(folder: Path) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        load_department(folder)
    return [str(each).replace(str(folder.parent), "…") for each in caught.value.problems]


def share(root: Path, name: str, content: str) -> None:
    (root / "shared").mkdir(exist_ok=True)
    (root / "shared" / name).write_text(content, encoding="utf-8")


def test_an_included_table_belongs_to_the_department(tmp_path: Path) -> None:
    share(tmp_path, "districts.yaml", SHARED)
    codes = "include: [../shared/districts.yaml]\n" + CODES
    manifest = load_department(write_department(tmp_path, codes_yaml=codes))
    assert manifest.tables["districts"].labels == {"06": Text("Karnal")}
    assert manifest.own_tables == {"status"}
    assert manifest.table_positions["districts"][0].name == "districts.yaml"


def test_includes_of_included_files_are_read_once(tmp_path: Path) -> None:
    share(tmp_path, "districts.yaml", SHARED)
    share(tmp_path, "all.yaml", "include: districts.yaml\n" + CODES)
    codes = "include: [../shared/all.yaml, ../shared/districts.yaml]\n"
    manifest = load_department(write_department(tmp_path, codes_yaml=codes))
    assert set(manifest.tables) == {"districts", "status"}
    assert manifest.own_tables == frozenset()


@pytest.mark.parametrize(
    ("include", "words"),
    [
        ("../shared/none.yaml", "there is no file ../shared/none.yaml; add it"),
        ("../../codes.yaml", "is outside"),
        ("/etc/passwd", "is outside"),
        ("../shared/link.yaml", "is outside"),
        ("codes.yaml", "includes this file again; remove one"),
        ("../shared", "there is no file ../shared"),
        ("../shared/again.yaml", "'status' is also defined in …/forests/codes.yaml:3; rename"),
        ("../shared/broken.yaml", "…/shared/broken.yaml:2: tables.x.enum: there is no enum 'Sx'"),
    ],
)
def test_a_wrong_include_is_reported_with_its_line(
    tmp_path: Path, include: str, words: str
) -> None:
    root = tmp_path / "departments"
    root.mkdir()
    (tmp_path / "codes.yaml").write_text(CODES, encoding="utf-8")
    share(root, "again.yaml", CODES)
    share(root, "broken.yaml", "tables:\n  x: {enum: Sx, codes: {M: MALE}}\n")
    (root / "shared" / "link.yaml").symlink_to(tmp_path / "codes.yaml")
    (reported,) = problems(write_department(root, codes_yaml=f"include: [{include}]\n{CODES}"))
    assert words in reported.replace(str(root), "…")
    if "shared/" not in reported.split(": ")[0]:
        assert reported.startswith("…/forests/codes.yaml:1: include.0: ")


def test_files_that_include_each_other_are_an_error(tmp_path: Path) -> None:
    share(tmp_path, "a.yaml", "include: b.yaml\n")
    share(tmp_path, "b.yaml", "include: a.yaml\n")
    (reported,) = problems(
        write_department(tmp_path, codes_yaml="include: ../shared/a.yaml\n" + CODES)
    )
    assert reported.startswith("…/shared/b.yaml:1: include.0: a.yaml includes this file")


def test_too_many_included_files_are_an_error(tmp_path: Path) -> None:
    for number in range(60):
        share(tmp_path, f"{number}.yaml", f"include: {number + 1}.yaml\n")
    reported = problems(
        write_department(tmp_path, codes_yaml="include: ../shared/0.yaml\n" + CODES)
    )
    assert len(reported) == 1
    assert "more than 32 files" in reported[0]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("{codes: {1: MALE}}", "`codes` need an `enum`"),
        ("{enum: Sex, texts: {1: Man}}", "a table with an `enum` can't have `texts`"),
        ("{enum: Sex, codes: {1: MAN}}", "Sex has no value 'MAN'; use one of"),
        ("{enum: Sex, codes: {1: {meaning: MALE, lable: x}}}", "did you mean 'label'?"),
    ],
)
def test_a_wrong_table_is_one_problem(tmp_path: Path, table: str, words: str) -> None:
    reported = problems(write_department(tmp_path, codes_yaml=f"{CODES}  x: {table}\n"))
    assert [words in each for each in reported] == [True]


def test_an_unreadable_table_is_reported_once(tmp_path: Path) -> None:
    for codes in ("tables: [", "tables: {status: {enum: ApplicatonStatus}}", "include: nowhere"):
        assert len(problems(write_department(tmp_path, codes_yaml=codes))) == 1
