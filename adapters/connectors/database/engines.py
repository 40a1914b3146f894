"""Makes the engine that speaks to a department's database."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.connectors.database.dialects import DIALECTS, Bounds
from adapters.connectors.setup import SetupError

HERE = ("connector", "url")


def parse_url(url: str) -> tuple[URL, str]:
    """The URL and the name of its dialect; raises `SetupError`."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SetupError(
            HERE, "this is no URL of a database", "write dialect://user:password@host/name"
        ) from None
    name = parsed.drivername.partition("+")[0]
    return parsed, "mysql" if name == "mariadb" else name


def open_engine(url: URL, bounds: Bounds) -> AsyncEngine:
    """Connects to nothing yet; raises `SetupError` when there is no driver for it."""
    name = url.drivername.partition("+")[0]
    dialect = DIALECTS["mysql" if name == "mariadb" else name]
    if not dialect.is_installed:
        raise SetupError(
            HERE,
            f"the driver for {name} is not installed",
            f"install the extra `{dialect.extra}`: pip install 'citizen-hub[{dialect.extra}]'",
        )
    url = url.set(drivername=dialect.driver)
    try:
        engine = create_async_engine(
            dialect.url(url), hide_parameters=True, **dialect.options(bounds)
        )
    except ArgumentError as error:
        raise SetupError(HERE, f"the URL does not fit {name}: {error}", "correct it") from None
    except (NoSuchModuleError, ImportError) as error:
        raise SetupError(
            HERE,
            f"the driver for {name} can't be used: {error}",
            "install the libraries that the driver needs from the system",
        ) from None
    dialect.prepare(engine, bounds)
    return engine
