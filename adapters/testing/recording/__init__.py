"""Records a department's reply as a sample, with personal data replaced."""

from adapters.testing.recording.capturing import CanNotRecordError, Recording, record
from adapters.testing.recording.pseudonyms import LeakError, Pseudonyms

__all__ = ["CanNotRecordError", "LeakError", "Pseudonyms", "Recording", "record"]
