"""Functions that show how the emulator runs them: each does what its event says."""

import json
import os
import signal
import sys
import time

import boto3
from from_layer import GREETING


class ContentRefused(Exception):
    """An error that a state machine names."""


def probe(event, context):
    """Fail, sleep or die as asked; else tell about the environment."""
    print(f"probe {json.dumps(event)}")
    if "sleep" in event:
        time.sleep(event["sleep"])
    if "raise" in event:
        raise ContentRefused(event["raise"])
    if "die" in event:
        os.kill(os.getpid(), signal.SIGKILL)
    if "exit" in event:
        os._exit(event["exit"])
    if "forbidden" in event:
        boto3.client("s3").list_buckets()
    return {
        "greeting": GREETING,
        "code": 1,
        "pid": os.getpid(),
        "remaining": context.get_remaining_time_in_millis(),
        "memory": context.memory_limit_in_mb,
        "arn": context.invoked_function_arn,
        "version": context.function_version,
        "stream": context.log_stream_name,
        "identity": boto3.client("sts").get_caller_identity()["Arn"],
        "modules": sorted(name for name in ("ministack", "asyncssh", "boto3") if _importable(name)),
    }


def _importable(name):
    sys.modules.pop(name, None)
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def identity(event, _context):
    """Users are the parameters USER_KEY (a public key) and USER_PASSWORD say."""
    if event["username"] != "acme-ftp":
        return {}
    answer = {
        "Role": os.environ["ROLE"],
        "HomeDirectoryType": "LOGICAL",
        "HomeDirectoryDetails": json.dumps([{"Entry": "/", "Target": f"/{os.environ['BUCKET']}/in/acme"}]),
    }
    if "password" in event:
        return answer if event["password"] == "right" else {}
    stored = boto3.client("ssm").get_parameter(Name=os.environ["KEY_PARAMETER"])["Parameter"]["Value"]
    return {**answer, "PublicKeys": [stored]}


def record(event, context):
    """Note each message's time in work; fail those that ask for it, and those behind them in their group."""
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    failed, failed_groups = [], set()
    for message in event["Records"]:
        group = message["attributes"]["MessageGroupId"]
        body = json.loads(message["body"])
        started = time.time()
        time.sleep(body.get("sleep", 0))
        if group in failed_groups or body.get("fail"):
            failed_groups.add(group)
            failed.append({"itemIdentifier": message["messageId"]})
            continue
        item = {"id": message["messageId"], "group": group, "body": message["body"], "started": str(started)}
        table.put_item(Item={**item, "ended": str(time.time())})
    return {"batchItemFailures": failed}


def answer(event, _context):
    """Echo what the HTTP API made of the request."""
    caller = event["requestContext"].get("authorizer", {}).get("iam", {}).get("userArn")
    body = {"path": event["rawPath"], "parameters": event.get("pathParameters"), "caller": caller}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}


def call_back(event, _context):
    """Answer a task token; the first attempt fails, for the workflow to try again with another token."""
    if event["attempt"] == 0:
        raise ContentRefused(event["token"])
    if event.get("silent"):
        return
    output = json.dumps({"token": event["token"], "attempt": event["attempt"]})
    boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output=output)
