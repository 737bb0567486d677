"""The loopback TLS server of the cases: each case has an address of its own in 127.0.0.0/8.

usage: serve.py DIR PORT  listens on PORT at every address of DIR/asks.tsv and shows there the
case's certificate; prints `ready` once it does. Ends when its standard input ends.
Speaks HTTP/1.1 (`ok`) and, to those that offer nothing else, HTTP/2 as a gRPC server that
implements no method.
"""
import os
import resource
import selectors
import socket
import ssl
import sys
import threading

HTTP1 = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
SETTINGS_ACK = bytes([0, 0, 0, 4, 1, 0, 0, 0, 0])
# HPACK: `:status: 200`, `content-type: application/grpc`, `grpc-status: 12`.
TRAILERS = b"\x88\x0f\x10\x10application/grpc\x00\x0bgrpc-status\x0212"
UNIMPLEMENTED = len(TRAILERS).to_bytes(3, "big") + bytes([1, 5, 0, 0, 0, 1]) + TRAILERS


def exactly(stream, length):
    data = b""
    while len(data) < length:
        more = stream.recv(length - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def http2(stream):
    stream.sendall(SETTINGS)
    exactly(stream, 24)  # the client's preface
    while True:
        head = exactly(stream, 9)
        exactly(stream, int.from_bytes(head[:3], "big"))
        kind, flags = head[3], head[4]
        if kind == 4 and not flags & 1:
            stream.sendall(SETTINGS_ACK)
        elif kind == 1:
            stream.sendall(UNIMPLEMENTED)


def handle(plain, certificate, key):
    with plain:
        try:
            plain.settimeout(10)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            context.set_alpn_protocols(["http/1.1", "h2"])
            with context.wrap_socket(plain, server_side=True) as stream:
                if stream.selected_alpn_protocol() == "h2":
                    http2(stream)
                elif stream.recv(4096):
                    stream.sendall(HTTP1)
                    stream.unwrap()
        except (OSError, EOFError, ValueError):
            pass  # a client that rejects the certificate goes away in its own manner


def main():
    directory, port = sys.argv[1], int(sys.argv[2])
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    selector = selectors.DefaultSelector()
    for line in open(directory + "/asks.tsv", encoding="ascii"):
        case, _, address = line.rstrip("\n").split("\t")
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(8)
        selector.register(listener, selectors.EVENT_READ, os.path.join(directory, case + ".pem"))
    selector.register(sys.stdin, selectors.EVENT_READ, None)
    print("ready", flush=True)
    key = os.path.join(directory, "key.pem")
    while True:
        for ready, _ in selector.select():
            if ready.data is None:
                return
            plain, _ = ready.fileobj.accept()
            threading.Thread(target=handle, args=(plain, ready.data, key), daemon=True).start()


main()
