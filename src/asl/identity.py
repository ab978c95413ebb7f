"""Who an execution is: the names and ARNs that the context object, the history and error texts show."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Identity:
    """Account, region and names of an execution; its ARNs follow from them unless they are given.

    `express` is the machine's type; a `synchronous` execution is one of StartSyncExecution.
    """

    account: str = "123456789012"
    region: str = "us-east-1"
    machine: str = "StateMachine"
    execution: str = "execution"
    role_arn: str = "arn:aws:iam::123456789012:role/StateMachine"
    express: bool = False
    synchronous: bool = False
    given_machine_arn: str | None = None
    given_execution_arn: str | None = None

    @property
    def machine_arn(self) -> str:
        return self.given_machine_arn or f"arn:aws:states:{self.region}:{self.account}:stateMachine:{self.machine}"

    @property
    def execution_arn(self) -> str:
        if self.given_execution_arn:
            return self.given_execution_arn
        place = f"arn:aws:states:{self.region}:{self.account}"
        if self.express:
            import uuid

            return f"{place}:express:{self.machine}:{self.execution}:{uuid.uuid5(uuid.NAMESPACE_URL, self.execution)}"
        return f"{place}:execution:{self.machine}:{self.execution}"

    def child_of(self, map_run: str, index: int) -> Identity:
        """Who a Map Run's child is, by the run's ARN (`…:mapRun:MACHINE/LABEL:UUID`) and the child's index."""
        import uuid

        labelled = map_run.split(":")[-2]
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{map_run}/{index}"))
        return replace(self, machine=labelled, execution=name, given_machine_arn=None, given_execution_arn=None)
