"""github, by the grammar of workflow commands as the runner parses them (actions/runner,
src/Runner.Common/ActionCommand.cs, TryParseV2): `::` at the line's begin, the command up to the next
`::`, behind its name properties `key=value` parted by commas; then the data. Escapes are undone in the
order of its tables."""
from reports import arguments, lead, name, word

PROPERTY = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]
DATA = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]


def unescape(text, table):
    for escaped, plain in table:
        text = text.replace(escaped, plain)
    return text


def parse(line):
    assert line.startswith("::"), line
    end = line.index("::", 2)
    command, _, properties = line[2:end].partition(" ")
    found = {}
    for pair in filter(None, properties.strip().split(",")):
        key, value = pair.split("=", 1)
        found[key] = unescape(value, PROPERTY)
    return command, found, unescape(line[end + 2:], DATA)


path, reports = arguments()
with open(path, encoding="utf-8", newline="") as file:
    text = file.read()
assert "\r" not in text and text.endswith("\n"), text
commands = [parse(line) for line in text.removesuffix("\n").split("\n")]
expected = []
for report in reports:
    found = lead(report)
    if word(report) not in ("ok", "WARN"):
        expected.append(("error", found, report))
    elif found and found.get("severity") != "note":
        expected.append(("warning", found, report))
assert len(commands) == len(expected) + 1, (len(commands), len(expected))
for (command, properties, data), (wanted, found, report) in zip(commands, expected):
    assert command == wanted and list(properties) == ["title"], (command, properties)
    assert properties["title"].startswith(f"{found['code']}: "), properties
    assert report["target"] in properties["title"] and name(report) in properties["title"], properties
    assert found["message"] in data, (data, found)
    for help in found["help"]:
        assert f"\nhelp: {help['text']}" in data, (data, help)
command, properties, data = commands[-1]
assert (command, properties) == ("notice", {"title": "certcheck"}) and data.startswith(f"{len(reports)} checked: ")
print(f"{len(commands)} commands")
