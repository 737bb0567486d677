#!/usr/bin/env python3
"""A fleet of 10,000 targets, in one run beside Go's crypto/tls, curl and Python's asyncio.

usage: python3 benches/fleet.py [--targets N] [--pairs N] [--long] [--require] [--margin M]

Makes a chain of three (P-256), serves it with one nginx on loopback, and runs `target/release/certcheck
--targets LIST --json` and a Go scanner (built from benches/peers/fleet.go; chain and name verified in
full) in turn, 300 at once. Two fleets: every target with a leaf of its own, and all behind 15 leaves
(5% of them for another name). Prints CPU (user + system) for each target, the peak of memory, and the
median of the ratios pair by pair; compares every verdict. `--long` adds 100,000 targets beside 1,000,
and what one more connection in flight costs. `--require` fails where a ratio is over the limit that
is printed beside it, times the margin (1; more where the machine is shared), in each of three tries; a
verdict that differs has neither margin nor a second try. Needs nginx, go, curl and a release build.
"""
import argparse, asyncio, json, os, random, resource, shutil, socket, ssl, statistics, subprocess, sys, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(ROOT, "target/release/certcheck")
AT_ONCE = 300
SHARED = 15
ADDRESSES = [f"127.0.7.{n}" for n in range(1, 11)]
PORTS = range(20443, 20448)
TRIES = 3


def nginx(folder, own):
    """One worker; the file of a name of the own fleet is found by the name itself."""
    places = [(address, port) for address in ADDRESSES for port in PORTS]
    def server(names, certificate, extra=""):
        listen = "".join(f"listen {a}:{p} ssl{extra};" for a, p in places)
        return f"server {{ {listen} server_name {names}; ssl_certificate {certificate}; ssl_certificate_key {folder}/key.pem; }}\n"
    text = (f"daemon off; worker_processes 1; worker_rlimit_nofile 65536; pid {folder}/pid; error_log /dev/null;\n"
            "user root; events { worker_connections 20000; multi_accept on; }\n"
            "http { access_log off; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache off;\n"
            + server("_", f"{folder}/s0.pem", " default_server backlog=4096")
            + "".join(server(f".s{n}.test", f"{folder}/s{n}.pem") for n in range(SHARED))
            + server(".own.test", f"{folder}/$ssl_server_name.pem") + "}\n")
    with open(f"{folder}/nginx.conf", "w") as f:
        f.write(text)
    process = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf", "-p", folder], stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection((ADDRESSES[0], PORTS[0]), 1).close()
            return process
        except OSError:
            time.sleep(0.05)
    sys.exit("nginx does not start")


def place(n):
    return f"{ADDRESSES[n % len(ADDRESSES)]}:{PORTS[n // len(ADDRESSES) % len(PORTS)]}"


def own_target(n, count):
    return f"h{n % count}.own.test@{place(n)}"


def shared_target(n):
    # Every twentieth is asked for under a name that no leaf has.
    name = f"h{n}.elsewhere.test" if n % 20 == 7 else f"h{n}.s{n % SHARED}.test"
    return f"{name}@{place(n)}"


def peak(pid, seen, done):
    """The highest resident set, from the kernel's own mark: wait4 would count ours at the fork."""
    while not done.is_set():
        try:
            with open(f"/proc/{pid}/status") as f:
                for line in f:
                    if line.startswith("VmHWM"):
                        seen[0] = int(line.split()[1])
        except OSError:
            return
        done.wait(0.02)


def run(argv, out):
    """CPU in seconds, peak KiB, wall seconds."""
    with open(out, "wb") as sink:
        start = time.monotonic()
        process = subprocess.Popen(argv, stdout=sink, stderr=subprocess.DEVNULL)
        seen, done = [0], threading.Event()
        watch = threading.Thread(target=peak, args=(process.pid, seen, done))
        watch.start()
        _, _, usage = os.wait4(process.pid, 0)
        done.set()
        watch.join()
    return usage.ru_utime + usage.ru_stime, seen[0], time.monotonic() - start


def verdicts(path, key, value):
    with open(path) as f:
        return {report["target"]: report[key] == value for report in map(json.loads, f)}


def write(path, lines):
    with open(path, "w") as f:
        f.write("".join(line + "\n" for line in lines))
    return path


def check_argv(listing, root, at_once=AT_ONCE, *more):
    return [BIN, "--targets", listing, "--json", "--ca-file", root, "--concurrency", str(at_once), *more]


def compare(title, listing, count, folder, go, pairs, limit):
    root, ours, theirs = f"{folder}/root.pem", f"{folder}/ours", f"{folder}/theirs"
    rows = []
    for _ in range(pairs):
        a = run(check_argv(listing, root), ours)
        b = run([go, "scan", listing, str(AT_ONCE), root], theirs)
        rows.append((a, b))
    go_says = verdicts(theirs, "match", True)
    differ = sum(go_says[target] != match for target, match in verdicts(ours, "verdict", "match").items())
    if differ:
        sys.exit(f"{title}: {differ} verdicts differ")
    median = lambda pick: statistics.median(pick(a, b) for a, b in rows)
    cpu = median(lambda a, b: a[0] / b[0])
    memory = median(lambda a, b: a[1] / b[1])
    print(f"| {title} | {median(lambda a, b: a[0]) / count * 1e6:.0f} µs | {median(lambda a, b: b[0]) / count * 1e6:.0f} µs "
          f"| {cpu:.2f} (at most {limit:.2f}) | {median(lambda a, b: a[1]) / 1024:.1f} MiB "
          f"| {median(lambda a, b: b[1]) / 1024:.1f} MiB | {memory:.2f} (at most 0.50) | {differ} |")
    return [(f"{title}: CPU", cpu, limit), (f"{title}: memory", memory, 0.50), (f"{title}: verdicts that differ", differ, 0)]


def others(listing, folder, count):
    """curl --parallel and Python's asyncio, for the first targets alone: they take their time."""
    root, first = f"{folder}/root.pem", [line.strip() for line in open(listing)][:count]
    config = []
    for target in first:
        name, where = target.split("@")
        port = where.split(":")[1]
        config += [f'url = "https://{name}:{port}/"', f'connect-to = "{name}:{port}:{where}"', 'output = "/dev/null"']
    write(f"{folder}/curl.conf", config)
    curl = run(["curl", "--parallel", "--parallel-max", "300", "--silent", "--head", "--cacert", root,
                "--config", f"{folder}/curl.conf"], "/dev/null")
    write(f"{folder}/first", first)
    python = run([sys.executable, os.path.abspath(__file__), "--as-peer", f"{folder}/first", root], "/dev/null")
    print(f"\n{count} of them: curl --parallel {curl[0] / count * 1e6:.0f} µs and {curl[1] / 1024:.0f} MiB; "
          f"Python asyncio {python[0] / count * 1e6:.0f} µs and {python[1] / 1024:.0f} MiB")


def as_peer(listing, root):
    context = ssl.create_default_context(cafile=root)
    async def one(target, gate):
        name, where = target.split("@")
        host, port = where.split(":")
        async with gate:
            try:
                _, writer = await asyncio.open_connection(host, int(port), ssl=context, server_hostname=name)
                writer.close()
            except ssl.SSLCertVerificationError:
                pass
    async def all_of_them():
        gate = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(one(line.strip(), gate) for line in open(listing)))
    asyncio.run(all_of_them())


def long_run(folder):
    root = f"{folder}/root.pem"
    rows = {}
    for count in (1_000, 100_000):
        listing = write(f"{folder}/long", (shared_target(n) for n in range(count)))
        rows[count] = run(check_argv(listing, root), "/dev/null")
    a, b = rows[1_000], rows[100_000]
    growth = (b[0] / 100_000) / (a[0] / 1_000)
    print(f"\n100,000 targets beside 1,000: CPU for each {growth:.2f} times (at most 1.10), "
          f"peak {(b[1] - a[1]) / 1024:+.1f} MiB (at most 4), {100_000 / b[2]:.0f} targets a second")
    return [("100,000 targets: CPU", growth, 1.10), ("100,000 targets: MiB more", (b[1] - a[1]) / 1024, 4.0)]


def in_flight(folder):
    """Servers that accept and stay silent: what a connection costs while it waits."""
    listener = socket.create_server(("127.0.7.1", 0), backlog=4096)
    port = listener.getsockname()[1]
    held = []
    def accept():
        while True:
            try:
                held.append(listener.accept()[0])
            except OSError:
                return
    threading.Thread(target=accept, daemon=True).start()
    peaks = []
    for count in (300, 3_300):
        listing = write(f"{folder}/held", (f"h{n}.held.test@127.0.7.1:{port}" for n in range(count)))
        peaks.append(run(check_argv(listing, f"{folder}/root.pem", count, "--timeout", "6s"), "/dev/null")[1])
        while held:
            held.pop().close()
    each = (peaks[1] - peaks[0]) / 3_000
    print(f"one more connection in flight: {each:.1f} KiB (at most 16)")
    return [("KiB for a connection in flight", each, 16.0)]


def tried(given, measure):
    """Measures; where something is over its limit, twice more."""
    for _ in range(TRIES if given.require else 1):
        results = measure()
        if not over(results, given.margin):
            break
    return results


def over(results, margin):
    return [f"{what}: {value:.3f}, at most {limit}" for what, value, limit in results if value > limit * margin]


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("--targets", type=int, default=10_000)
    arguments.add_argument("--pairs", type=int, default=5)
    arguments.add_argument("--long", action="store_true")
    arguments.add_argument("--require", action="store_true")
    arguments.add_argument("--margin", type=float, default=1.0)
    arguments.add_argument("--as-peer", nargs=2)
    given = arguments.parse_args()
    if given.as_peer:
        return as_peer(*given.as_peer)
    for tool in ("nginx", "go", "curl"):
        shutil.which(tool) or sys.exit(f"{tool} is not there")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="certcheck-fleet-") as folder:
        os.chmod(folder, 0o755)
        go = f"{folder}/fleet"
        subprocess.run(["go", "build", "-ldflags=-s -w", "-o", go, os.path.join(ROOT, "benches/peers/fleet.go")], check=True)
        subprocess.run([go, "certs", folder, str(given.targets), str(SHARED)], check=True)
        server = nginx(folder, given.targets)
        try:
            own = [own_target(n, given.targets) for n in range(given.targets)]
            random.Random(7).shuffle(own)
            print(f"| {given.targets} targets, {AT_ONCE} at once | certcheck | Go | CPU | certcheck | Go | memory | verdicts that differ |")
            print("| --- | --- | --- | --- | --- | --- | --- | --- |")
            listings = [("a leaf each", write(f"{folder}/own", own), 0.50),
                        (f"{SHARED} leaves", write(f"{folder}/shared", (shared_target(n) for n in range(given.targets))), 0.45)]
            results = []
            for title, listing, limit in listings:
                results += tried(given, lambda: compare(title, listing, given.targets, folder, go, given.pairs, limit))
            others(f"{folder}/own", folder, 1_000)
            if given.long:
                results += tried(given, lambda: long_run(folder)) + tried(given, lambda: in_flight(folder))
        finally:
            server.terminate()
            server.wait()
    beyond = over(results, given.margin)
    for line in beyond:
        print("over:", line)
    if given.require and beyond:
        sys.exit(1)
    print(f"fleet: {len(results)} figures, {len(results) - len(beyond)} within their limits")


main()
