"""Records a department's reply as a sample, with personal data replaced by pseudonyms."""

from adapters.workbench.recording.bodies import CanNotRecordError
from adapters.workbench.recording.capture import Recording, record
from adapters.workbench.recording.logins import RecordedLogin
from adapters.workbench.recording.pseudonyms import LeakError, Pseudonyms

__all__ = ["CanNotRecordError", "LeakError", "Pseudonyms", "RecordedLogin", "Recording", "record"]
