"""What replicas share in Valkey or Redis (`HUB_CACHE_URL`): copies of replies, and budgets."""

from collections.abc import Callable

from hub.execution.demand import Budgets, SharedBudgets
from hub.link.cache import CopyStore
from hub.settings import Settings

NewCopies = Callable[[str], CopyStore | None]


class SharedCopiesError(Exception):
    """The shared cache cannot be used. The message shows the hub's operator what to correct."""


def shared_copies(settings: Settings) -> NewCopies:
    """Return a function that creates the shared cache of a department.

    The function returns None if no shared cache is configured.

    Raises:
        SharedCopiesError: the settings of the cache are wrong or the extra `valkey` is missing.
    """
    url, secret = settings.cache_url, settings.cache_key
    if url is None:
        return lambda _department: None
    if secret is None:
        raise SharedCopiesError(
            "HUB_CACHE_URL needs HUB_CACHE_KEY: set it to a long random secret."
        )
    try:
        from valkey.asyncio import Valkey

        from hub.link.shared_copies import SharedCopies

        client = Valkey.from_url(url)
    except ImportError:
        raise SharedCopiesError(
            "HUB_CACHE_URL needs the extra `valkey`: pip install 'citizen-hub[valkey]'."
        ) from None
    except ValueError as error:
        raise SharedCopiesError(f"HUB_CACHE_URL is invalid: {error}") from None
    key = secret.get_secret_value().encode()
    return lambda department: SharedCopies(client, department, key)


def shared_budgets(settings: Settings, budgets: Budgets) -> SharedBudgets | None:
    """Return the budgets that replicas share; None if no shared cache is configured."""
    url, secret = settings.cache_url, settings.cache_key
    if url is None or secret is None:
        return None
    from valkey.asyncio import Valkey

    return SharedBudgets(
        Valkey.from_url(url),
        secret.get_secret_value().encode(),
        {"cost": budgets.costs, "client": budgets.client_costs, "tries": budgets.tries},
    )
