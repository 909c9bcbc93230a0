"""Schemathesis asks everything that the OpenAPI document offers, and much that it does not: no answer may be a fault of
ours, and none may be undeclared or differ from its schema.

Schemathesis (MIT) makes requests from the document that the server itself gives: whole ones, broken ones, and sequences
of them. It runs twice: over what reads and changes, then over what removes, so that the second does not take away what
the first one asks about.

TRANSOM_BIN is the built program, TRANSOM_SIM the first line of a simulator: {"origin", "tokens": {...}}.
"""

import http.cookiejar
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

SIM = json.loads(os.environ["TRANSOM_SIM"])
# Domains that it thinks of lead nowhere: nobody else's host is asked.
ENV = {**os.environ, "TRANSOM_DATA_DIR": os.path.abspath("house"), "TRANSOM_ALLOW_LOOPBACK": "1",
       "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
PASSWORD = "correct horse battery staple"


def serve():
    """Starts the server: the process, its address, the link that makes its owner."""
    log = open("serve.log", "w")
    server = subprocess.Popen([os.environ["TRANSOM_BIN"], "serve", "--json", "--listen", "127.0.0.1:0", "--log", "warn"],
                              env=ENV, stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL, text=True)
    for line in server.stdout:
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if "owner_link" in said:
            return server, said["origin"], said["owner_link"]
    sys.exit("transom serve ended before it said where it is")


class Person:
    """Somebody with a browser: cookies, and forms with the mark of the page they came from."""

    def __init__(self):
        self.open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())).open

    def form(self, page, fields, to=None):
        text = self.open(page).read().decode()
        mark = re.search(r'name="csrf" value="([^"]+)"', text).group(1)
        body = urllib.parse.urlencode({"csrf": mark, **fields}).encode()
        return self.open(to or page, body).read().decode()


def token(origin, link):
    """Becomes the owner, and makes a token that may do everything."""
    person = Person()
    person.form(link, {"name": "Ada", "login": "ada@acme.example", "password": PASSWORD, "again": PASSWORD})
    page = person.form(f"{origin}/settings/api-tokens",
                       {"name": "schemathesis", "role": "owner", "reach": "all", "days": "7"})
    return re.search(r'data-copy="([^"]+)"', page).group(1)


def call(origin, secret, method, path, body=None):
    request = urllib.request.Request(f"{origin}{path}", method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))


def synced(origin, secret):
    """Connects the simulated org and reads it, so that there is something to ask about."""
    made = call(origin, secret, "POST", "/api/v1/orgs",
                {"domain": SIM["origin"], "token": SIM["tokens"]["read_only_custom"], "label": "Acme"})
    org = made["org"]["id"]
    call(origin, secret, "POST", f"/api/v1/orgs/{org}/sync", {})
    for _ in range(600):
        time.sleep(0.5)
        sync = call(origin, secret, "GET", f"/api/v1/orgs/{org}/sync")
        if not sync["running"]:
            break
    assert sync["outcome"], sync
    return org


def values(origin, secret, org):
    """Things that are there, for Schemathesis to ask about."""
    user = call(origin, secret, "GET", f"/api/v1/orgs/{org}/entities/user?limit=1")["items"][0]
    run = call(origin, secret, "GET", f"/api/v1/orgs/{org}/runs")["items"][0]
    return {"path.org": org, "path.kind": "user", "path.id": user["id"], "path.run": run["id"],
            "path.relation": "group_member", "path.integration": "okta"}


def ask(origin, secret, parameters, *args):
    """A run of Schemathesis; whether it found nothing."""
    with open("schemathesis.toml", "w") as config:
        config.write("[parameters]\n" + "".join(f'"{name}" = {json.dumps(value)}\n' for name, value in parameters.items()))
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    command = [program, "--config-file", "schemathesis.toml", "run", f"{origin}/api/v1/openapi.json",
               "--header", f"Authorization: Bearer {secret}", "--rate-limit", "45/s", "--request-timeout", "60", "--seed", "1",
               # Some of what a schema lets through has no meaning: a cursor that no page gave, a token that Okta does not know.
               "--exclude-checks", "positive_data_acceptance",
               "--warnings", "off", "--no-color", "--suppress-health-check", "all", *args]
    env = {**os.environ, "NO_PROXY": "127.0.0.1", "HYPOTHESIS_STORAGE_DIRECTORY": os.path.abspath("hypothesis")}
    return subprocess.run(command, env=env, stdin=subprocess.DEVNULL).returncode == 0


def main():
    server, origin, link = serve()
    try:
        secret = token(origin, link)
        org = synced(origin, secret)
        there = values(origin, secret, org)
        # What these two would take away, everything else needs: the org, and the token itself.
        removing = ["--include-method", "DELETE"]
        asking = ["--exclude-method", "DELETE"]
        slow = ["--exclude-operation-id", "verifyConnection"]
        good = ask(origin, secret, there, *asking, *slow, "--max-examples", "40")
        good &= ask(origin, secret, {}, *asking, "--include-operation-id", "verifyConnection", "--max-examples", "3")
        good &= ask(origin, secret, {}, *removing, "--exclude-operation-id", "revokeApiToken", "--max-examples", "40")
        assert call(origin, secret, "GET", "/api/v1/me")["role"] == "owner", "the owner is gone"
    finally:
        server.terminate()
        server.wait()
    with open("serve.log") as log:
        faults = [line for line in log if '"ERROR"' in line]
    if faults:
        print("".join(faults[-20:]))
    if not good or faults:
        sys.exit("FAILED: what was found stands above")


main()
