"""Fixtures shared by all tests: one set of mock departments and one hub per session."""

from collections.abc import Iterator

import pytest

from tests.support.personal_numbers import leaks, leaks_in_files
from tests.support.processes import CITIZENS, DEPARTMENTS, Hub, Mock, stop_all

SLOW = (
    "tests/property/test_dates.py",
    "tests/property/test_proposed_writes.py",
    "tests/property/test_soap_replies.py",
    "tests/property/test_writes.py",
    "tests/browser/",
    "tests/chaos/",
    "tests/durable/",
    "tests/e2e/",
    "tests/portal/",
    "tests/connectors/test_database_completeness.py",
    "tests/connectors/test_database_dialects.py",
    "tests/connectors/test_database_mariadb.py",
    "tests/connectors/test_database_procedures.py",
    "tests/connectors/test_outbox.py",
    "tests/connectors/test_files_fixed.py",
    "tests/connectors/test_files_unusable.py",
    "tests/connectors/test_words.py",
    "tests/contract/test_database_writes.py",
    "tests/contract/test_data_departments.py",
    "tests/contract/test_example_distribution.py",
    "tests/contract/test_lost_writes.py",
    "tests/contract/test_file_writes.py",
    "tests/contract/test_rest_writes.py",
    "tests/contract/test_samples.py",
    "tests/contract/test_security_profiles.py",
    "tests/contract/test_soap_writes.py",
    "tests/contract/test_worklists.py",
    "tests/execution/test_memory_ceiling.py",
    "tests/integration/test_access_log.py",
    "tests/integration/test_access_log_postgresql.py",
    "tests/integration/test_attachments_postgresql.py",
    "tests/integration/test_attacks.py",
    "tests/integration/test_bad_replies.py",
    "tests/integration/test_connection_bounds.py",
    "tests/integration/test_consent.py",
    "tests/integration/test_consent_postgresql.py",
    "tests/integration/test_cross_citizen.py",
    "tests/integration/test_explained_calls.py",
    "tests/integration/test_files_in_the_hub.py",
    "tests/integration/test_hostile_requests.py",
    "tests/integration/test_ids.py",
    "tests/integration/test_link.py",
    "tests/integration/test_lists_and_deadlines.py",
    "tests/integration/test_maintenance.py",
    "tests/integration/test_outage.py",
    "tests/integration/test_overload.py",
    "tests/integration/test_patience.py",
    "tests/integration/test_population.py",
    "tests/integration/test_query_page.py",
    "tests/integration/test_revocation.py",
    "tests/integration/test_shared_budgets.py",
    "tests/integration/test_shutdown.py",
    "tests/integration/test_submissions_over_soap.py",
    "tests/integration/test_submitted_acts.py",
    "tests/integration/test_submissions_to_databases_and_files.py",
    "tests/integration/test_submitted_lists.py",
    "tests/integration/test_submission_attacks.py",
    "tests/integration/test_submissions.py",
    "tests/integration/test_trusted_documents.py",
    "tests/integration/test_uploads.py",
    "tests/integration/test_xroad_caller.py",
    "tests/mocks/test_mock_certificates.py",
    "tests/mocks/test_mock_civil_registration.py",
    "tests/mocks/test_mock_control_api.py",
    "tests/mocks/test_mock_files.py",
    "tests/mocks/test_mock_pension_submissions.py",
    "tests/mocks/test_mock_processes.py",
    "tests/mocks/test_mock_security_profiles.py",
    "tests/mocks/test_mock_submissions.py",
    "tests/property/test_form_values.py",
    "tests/property/test_hostile_manifests.py",
    "tests/property/test_incomplete_departments.py",
    "tests/property/test_kept_rows.py",
    "tests/property/test_same_value_on_every_path.py",
    "tests/property/test_submitted_rows.py",
    "tests/connectors/test_writes_",
    "tests/link/test_writes.py",
    "tests/unit/test_attachment_checks.py",
    "tests/unit/test_check.py::test_our_own_departments_pass_strictly",
    "tests/unit/test_check_writes.py",
    "tests/unit/test_department_delivery.py",
    "tests/unit/test_drafts.py",
    "tests/unit/test_receipt_page.py",
    "tests/unit/test_receipts.py",
    "tests/unit/test_write_manifests.py",
    "tests/unit/test_write_samples.py",
    "tests/unit/test_attachments.py",
    "tests/unit/test_attachments_in_s3.py",
    "tests/unit/test_consent_machine.py",
    "tests/unit/test_demand_cost.py",
    "tests/unit/test_documents_command.py",
    "tests/unit/test_json_schema.py",
    "tests/unit/test_light_start.py",
    "tests/unit/test_production.py",
    "tests/unit/test_quality_scale.py",
    "tests/unit/test_uploads.py",
)
"""Tests that start their own processes, wait or repeat much; only `make test-all` runs them."""


ENDURANCE = (
    "tests/chaos/test_crash.py::test_nothing_is_lost_or_doubled_when_hubs_are_killed[2-8]",
    "tests/durable/test_processes.py::"
    "test_nothing_is_lost_or_doubled_when_processes_are_killed_again_and_again",
    "tests/execution/test_memory_ceiling.py::test_thirty_thousand_documents_find_a_plateau",
    *(
        "tests/execution/test_same_answers.py::"
        f"test_generated_operations_return_the_same_response[{turn}]"
        for turn in range(1, 10)
    ),
    "tests/durable/test_outage.py::test_three_days_without_the_department",
    "tests/property/test_incomplete_departments.py::test_a_department_with_a_database[1000]",
    "tests/property/test_incomplete_departments.py::test_a_department_with_deliveries[500]",
    "tests/property/test_incomplete_departments.py::test_a_department_with_pages[2500]",
    "tests/property/test_incomplete_departments.py::test_a_worklist[1000]",
)
"""Tests that take minutes; `make test-all` runs them, `.ci/run` does not."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        if item.nodeid.startswith(ENDURANCE):
            item.add_marker(pytest.mark.endurance)


@pytest.fixture(scope="session")
def population() -> Iterator[Mock]:
    mock = Mock("population")
    yield mock
    mock.stop()


shared_mocks: dict[str, Mock] = {}
"""The mocks of the fixture `departments`, once it is set up."""


@pytest.fixture(scope="session")
def departments() -> Iterator[dict[str, Mock]]:
    try:
        for name in DEPARTMENTS:
            shared_mocks[name] = Mock(name)
        yield shared_mocks
    finally:
        stop_all(shared_mocks.values())
        shared_mocks.clear()


@pytest.fixture(scope="module", autouse=True)
def no_submissions_left() -> Iterator[None]:
    """Make the shared mocks forget what the tests of a module submitted.

    Other tests compare all records with the population.
    """
    yield
    for mock in shared_mocks.values():
        mock.forget_submissions()


@pytest.fixture(scope="session")
def hub(departments: dict[str, Mock]) -> Iterator[Hub]:
    """The hub of most tests.

    After them, no id, cursor, error, log, metric or database contains a number of a person.
    """
    running = Hub(departments)
    yield running
    # Without the values, in whose digits any number can occur.
    metrics = running.get("metrics").content.splitlines()
    running.left["metrics"] = b"\n".join(line.rpartition(b" ")[0] for line in metrics)
    running.stop()
    assert leaks_in_files(running.left, CITIZENS) == []
    assert leaks([*running.hidden, *running.log().splitlines()], CITIZENS) == []


@pytest.fixture
def calm(departments: dict[str, Mock], hub: Hub) -> Iterator[dict[str, Mock]]:
    """The mock departments. Their faults are cleared and the breakers closed after the test."""
    yield departments
    for mock in departments.values():
        mock.clear_faults()
    hub.reopen()
