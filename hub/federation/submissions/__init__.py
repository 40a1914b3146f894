"""What citizens submit through the hub: checks, acceptance, drafts, and what is shown of it."""

from hub.federation.submissions.bound import BoundSubmissions
from hub.federation.submissions.services import SubmissionServices, SubmissionStores

__all__ = ["BoundSubmissions", "SubmissionServices", "SubmissionStores"]
