"""gRPC C-core: a call over a secure channel with the name as grpc.ssl_target_name_override."""
import sys

# This file has the name of the package that it imports: its folder may not come first.
sys.path.append(sys.path.pop(0))
import os

os.environ["GRPC_VERBOSITY"] = "NONE"
import grpc
from ask import main

credentials = None
WORDS = {
    "Hostname Verification Check failed": "reject",
    "is not in peer certificate": "reject",
    "Peer extraction failed": "error:parse",
    "Failed to create security handshaker": "error:refname",  # before any connection: it takes no such SNI
}


def version():
    return "gRPC C-core (grpcio %s)" % grpc.__version__


def ask(directory, case, name, address, port):
    global credentials
    credentials = credentials or grpc.ssl_channel_credentials(open(directory + "/ca.pem", "rb").read())
    options = [("grpc.ssl_target_name_override", name), ("grpc.enable_http_proxy", 0)]
    with grpc.secure_channel("ipv4:%s:%d" % (address, port), credentials, options) as channel:
        call = channel.unary_unary("/a/b", request_serializer=bytes, response_deserializer=bytes)
        try:
            call(b"", timeout=10)
            return "accept", ""
        except grpc.RpcError as error:
            # The server answers every call with UNIMPLEMENTED: then the handshake went through.
            text = error.details() or ""
            if error.code() == grpc.StatusCode.UNIMPLEMENTED:
                return "accept", ""
            for part, word in WORDS.items():
                if part in text:
                    return word, text
            return "error:tls", "%s %s" % (error.code(), text)


main(version, ask)
