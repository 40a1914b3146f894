"""The contract that every adapter keeps, and how far one has come with it.

`checks` are the contract, one function each; `quality` orders them and more into four tiers;
`suite` runs them under pytest (`plugin` is its plugin), `judging` without. `cases` are executable
Markdown.
"""

from adapters.testing.checks import ContractBrokenError
from adapters.testing.subjects import Mode, Subject

__all__ = ["ContractBrokenError", "Mode", "Subject"]
