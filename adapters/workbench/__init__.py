"""Tools for integrators: people who write the adapter of a department.

- `introspection` drafts a manifest from a WSDL, an OpenAPI document, a database or GraphQL.
- `check` finds mistakes, gaps and costs in manifests, without a call to any department.
- `recording` keeps a department's reply as a sample, with personal data replaced.
- `replay` serves samples to the real connectors, from servers, databases and folders on this
  machine.
- `contract_tests` holds the contract of every adapter as pytest tests and as plain functions.
- `quality` rates an adapter: bronze, silver, gold or platinum.
- `cases` runs Markdown pages that hold a manifest, a reply, a call and the expected records.
- `benchmark` measures how fast samples are read.
- `json_schema` generates the JSON Schemas with which editors check manifests.

The running hub never imports this package.
"""
