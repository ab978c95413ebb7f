"""Which gaps of MiniStack are closed; `access_logs` comes last, since it tells what the others answer."""

from __future__ import annotations

from . import (
    access_logs,
    autosave,
    cfn_types,
    cognito_groups,
    cognito_sign_in_time,
    dynamodb_indexes,
    fifo_event_source,
    http_api,
    iam_routes,
    lambda_logs,
    lambda_runtime,
    long_polls,
    permissions,
    s3_events,
    s3_overrides,
    s3_parts,
    s3_ranges,
    sftp_server,
    state_testing,
    step_functions,
    step_functions_restart,
    task_credentials,
    transfer_api,
)
from .process import EmulatorSettings


def close_all(settings: EmulatorSettings) -> None:
    """Patch MiniStack in this process; its environment must be set, and it must not serve yet."""
    autosave.close_gap()
    cfn_types.close_gap()
    cognito_groups.close_gap()
    cognito_sign_in_time.close_gap()
    dynamodb_indexes.close_gap()
    fifo_event_source.close_gap()
    http_api.close_gap()
    iam_routes.close_gap()
    lambda_logs.close_gap()
    lambda_runtime.close_gap(settings.home / "lambda", settings.port)
    long_polls.close_gap()
    s3_events.close_gap()
    s3_overrides.close_gap()
    s3_parts.close_gap()
    s3_ranges.close_gap()
    permissions.close_gap()
    sftp_server.close_gap(settings.service_endpoint, settings.home / "uploads")
    state_testing.close_gap()
    step_functions.close_gap()
    step_functions_restart.close_gap()
    task_credentials.close_gap()
    transfer_api.close_gap()
    access_logs.close_gap()
