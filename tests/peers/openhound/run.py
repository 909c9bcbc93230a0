"""OpenHound collects from the simulator, and must find there what Transom's store holds, set for set.

OpenHound (SpecterOps, Apache-2.0) is the collector of Okta for BloodHound: somebody else's reading of the same API. It
collects over plain HTTP with the token that Transom syncs with; nothing in it is replaced. Each kind and each relation
becomes a set of tuples on both sides, and the sets must be equal. One difference is OpenHound's by design and is taken
out by name: it lists users without DEPROVISIONED ones, so that it lacks these and what hangs on them.

TRANSOM_SIM holds the simulator's first line: {"origin", "tokens": {"read_only_custom", ...}}.
"""

import gzip
import json
import os
import pathlib
import subprocess
import sys

SIM = json.loads(os.environ["TRANSOM_SIM"])
ORIGIN, TOKEN = SIM["origin"], SIM["tokens"]["read_only_custom"]
OUT = pathlib.Path("openhound")

# The tables that are compared; OpenHound collects what it is asked for and what that hangs on.
TABLES = ["users", "groups", "group_memberships", "applications", "group_assigned_apps", "application_users",
          "privileged_users", "user_role_assignments", "group_role_assignments", "custom_roles",
          "custom_role_permissions", "resource_sets", "resources", "user_factors", "authorization_servers", "api_tokens"]

# It is written for Python 3.13, of which it needs one decorator; typing_extensions carries that for older ones.
OPENHOUND = """
import warnings, typing_extensions
if not hasattr(warnings, "deprecated"): warnings.deprecated = typing_extensions.deprecated
from openhound.main import app
app()
"""


def openhound():
    """Runs the collection. `freeze` makes a row that does not fit its models an error; by default it is left out."""
    env = {
        "PATH": os.environ["PATH"], "HOME": os.getcwd(),
        "SOURCES__OKTA__CREDENTIALS__BASE_URL": ORIGIN, "SOURCES__OKTA__CREDENTIALS__TOKEN": TOKEN,
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        # It asks Microsoft about Office 365 apps. Whatever leaves this machine ends at a port where nobody listens.
        "HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost",
    }
    collect = [sys.executable, "-c", OPENHOUND, "collect", "okta", "--progress", "log",
               "--data-type-contract", "freeze", str(OUT), *TABLES]
    with open("openhound.log", "w+") as log:
        ended = subprocess.run(collect, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        if ended.returncode:
            log.seek(0)
            sys.exit(f"{log.read()[-4000:]}\nFAILED: OpenHound ended with {ended.returncode}; its last words are above")


def table(name):
    """The rows of one of OpenHound's tables; none where it wrote no file, as it does for an empty one."""
    rows = []
    for file in sorted((OUT / "okta" / name).glob("*.jsonl.gz")):
        with gzip.open(file, "rt") as lines:
            rows += [json.loads(line) for line in lines]
    return rows


def transom(*args, stdin=""):
    """Runs `transom` and gives what it printed. Exit code 1 says "done, but not all of it may be read"."""
    env = {**os.environ, "TRANSOM_ALLOW_LOOPBACK": "1"}
    ended = subprocess.run([os.environ["TRANSOM_BIN"], "--data-dir", "transom", *args], env=env, input=stdin, text=True,
                           stdout=subprocess.PIPE)
    if ended.returncode not in (0, 1):
        sys.exit(f"FAILED: `transom {' '.join(args)}` ended with {ended.returncode}: {ended.stdout}")
    return ended.stdout


def sql(query):
    answer = json.loads(transom("sql", query, "--limit", "1000000", "--json"))
    if answer["truncated"]:
        sys.exit(f"FAILED: more than a million rows of {query}")
    return answer["rows"]


def exported():
    """What Transom holds: documents by kind, each with `_id` and `_parent`."""
    kinds = {}
    for line in transom("export", "jsonl", "peer").splitlines():
        row = json.loads(line)
        kinds.setdefault(row["kind"], []).append({**row["doc"], "_id": row["id"], "_parent": row["parent"]})
    return kinds


def at(document, path):
    for step in path.split("/"):
        document = document.get(step) if isinstance(document, dict) else None
    return document


def tuples(rows, *paths):
    return {tuple(at(row, path) for path in paths) for row in rows}


def pairs():
    """For each comparison: its name, OpenHound's set, Transom's set, and where in a tuple the user stands, if one does."""
    from openhound_okta.models.built_in_role import SUPPORTED_ROLE_ASSIGNMENT_TYPES
    held = exported()

    def direct(of):
        # OpenHound's own rule: active, direct, and of a type whose rights it knows.
        return [row for row in held.get("role_assignment", []) if row["assignmentType"] == of
                and row["status"] == "ACTIVE" and row["type"] in SUPPORTED_ROLE_ASSIGNMENT_TYPES]

    profile = ["status", "profile/login", "profile/email", "profile/department"]
    yield ("users", tuples(table("users"), "id", *profile), tuples(held["user"], "_id", *profile), 0)
    yield ("groups", tuples(table("groups"), "id", "type", "profile/name"),
           tuples(held["group"], "_id", "type", "profile/name"), None)
    yield ("group members", tuples(table("group_memberships"), "id", "group_id"),
           {tuple(row) for row in sql("SELECT user_id, group_id FROM okta_group_member")}, 0)
    yield ("apps", tuples(table("applications"), "id", "name", "label", "status", "sign_on_mode"),
           tuples(held["app"], "_id", "name", "label", "status", "signOnMode"), None)
    yield ("apps' groups", tuples(table("group_assigned_apps"), "group_id", "id", "assignment_priority"),
           {tuple(row) for row in sql("SELECT group_id, app_id, attr FROM okta_app_group")}, None)
    yield ("apps' users", tuples(table("application_users"), "id", "app_id"),
           {tuple(row) for row in sql("SELECT user_id, app_id FROM okta_app_user")}, 0)
    yield ("apps' users, documents", tuples(table("application_users"), "id", "app_id", "status", "credentials/userName"),
           tuples(held["app_user"], "_id", "_parent", "status", "credentials/userName"), 0)
    yield ("users with admin roles", tuples(table("privileged_users"), "id"),
           {(row["_parent"],) for row in held.get("role_assignment", []) if row["_parent"].startswith("00u")}, 0)
    for of in ["user", "group"]:
        yield (f"admin roles of {of}s",
               tuples(table(f"{of}_role_assignments"), "source_id", "id", "type", "label", "status"),
               tuples(direct(of.upper()), "_parent", "_id", "type", "label", "status"), 0 if of == "user" else None)
    yield ("custom roles", tuples(table("custom_roles"), "id", "label"),
           {(row["_id"], row["label"]) for row in held["role"] if row["_id"].startswith("cr0")}, None)
    yield ("their permissions", tuples(table("custom_role_permissions"), "role_id", "label"),
           tuples(held["role_permission"], "_parent", "label"), None)
    yield ("resource sets", tuples(table("resource_sets"), "id", "label"),
           tuples(held["resource_set"], "_id", "label"), None)
    yield ("their resources", tuples(table("resources"), "resource_set_id", "id", "orn"),
           tuples(held["resource"], "_parent", "_id", "orn"), None)
    # A user without factors has a row without a factor, which says that they were asked for.
    yield ("factors", {row for row in tuples(table("user_factors"), "user_id", "id", "factor_type", "status") if row[1]},
           tuples(held["factor"], "_parent", "_id", "factorType", "status"), 0)
    yield ("authorization servers", tuples(table("authorization_servers"), "id", "name", "status"),
           tuples(held["authorization_server"], "_id", "name", "status"), None)
    yield ("API tokens", tuples(table("api_tokens"), "id", "name", "user_id"),
           tuples(held["api_token"], "_id", "name", "userId"), None)


def main():
    openhound()
    transom("org", "connect", "--domain", ORIGIN, "--label", "peer", "--token-stdin", "--json", stdin=TOKEN)
    transom("sync", "peer", "--json")
    gone, failures = set(), []
    print(f"{'':24}{'OpenHound':>10}{'Transom':>10}{'deprovisioned':>15}{'different':>11}")
    for name, theirs, ours, user in pairs():
        if name == "users":
            gone = {row[0] for row in ours if row[1] == "DEPROVISIONED"}
        # What Transom alone has of users that OpenHound does not list; the other way round nothing is forgiven.
        lacking = {row for row in ours - theirs if user is not None and row[user] in gone}
        different = (theirs ^ ours) - lacking
        print(f"{name:24}{len(theirs):>10}{len(ours):>10}{len(lacking):>15}{len(different):>11}")
        failures += [f"{name}: {'only Transom has' if row in ours else 'only OpenHound has'} {row}"
                     for row in sorted(different, key=str)]
        if not theirs:
            failures.append(f"{name}: OpenHound found none, so nothing was compared")
    if not gone:
        failures.append("no user of the org is DEPROVISIONED, so leaving them out says nothing")
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
