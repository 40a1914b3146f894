"""Hostile or senseless manifests quickly end in errors with file and line."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.manifest import ManifestError, find_departments, load_department
from adapters.manifest.document import MAX_BYTES
from adapters.manifest.problems import Problem
from tests.unit.departments import CODES, MANIFEST, write_department

FILES = ("department.yaml", "codes.yaml", "services.yaml", "service_centres.yaml")
GOOD: dict[str, Any] = yaml.load(MANIFEST.format(name="forests"), yaml.BaseLoader)
PLENTY = 20.0
"""Time limit in seconds that detects hangs; a small file needs far less."""

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["${env:", "${file:/etc/passwd}", "{keys}", "{", "(((", "a*" * 20, "\x00", "NaN"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=4)
    ),
    max_leaves=20,
)


def load(folder: Path) -> list[str]:
    """Return the problems; fail on any other error, or if it takes too long."""
    begun = time.monotonic()
    reported: Sequence[Problem] = ()
    try:
        load_department(folder)
    except ManifestError as error:
        reported = error.problems
        assert reported, "an error without a problem"
    assert time.monotonic() - begun < PLENTY
    assert all(each.line >= 1 and each.message and each.remedy for each in reported)
    return list(map(str, reported))


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines)


HOSTILE: dict[str, bytes] = {
    "a bomb of aliases": bomb(20).encode(),
    "an alias of itself": b"a: &a [*a]",
    "a merge key": b"a: &a {b: 1}\nc:\n  <<: *a\n",
    "deep lists": b"[" * 100_000,
    "deep mappings": b"{a: " * 50_000,
    "deep blocks": b"\n".join(b" " * n + b"a:" for n in range(1200)),
    "a tag that runs code": b"!!python/object/apply:os.system [echo]",
    "a tag of another kind": b"manifest: !!binary aGVsbG8=",
    "many documents": b"---\na: 1\n---\nb: 2\n",
    "a huge file": b"a: " + b"x" * (MAX_BYTES + 1),
    "many keys": b"\n".join(b"k%d: 1" % n for n in range(60_000)),
    "a long key": b"k" * 900_000 + b": 1",
    "many quotes": b'"' * 100_001,
    "nothing": b"",
    "a comment": b"# nothing\n",
    "a list": b"- a\n- b\n",
    "a text": b"just a text\n",
    "nul bytes": b"\x00" * 100,
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "not UTF-8": "manifest: é".encode("latin-1"),
    "UTF-16": "manifest: 1".encode("utf-16"),
    "tabs": b"a:\n\t- b\n",
    "control characters": b"a: \x07\x0b\n",
    "a key that is a list": b"? [a, b]\n: c\n",
    "a key twice": b"manifest: 1\nmanifest: 1\n",
    "a lone surrogate": b'a: "\\ud800"\n',
}


@pytest.mark.parametrize("file", ["department.yaml", "codes.yaml", "services.yaml"])
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_a_manifest_error(file: str, content: bytes, tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    (folder / file).write_bytes(content)
    reported = load(folder)
    nothing_needed = file == "services.yaml" and content in (b"", b"# nothing\n")
    assert bool(reported) is not nothing_needed


@pytest.mark.parametrize("file", FILES)
def test_a_path_that_is_not_a_file_is_a_manifest_error(file: str, tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    (folder / file).unlink(missing_ok=True)
    (folder / file).mkdir()
    assert load(folder)


def test_a_device_is_a_manifest_error(tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    (folder / "services.yaml").symlink_to("/dev/zero")
    assert load(folder)


RULES = [
    "{expr: '%s'}" % ("(" * 990),
    "{expr: '%s'}" % ("!" * 990),
    "{expr: '%s1'}" % ("-" * 990),
    "{expr: '%s'}" % ("[" * 490 + "]" * 490),
    "{expr: row%s}" % (".a" * 400),
    "{path: '%s'}" % ("a/" * 20_000),
    "{path: [%s]}" % ("a, " * 5_000),
    "{concat: [%s]}" % ("a, " * 5_000),
    "{path: a, format: [%s]}" % ("dd, " * 5_000),
    "{path: a, pad: {to: 100000000}}",
    "{path: a, split: {by: '', part: 1}}",
    "{path: a, script: [%s]}" % ("nfc, " * 5_000),
    "{path: 'a\\'b\"c\\\\'}",
    "{path: \"a'+__import__('os').system('false')+'\"}",
    "{value: \"'''\"}",
    "{fields: " * 30 + "{}" + "}" * 30,
]


@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
def test_a_hostile_rule_is_a_manifest_error(rule: str, tmp_path: Path) -> None:
    load(write_department(tmp_path, change=("statusNotes: note", f"statusNotes: {rule}")))


@pytest.mark.parametrize(
    "change",
    [
        ("FOR-\\d+", "((((((((((a{1000}){1000}){1000}){1000})"),
        ("FOR-\\d+", "(" * 5_000),
        ("FOR-\\d+", "[" * 100_000),
        ("{{scheme: FOREST_NO}}", "[" * 39 + "]" * 39),
        ("http://127.0.0.1:1", "${file:/dev/zero}"),
        ("http://127.0.0.1:1", "${file:" + "/" * 10_000 + "}"),
        ("http://127.0.0.1:1", "${env:" * 10_000),
        ("{{keys}}", "{" * 100_000),
        ("{{keys}}", "{keys" + "|upper" * 20_000 + "}"),
        ("at_once: 50", "at_once: " + "9" * 5_000),
        ("deadline: 2s", "deadline: " + "9" * 400 + "d"),
        ("deadline: 2s", "deadline: 0s"),
        ("concurrency: 4", "concurrency: 1e400"),
        ("record: application", "record: [application]"),
        ("applications_by_reference:", "__class__:"),
        ("department: {name}", "department: ../../etc"),
    ],
)
def test_a_hostile_value_becomes_a_record_or_a_warning(
    change: tuple[str, str], tmp_path: Path
) -> None:
    text = MANIFEST.format(name="forests")
    old = change[0].replace("{{", "{").replace("}}", "}").replace("{name}", "forests")
    assert old in text
    folder = write_department(tmp_path)
    (folder / "department.yaml").write_text(text.replace(old, change[1], 1), encoding="utf-8")
    load(folder)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_are_a_manifest_or_a_manifest_error(content: bytes, tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    for file in FILES:
        (folder / file).write_bytes(content)
    assert load(folder)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=VALUES)
def test_any_values_are_a_manifest_or_a_manifest_error(content: Any, tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    text = yaml.safe_dump(content, allow_unicode=True)
    for file in FILES:
        (folder / file).write_text(text, encoding="utf-8", errors="replace")
    assert load(folder)


def key_paths_in(content: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    key_paths = [at] if at else []
    if isinstance(content, dict):
        return key_paths + [
            p for key, each in content.items() for p in key_paths_in(each, (*at, key))
        ]
    if isinstance(content, list):
        return key_paths + [
            p for n, each in enumerate(content) for p in key_paths_in(each, (*at, n))
        ]
    return key_paths


def replaced(content: Any, key_path: tuple[Any, ...], value: Any) -> Any:
    if not key_path:
        return value
    step, *rest = key_path
    if isinstance(content, dict):
        return {k: replaced(v, tuple(rest), value) if k == step else v for k, v in content.items()}
    return [replaced(v, tuple(rest), value) if n == step else v for n, v in enumerate(content)]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key_path=st.sampled_from(key_paths_in(GOOD)), value=VALUES)
def test_any_value_at_any_key_path_is_a_manifest_or_a_manifest_error(
    key_path: tuple[Any, ...], value: Any, tmp_path: Path
) -> None:
    folder = write_department(tmp_path)
    text = yaml.safe_dump(replaced(GOOD, key_path, value), allow_unicode=True)
    (folder / "department.yaml").write_text(text, encoding="utf-8", errors="replace")
    load(folder)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_our_own_manifests_with_one_changed_line_load_or_report_problems(
    data: st.DataObject, tmp_path: Path
) -> None:
    own = data.draw(st.sampled_from(find_departments()))
    lines = (own / "department.yaml").read_text(encoding="utf-8").splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    change = data.draw(st.sampled_from(["remove", "indent", "twice", "cut"]))
    line = lines[number]
    lines[number : number + 1] = {
        "remove": [],
        "indent": [f"  {line}"],
        "twice": [line, line],
        "cut": [line[: len(line) // 2]],
    }[change]
    folder = tmp_path / own.name
    folder.mkdir(exist_ok=True)
    for name in ("codes.yaml", "services.yaml"):
        (folder / name).write_bytes((own / name).read_bytes())
    (folder / "department.yaml").write_text("\n".join(lines), encoding="utf-8")
    load(folder)


def test_the_unchanged_manifest_is_valid(tmp_path: Path) -> None:
    assert load(write_department(tmp_path, codes_yaml=CODES)) == []
