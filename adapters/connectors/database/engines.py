"""Creates the SQLAlchemy engine of a department's database."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.connectors.database.dialects import DIALECTS, Bounds
from adapters.connectors.setup import SetupError

HERE = ("connector", "url")


def parse_url(url: str) -> tuple[URL, str]:
    """Return the URL and the name of its dialect.

    Raises:
        SetupError: the text is not a database URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SetupError(
            HERE, "this is not a database URL", "write dialect://user:password@host/name"
        ) from None
    name = parsed.drivername.partition("+")[0]
    return parsed, "mysql" if name == "mariadb" else name


def open_engine(url: URL, bounds: Bounds) -> AsyncEngine:
    """Return an engine. It does not connect yet.

    Raises:
        SetupError: the driver is missing or does not accept the URL.
    """
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
        raise SetupError(HERE, f"{name} can't use this URL: {error}", "correct the URL") from None
    except (NoSuchModuleError, ImportError) as error:
        raise SetupError(
            HERE,
            f"the driver for {name} can't be loaded: {error}",
            "install the system libraries that the driver needs",
        ) from None
    dialect.prepare(engine, bounds)
    return engine
