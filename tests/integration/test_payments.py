"""Payments of benefits at the mocks of the pensions and scholarships departments."""

from tests.support.processes import Hub, Mock

RAM_DEVI, ANKIT = "7KNL042101", "7KNL042104"


def test_the_demos_citizen_sees_two_returned_payments(hub: Hub) -> None:
    data = hub.data(
        """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
            benefits { nodes { payments(last: 3) {
             period { from to } amount { amount } paidOn paymentStatus
             paymentStatusLabel(lang: HI) departmentStatus { code }
             returnReason { code description hindi: description(lang: HI) } maskedAccount
        } } } } }""",
        id=RAM_DEVI,
    )
    (pension,) = data["citizen"]["benefits"]["nodes"]
    november, october, september = pension["payments"]
    assert november["paymentStatus"] == "SUCCEEDED"
    assert november["returnReason"] is None
    assert october == {
        "period": {"from": "2026-10-01", "to": "2026-10-31"},
        "amount": {"amount": 300000},
        "paidOn": "2026-10-07",
        "paymentStatus": "RETURNED",
        "paymentStatusLabel": "बैंक ने लौटाया",
        "departmentStatus": {"code": "R"},
        "returnReason": {
            "code": "53",
            "description": "The account is inoperative, because it was not used for a long time.",
            "hindi": "लंबे समय से लेन-देन न होने के कारण खाता निष्क्रिय है।",
        },
        "maskedAccount": "XXXX8139",
    }
    assert september["period"]["from"] == "2026-09-01"


def test_payments_cause_no_further_call(hub: Hub, departments: dict[str, Mock]) -> None:
    for name in ("pensions", "scholarships"):
        departments[name].clear_calls()
    data = hub.data(
        """{ a: citizen(by: {memberIdentifier: "7KNL042101"}) {
               benefits { nodes { payments { paidOn } } } }
             b: citizen(by: {memberIdentifier: "7KNL042104"}) {
               benefits { nodes { payments { paidOn } } } } }"""
    )
    (award,) = data["b"]["benefits"]["nodes"]
    assert award == {"payments": [{"paidOn": "2026-10-05"}]}
    assert departments["pensions"].calls() == {"GetPensions": 1}
    assert departments["scholarships"].calls() == {"GET /api/v1/awards": 1}


def test_a_wrong_number_of_payments_costs_this_field_only(hub: Hub) -> None:
    response = hub.query(
        """{ citizen(by: {memberIdentifier: "7KNL042101"}) {
             benefits { nodes { serviceCode payments(last: 100) {
             paidOn } } } } }"""
    )
    (pension,) = response["data"]["citizen"]["benefits"]["nodes"]
    assert pension == {"serviceCode": "SJE-OAS", "payments": None}
    assert response["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
