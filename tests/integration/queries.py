"""The query of the first issue: a family with everything that three departments hold about it."""

FAMILY_APPLICATIONS = """query ($id: ID!) {
  citizen(id: $id) {
    name { fullName }
    family { memberList { member { id applications {
      nodes { applicationReferenceNumber applicationStatus departmentStatus { code label }
              service { serviceName department { preferredLabel } } timeline { action } }
      sources { department state message asOf warnings { code field raw } }
    } } } }
  }
}"""

HEAD = "7KNL042101"
