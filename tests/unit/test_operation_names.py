"""Which operations read and which write, by their names."""

import pytest

from adapters.workbench.operation_names import looks_like_read, write_word_in

WRITES = [
    "UpdateApplicationStatus",
    "updateStatus",
    "update_status",
    "update-status",
    "updatestatus",
    "UPDATESTATUS",
    "applications/_create",
    "_update",
    "StatusUpdate",
    "saveCitizen",
    "savecitizen",
    "SaveX",
    "AddX",
    "addapplication",
    "insertRecord",
    "modify_details",
    "approve",
    "rejectApplication",
    "deleteById",
    "registerCitizen",
    "withdrawApplication",
    "issueCertificate",
    "certificates/{id}/issue",
    "cancelOrder",
    "submitGrievance",
    "getAndUpdateStatus",
    "getOrCreateCitizen",
    "checkAndSubmit",
    "Applications_Update",
    "application.create.php",
    "service.asmx/UpdateStatus",
    "actualizarEstado",
    "CréerDemande",
    "statusAendern",
    "löschen",
    "अद्यतन_करें",
    "setStatus",
    "postComplaint",
    "fileGrievance",
    "StatusUpdation",
    "applicationSubmit",
    "applicationsubmit",
    "doUpdate",
    "processUpdate",
    "UpsertCase",
    "closeComplaint",
    "newApplication",
    "registercitizen",
    "issuecertificate",
    "updateUsingPOST",
]
READS = [
    "getStatus",
    "getUpdatedApplications",
    "getIssuedCertificates",
    "getIssueDate",
    "getReissue",
    "getstatus",
    "listCancelledOrders",
    "GetPermitsByLandholder",
    "getRegistrationStatus",
    "GETSTATUS",
    "findcitizen",
    "ApplicationStatus",
    "application_search",
    "pgrRequestSearch",
    "_search",
    "isRegistered",
    "PostMatricStatus",
    "trackApplication",
    "SearchByAddress",
    "getSubmission",
    "StatusEnquiry",
    "आवेदन_देखें",
    "consultarEstado",
    "getApplicationHistory",
    "getCreatedBetween",
    "settlementList",
    "registrationDetails",
    "getPendingUpdates",
]


@pytest.mark.parametrize("name", WRITES)
def test_a_name_that_says_so_is_a_write(name: str) -> None:
    assert write_word_in(name) is not None
    assert not looks_like_read(name)


@pytest.mark.parametrize("name", READS)
def test_a_name_of_a_read_is_not_taken_for_a_write(name: str) -> None:
    assert write_word_in(name) is None
    assert looks_like_read(name)


@pytest.mark.parametrize("name", ["application", "GetX", "doIt", "", "42", "addressBook", "X/Y/Z"])
def test_names_without_a_verb_are_not_writes(name: str) -> None:
    assert write_word_in(name) is None
