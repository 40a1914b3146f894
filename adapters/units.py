"""Durations, sizes and shares in manifests. Each is written with its unit."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_SIZE = re.compile(r"(\d+)\s*(B|KiB|MiB)")
_BYTES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}
_SHARE = re.compile(r"(\d+(?:\.\d+)?)%")


def _seconds(value: object) -> object:
    match = _DURATION.fullmatch(str(value))
    if not match:
        raise ValueError("write a duration with its unit, for example 500ms, 3s, 2m or 3d")
    return float(match[1]) * _SECONDS[match[2]]


def _bytes(value: object) -> object:
    match = _SIZE.fullmatch(str(value))
    if not match:
        raise ValueError("write a size with its unit, for example 64KiB or 8MiB")
    return int(match[1]) * _BYTES[match[2]]


def _share(value: object) -> object:
    match = _SHARE.fullmatch(str(value))
    if not match:
        raise ValueError("write a share in per cent, for example 50%")
    return float(match[1]) / 100


Seconds = Annotated[float, BeforeValidator(_seconds), Field(gt=0)]
Bytes = Annotated[int, BeforeValidator(_bytes), Field(gt=0)]
Share = Annotated[float, BeforeValidator(_share), Field(gt=0, le=1)]
