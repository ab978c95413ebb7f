"""Functions that do the tasks, found by their resource.

    tasks = asl.Tasks({
        "arn:aws:lambda:*:*:function:price": price,              # price(event), as Lambda calls it
        "arn:aws:states:::sns:publish": lambda message: None,    # gets the parameters, gives what the service answers
    })
    machine.run(data, tasks)

What a function gives becomes what Step Functions would make of it (`asl.integrations`), and a Python exception of a
Lambda function the error that Lambda reports.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from asl.errors import AslError, TaskFailed
from asl.integrations.reply import Call
from asl.integrations.resource import Kind, Pattern, split_resource
from asl.patterns import contains, matcher, overlap, rank
from asl.requests import Later, Submitted, TaskRequest

if TYPE_CHECKING:
    from asl.integrations.shapes import ServiceError, Shape

Function = Callable[..., Any]
"""`(event)` or `(event, request)`: Lambda's event or a service's parameters, and the `TaskRequest`."""
_Handler = Callable[[TaskRequest], Any]
_Invoked = Callable[[Any, TaskRequest], Any]

_FUNCTION = ":function:"
_FRAMES = 2  # from `_calling` to the function itself


class BadTasks(AslError):
    """A registry that cannot work: an entry that is no ARN pattern or no function, or two patterns that compete."""


class UnknownResource(AslError):
    """A task calls a resource for which there is no function. `resource` is it, `patterns` are those that are known."""

    def __init__(self, request: TaskRequest, resource: str, patterns: Iterable[str]) -> None:
        self.state = request.state
        self.resource = resource
        self.patterns = tuple(patterns)
        known = "".join(f"\n  {pattern}" for pattern in self.patterns) or " none"
        super().__init__(f"State '{request.state}' calls {resource}, and no function is there for it. Patterns:{known}")


class Tasks:
    """A registry of functions by resource pattern, to be given to a machine as `tasks`.

    A pattern is an ARN in which `*` stands for any text. One for Lambda (`arn:aws:lambda:*:function:price`) takes the
    function however it is called: by its ARN or with `lambda:invoke` by ARN or name, with any qualifier unless the
    pattern has one. Any other is compared with the Resource as it is written (`….sqs:sendMessage.waitForTaskToken`).
    Of several patterns the most specific one counts; two of which neither contains the other must not overlap.
    Raises `BadTasks`.
    """

    def __init__(self, functions: Mapping[str, Function]) -> None:
        for pattern in functions:
            _check_pattern(pattern)
        ordered = sorted(functions, key=rank)
        self._functions = {pattern: _calling(pattern, functions[pattern]) for pattern in ordered}
        self._matchers = {pattern: matcher(pattern) for pattern in ordered}
        self._lambdas = tuple(pattern for pattern in ordered if _names_functions(pattern))
        self._names = {pattern: matcher(_name_part(pattern)) for pattern in self._lambdas}
        self._handlers: dict[str, _Handler] = {}
        for index, pattern in enumerate(ordered):
            _check_rivals(pattern, ordered[index + 1 :])

    @property
    def patterns(self) -> tuple[str, ...]:
        """The patterns, more specific ones first."""
        return tuple(self._functions)

    def __repr__(self) -> str:
        return f"Tasks({', '.join(self.patterns)})"

    def __call__(self, request: TaskRequest) -> Any:
        """Do a task: its result, a `Later` or a `Submitted`. Raises `TaskFailed`, `UnknownResource`."""
        handler = self._handlers.get(request.resource)
        if handler is None:
            handler = self._handlers[request.resource] = self._handler(request)
        return handler(request)

    # ---- finding -------------------------------------------------------------------------------

    def _handler(self, request: TaskRequest) -> _Handler:
        resource = split_resource(request.resource)
        if resource.kind is Kind.LAMBDA:
            found = self._function(resource.arn) or self._other(resource.arn)
            return _direct(self._known(found, request, resource.arn))
        if resource.kind is Kind.SERVICE and resource.resource_type == "lambda":
            return self._invoke(request.resource, resource.pattern)
        found = self._known(self._other(resource.arn), request, resource.arn)
        if resource.kind is Kind.ACTIVITY:
            return lambda request: found(request.parameters, request)
        from asl.integrations.shapes import shape_of

        return _serving(found, shape_of(resource), resource.pattern)

    def _invoke(self, arn: str, pattern: Pattern) -> _Handler:
        """`lambda:invoke`: by FunctionName; else by the resource, and then with all parameters."""
        from asl.integrations import function
        from asl.integrations.shapes import Shape

        handlers: dict[str, _Handler] = {}

        def handle(request: TaskRequest) -> Any:
            name = str(request.parameters.get("FunctionName"))
            handler = handlers.get(name)
            if handler is None:
                found = self._function(name)
                known = self._known(found or self._other(arn), request, f"{arn} with the function {name}")
                shape = Shape(function.event if found else dict, _envelope(name))
                handler = handlers[name] = _serving(_as_lambda(known), shape, pattern)
            return handler(request)

        return handle

    def _function(self, name: str) -> _Invoked | None:
        """What takes a Lambda function: its ARN, a part of it, or its name; each perhaps with a qualifier."""
        if name.startswith("arn:"):
            texts, matchers = [name, ":".join(name.split(":")[:7])], self._matchers
        else:
            own = name.rpartition(_FUNCTION)[2]
            texts, matchers = [own, own.partition(":")[0]], self._names
        taking = [pattern for pattern in self._lambdas if any(matchers[pattern].fullmatch(text) for text in texts)]
        for other in taking[1:] if matchers is self._names else ():
            _check_name(name, taking[0], other)
        return self._functions[taking[0]] if taking else None

    def _other(self, resource: str) -> _Invoked | None:
        """What takes a resource as it is written."""
        for pattern, call in self._functions.items():
            if self._matchers[pattern].fullmatch(resource):
                return call
        return None

    def _known(self, found: _Invoked | None, request: TaskRequest, resource: str) -> _Invoked:
        if found is None:
            raise UnknownResource(request, resource, self.patterns)
        return found


# ---- the registry's entries --------------------------------------------------------------------


def _names_functions(pattern: str) -> bool:
    """Whether a pattern is one of Lambda functions: it spells out the service."""
    return pattern.split(":")[2:3] == ["lambda"]


def _name_part(pattern: str) -> str:
    """What a pattern says of a function's name and qualifier; one that stops before the name takes all of them."""
    _, has_name, name = pattern.rpartition(_FUNCTION)
    return "*" if not has_name and pattern.endswith("*") else name


def _check_name(name: str, pattern: str, other: str) -> None:
    """A name alone may stand for functions of several accounts or regions. Raises `BadTasks`."""
    if not (contains(other, pattern) or contains(f"{other}:*", pattern)):
        raise BadTasks(f"The function name {name!r} fits {pattern} and {other}: give its ARN as FunctionName.")


def _check_pattern(pattern: str) -> None:
    if not pattern.startswith(("arn:", "*")):
        raise BadTasks(
            f"{pattern!r} is no ARN pattern: write arn:aws:lambda:*:function:NAME or arn:aws:states:::SERVICE:ACTION."
        )


def _check_rivals(pattern: str, others: Iterable[str]) -> None:
    for other in others:
        if overlap(pattern, other) and not contains(other, pattern):
            raise BadTasks(f"{pattern} and {other} both take some resources, and neither is the more specific one.")


def _calling(pattern: str, called: Function) -> _Invoked:
    """The function as one of event and request, by the parameters that it must be given."""
    import inspect

    if not callable(called):
        raise BadTasks(f"{pattern}: {called!r} is no function.")
    try:
        parameters = inspect.signature(called).parameters.values()
    except ValueError:  # some built-in functions do not tell
        return lambda event, _request: called(event)
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = sum(p.default is p.empty for p in positional)
    needed_by_name = any(p.kind is p.KEYWORD_ONLY and p.default is p.empty for p in parameters)
    takes_one = positional or any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if needed > 2 or needed_by_name or not takes_one:
        raise BadTasks(f"{pattern}: a function must take (event) or (event, request), and {called!r} does not.")

    def with_event(event: Any, _request: TaskRequest) -> Any:
        return called(event)

    def with_both(event: Any, request: TaskRequest) -> Any:
        return called(event, request)

    return with_both if needed == 2 else with_event


# ---- what becomes of their results -------------------------------------------------------------


def _direct(call: _Invoked) -> _Handler:
    """A state that names the function itself: the event is its input, the result is taken as it is."""
    as_lambda = _as_lambda(call)
    return lambda request: as_lambda(request.parameters, request)


def _as_lambda(call: _Invoked) -> _Invoked:
    """A function whose exceptions are reported as Lambda's Python runtime reports them."""

    def invoked(event: Any, request: TaskRequest) -> Any:
        try:
            return call(event, request)
        except AslError:
            raise
        except Exception as exception:
            from asl.integrations import function

            raise function.error(exception, request.id, _FRAMES) from exception

    return invoked


def _envelope(name: str) -> Callable[[Any, Any, Call], Any]:
    """The answer of `lambda:invoke` for a FunctionName; of a version it is the number that is known."""
    from asl.integrations import function

    qualifier = name.rpartition(_FUNCTION)[2].partition(":")[2]
    version = qualifier if qualifier.isdigit() else "$LATEST"
    return lambda result, _event, call: function.response(result, call, version)


def _serving(call: _Invoked, shape: Shape, pattern: Pattern) -> _Handler:
    """A service: `call` gets its request, and what it gives becomes the answer."""

    def handle(request: TaskRequest) -> Any:
        given = shape.request(request.parameters)
        try:
            result = call(given, request)
        except AslError:
            raise
        except Exception as exception:
            failure = _service_failure(exception, shape.error, request.id)
            if failure is None:
                raise
            raise failure from exception
        return _answered(result, shape, pattern, given, Call(request.id))

    return handle


def _answered(result: Any, shape: Shape, pattern: Pattern, given: Any, call: Call) -> Any:
    """A stand-in's result as the task's.

    Of a `Submitted` the response is the service's answer, and what follows is the job's end or what the callback sends.
    A `Later` is what follows.
    """
    with_token = pattern is Pattern.WAIT_FOR_TASK_TOKEN
    if isinstance(result, Submitted):
        start = shape.answer if with_token else shape.started
        submitted = result._replace(response=start(result.response, given, call))
        if with_token or not result.has_result:
            return submitted
        return submitted._replace(result=_ended(result.result, shape, given, call))
    if isinstance(result, Later):
        return result if with_token else result._replace(result=_ended(result.result, shape, given, call))
    if pattern is Pattern.SYNC and shape.tells_start:
        return Submitted(shape.started(result, given, call), _ended(result, shape, given, call))
    return shape.answer(result, given, call)


def _ended(result: Any, shape: Shape, given: Any, call: Call) -> Any:
    """How a job ended: its result, or the `TaskFailed` that it ends with."""
    if isinstance(result, TaskFailed):
        return result
    try:
        return shape.answer(result, given, call)
    except TaskFailed as failure:
        return failure


def _service_failure(exception: Exception, error: ServiceError | None, request_id: str) -> TaskFailed | None:
    """What a client's exception (botocore's `ClientError` and what looks like it) tells of the service's error."""
    response = getattr(exception, "response", None)
    if error is None or not isinstance(response, Mapping) or "Error" not in response:
        return None
    metadata = response.get("ResponseMetadata", {})
    code, message = response["Error"].get("Code", "Unknown"), response["Error"].get("Message", "")
    return error(code, message, metadata.get("HTTPStatusCode", 400), metadata.get("RequestId", request_id))
