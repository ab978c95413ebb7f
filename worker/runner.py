"""What becomes of one message of `work.fifo`: its run is taken, driven, and ended or let go."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import asl
from asl.snapshot import WrongMachine
from fileferry.closing import close_unless_over, finish_closing
from fileferry.errors import (
    ConfigurationError,
    FerryError,
    IntegrityError,
    NoSuchRecord,
    ObjectGone,
    RunClosed,
    StepInterrupted,
    TransientError,
)
from fileferry.executions import run_end
from fileferry.model.job import JobRef, JobStatus, Run
from fileferry.repositories.leases import FencedOut, Lease, LeaseHeld, LeaseRepository
from fileferry.repositories.runs import run_over
from fileferry.services import Services
from fileferry.steps import as_ferry_error, logger, tell_job
from fileferry.work_queue import MalformedWork, parse_work, send_work

from .checkpoints import Checkpoints
from .definitions import identity_of, machine_of
from .driving import CANCELLED, Driver, Waiting
from .handlers import FUNCTIONS, Function, Handlers
from .histories import keep_history
from .hold import Hold, Holds, Moment
from .metrics import Metrics, MetricUnit
from .queue import Message, WorkQueue
from .settings import WorkerSettings

POISON = "PoisonJob"
_FIRST_PAUSE_SECONDS = 30
_LONGEST_PAUSE_SECONDS = 900


@dataclass(frozen=True)
class Runner:
    """Handles messages, in any number of threads; `owner` is this process in the leases."""

    world: Services
    leases: LeaseRepository
    queue: WorkQueue
    settings: WorkerSettings
    owner: str
    metrics: Metrics
    holds: Holds = field(default_factory=Holds)
    functions: Mapping[str, Function] = field(default_factory=lambda: FUNCTIONS)

    def handle(self, message: Message) -> None:
        """Do what the message asks for. What it raises leaves the message to come again."""
        try:
            job = parse_work(message.body)
        except MalformedWork as error:
            logger.error("malformed message: %s", error, extra={"body": message.body[:500]})
            self.metrics.count("MalformedMessages")
            self._bury(message, {"reason": str(error)})
            return
        tell_job(job)
        with self.holds.entered(job.execution_name) as new:
            if new:
                self._take(message, job)
            else:
                self.holds.came_again(job.execution_name, message)
                self.queue.show_in(message, self.settings.lease_seconds)

    # ---- taking ---------------------------------------------------------------------------------

    def _take(self, message: Message, job: JobRef) -> None:
        taken = Moment()
        try:
            lease = self.leases.take(job, self.owner, self.settings.lease_seconds)
        except LeaseHeld as held:
            logger.info("left to its owner: %s", held)
            self.queue.show_in(message, held.seconds + 1)
            return
        except RunClosed:
            self._end_closed(message, job)
            return
        except NoSuchRecord as error:
            logger.error("a message without a run: %s", error)
            self._bury(message, {"reason": str(error)})
            return
        if lease.run.takes > self.settings.tries:
            self._give_up(message, lease)
            return
        hold = Hold(message, job, lease, self.leases, self.settings.lease_seconds, taken)
        self.holds.add(hold)
        self._work(hold)

    def _work(self, hold: Hold) -> None:
        self.metrics.count("JobsStarted")
        logger.info("taken", fence=hold.job.fence, takes=hold.lease.run.takes, owner=self.owner)
        began = time.monotonic()
        try:
            self._drive(hold)
        except Waiting as waiting:
            self._let_wait(hold, waiting.wake_at)
        except StepInterrupted as why:
            self.hand_on(hold, str(why))
        except RunClosed as lost:
            self._leave(hold, lost)
        except (ConfigurationError, asl.AslError) as error:
            self._fail(hold, as_ferry_error(error))
        except Exception as error:
            self._put_off(hold, as_ferry_error(error))
        finally:
            self.metrics.add("JobSeconds", MetricUnit.Seconds, time.monotonic() - began)
            self.metrics.add("BytesMoved", MetricUnit.Bytes, hold.take_moved())

    def _drive(self, hold: Hold) -> None:
        checkpoints = Checkpoints(self.world, hold.job, hold.lease.run.checkpoint)
        execution, driver = self._driver(hold, checkpoints)
        driver.drive()
        self._end(hold.job, execution, checkpoints)
        self.queue.delete(hold.message)

    def _driver(self, hold: Hold, checkpoints: Checkpoints) -> tuple[asl.Execution, Driver]:
        run = hold.lease.run
        machine = machine_of(self.world, hold.job, run, self.settings.workflows)
        execution, submitted = _resumed(machine, checkpoints)
        if execution is None:
            given = {"job": hold.first.model_dump(mode="json")}
            execution = machine.start(given, identity=identity_of(self.world, hold.job, run))
        handlers = Handlers(self.world, hold, self.settings, self.functions)
        return execution, Driver(execution, hold, handlers, checkpoints, submitted, lambda: self._run(hold.job))

    def _run(self, job: JobRef) -> Run:
        return self.world.runs.get(job.job_id, job.run)

    # ---- ending ---------------------------------------------------------------------------------

    def _end(self, job: JobRef, execution: asl.Execution, checkpoints: Checkpoints) -> None:
        """Close the run unless the workflow has, and store the history."""
        status, error = run_end(execution.status, execution.error or "", execution.cause or "")
        status = close_unless_over(self.world, job, status, error)
        self._keep_history(job, execution, checkpoints)
        good = status not in (JobStatus.FAILED, JobStatus.CANCELLED)
        self.metrics.count("JobsFinished" if good else "JobsFailed")
        logger.info("ended", execution_status=execution.status, run_status=status.value)

    def _keep_history(self, job: JobRef, execution: asl.Execution, checkpoints: Checkpoints) -> None:
        keep_history(self.world, job, execution)
        checkpoints.forget()

    def _end_closed(self, message: Message, job: JobRef) -> None:
        """A run that is over: end what a killed worker left undone of its closing and its history."""
        run = self._run(job)
        job = job.model_copy(update={"fence": run.fence})
        if run.checkpoint is not None and run.history is None:
            self._end_execution(message, job, run)
        finish_closing(self.world, job, run)
        self.queue.delete(message)
        logger.info("the run was over: %s", run.status.value)

    def _end_execution(self, message: Message, job: JobRef, run: Run) -> None:
        """Go the last way from the checkpoint: recorded steps return their results, and no other one may begin."""
        lease = Lease(job, self.owner, run)
        hold = Hold(message, job, lease, self.leases, self.settings.lease_seconds, Moment())
        hold.refuse(run_over(run))
        checkpoints = Checkpoints(self.world, job, run.checkpoint)
        execution, driver = self._driver(hold, checkpoints)
        try:
            driver.drive()
        except Waiting:
            execution.stop(*CANCELLED)
        self._keep_history(job, execution, checkpoints)

    # ---- letting go -----------------------------------------------------------------------------

    def _let_wait(self, hold: Hold, wake_at: str) -> None:
        """Only the outside can bring the run forward: let it go, and the message with it.

        An acknowledgement that came since the step looked for it has its own message, which waits behind ours in the
        job's group.
        """
        if self._released(hold, wake_at):
            self.queue.delete(hold.message)
            logger.info("waits", wake_at=wake_at)

    def hand_on(self, hold: Hold, why: str) -> None:
        """Give the run to whoever takes it next, by a new message: its count of receives begins anew.

        A run that came no further in all the time that SQS leaves a message to one worker will not in the next either:
        such a take counts.
        """
        in_vain = hold.message.age > self.settings.hold_seconds and not hold.further
        if not self._released(hold, trouble=f"Nothing had come further when {why}." if in_vain else ""):
            return
        send_work(self.world, hold.first, reason=f"{hold.job.fence}-handed-on")
        self.queue.delete(hold.message)
        self.metrics.count("JobsHandedOn")
        # Not only the job's own thread hands it on, whose lines all tell the job.
        logger.info("handed on: %s", why, fence=hold.job.fence, job_id=hold.job.job_id, run=hold.job.run)

    def _put_off(self, hold: Hold, error: FerryError) -> None:
        """Something failed that is no step's failure. The run is taken again later; AWS's own failures do not count."""
        logger.exception("the run could not be brought forward", error_type=type(error).__name__)
        trouble = "" if isinstance(error, TransientError) else f"{type(error).__name__}: {error}"
        if self._released(hold, trouble=trouble):
            pause = min(_FIRST_PAUSE_SECONDS * 2**hold.lease.run.takes, _LONGEST_PAUSE_SECONDS)
            self.queue.show_in(hold.message, pause)

    def _released(self, hold: Hold, wake_at: str = "", *, trouble: str = "") -> bool:
        """Release the lease; False when it was lost, or the run is over, and nothing more is to be done."""
        try:
            hold.release(wake_at, trouble)
        except RunClosed as lost:
            self._leave(hold, lost)
            return False
        return True

    def _leave(self, hold: Hold, lost: RunClosed) -> None:
        """The run is another's, and the message with it; or somebody has closed it, and what is left is done."""
        why = lost if isinstance(lost, FencedOut) else self.leases.refusal(hold.lease)
        if isinstance(why, FencedOut):
            logger.error("%s", why, ours=why.ours, theirs=why.theirs)
            self.metrics.count("FencedOut")
        else:
            logger.info("closed meanwhile: %s", why)
            self._end_closed(hold.message, hold.first)

    # ---- giving up ------------------------------------------------------------------------------

    def _fail(self, hold: Hold, error: FerryError) -> None:
        """The run's workflow cannot be run here, and no repeat heals that."""
        logger.exception("the run fails", error_type=type(error).__name__)
        record = {"error": type(error).__name__, "message": str(error)[:2000]}
        close_unless_over(self.world, hold.job, JobStatus.FAILED, record)
        self.queue.delete(hold.message)
        self.metrics.count("JobsFailed")

    def _give_up(self, message: Message, lease: Lease) -> None:
        """The run was taken often enough without coming further: it fails, and its message is buried."""
        run, job = lease.run, lease.job
        error = {"error": POISON, "message": _what_is_known(run, self.settings.tries)}
        logger.error("%s", error["message"])
        self.metrics.count("PoisonJobs")
        self.metrics.count("JobsFailed")
        self.queue.bury(
            message, {"reason": error["message"], "error": POISON, "job_id": job.job_id, "run": str(job.run)}
        )
        close_unless_over(self.world, job, JobStatus.FAILED, error)
        self._stop_execution(job, run, error)
        self.queue.delete(message)

    def _stop_execution(self, job: JobRef, run: Run, error: Mapping[str, str]) -> None:
        """The history of a run that was given up: what its last checkpoint has, and its end."""
        if run.checkpoint is None:
            return
        checkpoints = Checkpoints(self.world, job, run.checkpoint)
        machine = machine_of(self.world, job, run, self.settings.workflows)
        execution, _ = _resumed(machine, checkpoints)
        if execution is not None:
            execution.stop(error["error"], error["message"])
            self._keep_history(job, execution, checkpoints)

    def _bury(self, message: Message, facts: Mapping[str, str]) -> None:
        self.queue.bury(message, facts)
        self.queue.delete(message)


def _resumed(machine: asl.Machine, checkpoints: Checkpoints) -> tuple[asl.Execution | None, frozenset[str]]:
    """The execution as it was stored last, and the tasks with a token that have answered."""
    try:
        stored = checkpoints.load()
        if stored is not None:
            return machine.resume(stored.context), stored.submitted
    except (ObjectGone, IntegrityError, WrongMachine) as error:
        # Nothing is lost but the counters of retries: a step that is recorded as done returns its result.
        logger.warning("the checkpoint is of no use, the execution begins anew: %s", error)
    return None, frozenset()


def _what_is_known(run: Run, tries: int) -> str:
    """Why a run is given up, in words."""
    begun = [f"{name} (attempt {record.attempt})" for name, record in run.steps.items() if record.started_at]
    where = f", last in step {begun[-1]}" if begun else ""
    why = f"The last one said: {run.trouble}" if run.trouble else "Each was killed, or ran out of memory."
    return f"{tries} workers in a row took the run and did not come further{where}. {why}"[:2000]
