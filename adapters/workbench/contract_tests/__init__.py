"""The contract of every adapter.

`checks` has one function for each rule. `suite` runs them under pytest, with the help of `plugin`.
`adapters.workbench.quality` runs them without pytest. `subjects` describes a department under test.
"""
