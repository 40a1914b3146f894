"""Explains why zeep can't read a WSDL. zeep's own messages are for its developers."""

import re

_NAME = re.compile(
    r"(?i)(?:Unable to resolve (?P<kind>\w+)|No (?P<kind2>\w+)) "
    r"'?\{(?P<uri>[^}]*)\}(?P<name>[\w.-]+)"
)
_IN_NAMESPACE = re.compile(r"No (?P<kind>\w+) '(?P<name>[^']+)' in namespace (?P<uri>\S+?)\.? ")
_PART = re.compile(r"message for '(?:\{[^}]*\})?(?P<message>[^']+)' contains an invalid part "
                   r"\('(?P<part>[^']+)'\)")  # fmt: skip
SAVE_SCHEMA = (
    "save the schema that declares it beside the manifest, and name the file in an xs:import"
)
LIST_PROBLEMS = "run `hub introspect wsdl` with this file: it lists what can't be read"


def explain(error: BaseException) -> tuple[str, str]:
    """Return what is wrong with the WSDL, and the remedy, for an error of zeep or lxml."""
    text = " ".join(str(error).split())
    missing = _NAME.search(text) or _IN_NAMESPACE.search(text + " ")
    if missing is not None:
        found = missing.groupdict()
        kind = str(found["kind"] or found.get("kind2"))
        uri = found["uri"] or "no namespace"
        name = found["name"].rstrip(".")
        return f"the {kind} {name!r} of {uri} is not declared", SAVE_SCHEMA
    prefix = re.search(r"No namespace defined for '(\w+)' \('([^']+)'\)", text)
    if prefix is not None:
        return f"the prefix of {prefix[2]} is not declared", f"declare xmlns:{prefix[1]}"
    if "schemaLocation is required" in text:
        return "an xs:include has no schemaLocation", "write the name of a file beside the manifest"
    if "imported targetNamespace" in text:
        return "an xs:import names another namespace than its file has", "correct the namespace"
    if "Invalid XML" in text or "XMLSyntaxError" in type(error).__name__:
        line = re.search(r"line (\d+)", text)
        where = f" at line {line[1]}" if line else ""
        return f"it is not well-formed XML{where}", "save the file again, as the server sends it"
    if type(error).__name__ in ("DTDForbidden", "EntitiesForbidden"):
        return "it has a DTD or entities, which are not read", "remove the DOCTYPE"
    if isinstance(error, RecursionError):
        return "its types contain one another too deeply", LIST_PROBLEMS
    return "it has a part that the connector can't read", LIST_PROBLEMS


def explain_warning(text: str) -> str | None:
    """Return why an operation is left out, from a warning of zeep; None for other warnings."""
    found = _PART.search(text)
    if found is None:
        return None
    return f"part {found['part']!r} of the message {found['message']!r} is not declared"
