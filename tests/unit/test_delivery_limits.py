"""How many deliveries may call a department at once."""

import pytest

from adapters.manifest.limits import Limits
from hub.app.submissions import calls_at_once


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        ({"concurrency": 8}, 8),
        ({"concurrency": 8, "deadline": "3s", "rate": {"calls": 2}}, 3),
        ({"concurrency": 1, "deadline": "2s", "rate": {"calls": 5, "per": "60s"}}, 1),
        ({"concurrency": 2, "deadline": "10s", "rate": {"calls": 100}}, 2),
    ],
)
def test_deliveries_that_call_at_once(limits: dict[str, object], most: int) -> None:
    assert calls_at_once(Limits.model_validate(limits)) == most
