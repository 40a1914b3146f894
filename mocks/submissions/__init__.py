"""What mock departments receive: applications, grievances and other writes.

Each write that a department carries out is one row of its own table (`Intake`), also if its reply
is lost. A received application passes through the department's statuses in simulated days and
appears in the same look-ups and lists as the generated ones (`ApplicationDesk`).
"""

from mocks.submissions.desk import ApplicationDesk
from mocks.submissions.intake import Arrival, Intake, Kind, SubmissionControl
from mocks.submissions.progress import certificate_of

__all__ = ["ApplicationDesk", "Arrival", "Intake", "Kind", "SubmissionControl", "certificate_of"]
