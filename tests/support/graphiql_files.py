"""Fetches the files of GraphiQL that the hub serves: `python -m tests.support.graphiql_files`.

It needs `npm`, which checks the packages against the registry. To update a package, change its
version here, run this, and run the browser tests (`tests/browser`).
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.processes import PROJECT

STATIC = PROJECT / "hub" / "http" / "static"
LOCK = STATIC / "lock.json"
GRAPHIQL = "graphiql@4.1.2"
EXPLORER = "@graphiql/plugin-explorer@4.0.6"
NOTO = "@fontsource-variable/noto-sans@5.3.0"
FILES = {
    "react.js": ("react@18.3.1", "umd/react.production.min.js", "MIT"),
    "react-dom.js": ("react-dom@18.3.1", "umd/react-dom.production.min.js", "MIT"),
    "graphiql.js": (GRAPHIQL, "dist/index.umd.js", "MIT"),
    "graphiql.css": (GRAPHIQL, "dist/style.css", "MIT"),
    "explorer.js": (EXPLORER, "dist/index.umd.js", "MIT"),
    "explorer.css": (EXPLORER, "dist/style.css", "MIT"),
    "noto-sans-devanagari.woff2": (
        NOTO,
        "files/noto-sans-devanagari-wght-normal.woff2",
        "OFL-1.1",
    ),
}
"""Package, path in the package and licence of each file."""
LICENCES = {"graphiql": GRAPHIQL, "react": "react@18.3.1", "noto-sans": NOTO}
"""Packages whose file `LICENSE` is copied. The explorer and react-dom have the same licences."""
EMBEDDED = re.compile(r"@font-face \{[^}]*\}\n?|  background-image: url\(\"data:[^)]*\);\n")
"""Fonts and pictures inside GraphiQL's style sheet, which `default-src 'self'` does not allow."""


def sha384(content: bytes) -> str:
    """Return the hash as in the attribute `integrity` of HTML, without its prefix."""
    return base64.b64encode(hashlib.sha384(content).digest()).decode()


def fetch() -> None:
    """Write the files, their licences and the lock file."""
    with tempfile.TemporaryDirectory() as folder:
        packages = {package for package, _, _ in FILES.values()}
        contents = {package: dict(_unpack(package, Path(folder))) for package in packages}
    locked = []
    for name, (package, path, licence) in FILES.items():
        content = published = contents[package][path]
        if name.endswith(".css"):
            content = EMBEDDED.sub("", content.decode()).encode()
        (STATIC / name).write_bytes(content)
        locked.append(_entry(name, package, path, licence, content, published))
    for name, package in LICENCES.items():
        (STATIC / "licences" / f"{name}.txt").write_bytes(contents[package]["LICENSE"])
    LOCK.write_text(json.dumps(locked, indent=2) + "\n", encoding="utf-8")


def _entry(
    name: str, package: str, path: str, licence: str, content: bytes, published: bytes
) -> dict[str, Any]:
    package_name, _, version = package.rpartition("@")
    entry = {
        "file": name,
        "name": package_name,
        "version": version,
        "path": path,
        "licence": licence,
        "sha384": sha384(content),
    }
    if content != published:
        entry["change"] = "embedded fonts and pictures removed"
        entry["publishedSha384"] = sha384(published)
    return entry


def _unpack(package: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the path and content of each file of a package."""
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    name = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]
    with tarfile.open(folder / name) as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                yield member.name.partition("/")[2], content.read()


if __name__ == "__main__":
    fetch()
    sys.stdout.write(f"Wrote {len(FILES)} files to {STATIC}.\n")
