"""The pensions department: SOAP 1.1, document/literal wrapped."""
