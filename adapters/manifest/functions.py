"""Loads the functions of a department's `adapter.py`, for what rules can't express."""

import importlib.util
import inspect
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from adapters.manifest.problems import Problem

FILE = "adapter.py"


class _EveryName(dict[str, Callable[[Any], Any]]):
    """Stands for a file that fails to load. It has every name, so that no rule is reported too."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Callable[[Any], Any]:
        return repr


def load_functions(
    folder: Path, department: str, problems: list[Problem]
) -> Mapping[str, Callable[[Any], Any]]:
    """Return the functions that `adapter.py` defines, by name; none if the file does not exist.

    A file that fails to load and a function that does not take exactly one argument are added to
    `problems`. Such a function is returned all the same, so that rules that use it are not
    reported.
    """
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        module = _run(path, department)
    except Exception as error:
        line, message = _line_of(error, path), f"loading failed: {type(error).__name__}: {error}"
        problems.append(Problem(path, line, "", message, "correct the file"))
        return _EveryName()
    functions: dict[str, Callable[[Any], Any]] = {}
    for name, found in vars(module).items():
        if name.startswith("_") or not inspect.isfunction(found):
            continue
        if found.__module__ != module.__name__:
            continue
        if not _takes_one_row(found):
            line = found.__code__.co_firstlineno
            message = f"{name} does not take exactly one argument, the row"
            remedy = f"write it as def {name}(row: Mapping[str, Any]) -> Any, or name it _{name}"
            problems.append(Problem(path, line, name, message, remedy))
        functions[name] = found
    return functions


def _run(path: Path, department: str) -> ModuleType:
    name = f"citizen_hub_adapter_{department.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _takes_one_row(function: Callable[..., Any]) -> bool:
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        return False
    try:
        inspect.signature(function).bind({})
    except TypeError:
        return False
    return True


def _line_of(error: Exception, path: Path) -> int:
    """Return the line of `adapter.py` that caused the error."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return error.lineno
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path) and frame.lineno is not None
    ]
    return lines[-1] if lines else 1
