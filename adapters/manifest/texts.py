"""Texts in two languages."""

from adapters.mapping.rules import StrictModel


class TwoScripts(StrictModel):
    """A label in English and, where there is one, in Hindi."""

    en: str
    hi: str | None = None
