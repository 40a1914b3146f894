"""Modules for the Relay compiler: one per operation, and one per connection of the schema."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_required_argument,
)

from tests.portal.conftest import SCHEMA
from tests.portal.portal_case import NAMES, load

MODULE = 'import {{ graphql }} from "relay-runtime";\n\ngraphql`\n{}`;\n'


def write_modules(folder: Path) -> list[str]:
    """Write a project for the Relay compiler.

    Returns:
        The connections, for example `Citizen.applications`.
    """
    sources = folder / "src"
    sources.mkdir()
    (folder / "__generated__").mkdir()
    shutil.copy(SCHEMA, folder)
    for name in NAMES:
        case = load(name)
        module = sources / f"{case.operation.removesuffix('Query')}.js"
        module.write_text(MODULE.format(case.document.replace("`", "'")))
    schema = build_schema(SCHEMA.read_text())
    found = list(connections(schema))
    for owner, name, field in found:
        (sources / f"{_module(owner, name)}.js").write_text(
            MODULE.format(_fragment(owner, name, field))
        )
    settings = {
        "src": "./src",
        "schema": f"./{SCHEMA.name}",
        "language": "javascript",
        "artifactDirectory": "./__generated__",
        "eagerEsModules": False,
    }
    (folder / "relay.config.json").write_text(json.dumps(settings))
    return [f"{owner.name}.{name}" for owner, name, _ in found]


def connections(schema: GraphQLSchema) -> Iterator[tuple[GraphQLObjectType, str, GraphQLField]]:
    """Yield each field that returns a connection, with its type and its name."""
    for owner in schema.type_map.values():
        if isinstance(owner, GraphQLObjectType):
            for name, field in owner.fields.items():
                if get_named_type(field.type).name.endswith("Connection"):
                    yield owner, name, field


def _module(owner: GraphQLObjectType, name: str) -> str:
    return f"{owner.name}{name[0].upper()}{name[1:]}Pages"


def _fragment(owner: GraphQLObjectType, name: str, field: GraphQLField) -> str:
    """Return a fragment with `@connection`, whose pages Relay can fetch one after the other."""
    module = _module(owner, name)
    required = {key: each for key, each in field.args.items() if is_required_argument(each)}
    declared = "".join(f', {key}: {{type: "{each.type}"}}' for key, each in required.items())
    passed = "".join(f", {key}: ${key}" for key in required)
    return (
        f"fragment {module}_owner on {owner.name}\n"
        f'  @refetchable(queryName: "{module}Query")\n'
        '  @argumentDefinitions(count: {type: "Int!"}, cursor: {type: "String"}'
        f"{declared}) {{\n"
        f"  {name}(first: $count, after: $cursor{passed})\n"
        f'    @connection(key: "{module}_{name}") {{\n'
        "    edges { node { __typename } }\n"
        "  }\n"
        "}\n"
    )
