"""Service centres: the checks of `service_centres.yaml`, and the centres of the demo."""

from pathlib import Path

import pytest

from adapters.manifest import ManifestError, load_department
from adapters.workbench.check import Severity, check
from schema.language import Language
from schema.service_centre import ServiceCentreType
from schema.status import SubmissionChannel
from tests.support.own_manifests import MANIFESTS
from tests.unit.departments import write_department

CENTRES = """service_lists:
  trees: [FOR-ONE]
  plants: [FOR-TWO, FOR-ONE]
service_centres:
  nissing:
    type: SARAL_KENDRA
    name: {en: Saral Kendra Nissing, hi: सरल केंद्र निसिंग}
    locality: {en: Nissing, hi: निसिंग}
    district: {en: Karnal, hi: करनाल}
    postal_code: '132024'
    latitude: 29.697
    longitude: 76.746
    telephone: 0184-0000103
    opening_hours: Mo-Fr 09:00-17:00
    service_charge: 1000
    services: [trees, plants]
"""
SERVICES = """services:
  FOR-ONE:
    name: {en: Tree permit, hi: वृक्ष अनुमति}
    description: {en: Permission to cut a tree., hi: वृक्ष काटने की अनुमति।}
    produces: {en: Permit, hi: अनुमति पत्र}
"""


def test_a_centre_offers_the_services_of_its_lists_once(tmp_path: Path) -> None:
    folder = write_department(tmp_path, service_centres_yaml=CENTRES)
    (centre,) = load_department(folder).service_centres
    assert centre.service_codes == ("FOR-ONE", "FOR-TWO")
    assert centre.addresses[Language.HI].sub_region_name == "करनाल"
    assert centre.addresses[Language.EN].locality == "Nissing"


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("[trees, plants]", "[trees, plant]", 16, "there is no list of services 'plant'"),
        ("[trees, plants]", "[]", 16, "at least 1 item"),
        ("'132024'", "'13202'", 10, "postal_code"),
        ("    telephone: 0184-0000103\n", "", 5, "telephone"),
        ("SARAL_KENDRA", "KENDRA", 6, "type"),
    ],
)
def test_a_mistake_is_reported_with_its_line(
    old: str, new: str, line: int, message: str, tmp_path: Path
) -> None:
    folder = write_department(tmp_path, service_centres_yaml=CENTRES.replace(old, new, 1))
    with pytest.raises(ManifestError) as caught:
        load_department(folder)
    (problem,) = caught.value.problems
    assert (problem.path.name, problem.line) == ("service_centres.yaml", line)
    assert message in str(problem)


def test_a_service_that_no_department_has_is_a_warning(tmp_path: Path) -> None:
    one = write_department(tmp_path, services_yaml=SERVICES, service_centres_yaml=CENTRES)
    other = write_department(tmp_path, "lakes")
    found = [each for each in check([one, other]).findings if each.rule == "services"]
    (finding,) = found
    assert (finding.severity, finding.path.name, finding.line) == (
        Severity.WARNING, "service_centres.yaml", 3,
    )  # fmt: skip
    assert finding.message == "no department that was checked has the service 'FOR-TWO'"
    assert not [each for each in check([one]).findings if each.rule == "services"]


def test_missing_hindi_is_a_warning(tmp_path: Path) -> None:
    text = CENTRES.replace("locality: {en: Nissing, hi: निसिंग}", "locality: Nissing")
    folder = write_department(tmp_path, service_centres_yaml=text)
    (finding,) = [each for each in check([folder]).findings if each.rule == "languages"
                  and each.path.name == "service_centres.yaml"]  # fmt: skip
    assert (finding.line, finding.key) == (8, "service_centres.nissing")


def test_every_service_is_offered_where_its_channels_say() -> None:
    services = {each.code: each for manifest in MANIFESTS for each in manifest.services}
    centres = [each for manifest in MANIFESTS for each in manifest.service_centres]
    for centre in centres:
        is_common = centre.centre_type is ServiceCentreType.ATAL_SEVA_KENDRA
        channel = SubmissionChannel.CSC if is_common else SubmissionChannel.KIOSK
        for code in centre.service_codes:
            assert channel in services[code].channels, (centre.identifier, code)
    assert {code for centre in centres for code in centre.service_codes} == set(services)


def test_no_telephone_number_of_a_centre_can_be_dialled() -> None:
    """The numbers are invented: the numbers of subscribers do not begin with 0."""
    for manifest in MANIFESTS:
        numbers = [each.telephone for each in manifest.service_centres]
        assert len(set(numbers)) == len(numbers)
        assert all(each.partition("-")[2].startswith("000") for each in numbers)
