"""Runs the post-matric scholarships: an SFTP server with a folder of files, and the control API."""

import socket
import sys

from mocks.call_counts import CallCounts
from mocks.command import announce
from mocks.control import control_app, control_url
from mocks.deliveries import DELIVERY_FAULTS, kept_folder
from mocks.faults import Switchboard
from mocks.options import MockOptions
from mocks.population import Population
from mocks.population.work_departments import POST_MATRIC
from mocks.post_matric.inbox import Inbox, InboxFolders
from mocks.post_matric.rows import NightlyFiles
from mocks.post_matric.sftp import PASSWORD, READER, serve_folder
from mocks.server import port_of, serve_until, stop_signal
from mocks.start_page import StartPage
from mocks.submissions import ApplicationDesk, Intake

OUTBOX, INBOX = "outbox", "inbox"


async def run(
    options: MockOptions, listener: socket.socket, control_listener: socket.socket
) -> int:
    """Run the mock until it is stopped. Return the exit status."""
    stop = stop_signal()
    calls, switchboard = CallCounts(), Switchboard(DELIVERY_FAULTS, options.seed)
    population = Population(options.citizens, options.seed)
    host, port = options.host, port_of(listener)
    intake = Intake()
    if options.submissions is not None:
        intake.keep_in(options.submissions)
    applications = population.applications_at(POST_MATRIC)
    desk = ApplicationDesk(POST_MATRIC, applications, population.by_member_id, intake)
    files = NightlyFiles(population, desk, lambda: intake.clock.now().date())
    async with kept_folder(options, files, switchboard, OUTBOX) as kept:
        root = kept.folder.parent
        folders = InboxFolders(root / INBOX, root / "accepted", root / "refused")
        folders.create()
        inbox = Inbox(folders, desk, lambda text: print(text, file=sys.stderr))
        kept.before_write = inbox.read
        server = await serve_folder(root, listener, calls, INBOX)
        page = StartPage(
            options.name,
            f"sftp://{READER}@{host}:{port}/{OUTBOX}",
            control_url(host, control_listener),
            len(population.citizens),
            (f"sftp -P {port} {READER}@{host}:{OUTBOX}  (the password is {PASSWORD})",),
        )
        announce(page)
        try:
            control = control_app(calls, switchboard, page, kept.write, intake)
            await serve_until(stop, control, control_listener)
        finally:
            server.close()
    return 0
