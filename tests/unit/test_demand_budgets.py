"""Budgets of callers and portals, and bounded tries."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

import pytest

from hub.access import Caller, Principal, Role
from hub.execution import Executor, GraphQLRequest
from hub.execution.demand.budgets import BudgetExceededError, Budgets
from hub.execution.demand.windows import Windows
from hub.http.trusted_proxies import TrustedProxies
from schema.errors import HubError
from tests.execution.fake_sources import REFERENCES, new_context
from tests.support.graphql_schema import SCHEMA

EXECUTOR = Executor(SCHEMA)
ANONYMOUS = Principal(Role.ANONYMOUS)


class Clock:
    def __init__(self) -> None:
        self.now = 6_000_000.0

    def __call__(self) -> float:
        return self.now


def test_use_in_the_previous_window_counts_in_part() -> None:
    clock = Clock()
    windows = Windows(60, clock)
    windows.add("a", 100)
    clock.now += 60
    assert windows.used("a") == 100
    clock.now += 45
    assert windows.used("a") == 25
    clock.now += 15
    assert windows.used("a") == 0


def test_use_is_refused_until_it_fits_again() -> None:
    clock = Clock()
    windows = Windows(60, clock)
    assert windows.take("a", 100, 100)
    assert not windows.take("a", 10, 100)
    assert windows.take("b", 10, 100)
    seconds = windows.seconds_until("a", 90)
    clock.now += seconds - 0.1
    assert not windows.take("a", 10, 100)
    clock.now += 0.2
    assert windows.take("a", 10, 100)


def test_unused_keys_take_no_memory() -> None:
    clock = Clock()
    windows = Windows(60, clock)
    for number in range(1_000):
        windows.add(str(number), 1)
    clock.now += 121
    windows.add("a", 1)
    assert len(windows._current) + len(windows._previous) == 1


def test_replicas_share_counts() -> None:
    clock = Clock()
    one, other = Windows(60, clock), Windows(60, clock)
    one.shared = other.shared = True
    one.add("a", 70)
    other.add("a", 20)
    number, changes = one.take_changes()
    assert changes == {"a": 70}
    # The server has the sum of both.
    one.set_total(number, "a", 90)
    assert not one.take("a", 20, 100)
    clock.now += 60
    one.set_total(number, "a", 1_000)
    assert one.used("a") == 90


def budgets(**limits: Any) -> Budgets:
    found = Budgets(**limits)
    found.costs, found.client_costs = Windows(60, Clock()), Windows(60, Clock())
    found.tries = Windows(3600, Clock())
    return found


def test_callers_without_sign_in_have_a_budget_per_address() -> None:
    shared = budgets(caller_cost=100)
    shared.of(Caller(ANONYMOUS, address="10.0.0.1")).spend(90)
    shared.of(Caller(ANONYMOUS, address="10.0.0.2")).spend(90)
    with pytest.raises(BudgetExceededError) as raised:
        shared.of(Caller(ANONYMOUS, address="10.0.0.1")).spend(20)
    assert raised.value.retry_after >= 60


def test_all_addresses_of_an_ipv6_network_share_a_budget() -> None:
    shared = budgets(caller_cost=100)
    shared.of(Caller(ANONYMOUS, address="2001:db8::1")).spend(90)
    with pytest.raises(BudgetExceededError):
        shared.of(Caller(ANONYMOUS, address="2001:db8::2")).spend(90)
    shared.of(Caller(ANONYMOUS, address="2001:db8:0:1::1")).spend(90)


def test_principals_have_a_budget_wherever_they_are() -> None:
    shared = budgets(caller_cost=100)
    citizen = Principal(Role.CITIZEN, subject="https://id.example|1")
    shared.of(Caller(citizen, address="10.0.0.1")).spend(90)
    with pytest.raises(BudgetExceededError):
        shared.of(Caller(citizen, address="10.0.0.2")).spend(20)
    shared.of(Caller(ANONYMOUS, address="10.0.0.1")).spend(90)


def test_the_users_of_a_portal_share_its_budget() -> None:
    shared = budgets(caller_cost=100, client_cost=150)
    people = [
        Principal(Role.CITIZEN, subject=f"https://id.example|{n}", client="portal")
        for n in range(3)
    ]
    shared.of(Caller(people[0])).spend(90)
    with pytest.raises(BudgetExceededError, match="this portal"):
        shared.of(Caller(people[1])).spend(90)
    # A refused operation costs nothing.
    assert shared.of(Caller(people[1])).remaining == 100
    shared.of(Caller(people[0])).give_back(80)
    shared.of(Caller(people[1])).spend(90)


async def test_an_operation_costs_what_it_returned() -> None:
    budget = budgets().of(Caller(ANONYMOUS, address="10.0.0.1"))
    context = new_context()
    context.budget = budget
    request = GraphQLRequest("{ services(first: 100) { nodes { code } } }")
    before = budget.remaining
    response = await EXECUTOR.execute(request, context)
    rows = len(response.body["data"]["services"]["nodes"])
    # The document was new: it costs 1 for each 20 characters.
    assert before - budget.remaining == 1 + rows + 1 + len(request.query) // 20


def track(references: Sequence[str], digits: Sequence[str]) -> str:
    return " ".join(
        f'a{n}{last4}: trackApplication(reference: "{reference}", phoneLast4: "{last4}") '
        "{ __typename }"
        for n, reference in enumerate(references)
        for last4 in digits
    )


GUESSES = [f"{n:04}" for n in range(5000, 5011)]


@pytest.mark.parametrize("executor", ["plan", "graphql-core"])
@pytest.mark.parametrize("in_fragment", [False, True])
async def test_aliases_count_as_tries(executor: str, in_fragment: bool) -> None:
    fields = track(REFERENCES[:1], GUESSES)
    text = f"{{ {fields} }}"
    if in_fragment:
        text = f"{{ ...F ... {{ ...F }} }} fragment F on Query {{ {fields} }}"
    context = new_context()
    context.budget = budgets().of(Caller(ANONYMOUS, address="10.0.0.1"))
    run = EXECUTOR.execute if executor == "plan" else EXECUTOR.execute_with_graphql_core
    response = await run(GraphQLRequest(text), context)
    codes = {each["extensions"]["code"] for each in response.body["errors"]}
    assert codes == {"RATE_LIMITED"}


def test_wrong_tries_are_bounded_per_reference_and_per_caller() -> None:
    shared = budgets(tries_per_reference=3, tries_per_caller=5)
    one = shared.of(Caller(ANONYMOUS, address="10.0.0.1"))
    other = shared.of(Caller(ANONYMOUS, address="10.0.0.2"))
    assert one.begin_tries("f", ["A", "A"]) is None
    assert other.begin_tries("f", ["A"]) is None
    assert isinstance(other.begin_tries("f", ["A"]), HubError)
    assert one.begin_tries("f", ["B", "C", "D"]) is None
    assert isinstance(one.begin_tries("f", ["E"]), HubError)
    assert other.begin_tries("g", ["A"]) is None


def test_right_tries_are_given_back() -> None:
    budget = budgets(tries_per_reference=1).of(Caller(ANONYMOUS, address="10.0.0.1"))
    for _ in range(5):
        assert budget.begin_tries("f", ["A"]) is None
        budget.forgive_tries("f", ["A"])


@pytest.mark.parametrize(
    ("sender", "header", "client"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
async def test_only_trusted_proxies_name_the_client(sender: str, header: str, client: str) -> None:
    seen: list[str] = []

    async def app(scope: dict[str, object], *_: object) -> None:
        seen.append(scope["client"][0])  # type: ignore[index]

    middleware = TrustedProxies(app, [ip_network("10.0.0.0/8")])  # type: ignore[arg-type]
    headers = [(b"x-forwarded-for", header.encode())] if header else []
    scope = {"type": "http", "client": (sender, 1), "headers": headers}
    await middleware(scope, None, None)  # type: ignore[arg-type]
    assert seen == [client]
