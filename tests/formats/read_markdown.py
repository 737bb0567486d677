"""markdown, by GitHub's own fork of cmark (cmarkgfm), whose HTML is read again."""
from html.parser import HTMLParser

import cmarkgfm

from reports import arguments, lead, name, word

ALLOWED = {"table", "thead", "tbody", "tr", "th", "td", "code", "strong", "p"}


class Table(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.after, self.tags = [], "", []

    def handle_starttag(self, tag, attributes):
        assert tag in ALLOWED, (tag, attributes)
        assert not attributes or attributes == [("align", "right")], (tag, attributes)
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.tags.pop() == tag, tag

    def handle_data(self, data):
        if any(tag in ("td", "th") for tag in self.tags):
            self.rows[-1][-1] += data
        elif self.tags == ["p"]:
            self.after += data

    def handle_comment(self, data):
        raise AssertionError(data)


path, reports = arguments()
with open(path, encoding="utf-8") as file:
    table = Table()
    table.feed(cmarkgfm.github_flavored_markdown_to_html(file.read()))
heading, *rows = table.rows
assert len(heading) == 7 and len(rows) == len(reports), (heading, len(rows), len(reports))
for row, report in zip(rows, reports):
    assert len(row) == 7, row
    result, asked, target, why, change, until, days = row
    assert result == word(report), row
    assert target == report["target"] and name(report) in asked, (row, report["target"])
    found = lead(report)
    if word(report) != "ok":
        assert why == f"{found['code']}: {found['message']}", (why, found)
        assert all(help["text"] in change for help in found["help"][:1]), (change, found)
    if report["certificate"]:
        assert days == str(report["certificate"]["days_left"]), row
assert table.after.startswith(f"{len(reports)} checked: "), table.after
print(f"a table of {len(rows)} rows")
