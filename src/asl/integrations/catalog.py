"""Which integrations exist, with which patterns.

Source: "Integrating optimized services with Step Functions" (integrate-optimized) for services and patterns, and each
service's page for the actions. SDK integrations: the services are in `asl.integrations.sdk_services`; an action is any
of the service's operations, which are not listed here.
"""

from __future__ import annotations

from asl.integrations.resource import Kind, Pattern, Resource
from asl.integrations.sdk_services import service_name

_REPLY = frozenset({Pattern.REQUEST_RESPONSE})
_JOB = _REPLY | {Pattern.SYNC}
_TOKEN = _REPLY | {Pattern.WAIT_FOR_TASK_TOKEN}
_ALL = _JOB | _TOKEN

_OPTIMISED: dict[str, dict[frozenset[Pattern], str]] = {
    "apigateway": {_TOKEN: "invoke"},
    "athena": {_JOB: "startQueryExecution", _REPLY: "stopQueryExecution getQueryExecution getQueryResults"},
    "batch": {_JOB: "submitJob"},
    "bedrock": {_JOB: "createModelCustomizationJob", _TOKEN: "invokeModel"},
    "codebuild": {
        _JOB: "startBuild startBuildBatch retryBuildBatch",
        _REPLY: "stopBuild batchDeleteBuilds batchGetReports stopBuildBatch deleteBuildBatch",
    },
    "databrew": {_JOB: "startJobRun"},
    "dynamodb": {_REPLY: "getItem putItem deleteItem updateItem"},
    "ecs": {_ALL: "runTask"},
    "eks": {
        _JOB: "createCluster deleteCluster createFargateProfile deleteFargateProfile createNodegroup deleteNodegroup",
        _REPLY: "call",
        _ALL: "runJob",
    },
    "elasticmapreduce": {
        _JOB: "createCluster terminateCluster addStep",
        _REPLY: "setClusterTerminationProtection cancelStep modifyInstanceFleetByName modifyInstanceGroupByName",
    },
    "emr-containers": {_JOB: "deleteVirtualCluster startJobRun", _REPLY: "createVirtualCluster"},
    "emr-serverless": {
        _JOB: "createApplication startApplication stopApplication deleteApplication startJobRun cancelJobRun"
    },
    "events": {_TOKEN: "putEvents"},
    "glue": {_JOB: "startJobRun"},
    "http": {_REPLY: "invoke"},
    "lambda": {_TOKEN: "invoke"},
    "mediaconvert": {_JOB: "createJob"},
    "sagemaker": {
        _JOB: (
            "createHyperParameterTuningJob createLabelingJob createProcessingJob createTrainingJob createTransformJob"
        ),
        _REPLY: "createEndpoint createEndpointConfig createModel updateEndpoint",
    },
    "sns": {_TOKEN: "publish"},
    "sqs": {_TOKEN: "sendMessage"},
    "states": {_ALL: "startExecution"},
}

PATTERNS: dict[tuple[str, str], frozenset[Pattern]] = {
    (service, action): patterns
    for service, actions in _OPTIMISED.items()
    for patterns, names in actions.items()
    for action in names.split()
}
"""(service, action) → its patterns, for the optimised integrations."""


def patterns(resource: Resource) -> frozenset[Pattern]:
    """The patterns that the resource's service has for its action; empty: AWS does not know the resource."""
    if resource.kind is not Kind.SERVICE:
        return _REPLY
    if resource.sdk:
        return _TOKEN if service_name(resource.resource_type.removeprefix("aws-sdk:")) else frozenset()
    return PATTERNS.get((resource.resource_type, resource.action), frozenset())


def exists(resource: Resource) -> bool:
    """Whether AWS knows this resource with this pattern; `.sync:2` exists for nested executions only."""
    if resource.version != 1 and resource.resource_type != "states":
        return False
    return resource.pattern in patterns(resource)


def supported_by_express(resource: Resource) -> bool:
    """Whether an express workflow may use the resource: it awaits no jobs, no tokens and no activities."""
    return resource.pattern is Pattern.REQUEST_RESPONSE and resource.kind is not Kind.ACTIVITY


def unknown_resource(arn: str) -> str:
    """AWS's text for a resource that does not exist, as CreateStateMachine gives it."""
    return (
        f"The resource provided {arn} is not recognized. "
        "The value is not a valid resource ARN, or the resource is not available in this region."
    )
