"""csv, by Python's csv module; no cell is one that a spreadsheet takes for a formula."""
import csv
import re

from reports import arguments, lead, name, word

FORMULA = re.compile(r"""(^|;)[\s"]*[=+\-@＝＋－＠]""")
NUMBERS = {"port", "exit_code", "days_left", "elapsed_ms"}


def plain(cell):
    """Without the apostrophes that make it harmless."""
    return re.sub(r"""(^|;)([\s"]*)'([=+\-@＝＋－＠])""", r"\1\2\3", cell)


path, reports = arguments()
with open(path, encoding="utf-8", newline="") as file:
    rows = list(csv.DictReader(file, strict=True))
assert len(rows) == len(reports), (len(rows), len(reports))
for row, report in zip(rows, reports):
    assert None not in row and None not in row.values(), row
    for column, cell in row.items():
        if column in NUMBERS:
            assert re.fullmatch(r"-?\d*", cell), (column, cell)
        else:
            assert not FORMULA.search(cell), (column, cell)
    certificate, found = report["certificate"] or {}, lead(report) or {}
    assert plain(row["target"]) == report["target"], (row, report)
    assert plain(row["name"]) == name(report), (row, report)
    assert row["result"] == word(report) and row["verdict"] == report["verdict"], row
    assert row["exit_code"] == str(report["exit_code"]), row
    assert row["code"] == found.get("code", ""), row
    assert plain(row["message"]) == found.get("message", ""), row
    assert row["not_after"] == certificate.get("not_after", ""), row
    assert row["days_left"] == str(certificate.get("days_left", "")), row
print(f"{len(rows)} records")
