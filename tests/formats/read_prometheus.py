"""prometheus, by the parser of prometheus_client; promtool reads it beside."""
import calendar
import time

from prometheus_client.parser import text_string_to_metric_families

from reports import arguments, name

WORST = [0, 4, 3, 1]

path, reports = arguments()
with open(path, encoding="utf-8") as file:
    families = {family.name: family for family in text_string_to_metric_families(file.read())}
samples = {}
for family in families.values():
    assert family.type == "gauge" and family.documentation, family
    for sample in family.samples:
        key = (sample.name, *sorted(sample.labels.items()))
        assert key not in samples, f"twice: {key}"
        samples[key] = sample.value


def value(metric, report, **more):
    labels = {"target": report["target"], "name": name(report), **more}
    if report["server"]:
        labels["server"] = report["server"]
    return samples.get((f"certcheck_{metric}", *sorted(labels.items())))


worst = {}
for report in reports:
    key = (report["target"], name(report), report["server"])
    known = worst.get(key)
    if known is None or WORST.index(report["exit_code"]) > WORST.index(known["exit_code"]):
        worst[key] = report
for report in worst.values():
    for verdict in ("match", "mismatch", "error"):
        assert value("verdict", report, verdict=verdict) == (report["verdict"] == verdict), report
    assert value("accepted", report) == report["accepted"], report
    assert value("exit_code", report) == report["exit_code"], report
    if report["certificate"]:
        for field in ("not_before", "not_after"):
            at = calendar.timegm(time.strptime(report["certificate"][field], "%Y-%m-%dT%H:%M:%SZ"))
            assert value(f"{field}_timestamp_seconds", report) == at, report
    else:
        assert value("not_after_timestamp_seconds", report) is None, report
    for found in report["diagnosis"]:
        assert value("finding", report, code=found["code"], severity=found["severity"]) == 1, found
assert len(families["certcheck_accepted"].samples) == len(worst)
assert sum(sample.value for sample in families["certcheck_reports"].samples) == len(reports)
assert samples[("certcheck_complete",)] == 1
print(f"{len(samples)} samples of {len(worst)} targets and names")
