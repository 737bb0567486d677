"""Chromium, headless: a navigation to https://NAME:PORT/ (DevTools protocol over a pipe)."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from ask import answer, cases, in_url
from browser import Proxy, trust

WORDS = {
    "ERR_CERT_COMMON_NAME_INVALID": "reject",
    # After that error, where the certificate covers the name with or without `www.`, it goes there instead.
    "ERR_ABORTED": "reject",
    "ERR_INVALID_URL": "error:refname",
    "ERR_CERT_INVALID": "error:parse",
    "ERR_SSL_SERVER_CERT_BAD_FORMAT": "error:parse",
    "ERR_CERT_AUTHORITY_INVALID": "error:chain",
}


class Browser:
    def __init__(self, home, proxy):
        theirs_in, self.commands = os.pipe()
        self.replies, theirs_out = os.pipe()

        def inherit():
            # The protocol's file descriptors are 3 and 4.
            one, two = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(one, 3)
            os.dup2(two, 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
             "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable", "--remote-debugging-pipe",
             "--user-data-dir=" + home + "/profile", "--proxy-server=http://127.0.0.1:%d" % proxy.port,
             "--proxy-bypass-list=<-loopback>", "about:blank"],
            env={**os.environ, "HOME": home}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=inherit, close_fds=False)
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader = os.fdopen(self.replies, "rb")
        self.number = 0
        self.session = None

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            reply = b""
            while not reply.endswith(b"\0"):
                byte = self.reader.read(1)
                if not byte:
                    raise SystemExit("chromium ended")
                reply += byte
            reply = json.loads(reply[:-1])
            if reply.get("id") == self.number:
                return reply

    def page(self):
        """A page of a context of its own: no connection and no session of an earlier one is used again."""
        self.session = None
        context = self.call("Target.createBrowserContext")["result"]["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["result"]["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["result"]["sessionId"]
        return context

    def navigate(self, url):
        context = self.page()
        reply = self.call("Page.navigate", url=url)
        self.session = None
        self.call("Target.disposeBrowserContext", browserContextId=context)
        return reply


def verdict(reply):
    if "error" in reply:
        text = reply["error"]["message"]
        return ("error:refname" if "invalid URL" in text else "error:tls"), text
    text = reply["result"].get("errorText", "")
    if not text:
        return "accept", ""
    return WORDS.get(text.replace("net::", ""), "error:tls"), text


def main(directory, port):
    home = tempfile.mkdtemp(prefix="compat-chromium-")
    trust(home + "/.pki/nssdb", directory + "/ca.pem")
    proxy = Proxy(port)
    browser = Browser(home, proxy)
    try:
        for case, name, address in cases(directory):
            proxy.address = address
            url = "https://%s:%d/" % (in_url(name), port)
            answer(case, *verdict(browser.navigate(url.encode("utf-8", "replace").decode())))
    finally:
        browser.process.terminate()
        browser.process.wait()
        shutil.rmtree(home, ignore_errors=True)


if sys.argv[1:] == ["--version"]:
    print(" ".join(subprocess.run(["chromium", "--version"], capture_output=True, text=True).stdout.split()[:2]))
else:
    main(sys.argv[1], int(sys.argv[2]))
