"""Parsing of fault settings, and the named plans."""

from pathlib import Path

import pytest

from mocks.faults import FAULTS
from mocks.lab.console import LabError
from mocks.lab.faults.plans import PLANS
from mocks.lab.faults.settings import format_setting, parse_settings

SUPPORTED = {name: {"takes": fault.takes.value} for name, fault in FAULTS.items()}


@pytest.mark.parametrize(
    ("word", "name", "amount"),
    [
        ("latency=6s", "latency", 6.0),
        ("latency=200ms", "latency", 0.2),
        ("latency-p95=1.5", "latency_p95", 1.5),
        ("error=0.3", "error", 0.3),
        ("error=30%", "error", 0.3),
        ("reset-after-write=.5", "reset_after_write", 0.5),
        ("drip=64B/s", "drip", 64.0),
        ("drip=2KiB/s", "drip", 2048.0),
        ("for=2min", "for", 120.0),
        ("hang=0", "hang", 0.0),
    ],
)
def test_amounts_are_parsed_with_their_units(word: str, name: str, amount: float) -> None:
    assert parse_settings([word], SUPPORTED, "pensions") == {name: pytest.approx(amount)}


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("latnecy=6s", "did you mean latency?"),
        ("latency=30%", "latency takes a time"),
        ("error=6s", "error takes a probability"),
        ("error=1.2", "error takes a probability"),
        ("drip=slow", "drip takes a speed"),
        ("hang=-1", "hang takes a probability"),
        ("for=5%", "for takes a time"),
    ],
)
def test_the_error_of_a_wrong_setting_shows_the_right_form(word: str, sentence: str) -> None:
    with pytest.raises(LabError) as raised:
        parse_settings([word], SUPPORTED, "pensions")
    assert sentence in str(raised.value)


@pytest.mark.parametrize("name", FAULTS)
def test_a_formatted_setting_can_be_parsed_again(name: str) -> None:
    takes = FAULTS[name].takes.value
    for amount in (0.25, 1.0):
        word = format_setting(name, amount, takes)
        assert parse_settings([word], SUPPORTED, "pensions") == {name: amount}


@pytest.mark.parametrize("plan", PLANS)
def test_every_plan_can_be_set(plan: str) -> None:
    departments = ("registry", "pensions", "scholarships", "certificates", "helpdesk")
    settings = [
        parse_settings(PLANS[plan].words_for(name), SUPPORTED, name) for name in departments
    ]
    assert any(settings)


@pytest.mark.parametrize("name", [*FAULTS, *PLANS])
def test_every_switch_and_plan_is_documented(name: str) -> None:
    assert f"| `{name}` |" in Path("docs/faults.md").read_text(encoding="utf-8")
