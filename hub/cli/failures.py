"""Mistakes that the command line foresees."""


class CliError(Exception):
    """Something the person at the terminal can put right; the message says what, in a sentence."""
