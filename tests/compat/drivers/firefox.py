"""Firefox, headless: a navigation to https://NAME:PORT/ (Marionette protocol on loopback)."""
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from ask import answer, cases, in_url
from browser import Proxy, trust

PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.http": "127.0.0.1",
    "network.proxy.no_proxies_on": "",
    "network.proxy.allow_hijacking_localhost": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.trr.mode": 5,
    "security.OCSP.enabled": 0,
    "security.remote_settings.crlite_filters.enabled": False,
    "security.ssl.errorReporting.automatic": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "services.settings.server": "http://127.0.0.1:9/v1",
    "browser.fixup.alternate.enabled": False,
    "dom.security.https_first": False,
    "toolkit.telemetry.enabled": False,
}


class Browser:
    def __init__(self, profile, proxy):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        preferences = {**PREFERENCES, "network.proxy.ssl_port": proxy.port, "network.proxy.http_port": proxy.port,
                       "marionette.port": port}
        with open(profile + "/user.js", "w", encoding="ascii") as file:
            for name, value in preferences.items():
                file.write("user_pref(%s, %s);\n" % (json.dumps(name), json.dumps(value)))
        self.process = subprocess.Popen(
            ["firefox-esr", "--headless", "--marionette", "--no-remote", "--profile", profile],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket = self.connect(port)
        self.number = 0
        self.receive()
        self.call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": False}}})
        self.call("WebDriver:SetTimeouts", {"pageLoad": 15000})

    @staticmethod
    def connect(port):
        for _ in range(300):
            try:
                return socket.create_connection(("127.0.0.1", port))
            except OSError:
                time.sleep(0.2)
        raise SystemExit("firefox does not start")

    def receive(self):
        length = b""
        while not length.endswith(b":"):
            byte = self.socket.recv(1)
            if not byte:
                raise SystemExit("firefox ended")
            length += byte
        data = b""
        while len(data) < int(length[:-1]):
            data += self.socket.recv(int(length[:-1]) - len(data))
        return json.loads(data)

    def call(self, command, parameters):
        """The error, or None, and the result."""
        self.number += 1
        data = json.dumps([0, self.number, command, parameters])
        self.socket.sendall(b"%d:%s" % (len(data), data.encode()))
        while True:
            reply = self.receive()
            if reply[1] == self.number:
                return reply[2], reply[3]

    def forget(self):
        """No connection, session or decision of an earlier case is used again."""
        self.call("Marionette:SetContext", {"value": "chrome"})
        self.call("WebDriver:ExecuteScript", {"args": [], "script": """
            Cc["@mozilla.org/nss_errors_service;1"];
            Services.obs.notifyObservers(null, "net:cancel-all-connections");
            Cc["@mozilla.org/security/sdr;1"].getService(Ci.nsISecretDecoderRing).logoutAndTeardown();"""})
        self.call("Marionette:SetContext", {"value": "content"})

    def navigate(self, url):
        self.call("WebDriver:Navigate", {"url": "about:blank"})
        error, _ = self.call("WebDriver:Navigate", {"url": url})
        if error is None:
            return "accept", ""
        _, where = self.call("WebDriver:GetCurrentURL", {})
        _, body = self.call("WebDriver:ExecuteScript", {"args": [], "script": """
            const info = document.getFailedCertSecurityInfo?.() ?? document.getNetErrorInfo?.();
            return info ? info.errorCodeString : "";"""})
        text = "%s %s %s %s" % (error["error"], error["message"][:200], (where or {}).get("value"), (body or {}).get("value"))
        return word(text), text


def word(text):
    if "SSL_ERROR_BAD_CERT_DOMAIN" in text:
        return "reject"
    if re.search("MalformedURI|malformed|invalid argument", text):
        return "error:refname"
    return "error:tls"


def main(directory, port):
    profile = tempfile.mkdtemp(prefix="compat-firefox-")
    trust(profile, directory + "/ca.pem")
    proxy = Proxy(port)
    browser = Browser(profile, proxy)
    try:
        for case, name, address in cases(directory):
            proxy.address = address
            url = "https://%s:%d/" % (in_url(name), port)
            answer(case, *browser.navigate(url.encode("utf-8", "replace").decode()))
            browser.forget()
    finally:
        browser.process.terminate()
        browser.process.wait()
        shutil.rmtree(profile, ignore_errors=True)


if sys.argv[1:] == ["--version"]:
    print(" ".join(subprocess.run(["firefox-esr", "--version"], capture_output=True, text=True).stdout.replace("Mozilla ", "").split()[:2]))
else:
    main(sys.argv[1], int(sys.argv[2]))
