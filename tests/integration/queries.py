"""A query for a family and its applications at three departments."""

FAMILY_APPLICATIONS = """query ($id: String!) {
  citizen(by: {memberIdentifier: $id}) {
    personName { fullName }
    family { members { citizen { id applications {
      nodes { applicationReferenceNumber applicationStatus departmentStatus { code label }
              service { name department { name } } timeline { action } }
      totalCount isComplete
      sources { department { identifier } state message asOf errorCode isRetryable since
                warnings { code field raw } }
    } } } }
  }
}"""

HEAD = "7KNL042101"
