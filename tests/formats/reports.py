"""What a reader of a format holds it against: the JSON of the same run."""
import json
import sys


def arguments():
    """The file to read, and the reports that it should hold."""
    path, ndjson = sys.argv[1:]
    with open(ndjson, encoding="utf-8") as lines:
        return path, [json.loads(line) for line in lines]


def name(report):
    return report["reference"]["value"] if report["reference"] else ""


def lead(report):
    """The finding that leads, or the error."""
    if report["error"]:
        return report["error"]
    errors = [found for found in report["diagnosis"] if found["severity"] == "error"]
    found = (errors or report["diagnosis"] or [None])[0]
    # People are told where a finding is not certain.
    if found and found["confidence"] == "likely":
        return found | {"message": found["message"] + " (likely)"}
    return found


def word(report):
    if report["verdict"] == "error":
        return "ERROR"
    warns = any(found["severity"] == "warning" for found in report["diagnosis"])
    return {0: "WARN" if warns else "ok", 1: "FAIL", 4: "FAIL"}[report["exit_code"]]
