"""What a Task's Resource may be: Lambda functions, activities, and the services' integrations.

From https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html and the pages of the services.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asl.errors import BadResource
from asl.integrations.resource import Kind, Pattern, Resource, split_resource

from .findings import Surroundings

OPTIMIZED: Mapping[str, frozenset[str]] = {
    service: frozenset(apis.split())
    for service, apis in {
        "apigateway": "invoke",
        "athena": "startQueryExecution stopQueryExecution getQueryExecution getQueryResults",
        "batch": "submitJob",
        "bedrock": "invokeModel createModelCustomizationJob",
        "bedrock-agentcore": "invokeHarness",
        "codebuild": "startBuild stopBuild batchDeleteBuilds batchGetReports startBuildBatch stopBuildBatch "
        "retryBuildBatch deleteBuildBatch",
        "databrew": "startJobRun",
        "dynamodb": "getItem putItem updateItem deleteItem",
        "ecs": "runTask",
        "eks": "call runJob createCluster deleteCluster createFargateProfile deleteFargateProfile createNodegroup "
        "deleteNodegroup",
        "elasticmapreduce": "createCluster setClusterTerminationProtection terminateCluster addStep cancelStep "
        "modifyInstanceFleetByName modifyInstanceGroupByName",
        "emr-containers": "createVirtualCluster deleteVirtualCluster startJobRun",
        "emr-serverless": "createApplication startApplication stopApplication deleteApplication startJobRun "
        "cancelJobRun",
        "events": "putEvents",
        "glue": "startJobRun",
        "http": "invoke",
        "lambda": "invoke",
        "mediaconvert": "createJob",
        "sagemaker": "createEndpoint updateEndpoint createEndpointConfig createHyperParameterTuningJob "
        "createLabelingJob createModel createProcessingJob createTrainingJob createTransformJob",
        "sns": "publish",
        "sqs": "sendMessage",
        "states": "startExecution",
    }.items()
}
_NEVER_SYNC = frozenset(
    ("apigateway", "aws-sdk", "bedrock-agentcore", "dynamodb", "events", "http", "lambda", "sns", "sqs")
)
_NEVER_TOKEN = _NEVER_SYNC & {"bedrock-agentcore", "dynamodb"} | {
    *("athena", "batch", "codebuild", "databrew", "elasticmapreduce", "emr-containers", "emr-serverless", "glue"),
    *("mediaconvert", "sagemaker"),
}
REQUIRED_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "lambda:invoke": ("FunctionName",),
    "sqs:sendMessage": ("QueueUrl", "MessageBody"),
    "sns:publish": ("Message",),
    "dynamodb:putItem": ("TableName", "Item"),
    "dynamodb:getItem": ("TableName", "Key"),
    "states:startExecution": ("StateMachineArn",),
    "events:putEvents": ("Entries",),
    "ecs:runTask": ("TaskDefinition",),
    "glue:startJobRun": ("JobName",),
}


def check_resource(value: Any, location: str, around: Surroundings) -> None:
    """A Task's Resource by itself."""
    if type(value) is not str:
        around.findings.expected("STRING", location)
        return
    if not value.startswith("arn:") or value.count(":") < 5:
        around.findings.error("Value is not a valid resource ARN", location)
        return
    resource = recognised(value)
    if resource is None:
        around.findings.error(
            f"The resource provided {value} is not recognized. The value is not a valid resource ARN, "
            "or the resource is not available in this region.",
            location,
        )
    elif around.express and resource.kind is Kind.ACTIVITY:
        around.findings.error("Express state machine does not support Activity ARN", location)
    elif around.express and resource.pattern is not Pattern.REQUEST_RESPONSE:
        # AWS's text has the second blank.
        around.findings.error(
            f"Express state machine does not support '.{resource.pattern}' service integration ", location
        )


def check_integration(state: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """What the resource needs of its Task."""
    arn = state.get("Resource")
    resource = recognised(arn) if type(arn) is str else None
    if resource is None or resource.kind is Kind.LAMBDA:
        return
    if resource.kind is Kind.ACTIVITY:
        if "Credentials" in state:
            around.findings.error("The field 'Credentials' is not supported for activities", f"{location}/Credentials")
        return
    field = "Arguments" if around.jsonata else "Parameters"
    if field not in state:
        around.findings.error(f"{field} field is required for resource ARN: {arn}", f"{location}/Resource")
    elif type(state[field]) is dict:
        for member in REQUIRED_PARAMETERS.get(f"{resource.resource_type}:{resource.action}", ()):
            check_member(member, state[field], f"{location}/{field}", around)


def check_member(field: str, template: Mapping[str, Any], location: str, around: Surroundings) -> None:
    """A field that a payload template must give, as it stands or with `.$`."""
    if field not in template and f"{field}.$" not in template:
        around.findings.error(f"The field '{field}' is required but was missing", location)


def recognised(arn: str) -> Resource | None:
    """The resource, if it is a function, an activity, or an integration that exists in this pattern."""
    try:
        resource = split_resource(arn)
    except BadResource:
        return None
    if resource.kind is not Kind.SERVICE:
        return resource
    if arn.split(":", 5)[3:5] != ["", ""]:
        return None
    service = "aws-sdk" if resource.sdk else resource.resource_type
    known = resource.sdk or resource.action in OPTIMIZED.get(service, ())
    return resource if known and _offers(service, resource) else None


def _offers(service: str, resource: Resource) -> bool:
    """Whether the service's end may be awaited in this way."""
    if resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN:
        return service not in _NEVER_TOKEN
    if resource.pattern is Pattern.SYNC:
        return service not in _NEVER_SYNC and (resource.version == 1 or service == "states")
    return True
