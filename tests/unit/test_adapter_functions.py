"""`function: name` names a function of the department's adapter.py."""

import asyncio
from pathlib import Path

import pytest

from adapters.assembly import build_adapter
from adapters.manifest import ManifestError, load_department
from tests.unit.departments import write_department

RULE = ("statusNotes: note", "statusNotes: {function: note_of}")
GOOD = '''"""Notes."""
from json import loads

def note_of(row):
    return _joined(row["a"], loads(row["b"]))

def _joined(*parts):
    return "-".join(map(str, parts))
'''


def problems(folder: Path) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        load_department(folder)
    return [str(each).replace(str(folder), "…") for each in caught.value.problems]


def test_a_function_is_loaded_with_the_manifest(tmp_path: Path) -> None:
    manifest = load_department(write_department(tmp_path, change=RULE, adapter_py=GOOD))
    assert set(manifest.functions) == {"note_of"}
    assert manifest.functions["note_of"]({"a": 1, "b": "2"}) == "1-2"

    async def set_up() -> None:
        await build_adapter(manifest).close()

    asyncio.run(set_up())


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("def note_fo(row): return 1\n",
         "department.yaml:23: records.application.statusNotes.function: adapter.py has no function "
         "'note_of'; did you mean 'note_fo'?"),
        ("x = 1\n", "adapter.py has no function 'note_of'; add it: def name(row)"),
        ("from os.path import join as note_of\n", "has no function 'note_of'"),
        ("\ndef note_of(:\n", "adapter.py:2: loading failed: SyntaxError"),
        ("import nothing_like_it\n", "adapter.py:1: loading failed: ModuleNotFoundError"),
        ("x = 1\nx = 1 / 0\n", "adapter.py:2: loading failed: ZeroDivisionError"),
        ("def note_of(a, b): return 1\n", "adapter.py:1: note_of: note_of does not take"),
        ("async def note_of(row): return 1\n", "does not take exactly one argument"),
    ],
)  # fmt: skip
def test_unusable_functions_are_reported(tmp_path: Path, code: str, words: str) -> None:
    reported = problems(write_department(tmp_path, change=RULE, adapter_py=code))
    assert [words in each for each in reported] == [True], reported


def test_a_missing_adapter_py_is_reported_with_its_remedy(tmp_path: Path) -> None:
    (reported,) = problems(write_department(tmp_path, change=RULE))
    assert reported.endswith("adapter.py has no function 'note_of'; add it: def name(row)")
