#!/usr/bin/env python3
"""One whole check beside Go's crypto/tls, as processes, in one run.

usage: python3 benches/one_check.py [--runs N] [--most RATIO]

Makes a chain of three (root, intermediate, leaf; P-256), serves it with `openssl s_server` on
loopback, and runs `target/release/certcheck` and a Go program that does the same (built from
benches/peers/one_check.go) in turn. Prints the CPU time (user + system) of each, medians, and the
median of the ratios pair by pair; with --most it fails where that is over RATIO.
Needs go, openssl and a release build.
"""
import argparse, os, shutil, socket, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAME = "www.bench.example"


def sh(*argv, **options):
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)


def make_chain(d):
    def path(name):
        return os.path.join(d, name)

    for name in ("root", "ca", "leaf"):
        sh("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path(name + ".key"))
    sh("openssl", "req", "-x509", "-new", "-key", path("root.key"), "-days", "3650", "-subj", "/CN=Bench Root",
       "-addext", "basicConstraints=critical,CA:TRUE", "-out", path("root.pem"))
    for name, issuer, subject, extensions in (
        ("ca", "root", "/CN=Bench Intermediate", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"),
        ("leaf", "ca", "/CN=" + NAME, "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:*.bench.example,DNS:bench.example\n"),
    ):
        sh("openssl", "req", "-new", "-key", path(name + ".key"), "-subj", subject, "-out", path("csr"))
        with open(path("ext"), "w") as f:
            f.write(extensions)
        sh("openssl", "x509", "-req", "-in", path("csr"), "-CA", path(issuer + ".pem"), "-CAkey", path(issuer + ".key"),
           "-CAcreateserial", "-days", "90", "-extfile", path("ext"), "-out", path(name + ".pem"))
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def cpu(argv):
    """CPU seconds of one process from start to exit, which must be successful."""
    with open(os.devnull, "r+b") as null:
        pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=[
            (os.POSIX_SPAWN_DUP2, null.fileno(), 0), (os.POSIX_SPAWN_DUP2, null.fileno(), 1)])
        _, status, used = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{argv[0]} ended with status {status}")
    return used.ru_utime + used.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=31)
    parser.add_argument("--most", type=float)
    arguments = parser.parse_args()
    ours = os.path.join(ROOT, "target", "release", "certcheck")
    if not os.path.exists(ours):
        sys.exit("build it first: cargo build --release")
    with tempfile.TemporaryDirectory() as d:
        path = make_chain(d)
        go = path("one_check")
        subprocess.run([shutil.which("go") or sys.exit("go is needed"), "build", "-ldflags=-s -w", "-o", go,
                        os.path.join(ROOT, "benches", "peers", "one_check.go")], check=True)
        address = f"127.0.0.1:{free_port()}"
        server = subprocess.Popen(
            ["openssl", "s_server", "-accept", address, "-cert", path("leaf.pem"), "-key", path("leaf.key"),
             "-cert_chain", path("ca.pem"), "-quiet", "-naccept", "100000"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            commands = {
                "certcheck": [ours, f"{NAME}@{address}", "--ca-file", path("root.pem")],
                "Go crypto/tls": [go, NAME, address, path("root.pem")],
            }
            figures = {name: [] for name in commands}
            for run in range(arguments.runs + 1):
                for name, argv in commands.items():
                    seconds = cpu(argv)
                    if run:  # the first is a warm-up
                        figures[name].append(seconds)
        finally:
            server.kill()
            server.wait()
    version = subprocess.run(["go", "version"], capture_output=True, text=True).stdout.split()[2]
    for name, seconds in figures.items():
        print(f"{name:15}{statistics.median(seconds) * 1000:8.2f} ms of CPU (median of {len(seconds)})")
    ratio = statistics.median(a / b for a, b in zip(*figures.values()))
    print(f"ratio {ratio:.2f} ({version})")
    if arguments.most is not None and ratio > arguments.most:
        sys.exit(f"over {arguments.most}")


if __name__ == "__main__":
    main()
