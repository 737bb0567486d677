"""What the drivers in Python share. usage of each: DRIVER DIR PORT; prints `case TAB answer TAB reason`."""
import socket
import sys


def cases(directory):
    """(case, name, address of its server) for each line of DIR/asks.tsv."""
    for line in open(directory + "/asks.tsv", encoding="ascii"):
        case, name, address = line.rstrip("\n").split("\t")
        yield case, bytes.fromhex(name).decode("utf-8", "surrogateescape"), address


def in_url(name):
    """The name as a URL has it: an IPv6 address goes into brackets."""
    try:
        socket.inet_pton(socket.AF_INET6, name)
        return "[%s]" % name
    except (OSError, ValueError):
        return name


def answer(case, word, reason=""):
    reason = " ".join(str(reason).split()).encode("ascii", "backslashreplace").decode()
    print(case, word, reason[:200], sep="\t", flush=True)


def main(version, ask):
    if sys.argv[1:] == ["--version"]:
        print(version())
        return
    directory, port = sys.argv[1], int(sys.argv[2])
    for case, name, address in cases(directory):
        answer(case, *ask(directory, case, name, address, port))
