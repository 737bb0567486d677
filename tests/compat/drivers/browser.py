"""What the drivers of the two browsers share: a proxy on loopback that leads every connection to the
case's server, and a certificate database (NSS) that trusts the root."""
import os
import re
import socket
import subprocess
import threading


class Proxy:
    """An HTTP proxy that takes any CONNECT to where `self.address` is, and refuses all else."""

    def __init__(self, port):
        self.server_port = port
        self.address = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            down, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(down,), daemon=True).start()

    def serve(self, down):
        try:
            head = b""
            while b"\r\n\r\n" not in head:
                more = down.recv(4096)
                if not more:
                    return
                head += more
            # What a browser asks for on its own account goes to port 443 or 80.
            target = re.match(rb"CONNECT \S+:(\d+) ", head)
            if not target or int(target[1]) != self.server_port:
                down.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            up = socket.create_connection((self.address, self.server_port), timeout=10)
            down.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            threading.Thread(target=pump, args=(up, down), daemon=True).start()
            pump(down, up)
        except OSError:
            pass
        finally:
            down.close()


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def trust(database, root):
    os.makedirs(database, exist_ok=True)
    base = ["certutil", "-d", "sql:" + database]
    if not os.path.exists(database + "/cert9.db"):
        subprocess.run([*base, "-N", "--empty-password"], check=True)
    subprocess.run([*base, "-A", "-t", "C,,", "-n", "compat", "-i", root], check=True)
