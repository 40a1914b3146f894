"""The search of the service catalogue: what citizens and counter operators type."""

from pathlib import Path

import pytest
import yaml

from adapters.manifest import find_departments, load_departments
from hub.federation.service_search import ServiceSearch

MANIFESTS = load_departments(find_departments())
SERVICES = [service for manifest in MANIFESTS for service in manifest.services]
DEPARTMENTS = {each.department.identifier: each.department for each in MANIFESTS}
SEARCH = ServiceSearch(SERVICES, DEPARTMENTS)
TABLE = yaml.safe_load(Path(__file__).with_name("catalogue_searches.yaml").read_text("utf-8"))
SEARCHES = {
    str(search): [wanted] if isinstance(wanted, str) else wanted
    for group in TABLE.values()
    for search, wanted in group.items()
}


def codes(search: str) -> list[str]:
    return [service.code for service in SEARCH.find(search)]


def test_the_table_is_large_and_names_services_that_exist() -> None:
    assert len(SEARCHES) >= 100
    assert {code for each in SEARCHES.values() for code in each} <= {s.code for s in SERVICES}


@pytest.mark.parametrize("search", SEARCHES)
def test_the_wanted_service_is_found_first(search: str) -> None:
    found, wanted = codes(search), SEARCHES[search]
    assert found[:1] == [] if not wanted else found and found[0] in wanted, (search, found)
