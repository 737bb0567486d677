"""GNU Wget: `wget https://NAME:PORT/`, with shim.c preloaded to send it to the case's server."""
import concurrent.futures
import os
import subprocess
import sys

from ask import answer, cases, in_url

MISMATCH = (b"does not match hostname", b"doesn't match requested host", b"does not match")


def ask(directory, name, address, port):
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "COMPAT_ADDRESS": address,
                   "LD_PRELOAD": os.environ["COMPAT_SHIM"]}
    run = subprocess.run(
        ["wget", "--no-config", "--no-proxy", "--tries=1", "--timeout=10", "--ca-certificate=" + directory + "/ca.pem",
         "-O", "/dev/null", "--", b"https://%s:%d/" % (in_url(name).encode("utf-8", "surrogateescape"), port)],
        env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    if run.returncode == 0:
        return "accept", ""
    last = run.stderr.strip().splitlines()[-3:]
    word = "reject" if any(words in run.stderr for words in MISMATCH) else "error:tls"
    return word, b" ".join(last).decode("utf-8", "replace")


if sys.argv[1:] == ["--version"]:
    first = subprocess.run(["wget", "--version"], capture_output=True, text=True).stdout.split()
    print("GNU Wget %s (GnuTLS)" % first[2])
else:
    directory, port = sys.argv[1], int(sys.argv[2])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        asked = [(case, pool.submit(ask, directory, name, address, port)) for case, name, address in cases(directory)]
        for case, future in asked:
            answer(case, *future.result())
