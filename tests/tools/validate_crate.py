"""The published crate before a public validator, without a network (docs/standing.md).

    python -m venv crate && crate/bin/pip install roc-validator==0.13.0 rocrate==0.9.0
    crate/bin/python tests/tools/validate_crate.py results

The validator asks w3id.org for RO-Crate's JSON-LD context; here its cache is filled with the copy that rocrate 0.9.0
brings. Prints what is wrong with the crate; exits with 1 where a requirement of RO-Crate 1.1 is not met.
"""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def fill(cache: Path) -> None:
    """Put RO-Crate's context into a cache of the validator."""
    import requests
    import rocrate
    from requests_cache import CachedSession
    from urllib3 import HTTPResponse

    text = (Path(rocrate.__file__).parent / "data" / "ro-crate.jsonld").read_bytes()
    answer = requests.Response()
    answer.status_code, answer.url, answer._content = 200, CONTEXT, text
    answer.headers["Content-Type"] = "application/ld+json"
    answer.request = requests.Request("GET", CONTEXT).prepare()
    answer.raw = HTTPResponse(io.BytesIO(text), headers=answer.headers, status=200, preload_content=False)
    CachedSession(str(cache)).cache.save_response(answer)


def main(crate: str) -> int:
    """Validate a crate, required and recommended; print the issues."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder) / "cache")
        command = ["-y", "validate", "--offline", "--cache-path", f"{folder}/cache", "-p", "ro-crate-1.1"]
        command += ["-l", "recommended", "--no-paging", "-f", "json", "-o", f"{folder}/found.json", crate]
        program = Path(sys.executable).with_name("rocrate-validator")
        subprocess.run([str(program), *command], check=False, capture_output=True)
        found = json.loads(Path(folder, "found.json").read_text())
    for issue in found["issues"]:
        print(f"{issue['severity'].lower()}: {issue['message']} ({issue.get('violatingEntity')})")
    required = sum(issue["severity"] == "REQUIRED" for issue in found["issues"])
    print(f"{found['statistics']['total_checks']} checks; {required} required ones failed")
    return int(required > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
