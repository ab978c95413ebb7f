"""The workflow as `sam deploy` publishes it."""

from __future__ import annotations

import re
from typing import Any

from fileferry.workflows import workflow_digest
from tests.unit.template.conftest import ROOT


def test_the_deployed_definition_has_the_digest_of_its_file(resources: dict[str, Any]) -> None:
    machine = resources["TransferStateMachine"]["Properties"]
    text = (ROOT / machine["DefinitionUri"]).read_text()
    deployed = text
    for name, value in machine["DefinitionSubstitutions"].items():
        function = resources[value["Ref"].removesuffix(".Version")]["Properties"]["FunctionName"]["Fn::Sub"]
        stack_function = function.replace("${AWS::StackName}", "my-ferry")
        arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{stack_function}:12"
        deployed = deployed.replace(f"${{{name}}}", arn)

    assert not re.search(r"\$\{\w+\}", deployed)
    assert deployed != text
    assert workflow_digest(deployed) == workflow_digest(text)
