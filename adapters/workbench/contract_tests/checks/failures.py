"""Checks how the adapter handles a department that fails, hangs or sends too much."""

import asyncio
from dataclasses import replace

from adapters.adapter import ManifestAdapter
from adapters.contract import (
    Capability,
    DepartmentError,
    LookUpReply,
    ReplyTooLargeError,
    SearchReply,
)
from adapters.workbench.contract_tests.checks.calls import ContractBrokenError, search
from adapters.workbench.contract_tests.subjects import (
    Subject,
    context,
    opened,
    replies_of,
    stage_of,
)
from adapters.workbench.look_ups import look_up_all
from adapters.workbench.replay.server import RecordedReply
from adapters.workbench.replay.stages import CanNotReplayError, failure_modes_of, http_stage

REPORT_THIS = "report this as a bug of the hub"
GIVE_UP_SECONDS = 0.3
CANCELLED_WITHIN = 2.0


async def failure_is_a_department_error(subject: Subject, capability: Capability) -> None:
    """Check that every failure of the department raises a `DepartmentError` that names it.

    Raises:
        ContractBrokenError: another error is raised, or none.
    """
    for mode in failure_modes_of(subject.manifest):
        with mode.stage(subject.manifest) as stage:
            async with opened(stage.manifest) as adapter:
                await fails_as_department_error(adapter, capability, mode.name)


async def fails_as_department_error(
    adapter: ManifestAdapter, capability: Capability, failure: str
) -> None:
    """Check that a call to the failing department raises a `DepartmentError` that names it.

    `failure` describes the failure in error messages.

    Raises:
        ContractBrokenError: another error is raised, or none.
    """
    try:
        reply: LookUpReply | SearchReply
        if capability.is_search:
            reply = await search(adapter, capability)
        else:
            reply = await adapter.look_up(capability, ["1"], context())
            if all(isinstance(each, DepartmentError) for each in reply.results.values()):
                return
    except DepartmentError as error:
        if error.department != adapter.department:
            raise ContractBrokenError(
                f"the error names {error.department!r} instead of {adapter.department!r}",
                REPORT_THIS,
            ) from None
        return
    except Exception as error:
        raise ContractBrokenError(
            f"when {failure}, the adapter raises {type(error).__name__}", REPORT_THIS
        ) from None
    raise ContractBrokenError(
        f"when {failure}, the adapter returns no rows instead of an error",
        "describe in `connector` how the department reports errors",
    )


async def cancelled_call_leaves_the_connector_usable(
    subject: Subject, capability: Capability
) -> None:
    """Check that a cancelled call ends at once, and that the next call succeeds.

    Raises:
        CanNotReplayError: the connector can't be made to hang.
        ContractBrokenError: the call continues.
    """
    samples = subject.samples_of(capability)
    if subject.kind in ("database", "files"):
        raise CanNotReplayError(
            f"the connector `{subject.kind}` can't be made to hang by this test"
        )
    replies = replies_of(samples[0], samples[0].path.read_bytes()) if samples else []
    # The login must succeed: calls share it, so cancelling one of them does not end it.
    with http_stage(subject.manifest, [*replies[:-1], RecordedReply(hangs=True)]) as stage:
        assert stage.server is not None
        async with opened(stage.manifest) as adapter:
            begun = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(GIVE_UP_SECONDS):
                    await adapter.look_up(capability, ["1"], context())
            except TimeoutError:
                pass
            if asyncio.get_running_loop().time() - begun > CANCELLED_WITHIN:
                raise ContractBrokenError("a cancelled call continues", REPORT_THIS)
            if replies:
                stage.server.replies = replies
                await adapter.look_up(capability, ["1"], context())


async def too_large_reply_is_refused(subject: Subject, capability: Capability) -> None:
    """Check that a reply larger than `limits` is an error, and is never cut silently.

    Raises:
        CanNotReplayError: no sample has a record.
        ContractBrokenError: the reply is accepted.
    """
    samples = [each for each in subject.samples_of(capability) if each.entry.records != 0]
    if not samples:
        raise CanNotReplayError("no sample of this capability has a record")
    sample = max(samples, key=lambda each: each.path.stat().st_size)
    of_rows = subject.kind in ("database", "files")
    few_bytes = max(sample.path.stat().st_size // 2, 1)
    limits = subject.manifest.file.limits.model_copy(
        update={"rows": 0} if of_rows else {"reply_bytes": few_bytes}
    )
    file = subject.manifest.file.model_copy(update={"limits": limits})
    with stage_of(replace(subject.manifest, file=file), sample) as stage:
        async with opened(stage.manifest) as adapter:
            try:
                reply = await look_up_all(
                    adapter, capability, sample.entry.keys or ["1"], context()
                )
            except ReplyTooLargeError:
                return
            if any(isinstance(each, ReplyTooLargeError) for each in reply.results.values()):
                return
    raise ContractBrokenError("a reply larger than `limits` is accepted", REPORT_THIS)
