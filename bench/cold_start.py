"""How long each function's modules take to import, and how large its package is.

Prints a table: the median over fresh processes of the time to import the handler's module, which is what Lambda's
init phase does besides starting Python (with bytecode, which the layer brings), and of boto3 alone, the floor under
most of them; the size of the function's own code; and the size of the layer, once it is built (`sam build`).
Run: `uv run python bench/cold_start.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
LAYER_LIMIT = 250 * 1024**2
"""Bytes, function and layers together, unzipped (Lambda developer guide, "Lambda quotas")."""
_IMPORT = """
import importlib, sys, time
begin = time.perf_counter()
importlib.import_module(sys.argv[1])
heavy = [name for name in ("duckdb", "asyncssh", "pysequoia", "jsonschema", "httpx") if name in sys.modules]
print(time.perf_counter() - begin, ",".join(heavy))
"""


class _TemplateLoader(yaml.SafeLoader):
    """Reads a template without resolving its functions (`!Ref` and the like)."""


def _unresolved(_loader: yaml.SafeLoader, function: str, _node: yaml.Node) -> str:
    return f"!{function}"


_TemplateLoader.add_multi_constructor("!", _unresolved)


def functions(template: Path) -> dict[str, tuple[Path, str]]:
    """Logical id → (folder of the code, module of the handler)."""
    resources: dict[str, Any] = yaml.load(template.read_text(), _TemplateLoader)["Resources"]
    found = {}
    for name, resource in resources.items():
        if isinstance(resource, dict) and resource.get("Type") == "AWS::Serverless::Function":
            properties = resource["Properties"]
            found[name] = (ROOT / properties["CodeUri"], properties["Handler"].rpartition(".")[0])
    return found


def import_seconds(code: Path, module: str, runs: int) -> tuple[list[float], str]:
    """Seconds of each import in a new process, and the heavy libraries that it brought with it."""
    environment = {
        **os.environ,
        "PYTHONPATH": f"{code}:{ROOT / 'src'}",
        "AWS_REGION": "eu-central-1",
        "POWERTOOLS_SERVICE_NAME": "fileferry",
        "POWERTOOLS_METRICS_NAMESPACE": "Fileferry",
    }
    seconds, heavy = [], ""
    for _ in range(runs + 1):
        done = subprocess.run(
            [sys.executable, "-c", _IMPORT, module], env=environment, capture_output=True, text=True, check=True
        )
        taken, _, heavy = done.stdout.strip().partition(" ")
        seconds.append(float(taken))
    return seconds[1:], heavy  # the first one may have compiled the sources


def folder_bytes(folder: Path, *, bytecode: bool = False) -> int:
    files = (path for path in folder.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files if bytecode or "__pycache__" not in path.parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    boto3, _ = import_seconds(ROOT, "boto3", options.runs)
    rows = []
    for name, (code, module) in functions(ROOT / "template.yaml").items():
        seconds, heavy = import_seconds(code, module, options.runs)
        rows.append((name, statistics.median(seconds) * 1000, max(seconds) * 1000, folder_bytes(code) / 1024, heavy))
    if options.json:
        print(
            json.dumps(
                [dict(zip(("function", "median_ms", "max_ms", "kib", "heavy"), row, strict=True)) for row in rows]
            )
        )
        return
    table = Table(title=f"Import of each handler (boto3 alone: {statistics.median(boto3) * 1000:.0f} ms)")
    for heading in ("function", "median ms", "max ms", "÷ boto3", "code KiB", "heavy libraries at import"):
        table.add_column(heading, justify="left" if heading.startswith(("function", "heavy")) else "right")
    for name, median, most, kib, heavy in rows:
        ratio = median / (statistics.median(boto3) * 1000)
        table.add_row(name, f"{median:.0f}", f"{most:.0f}", f"{ratio:.2f}", f"{kib:.0f}", heavy)
    console = Console()
    console.print(table)
    layer = ROOT / ".aws-sam/build/FileferryLayer"
    if layer.exists():
        size = folder_bytes(layer, bytecode=True)
        console.print(f"layer: {size / 1024**2:.0f} MiB unzipped, {size / LAYER_LIMIT:.0%} of Lambda's limit")
    else:
        console.print("layer: not built yet (run `make build`)")


if __name__ == "__main__":
    main()
