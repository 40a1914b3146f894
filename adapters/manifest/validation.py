"""Validates a document against its model and words each problem for authors of manifests."""

import re
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters.connectors.secrets import WRITE_A_REFERENCE, Referred
from adapters.manifest.document import MOST_PROBLEMS, Document, KeyPath
from adapters.manifest.problems import Problem
from adapters.mapping.rules import StrictModel, did_you_mean

MOST_SHOWN = 120
_PASSWORD_IN_URL = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]+(?=@)")

ModelT = TypeVar("ModelT", bound=StrictModel)


def validate(
    model: type[ModelT], content: Any, document: Document, problems: list[Problem], at: KeyPath = ()
) -> ModelT | None:
    """Return the model of `content`, or None if it is not valid.

    Mistakes are added to `problems`; `at` is the key path of `content` in the document.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        details = error.errors(include_url=False)
        shown = details[:MOST_PROBLEMS]
        problems.extend(_problem(detail, model, content, document, at) for detail in shown)
        if len(details) > len(shown):
            message = f"{len(details) - len(shown):,} more problems are not shown"
            problems.append(document.problem(at, message, "correct the others first"))
        return None


def _problem(
    detail: ErrorDetails, model: type[StrictModel], content: Any, document: Document, at: KeyPath
) -> Problem:
    key_path = _key_path_in(content, detail["loc"])
    if detail["type"].startswith("union_tag"):
        key_path = (*key_path, "kind")
    return document.problem((*at, *key_path), *_message_and_remedy(detail, model, key_path))


def _key_path_in(content: Any, location: tuple[str | int, ...]) -> KeyPath:
    """Return pydantic's location without the steps that name the branch of a union."""
    key_path: list[str | int] = []
    for number, step in enumerate(location):
        last = number == len(location) - 1
        if isinstance(content, dict) and (step in content or last):
            key_path.append(step)
            content = content.get(str(step))
        elif isinstance(content, list) and isinstance(step, int) and step < len(content):
            key_path.append(step)
            content = content[step]
    return tuple(key_path)


def _message_and_remedy(
    detail: ErrorDetails, model: type[StrictModel], key_path: KeyPath
) -> tuple[str, str]:
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    name = str(key_path[-1]) if key_path else ""
    if kind == "extra_forbidden":
        known = _known_keys(model, detail["loc"])
        return f"there is no key {name!r} here", did_you_mean(name, known) if known else "remove it"
    if kind == "missing":
        return f"the key {name!r} is missing", "add it"
    if kind == "literal_error":
        return f"{_shown(given)} is not valid", f"use {context['expected']}"
    if kind == "enum":
        expected = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return f"{given!r} is not valid", did_you_mean(str(given), expected)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        tags = str(context.get("expected_tags", "'rest', 'soap', 'database'"))
        return "its `kind` is missing or unknown", f"use one of {tags}"
    if kind == "value_error" and str(context["error"]) == WRITE_A_REFERENCE:
        return f"the credential {name!r} is written in the file", WRITE_A_REFERENCE
    if kind == "value_error":
        return f"{_shown(given)} is not valid", str(context["error"])
    if kind == "string_pattern_mismatch":
        return f"{_shown(given)} is not valid", f"it must match {context['pattern']}"
    return f"{_shown(given)} is not valid", detail["msg"][0].lower() + detail["msg"][1:]


def _shown(given: object) -> str:
    if isinstance(given, Referred):
        return "the value of the reference"
    if isinstance(given, str):
        masked = _PASSWORD_IN_URL.sub("…", given)
        return repr(masked if len(masked) <= MOST_SHOWN else f"{masked[:MOST_SHOWN]}…")
    if isinstance(given, Mapping | list):
        return "an object" if isinstance(given, Mapping) else "a list"
    return "no value" if given is None else repr(given)


def _known_keys(model: type[StrictModel], location: tuple[str | int, ...]) -> list[str]:
    """Return the keys of the model that contains the last step of the location."""
    annotation: Any = model
    for step in location[:-1]:
        annotation = _step_into(annotation, step)
    models = [each for each in _alternatives(annotation) if _is_model(each)]
    return sorted({key for each in models for key in each.model_fields})


def _step_into(annotation: Any, step: str | int) -> Any:
    for each in _alternatives(annotation):
        if _is_model(each) and step in each.model_fields:
            return each.model_fields[step].annotation
        if _is_model(each) and "__pydantic_extra__" in each.__annotations__:
            return get_args(get_type_hints(each)["__pydantic_extra__"])[-1]
        if get_origin(each) in (dict, list):
            return get_args(each)[-1]
    # The step is the branch of a union.
    return annotation


def _alternatives(annotation: Any) -> list[Any]:
    """Return the types that an annotation allows, without `Annotated` and unions."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [found for each in get_args(annotation) for found in _alternatives(each)]
    return [annotation]


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, StrictModel)
