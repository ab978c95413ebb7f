"""The operation: its parameters in, its response out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from asl.clock import Clock, VirtualClock
from asl.errors import StateError
from asl.identity import Identity
from asl.json_values import taken
from asl.quotas import AWS, Quotas
from asl.randomness import SystemRandomness
from asl.single_state.mocks import check_mock
from asl.single_state.parameters import Parameters
from asl.single_state.performance import perform
from asl.single_state.recovery import recovered
from asl.single_state.subject import Subject, find_subject
from asl.single_state.trial import TestedFrame, Trial, written
from asl.states.data_flow import UNKNOWN
from asl.states.state import END, State

if TYPE_CHECKING:
    from asl.expressions.expression import Randomness
    from asl.integrations.response_shapes import Models
    from asl.machine import Perform


def test_state(
    definition: str | Mapping[str, Any],
    *,
    input: Any = None,
    role_arn: str | None = None,
    inspection_level: str = "INFO",
    reveal_secrets: bool = False,
    variables: str | Mapping[str, Any] | None = None,
    state_name: str | None = None,
    mock: Mapping[str, Any] | None = None,
    context: str | Mapping[str, Any] | None = None,
    state_configuration: Mapping[str, Any] | None = None,
    tasks: Perform | None = None,
    models: Models | None = None,
    identity: Identity | None = None,
    clock: Clock | None = None,
    randomness: Randomness | None = None,
    quotas: Quotas = AWS,
) -> dict[str, Any]:
    """Try one state, as the TestState API does.

    `definition` is a state or, with `state_name`, a whole state machine. `mock`, `state_configuration` and their
    members have the API's form (`{"result": …}`, `{"errorOutput": {"error", "cause"}}`, `"fieldValidationMode"`). Where
    the API takes JSON text (`definition`, `input`, `variables`, `context`, `mock`'s result, `mapItemReaderData`), a
    value that is no string is taken as the JSON value itself.

    Without a mock `tasks` does a Task's work, as in `Machine.run`. `models` adds response models to those packaged with
    the engine, for the validation of mocked results. The clock is a virtual one unless another is given: a Wait takes
    no time, but fails like AWS's after five minutes. Account and region come from `identity`, else the account from
    `role_arn`.

    Returns the response: `status` (SUCCEEDED, FAILED, RETRIABLE, CAUGHT_ERROR), and as they apply `output`, `error`,
    `cause`, `nextState`, and with DEBUG or TRACE `inspectionData`; data is JSON text.
    Raises `asl.ApiError` with the API's code and message: ValidationException, InvalidDefinition,
    InvalidExecutionInput.
    """
    parameters = Parameters.of(
        definition=definition,
        input=input,
        role_arn=role_arn,
        inspection_level=inspection_level,
        reveal_secrets=reveal_secrets,
        variables=variables,
        state_name=state_name,
        mock=mock,
        context=context,
        state_configuration=state_configuration,
    )
    subject = find_subject(definition, state_name, mocked=parameters.mock is not None)
    check_mock(subject, parameters, models)
    trial = _begin(subject, parameters, identity, clock or VirtualClock(), randomness or SystemRandomness(), quotas)
    return _answer(trial, tasks)


def _begin(
    subject: Subject,
    parameters: Parameters,
    identity: Identity | None,
    clock: Clock,
    randomness: Randomness,
    quotas: Quotas,
) -> Trial:
    execution = subject.machine.start(
        identity=_tested_identity(identity, parameters.role_arn, randomness),
        clock=clock,
        randomness=randomness,
        quotas=quotas,
        history=False,
    )
    execution.input = taken(parameters.input)[0]  # which may be null
    frame = TestedFrame(execution, None, subject.state, execution.input, UNKNOWN, execution.log)
    frame.given_context = parameters.context
    frame.variables = parameters.variables
    frame.entered_at, frame.entered_id = execution.now(), 1
    if parameters.retries:
        frame.retries = {0: parameters.retries}
    return Trial(execution, frame, subject, parameters)


def _tested_identity(identity: Identity | None, role_arn: str | None, randomness: Randomness) -> Identity:
    """Who the execution is: an express one, of a machine that exists for the test only."""
    known = identity or Identity()
    account, region = known.account, known.region
    if identity is None and role_arn is not None and len(parts := role_arn.split(":")) > 4:
        account = parts[4] or account
    machine, execution = randomness.uuid(), randomness.uuid()
    return Identity(
        account=account,
        region=region,
        machine=machine,
        execution=execution,
        role_arn=role_arn or known.role_arn,
        express=True,
        synchronous=True,
        given_execution_arn=f"arn:aws:states:{region}:{account}:express:{machine}:{execution}",
    )


def _answer(trial: Trial, tasks: Perform | None) -> dict[str, Any]:
    try:
        following = perform(trial, tasks)
        return _response(trial, "SUCCEEDED", following=following, output=trial.frame.data)
    except StateError as failure:
        outcome = recovered(trial, failure)
    caught = outcome.following is not None
    return _response(
        trial,
        outcome.status,
        error=outcome.error,
        cause=outcome.cause,
        following=outcome.following,
        **({"output": trial.frame.data} if caught else {}),
    )


def _response(trial: Trial, status: str, *, following: State | None = None, **members: Any) -> dict[str, Any]:
    response: dict[str, Any] = {}
    if "output" in members:
        response["output"] = written(members["output"])
    response |= {name: members[name] for name in ("error", "cause") if members.get(name) is not None}
    if trial.parameters.inspection_level != "INFO":
        response["inspectionData"] = trial.inspection()
    if following is not None and following is not END:
        response["nextState"] = following.name
    return response | {"status": status}
