#!/usr/bin/env python3
"""Makes mismatches.svg, the README's picture: the five commonest mismatches, in a real terminal.

    python3 docs/picture.py PROGRAM [FILE]    writes the picture (docs/mismatches.svg)
    python3 docs/picture.py PROGRAM --check   makes it anew, and compares the text with the one that is committed

Servers (openssl s_server) and a terminal of 80 columns (tmux) run in a network of their own, where the documentation's
names have the documentation's addresses; the commands are typed there, and what the terminal then shows is drawn,
colours included. Nothing outside changes. The program's clock is set (faketime), because a certificate has fewer
days left on every day. It needs root, and openssl, tmux, faketime and iproute2 of Debian.
"""

import difflib
import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve()
COLUMNS, NARROW, LINES = 80, 60, 200
ISSUED, NOW = "2026-05-01 00:00:00", "2026-06-01 12:00:00"
ADDRESS = "192.0.2.7"

# The server's address, a name that leads there, the names on the certificate that it has for that name, if it has one,
# and those on its default one.
SERVERS = [
    ("192.0.2.1", "www.example.com", "DNS:example.com", "DNS:front.example.com"),
    ("192.0.2.2", "a.b.example.org", "DNS:*.example.org,DNS:example.org", "DNS:front.example.org"),
    ("192.0.2.3", "shop.example.net", "DNS:shop.example.net", "DNS:default.example.net"),
    ("192.0.2.4", "blog.example.net", None, "DNS:default.example.net"),
    (ADDRESS, "db.example.com", None, "DNS:db.example.com"),
]
COMMANDS = [
    ("www-missing", "certcheck www.example.com --ca-file ca.pem"),
    ("wildcard-depth", "certcheck a.b.example.org --ca-file ca.pem"),
    ("sni-required", "certcheck shop.example.net --no-sni --ca-file ca.pem"),
    ("default-certificate", "certcheck blog.example.net --ca-file ca.pem"),
    ("ip-not-listed", f"certcheck {ADDRESS} --ca-file ca.pem"),
]


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, text=True, **more).stdout


def certificates(folder):
    """A root, and for each server two certificates, all of one instant."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    old = ["faketime", "-f", ISSUED, "openssl"]
    subject = ["-subj", "/CN=Lab CA"]
    run(*old, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "3650", *subject, cwd=folder)
    for number, (_, _, *sans) in enumerate(SERVERS):
        for which, san in zip(("name", "default"), sans):
            if san is None:
                continue
            base = f"{number}-{which}"
            run("openssl", "req", *key, "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", "/O=Example", cwd=folder)
            (folder / "ext").write_text(f"subjectAltName={san}\n")
            sign = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "90", "-extfile", "ext"]
            run(*old, "x509", "-req", "-in", f"{base}.csr", "-out", f"{base}.pem", *sign, cwd=folder)


def servers(folder):
    """Starts them, each at its address; returns the processes."""
    run("ip", "link", "set", "lo", "up")
    hosts = ["127.0.0.1 localhost"]
    started = []
    for number, (address, name, its_own, _) in enumerate(SERVERS):
        run("ip", "address", "add", f"{address}/32", "dev", "lo")
        hosts.append(f"{address} {name}")
        default, own = f"{number}-default", f"{number}-name"
        pairs = ["-cert", f"{default}.pem", "-key", f"{default}.key"]
        if its_own:
            pairs += ["-servername", name, "-cert2", f"{own}.pem", "-key2", f"{own}.key"]
        command = ["openssl", "s_server", "-accept", f"{address}:443", "-quiet", *pairs]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        started.append(subprocess.Popen(command, cwd=folder, **quiet))
    for file, text in (("hosts", "\n".join(hosts)), ("nsswitch.conf", "hosts: files")):
        (folder / file).write_text(text + "\n")
        run("mount", "--bind", folder / file, f"/etc/{file}")
    while len(run("ss", "-Hltn").splitlines()) < len(SERVERS):
        if any(server.poll() is not None for server in started):
            sys.exit("openssl s_server has ended")
        time.sleep(0.05)
    return started


def screen(folder, program, columns):
    """Types the commands into a shell in tmux; returns what the terminal shows, with its colours."""
    (folder / "bin").mkdir(exist_ok=True)
    wrapper = folder / "bin" / "certcheck"
    wrapper.write_text(f'#!/bin/sh\nFAKETIME_DONT_FAKE_MONOTONIC=1 exec faketime -f "@{NOW}" {program} "$@"\n')
    wrapper.chmod(0o755)
    keep = {name: os.environ[name] for name in ("HOME",) if name in os.environ}
    path = f"{folder}/bin:{os.environ['PATH']}"
    env = {**keep, "PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm-256color"}
    (folder / "profile").write_text("PS1='$ '\n")
    env["ENV"] = f"{folder}/profile"

    def tmux(*words):
        return run("tmux", "-S", folder / f"tmux-{columns}", "-f", os.devnull, *words, cwd=folder, env=env)

    def prompts(lines):
        return sum(line.split(" ")[0] == "$" for line in lines)

    def typed(command):
        """Waits for the prompt that comes after it."""
        before = prompts(tmux("capture-pane", "-p").split("\n"))
        tmux("send-keys", "-l", command)
        tmux("send-keys", "Enter")
        end = time.monotonic() + 30
        while time.monotonic() < end:
            lines = tmux("capture-pane", "-p").rstrip("\n").split("\n")
            if lines[-1] == "$" and prompts(lines) > before:
                return
            time.sleep(0.1)
        sys.exit(f"no prompt after {command}:\n" + "\n".join(lines))

    tmux("-u", "new-session", "-d", "-x", str(columns), "-y", str(LINES), "sh")
    try:
        time.sleep(0.5)
        for number, (_, command) in enumerate(COMMANDS):
            if number:
                typed("")
            typed(command)
        shown = tmux("capture-pane", "-e", "-p")
        # Lines as they were written: the terminal breaks what is too long for it.
        whole = [line.rstrip() for line in tmux("capture-pane", "-J", "-p").split("\n")]
    finally:
        tmux("kill-server")
    long = [line for line in whole if len(line) > columns and not line.startswith("$ ")]
    if long:
        sys.exit(f"longer than {columns} columns:\n" + "\n".join(long))
    return shown.rstrip("\n").split("\n")[:-1]


# ---- from what a terminal shows to SVG ----

WIDTH, HEIGHT, SIZE, EDGE = 8.4, 18, 14, 16
PLAIN = "#d4d4d4"
COLOURS = dict(zip(range(30, 38), "#6e7681 #f97583 #85e89d #ffea7f #79b8ff #d2a8ff #56d4dd #d4d4d4".split()))
COLOURS |= dict(zip(range(90, 98), "#8b949e #ff8a93 #9af0b0 #fff3a8 #9dcbff #e2c5ff #7ee5ec #ffffff".split()))


def runs(lines):
    """For each line its pieces that look alike: column, text, colour, weight. A look goes on into the next line."""
    colour, bold = PLAIN, False
    for line in lines:
        column, found = 0, []
        for codes, text in re.findall(r"\x1b\[([0-9;]*)m|([^\x1b]+)", line):
            if text:
                found.append((column, text, colour, bold))
                column += len(text)
                continue
            numbers = [int(code or 0) for code in codes.split(";")]
            while numbers:
                code = numbers.pop(0)
                if code == 0:
                    colour, bold = PLAIN, False
                elif code == 1:
                    bold = True
                elif code == 39:
                    colour = PLAIN
                elif code == 38 and numbers[:1] == [5] and numbers[1] < 16:
                    colour = COLOURS[numbers[1] + (30 if numbers[1] < 8 else 82)]
                    del numbers[:2]
                elif code in COLOURS:
                    colour = COLOURS[code]
                elif code != 49:  # the only background
                    sys.exit(f"the terminal shows what is not drawn here: {codes}")
        yield found


def svg(lines):
    wide, high = COLUMNS * WIDTH + 2 * EDGE, len(lines) * HEIGHT + 2 * EDGE
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high}" width="{wide:g}" height="{high}" role="img">',
        "<title>Five mismatches, as certcheck shows them in a terminal</title>",
        "<style>text{font:%dpx ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}"
        ".b{font-weight:bold}</style>" % SIZE,
        f'<rect width="{wide:g}" height="{high}" rx="8" fill="#1b1f24"/>',
    ]
    for number, look in enumerate(runs(lines)):
        pieces = []
        for column, text, colour, bold in look:
            # Each piece has its own place and length, whatever font there is.
            place = f'x="{EDGE + column * WIDTH:g}" textLength="{len(text) * WIDTH:g}"'
            weight = ' class="b"' if bold else ""
            pieces.append(f'<tspan {place} fill="{colour}"{weight}>{html.escape(text, quote=False)}</tspan>')
        if pieces:
            y = EDGE + number * HEIGHT + SIZE
            out.append(f'<text y="{y}" xml:space="preserve">{"".join(pieces)}</text>')
    return "\n".join([*out, "</svg>", ""])


def words(picture):
    """The picture's lines as text."""
    lines = re.findall(r"<text .*?</text>", picture)
    return [html.unescape(re.sub(r"<[^>]*>", "", line)) for line in lines]


def made(program):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        certificates(folder)
        started = servers(folder)
        try:
            lines = screen(folder, program, COLUMNS)
            screen(folder, program, NARROW)
        finally:
            for server in started:
                server.kill()
                server.wait()
    picture = svg(lines)
    text = words(picture)
    for code, command in COMMANDS:
        if f"$ {command}" not in text or not any(f"HostnameMismatchError[{code}]" in line for line in text):
            sys.exit(f"{command} does not lead to {code}:\n" + "\n".join(text))
    return picture


def main():
    program, target = os.path.abspath(sys.argv[1]), (sys.argv[2:] or [str(HERE.with_name("mismatches.svg"))])[0]
    if os.environ.get("CERTCHECK_PICTURE") != "inside":
        os.environ["CERTCHECK_PICTURE"] = "inside"
        os.execvp("unshare", ["unshare", "--mount", "--net", sys.executable, str(HERE), program, target])
    picture = made(program)
    if target != "--check":
        pathlib.Path(target).write_text(picture, encoding="utf-8")
        return
    there = words(HERE.with_name("mismatches.svg").read_text(encoding="utf-8"))
    if there != words(picture):
        differ = difflib.unified_diff(there, words(picture), "docs/mismatches.svg", "the terminal", lineterm="")
        sys.exit("the picture is out of date; make it anew:\n" + "\n".join(differ))
    print(f"picture: {len(COMMANDS)} mismatches, {len(there)} lines, as committed")


if __name__ == "__main__":
    main()
