"""The sets of fields that entries name by their digest."""

import json
from base64 import urlsafe_b64encode
from functools import lru_cache
from hashlib import sha256

from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from adapters.contract import Capability
from adapters.record_types import record_type_of
from adapters.writes import WriteCapability
from schema.citizen import Citizen
from schema.family import Family
from schema.needed_fields import NeededFields

ALL = "*"
SUBMISSION = "Submission"
"""Name of the type whose fields a write sends."""


@lru_cache(4096)
def field_set(capability: Capability | WriteCapability, needed: NeededFields) -> tuple[str, bytes]:
    """Return the digest and the content of the set of fields that a call reads or writes.

    The content is a JSON array of names such as `Benefit.benefitNumber`. `Benefit.*` stands for
    all fields of the type. A write sends all fields of the submission.
    """
    if isinstance(capability, WriteCapability):
        names = [f"{SUBMISSION}.{ALL}"]
    else:
        record_type = record_type_of(capability)
        types = (record_type, Citizen) if record_type is Family else (record_type,)
        names = sorted(name for each in types for name in _names(each, needed))
    content = json.dumps(names, separators=(",", ":")).encode()
    return digest_text(sha256(content).digest()), content


def digest_text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode().rstrip("=")


def _names(record_type: type, needed: NeededFields) -> list[str]:
    definition = get_object_definition(record_type)
    type_name = definition.name if definition is not None else record_type.__name__
    read = needed.of(record_type)
    if read is None or definition is None:
        return [f"{type_name}.{ALL}"]
    return [
        f"{type_name}.{each.graphql_name or to_camel_case(each.python_name)}"
        for each in definition.fields
        if each.python_name in read
    ]
