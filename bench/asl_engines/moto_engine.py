"""moto's interpreter: parsed once, evaluated without HTTP, without its back end, without sleeping before a retry."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser import utils
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.evaluation_details import AWSExecutionDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded
from moto.stepfunctions.parser.asl.eval.states import ContextObjectData, ExecutionData, StateMachineData
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser, ASLParserException

from bench.asl_engines.engine import Answers, CannotRun, Functions, Prepared

_DETAILS = AWSExecutionDetails(
    account="000000000000", region="us-east-1", role_arn="arn:aws:iam::000000000000:role/bench"
)


def _environment(given: Any) -> Environment:
    execution = ExecutionData(
        Id="arn:aws:states:us-east-1:000000000000:execution:bench:one",
        Input=given,
        Name="one",
        RoleArn=_DETAILS.role_arn,
        StartTime=datetime.now(UTC).isoformat(),
    )
    machine = StateMachineData(Id="arn:aws:states:us-east-1:000000000000:stateMachine:bench", Name="bench")
    return Environment(
        aws_execution_details=_DETAILS,
        execution_type="STANDARD",
        context=ContextObjectData(Execution=execution, StateMachine=machine),
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store={},
    )


def _invoking(functions: Functions) -> Any:
    def invoke(parameters: dict[str, Any], **_where: Any) -> dict[str, Any]:
        answer = functions.answer(parameters["FunctionName"])
        if "error" in answer:
            payload = json.dumps({"errorType": answer["error"], "errorMessage": answer["cause"]})
            raise lambda_eval_utils.LambdaFunctionErrorException("Unhandled", payload)
        return {"StatusCode": 200, "Payload": answer["return"]}

    return invoke


class MotoEngine:
    def __init__(self) -> None:
        retrier_decl.time = SimpleNamespace(sleep=lambda _seconds: None)

    def prepare(self, definition: str, given: Any, answers: Answers) -> Prepared:
        if json.loads(definition).get("QueryLanguage") == "JSONata":
            raise CannotRun("has no JSONata")
        try:
            program, _tree = AmazonStateLanguageParser.parse(definition)
        except ASLParserException as error:
            raise CannotRun(str(error)) from error
        last: list[Environment] = []
        invoke = _invoking(Functions(answers))

        def run() -> Any:
            lambda_eval_utils._invoke_lambda_function = invoke
            environment = _environment(given)
            program.eval(environment)
            utils.TMP_THREADS.clear()
            last[:] = [environment]
            state = environment.program_state()
            if not isinstance(state, ProgramEnded):
                raise CannotRun(f"ended as {type(state).__name__}: {getattr(state, 'error', None)}")
            return environment.states.get_input()

        def entered() -> int:
            events = last[0].event_manager.get_event_history()
            return sum(str(event["type"]).endswith("StateEntered") for event in events)

        return Prepared(run, lambda output: output, entered)
