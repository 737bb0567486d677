"""Python's ssl: ssl.create_default_context, wrap_socket with server_hostname."""
import platform
import socket
import ssl

from ask import main

context = None


def version():
    return "Python %s ssl (%s)" % (platform.python_version(), " ".join(ssl.OPENSSL_VERSION.split()[:2]))


def ask(directory, case, name, address, port):
    global context
    context = context or ssl.create_default_context(cafile=directory + "/ca.pem")
    with socket.create_connection((address, port), timeout=10) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name):
                return "accept", ""
        except ssl.SSLCertVerificationError as error:
            # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
            return ("reject" if error.verify_code in (62, 64) else "error:chain"), error.verify_message
        except (ssl.SSLError, OSError) as error:
            refused = getattr(error, "reason", "") == "SSL3_EXT_INVALID_SERVERNAME"  # before any connection
            return ("error:refname" if refused else "error:tls"), error
        except (ValueError, TypeError) as error:  # a UnicodeError of its idna codec is a ValueError
            return "error:refname", error


main(version, ask)
