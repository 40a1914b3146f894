"""Trusted documents of another git revision, for `hub documents privacy --against`."""

import subprocess
import tempfile
from pathlib import Path

from hub.cli.console import CliError
from hub.execution.trusted_documents import (
    TrustedDocuments,
    TrustedDocumentsError,
    read_trusted_documents,
)


def documents_of_revision(place: Path, revision: str) -> TrustedDocuments:
    """Return the documents that a folder or JSON file had in a git revision; none if it is new.

    Raises:
        CliError: the place is in no git repository, or there is no such revision.
    """
    folder = place if place.is_dir() else place.parent
    commit = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
    listed = _git(folder, "ls-tree", "-r", "--name-only", commit, "--", str(place.resolve()))
    names = [name for name in listed.splitlines() if name]
    with tempfile.TemporaryDirectory(prefix="hub-documents-") as copies:
        for name in names:
            content = _git(folder, "show", f"{commit}:./{name}")
            (Path(copies) / Path(name).name).write_text(content, encoding="utf-8")
        copied = Path(copies) if place.is_dir() else Path(copies) / place.name
        if not names:
            return TrustedDocuments(())
        try:
            return read_trusted_documents(copied)
        except TrustedDocumentsError as error:
            raise CliError(f"{revision}: {error}") from None


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    except FileNotFoundError:
        raise CliError("--against needs git. Install it.") from None
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()
        detail = reason[-1] if reason else "there is no such revision"
        raise CliError(f"git {arguments[0]}: {detail}.") from None
    return done.stdout
