"""junit, by junitparser."""
from junitparser import Error, Failure, JUnitXml

from reports import arguments, lead, name, word

path, reports = arguments()
document = JUnitXml.fromfile(path)
cases = [case for suite in document for case in suite]
assert len(cases) == len(reports), (len(cases), len(reports))
count = {"ok": 0, "FAIL": 0, "WARN": 0, "ERROR": 0}
for case, report in zip(cases, reports):
    count[word(report)] += 1
    assert case.classname == report["target"], (case.classname, report["target"])
    server = f" ({report['server']})" if report["server"] else ""
    assert (name(report) or report["target"]) in case.name and case.name.endswith(server), (case.name, report)
    if word(report) in ("ok", "WARN"):
        assert case.is_passed and not case.result, (case, report)
        continue
    [result] = case.result
    assert type(result) is (Error if word(report) == "ERROR" else Failure), (result, report)
    assert (result.type, result.message) == (lead(report)["code"], lead(report)["message"]), (result, report)
    assert f"[{lead(report)['code']}]" in result.text, result.text
assert document.tests == len(reports)
assert document.failures == count["FAIL"], document
assert document.errors == count["ERROR"], document
print(f"{len(cases)} test cases, {document.failures} failures, {document.errors} errors")
