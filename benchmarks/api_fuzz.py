"""Requests by the thousand, made from the API's own description; none may get a 5xx.

    pip install 'loresmith[fuzz]'
    python benchmarks/api_fuzz.py --project FOLDER --cases 200 --seed 1

FOLDER is a project with an index; a copy is served, without a model that writes, by the real `loresmith serve`.
schemathesis makes valid and invalid requests for every operation of `/openapi.json`, at most `--cases` in each phase,
and goes on with what it was answered. Prints JSON: how many requests the server counted, by status, and what
schemathesis says. Exits 1 if one got a 5xx, or if the server did not live to the end.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families


def requests_by_status(url: str) -> dict[str, int]:
    """What the server itself has counted."""
    counted: Counter[str] = Counter()
    for family in text_string_to_metric_families(httpx.get(f"{url}/metrics", timeout=60).text):
        for sample in family.samples:
            if sample.name == "loresmith_requests_total":
                counted[sample.labels["status"]] += int(sample.value)
    return dict(sorted(counted.items()))


def main() -> int:
    """Serve, fuzz, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=600, help="after which schemathesis ends")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        shutil.copytree(given.project, copy)
        command = [sys.executable, "-m", "loresmith.cli", "serve", str(copy), "--port", "0", "--with", "none", "--json"]
        log = Path(folder) / "log"
        with log.open("w") as errors:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert process.stdout is not None
        told = ""
        while not told.rstrip().endswith("}"):
            told += process.stdout.readline() or sys.exit(log.read_text())
        url = json.loads(told)["page"].rstrip("/")
        began = time.monotonic()
        try:
            fuzz = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks"]
            fuzz += ["not_a_server_error", "--max-examples", str(given.cases), "--seed", str(given.seed)]
            fuzz += ["--max-time", str(given.seconds), "--no-color", "--request-timeout", "60", "--continue-on-failure"]
            done = subprocess.run(fuzz, capture_output=True, text=True, cwd=folder, check=False)
            counted = requests_by_status(url)
        finally:
            process.terminate()
            code = process.wait(60)
        log_lines = [line for line in log.read_text().splitlines() if "Error" in line or "Traceback" in line]
    failures = sum(count for status, count in counted.items() if status.startswith("5"))
    result = {
        "requests": sum(counted.values()),
        "by_status": counted,
        "failures": failures,
        "seconds": round(time.monotonic() - began),
        "server_exit_code": code,
        "log": log_lines[:20],
        "schemathesis": done.stdout.splitlines()[-60:],
    }
    print(json.dumps(result, indent=1))
    return int(failures > 0 or code != 0)


if __name__ == "__main__":
    sys.exit(main())
