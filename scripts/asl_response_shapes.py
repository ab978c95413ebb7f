"""Writes src/asl/integrations/response_shapes.zip: what the APIs behind integrations answer, from botocore's models.

    python scripts/asl_response_shapes.py            write it
    python scripts/asl_response_shapes.py --check    exit 1 if it is not what the installed botocore gives

Run it after an update of botocore. `service_shapes` is also what a caller of `asl.test_state` can make `models` of.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src/asl/integrations/response_shapes.zip"

# name in ARNs of SDK integrations (lower case): botocore's name
OPTIMISED = {
    "athena": "athena",
    "batch": "batch",
    "bedrock": "bedrock",
    "bedrockruntime": "bedrock-runtime",
    "codebuild": "codebuild",
    "databrew": "databrew",
    "dynamodb": "dynamodb",
    "ecs": "ecs",
    "eks": "eks",
    "emr": "emr",
    "emrcontainers": "emr-containers",
    "emrserverless": "emr-serverless",
    "eventbridge": "events",
    "glue": "glue",
    "lambda": "lambda",
    "mediaconvert": "mediaconvert",
    "sagemaker": "sagemaker",
    "sfn": "stepfunctions",
    "sns": "sns",
    "sqs": "sqs",
}
OFTEN_CALLED = {
    "cloudformation": "cloudformation",
    "cloudwatch": "cloudwatch",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "comprehend": "comprehend",
    "ecr": "ecr",
    "firehose": "firehose",
    "iam": "iam",
    "kinesis": "kinesis",
    "kms": "kms",
    "organizations": "organizations",
    "rdsdata": "rds-data",
    "redshiftdata": "redshift-data",
    "rekognition": "rekognition",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sesv2": "sesv2",
    "ssm": "ssm",
    "sts": "sts",
    "textract": "textract",
    "transcribe": "transcribe",
    "transfer": "transfer",
    "translate": "translate",
}
SCALARS = {
    "string": "string",
    "timestamp": "string",
    "blob": "string",
    "character": "string",
    "boolean": "boolean",
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
}
DAY_ONE = (1980, 1, 1, 0, 0, 0)  # the same models give the same bytes


def service_shapes(model: dict[str, Any]) -> dict[str, Any]:
    """A service's shapes in the form of `asl.integrations.response_shapes`, from a model of botocore's."""
    structures: dict[str, Any] = {}
    operations = {
        _camel(name): _shape(model, operation["output"]["shape"], structures)
        for name, operation in model["operations"].items()
        if "output" in operation
    }
    return {"operations": operations, "structures": structures}


def _shape(model: dict[str, Any], name: str, structures: dict[str, Any]) -> Any:
    shape = model["shapes"][name]
    match shape["type"]:
        case "structure" if shape.get("document") or shape.get("eventstream"):
            return "any"
        case "structure":
            if name not in structures:
                structures[name] = []  # it may contain itself
                members = {
                    _pascal(member): _shape(model, inner["shape"], structures)
                    for member, inner in shape.get("members", {}).items()
                }
                structures[name] = [members, [_pascal(member) for member in shape.get("required", ())]]
            return f"#{name}"
        case "list":
            return ["list", _element(model, shape["member"]["shape"], structures)]
        case "map":
            return ["map", _element(model, shape["value"]["shape"], structures)]
        case kind if SCALARS[kind] == "number" and ("min" in shape or "max" in shape):
            return ["number", shape.get("min"), shape.get("max")]
        case kind:
            return SCALARS[kind]


def _element(model: dict[str, Any], name: str, structures: dict[str, Any]) -> Any:
    """What a list or map holds. A list or map that contains itself without a structure between is not followed."""
    kind = model["shapes"][name]["type"]
    if kind in ("list", "map") and _holds(model, name, name):
        return "any"
    return _shape(model, name, structures)


def _holds(model: dict[str, Any], outer: str, wanted: str, seen: frozenset[str] = frozenset()) -> bool:
    shape = model["shapes"][outer]
    inner = shape.get("member", shape.get("value", {})).get("shape") if shape["type"] in ("list", "map") else None
    if inner is None or outer in seen:
        return False
    return bool(inner == wanted) or _holds(model, inner, wanted, seen | {outer})


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def packaged() -> dict[str, str]:
    """The members of the file, by name, as the installed botocore gives them."""
    from botocore.loaders import Loader

    loader = Loader()
    services = dict(sorted((OPTIMISED | OFTEN_CALLED).items()))
    return {
        f"{name}.json": json.dumps(
            service_shapes(loader.load_service_model(model, "service-2")), separators=(",", ":"), sort_keys=True
        )
        for name, model in services.items()
    }


def written() -> dict[str, str]:
    """The members of the file as it stands."""
    with zipfile.ZipFile(TARGET) as shapes:
        return {name: shapes.read(name).decode() for name in shapes.namelist()}


def write(members: dict[str, str]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as shapes:
        for name, text in members.items():
            shapes.writestr(zipfile.ZipInfo(name, DAY_ONE), text, zipfile.ZIP_DEFLATED)
    TARGET.write_bytes(buffer.getvalue())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if the file is out of date")
    if not parser.parse_args().check:
        write(packaged())
        return 0
    current = TARGET.exists() and packaged() == written()
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
