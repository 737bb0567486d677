"""requests: a GET of https://NAME:PORT/, every name resolved to the case's server."""
import sys

# This file has the name of the package that it imports: its folder may not come first.
sys.path.append(sys.path.pop(0))
import platform
import socket
import ssl

import requests
import urllib3
from ask import in_url, main

current = None


def version():
    return "requests %s, urllib3 %s, Python %s (%s)" % (
        requests.__version__, urllib3.__version__, platform.python_version(), " ".join(ssl.OPENSSL_VERSION.split()[:2]))


def resolve(host, port, *_args, **_kwargs):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (current, port))]


def ask(directory, case, name, address, port):
    global current
    current = address
    with requests.Session() as session:
        session.trust_env = False
        session.verify = directory + "/ca.pem"
        try:
            session.get("https://%s:%d/" % (in_url(name), port), timeout=10)
            return "accept", ""
        except requests.exceptions.SSLError as error:
            text = str(error)
            if "ostname mismatch" in text or "IP address mismatch" in text or "doesn't match" in text:
                return "reject", text
            return ("error:chain" if "CERTIFICATE_VERIFY_FAILED" in text else "error:tls"), text
        except (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError, UnicodeError) as error:
            return "error:refname", error
        except Exception as error:
            return "error:tls", "%s: %s" % (type(error).__name__, error)


socket.getaddrinfo = resolve
main(version, ask)
