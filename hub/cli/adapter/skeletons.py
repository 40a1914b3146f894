"""Templates of manifests, by the kind of the connector."""

from collections.abc import Mapping

from adapters.workbench.introspection.manifest_folder import environment_name

HEAD = """# Lines with DECIDE are examples; replace them. docs/manifest.md describes every key.
manifest: 1
department: {name}
label: {{en: {label}}}  # DECIDE: hi: …
identity: {{scheme: DECIDE_NUMBER}}  # DECIDE: the department's numbers of citizens
#reference: XYZ/\\d{{4}}/\\d+  # DECIDE: form of its application reference numbers

limits: {{deadline: 5s, concurrency: 4, reply_bytes: 4MiB}}  # DECIDE: what it can handle
maintenance: []  # DECIDE: when it is closed

"""

RECORDS = """
records:
  application:
    applicationReferenceNumber: application_no  # DECIDE
    applicationStatus: {path: status, codes: application_status}  # DECIDE
    departmentStatus: {fields: {code: status, label: status_text}}  # DECIDE
    requestedDatetime: {path: applied_on, format: [iso, dd/mm/yyyy]}  # DECIDE: form
    applicantKey: citizen_no  # DECIDE
"""

CONNECTORS: Mapping[str, str] = {
    "rest": """connector:
  kind: rest
  base_url: ${{env:{url}:-http://127.0.0.1:9}}

capabilities:
  applications_by_citizen:
    call: {{path: /applications, query: {{citizens: "{{keys}}"}}}}  # DECIDE
    keys: {{at_once: 20}}  # DECIDE: how many it takes
    rows: data  # DECIDE: where the rows are in the reply
    key: citizen_no  # DECIDE: which field of a row has the requested number
    record: application
""",
    "soap": "",
    "database": """connector:
  kind: database
  url: ${{env:{url}:-sqlite:///department.db}}

capabilities:
  applications_by_citizen:
    call:
      sql: SELECT * FROM application WHERE citizen_no IN :keys  # DECIDE
    keys: {{at_once: 200}}
    key: citizen_no  # DECIDE: which column has the requested number
    record: application
""",
    "files": """connector:
  kind: files
  url: ${{env:{url}:-file:///srv/{name}}}
  files:
    applications:
      name: applications_.*\\.csv  # DECIDE
      csv: {{columns: [application_no, citizen_no, status, status_text, applied_on]}}  # DECIDE
      identity: [application_no]

capabilities:
  applications_by_citizen:
    call: {{file: applications, by: citizen_no}}
    keys: {{at_once: 200}}
    key: citizen_no
    record: application
""",
    "graphql": """connector:
  kind: graphql
  url: ${{env:{url}:-http://127.0.0.1:9/graphql}}

capabilities:
  applications_by_citizen:
    call:  # DECIDE
      query: |
        query($key: ID!) {{
          applications(citizen: $key) {{
            application_no citizen_no status status_text applied_on
          }}
        }}
      variables: {{key: "{{key}}"}}
    rows: applications
    key: citizen_no
    record: application
""",
}
"""Connector and capabilities by kind. SOAP always starts from its WSDL."""


def department_yaml(kind: str, name: str, label: str) -> str:
    """Return a `department.yaml` to start from; `label` is a YAML scalar."""
    written = HEAD + CONNECTORS[kind]
    return written.format(name=name, label=label, url=environment_name(name)) + RECORDS
