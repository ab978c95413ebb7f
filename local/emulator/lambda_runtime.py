"""Python functions run on AWS's own runtime client, awslambdaric, each environment in a process of its own.

AWS: an exception is reported with its class name, which Step Functions' Retry and Catch name; a function sees the
runtime, its layers and its code; its credentials are its role's; it is killed at its time limit; a process that ends
is `Runtime.ExitError` and the next call gets a new one. MiniStack 1.5.33 runs Python functions in a loop of its own:
every exception is `Runtime.HandlerError` and ends the process, the host's packages are visible, and a warm call takes
55 ms (here 4 ms).

MiniStack's worker for custom runtimes (`provided.*`) already speaks the Lambda Runtime API; awslambdaric is started
on it. Functions of another Python than the host's are left to MiniStack.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import struct
import sys
import termios
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime as core
from ministack.services import lambda_svc as service

from .lambda_files import FunctionFiles
from .lambda_logs import log_to
from .lambda_pool import WorkerPool

RUNTIME = f"python3.{sys.version_info.minor}"
HOST_VARIABLES = ("SSL_CERT_FILE", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "http_proxy", "https_proxy", "no_proxy")
FAULTS = "FERRY_FAULTS"
"""Fault injection: a variable of the emulator's process that names a folder, which every function then has first in
its PYTHONPATH. A `sitecustomize.py` in it can break calls or kill the process (bench/faults/)."""
LOG_DRAIN_SECONDS = 0.25
INIT_SECONDS = 60.0  # Lambda gives 10; but there a function's processor is its own
_OUR_LAUNCHER = b"awslambdaric"  # stands for the code of a custom runtime, in the calls that MiniStack's worker makes

_log = logging.getLogger("lambda")

Config = dict[str, Any]


class PythonRuntime:
    """What the workers share: files, pool, and where the gateway is."""

    def __init__(self, home: Path, port: int) -> None:
        self.files = FunctionFiles(home)
        self.pool = WorkerPool()
        self.endpoint = f"http://127.0.0.1:{port}"
        self._layers: dict[tuple[str, ...], Path] = {}  # a layer version never changes

    def layers(self, config: Config) -> Path:
        """The folder of the function's layers, which AWS mounts at /opt."""
        attached = config.get("Layers") or []
        arns = tuple(layer["Arn"] if isinstance(layer, dict) else layer for layer in attached)
        if arns not in self._layers:
            archives = [archive for layer in attached if (archive := service._resolve_layer_zip(layer))]
            self._layers[arns] = self.files.unpacked(archives)
        return self._layers[arns]

    def environment(self, config: Config, code: Path, scratch: Path, stream: str, api_port: int) -> dict[str, str]:
        """The variables of the function's process; see "Defined runtime environment variables" in Lambda's guide."""
        opt = self.layers(config)
        name, version = config["FunctionName"], config.get("Version", "$LATEST")
        _, region = core._account_region_from_function_config(config)
        logging_config = config.get("LoggingConfig") or {}
        variables = {
            **{name: os.environ[name] for name in HOST_VARIABLES if name in os.environ},
            "AWS_ENDPOINT_URL": self.endpoint,
            **service._runtime_env_vars(config),
            **core.execution_credentials(config),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api_port}",
            "_HANDLER": config["Handler"],
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{config['Runtime']}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": logging_config.get("LogGroup") or f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[{version}]{stream}",
            "AWS_LAMBDA_LOG_FORMAT": "JSON" if logging_config.get("LogFormat") == "JSON" else "TEXT",
            "LAMBDA_TASK_ROOT": str(code),
            "LAMBDA_RUNTIME_DIR": str(self.files.runtime),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "TMPDIR": str(scratch),
            "HOME": str(scratch),
            "PATH": f"{opt}/bin:{os.environ.get('PATH', os.defpath)}",
            "LD_LIBRARY_PATH": f"{code}:{code}/lib:{opt}/lib",
            "PYTHONPATH": ":".join(self._python_path(code, opt)),
            core.HOST_PREFIX_ENV: "true",
        }
        if level := logging_config.get("ApplicationLogLevel"):
            variables["AWS_LAMBDA_LOG_LEVEL"] = level
        return variables

    def _python_path(self, code: Path, opt: Path) -> list[str]:
        faults = [os.environ[FAULTS]] if os.environ.get(FAULTS) else []
        layers = [f"{opt}/python/lib/{RUNTIME}/site-packages", f"{opt}/python"]
        return [*faults, str(code), *layers, str(self.files.runtime)]

    def execute(self, function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        """One invocation, answered as MiniStack's executors answer."""
        config = function.get("config") or function
        worker = self.pool.lease(config["FunctionName"], config, function["code_zip"])
        if worker is None:
            return dict(
                service._throttle_response(reason_code="ConcurrentInvocationLimitExceeded", msg="Rate Exceeded.")
            )
        try:
            result = worker.invoke(
                event,
                request_id,
                trace_id=service._xray_trace_id_for_invocation(config),
                invoked_function_arn=config.get("FunctionArn", ""),
            )
        except Exception as error:
            self.pool.drop(worker)
            _log.warning("%s could not start: %s", config["FunctionName"], error)
            kind = getattr(error, "error_type", "") or "Runtime.Unknown"
            return {"body": {"errorMessage": str(error), "errorType": kind}, "error": True, "log": str(error)}
        finally:
            log_to(worker.stream)
        if result["status"] == "ok":
            answer = {"body": result.get("result"), "log": result.get("log", "")}
        else:
            answer = {"body": _aws_error(result, worker, request_id), "error": True, "log": result.get("log", "")}
        self.pool.give_back(worker)
        return answer


def _aws_error(result: dict[str, Any], worker: Any, request_id: str) -> dict[str, Any]:
    """The error as Lambda words it; an exception's is the function's own."""
    error = result.get("error_payload")
    if not isinstance(error, dict):
        return {"errorMessage": str(result.get("error")), "errorType": "Runtime.Unknown"}
    match error.get("errorType"):
        case "Runtime.ExitError":
            reason = f"Runtime exited with error: {_ending(worker.exit_status)}"
        case "Sandbox.Timedout":
            reason = error["errorMessage"]
        case _:
            return error
    return {**error, "errorMessage": f"RequestId: {request_id} Error: {reason}"}


def _ending(status: int | None) -> str:
    if status is not None and status < 0:
        return f"signal: {signal.strsignal(-status)}".lower()
    return f"exit status {status}"


class PythonWorker(core.ProvidedWorker):  # type: ignore[misc] # MiniStack has no types
    """An execution environment: awslambdaric in a process, on MiniStack's Runtime API server."""

    def __init__(self, name: str, config: Config, code: bytes, runtime: PythonRuntime) -> None:
        super().__init__(name, config, _OUR_LAUNCHER)
        self.runtime = runtime
        self.code = code
        self.exit_status: int | None = None
        self.stream = ""  # the id of its log stream
        self.scratch = runtime.files.scratch / service.new_uuid()

    def environment(self, api_port: int) -> dict[str, str]:
        """What the process gets: a scratch folder and a log stream of its own among it."""
        self.stream = uuid.uuid4().hex
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        code = self.runtime.files.unpacked([self.code])
        return self.runtime.environment(self.config, code, self.scratch, self.stream, api_port)

    def _spawn(self, init_timeout: float | None = None) -> None:
        _starting.worker = self
        try:
            super()._spawn(init_timeout)
        finally:
            _starting.worker = None

    def _await_init(self, init_timeout: float | None = None) -> None:
        """As MiniStack does, with the error's own type (Runtime.ImportModuleError …)."""
        try:
            super()._await_init(init_timeout)
        except core.ProvidedInitTimeout:
            raise
        except RuntimeError as error:
            cause = self._init_error
            if isinstance(cause, dict):
                text, kind = cause.get("errorMessage", ""), cause.get("errorType", "")
                raise core.ProvidedRuntimeError(text, kind) from error
            raise core.ProvidedRuntimeError(str(error), "Runtime.ExitError") from error

    def _build_handler_class(self, generation: int, pending: Any) -> Any:
        handler = super()._build_handler_class(generation, pending)
        handler.disable_nagle_algorithm = True  # headers and body are two writes
        return handler

    def _drain_stderr_bounded(self, *_args: Any, **_kwargs: Any) -> str:
        """What was logged before the response is in the pipe already: empty it, and wait for nothing else."""
        process, end = self._proc, time.monotonic() + LOG_DRAIN_SECONDS
        while process is not None and time.monotonic() < end:
            try:
                unread = struct.unpack("i", fcntl.ioctl(process.stdout, termios.FIONREAD, b"\0" * 4))[0]
            except (OSError, ValueError):
                break
            time.sleep(0.0005)  # lets the thread run that reads
            if not unread:
                break
        return str(self._drain_stderr())

    def _teardown(self) -> None:
        """End the process at once, with all that it started: Lambda sends SIGKILL, too."""
        process = self._proc
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            self.exit_status = process.wait()
        super()._teardown()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _discard_tmpdir(self) -> None:
        super()._discard_tmpdir()
        shutil.rmtree(self.scratch, ignore_errors=True)


_starting = threading.local()  # the worker that starts a process in this thread


def _served(config: Config) -> bool:
    return bool(config.get("Runtime") == RUNTIME and config.get("PackageType") != "Image")


def close_gap(home: Path, port: int) -> None:
    """Let functions of the host's Python run on awslambdaric; `home` holds their files."""
    runtime = PythonRuntime(home, port)
    runtime.files.prepare()
    choose, execute = core._worker_class_for, service._execute_function_warm
    code_folder, environment = service._provided_runtime_code_dir, service._provided_worker_env

    def worker_class(config: Config) -> Any:
        if not _served(config):
            return choose(config)
        return lambda name, config, code: PythonWorker(name, config, code, runtime)

    def execute_warm(function: dict[str, Any], event: Any, request_id: str) -> Any:
        config = function.get("config") or function
        if _served(config) and function.get("code_zip"):
            return runtime.execute(function, event, request_id)
        return execute(function, event, request_id)

    def runtime_folder(code: bytes) -> str:
        return str(runtime.files.launcher) if code is _OUR_LAUNCHER else str(code_folder(code))

    def worker_environment(config: Config, folder: str, api_port: int) -> dict[str, str]:
        worker: PythonWorker | None = getattr(_starting, "worker", None)
        return worker.environment(api_port) if worker else dict(environment(config, folder, api_port))

    core._PROVIDED_INIT_TIMEOUT = INIT_SECONDS
    core._worker_class_for = worker_class
    service._execute_function_warm = execute_warm
    service._provided_runtime_code_dir = runtime_folder
    service._provided_worker_env = worker_environment
    threading.Thread(target=runtime.pool.keep_reaping, daemon=True, name="lambda-reaper").start()
