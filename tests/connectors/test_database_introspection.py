"""What `hub introspect database` reads from the catalogues of real servers."""

import asyncio

import pytest
from sqlalchemy.engine import make_url

from adapters.workbench.introspection import Description, IntrospectionError, Source, describe
from tests.connectors.databases import ServedDatabase


async def described(database: ServedDatabase, password: str | None = None) -> Description:
    url = make_url(database.url)
    if password is not None:
        url = url.set(password=password)
    text = url.render_as_string(hide_password=False)
    return await asyncio.to_thread(describe, "database", Source(text))


async def test_the_catalogue_of_mariadb_is_read(mariadb: ServedDatabase) -> None:
    found = await described(mariadb)
    (operation,) = (each for each in found.operations if each.name == "appl")
    assert operation.reply is not None
    assert "person" in [child.name for child in operation.reply.children[0].children]


async def test_the_catalogue_of_postgresql_is_read(postgresql: ServedDatabase) -> None:
    found = await described(postgresql)
    assert "appl" in [each.name for each in found.operations]


async def test_a_wrong_password_is_named_and_not_shown(
    mariadb: ServedDatabase, postgresql: ServedDatabase
) -> None:
    for database in (mariadb, postgresql):
        with pytest.raises(IntrospectionError, match="user, password or the name") as caught:
            await described(database, password="made-up")
        assert "made-up" not in str(caught.value)
