"""A FIFO queue feeds its Lambda function with several message groups at once.

AWS: Lambda runs as many batches of a FIFO queue at once as there are active message groups (up to the event source's
MaximumConcurrency), the messages of one group in order, one batch at a time. MiniStack 1.5.33 has one batch in flight
for the whole queue, and mixes groups in it, so that one slow group holds back all others.

Here a batch holds messages of one group, and as many batches are in flight as there are groups, up to a bound. A
group with a message in flight, or failed and not yet visible again, is left alone; that keeps its order and is
MiniStack's own rule. Redrive to the dead-letter queue and partial batch responses are MiniStack's.
"""

from __future__ import annotations

from typing import Any

from ministack.services import lambda_svc, sqs

DEFAULT_CONCURRENCY = 8
FAILED_BATCH_PAUSE_SECONDS = 0.2


def receive_one_group(queue_url: str, max_number: int) -> list[dict[str, Any]]:
    """Up to ten messages of the first group that is free, in their order; of any message for a standard queue."""
    with sqs._queues_lock:
        queue = sqs._get_q(queue_url)
        visibility = int(queue["attributes"].get("VisibilityTimeout", "30"))
        limit = min(int(max_number or 1), 10)
        sqs._expire_retained(queue)
        sqs._dlq_sweep(queue)
        if not queue["is_fifo"]:
            return list(sqs._collect_msgs(queue, limit, visibility))
        first = sqs._collect_msgs(queue, 1, visibility)
        if not first:
            return []
        group = first[0]["group_id"]
        # The rest of the group, received in the same way through a view of the queue that holds nothing else.
        rest = {
            "is_fifo": False,
            "messages": [m for m in queue["messages"] if m["group_id"] == group and m is not first[0]],
        }
        return [*first, *sqs._collect_msgs(rest, limit - 1, visibility)]


def close_gap() -> None:
    """Receive group by group, and let several batches of a FIFO queue be in flight."""
    concurrency = lambda_svc._sqs_esm_concurrency

    def allowed(esm: dict[str, Any], function: dict[str, Any], config: dict[str, Any], queue: Any = None) -> int:
        if not (queue or {}).get("is_fifo"):
            return int(concurrency(esm, function, config, queue))
        limit = (esm.get("ScalingConfig") or {}).get("MaximumConcurrency") or DEFAULT_CONCURRENCY
        reserved = lambda_svc._reserved_concurrency(function, config)
        return int(limit if reserved is None else min(limit, reserved))

    lambda_svc._sqs_esm_concurrency = allowed
    lambda_svc._ESM_BACKOFF_SECONDS = FAILED_BATCH_PAUSE_SECONDS  # it pauses the groups that have not failed, too
    sqs._receive_messages_for_esm = receive_one_group
