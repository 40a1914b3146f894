"""A query for a family and its applications at three departments."""

FAMILY_APPLICATIONS = """query ($id: ID!) {
  citizen(id: $id) {
    personName { fullName }
    family { members { citizen { id applications {
      nodes { applicationReferenceNumber applicationStatus departmentStatus { code label }
              service { name department { name } } timeline { action } }
      sources { department { identifier } state message asOf warnings { code field raw } }
    } } } }
  }
}"""

HEAD = "7KNL042101"
