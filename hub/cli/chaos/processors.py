"""A processor for the hub alone, so that load and mocks do not take it from the hub."""

import os


def leave_one_free() -> int | None:
    """This process and all that it starts keep off one processor, and it is told which.

    None where there is only one, or the system does not let a process choose.
    """
    if not hasattr(os, "sched_setaffinity"):
        return None
    free, *others = sorted(os.sched_getaffinity(0))
    if not others:
        return None
    os.sched_setaffinity(0, others)
    return free


def keep_to(process: int, processor: int) -> None:
    """Moves a process to one processor."""
    os.sched_setaffinity(process, {processor})
