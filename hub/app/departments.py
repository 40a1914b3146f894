"""The links to departments, and what keeps their credentials current."""

from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.manifest import Manifest, load_department
from hub.app.shared_cache import NewCopies
from hub.link import DepartmentLink
from hub.link.credential_reload import CredentialReload, CredentialReloads
from hub.observe import Metrics
from hub.store.kept_files import KeptFiles


def links_of(
    departments: Iterable[tuple[Manifest, ManifestAdapter]], metrics: Metrics, new_copies: NewCopies
) -> dict[str, DepartmentLink]:
    """Return the link to each department, by its identifier."""
    return {
        manifest.file.department: _link(adapter, manifest, metrics, new_copies)
        for manifest, adapter in departments
    }


def _link(
    adapter: ManifestAdapter, manifest: Manifest, metrics: Metrics, new_copies: NewCopies
) -> DepartmentLink:
    file = manifest.file
    return DepartmentLink(
        adapter,
        file.limits,
        metrics.department(file.department),
        windows=file.maintenance,
        copies=new_copies(file.department),
        zone=ZoneInfo(file.timezone),
    )


def credential_reloads(
    departments: Iterable[tuple[Manifest, ManifestAdapter]],
    links: Mapping[str, DepartmentLink],
    files: KeptFiles,
) -> CredentialReloads:
    """Return what replaces an adapter when a file that its manifest refers to changes."""

    def reload_of(manifest: Manifest) -> CredentialReload:
        def build() -> ManifestAdapter:
            return build_adapter(load_department(manifest.folder), files)

        return CredentialReload(manifest, links[manifest.file.department], build)

    return CredentialReloads([reload_of(manifest) for manifest, _adapter in departments])
