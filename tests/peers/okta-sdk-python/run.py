"""Okta's own Python SDK reads the simulator, and must find there what plain GETs find.

Every listing is read twice: through the SDK's ordinary client and its pagination helper with pages smaller than the
total, and by plain GETs in larger pages that follow Okta's `next` (Link header, or `_links` in the body for IAM).
Both must give the same ids in the same order.

An answer that the SDK's models refuse is a finding. The SDK loses a whole page over one record, so that page is read
again record by record, until the refused ones are known. Findings in KNOWN are the SDK's own: real recorded answers
of Okta fall into them too. Every other finding is the simulator's fault and fails the run.

Then service apps are registered, and the SDK gets access tokens for them by private_key_jwt, bound to its key (DPoP) and
not, and lists the users with them.

TRANSOM_SIM holds the simulator's first line: {"origin", "tokens": {"super_admin", "read_only", ...}}.
"""

import asyncio
import collections
import dataclasses
import json
import os
import re
import sys
import typing
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone

# The SDK refuses plain http unless told that this is a test; its README names this switch.
os.environ["OKTA_TESTING_TESTINGDISABLEHTTPSCHECK"] = "true"

from jwcrypto.jwk import JWK  # noqa: E402
from okta.client import Client  # noqa: E402
from okta.pagination import PaginationHelper  # noqa: E402
from pydantic import ValidationError  # noqa: E402

SIM = json.loads(os.environ["TRANSOM_SIM"])
ORIGIN = SIM["origin"]
POLICY_TYPES = [
    "ACCESS_POLICY", "ENTITY_RISK", "IDP_DISCOVERY", "MFA_ENROLL", "OKTA_SIGN_ON", "PASSWORD", "POST_AUTH_SESSION",
    "PROFILE_ENROLLMENT", "DEVICE_SIGNAL_COLLECTION", "SESSION_VIOLATION_DETECTION", "CLIENT_UPDATE",
    "IDENTITY_CLAIM_SOURCING",
]

# What the SDK refuses although Okta answers so: model, place, kind (the last two as patterns), and how that is known;
# "n of m" are refused among Okta's recorded answers. A row that nothing falls into any more fails the run.
TEMPLATE_WSFED = ("attributeStatements|audienceRestriction|authnContextClassRef|group(Filter|Name|ValueFormat)"
                  "|nameIDFormat|realm|siteURL|usernameAttribute|wReply(Override|URL)")
KNOWN = [
    ("BrowserPluginApplication", r"name|settings\.app\.(url|buttonField|passwordField|usernameField)", r"value_error|missing",
     "takes every SWA app for template_swa (38 of 38 other ones; peers.md A4.1)"),
    ("WsFederationApplication", rf"settings\.app\.({TEMPLATE_WSFED})", r"missing",
     "takes every WS-Federation app for template_wsfed, as it does with SWA apps (none is recorded)"),
    ("DynamicNetworkZoneAllOfAsns", r"", r"model_type", "wants an object where Okta sends a list (6 of 8 dynamic zones)"),
    ("EnhancedDynamicNetworkZoneAllOfAsnsInclude", r"", r"model_type",
     "wants an object where Okta sends a list (4 of 4 enhanced dynamic zones)"),
    ("AccessPolicy", r"_embedded\.resourceType", r"dict_type",
     "wants an object where Okta sends a word (1,236 of 1,253 access policies)"),
    ("IdpPolicyRuleActionProvider", r"type", r"enum",
     "does not know the type OKTA, which Okta's spec names beside this field's `id` and leaves out of the list"),
    ("ValueError", r"Policy(Rule)? failed to lookup discriminator value from .*SESSION_VIOLATION_DETECTION.*", r"",
     "does not know this type of policy (1 of 1 policies, 2 of 2 rules)"),
]


def url(path, **query):
    query = {name: value for name, value in query.items() if value is not None}
    return f"{ORIGIN}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")


def send(method, path, body):
    """One plain change, as the super admin; the body of the answer."""
    request = urllib.request.Request(url(path), json.dumps(body).encode(), method=method, headers={
        "Authorization": f"SSWS {SIM['tokens']['super_admin']}", "Accept": "application/json",
        "Content-Type": "application/json", "User-Agent": "transom-peer"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def get(address, token="super_admin"):
    """One plain GET: the body and the address of the next page."""
    request = urllib.request.Request(address, headers={
        "Authorization": f"SSWS {SIM['tokens'][token]}", "Accept": "application/json", "User-Agent": "transom-peer"})
    with urllib.request.urlopen(request) as answer:
        body = json.load(answer)
        links = [re.fullmatch(r'<([^>]+)>;\s*rel="(\w+)"', link.strip())
                 for header in answer.headers.get_all("Link", []) for link in header.split(", ")]
    for link in links:
        if link and link[2] == "next":
            return body, link[1]
    link = body.get("_links", {}).get("next") if isinstance(body, dict) else None
    return body, link and link["href"]


def here(address):
    """An answer's links may name another host of the org; the path and the query are what counts."""
    parts = urllib.parse.urlsplit(address)
    return f"{ORIGIN}{parts.path}?{parts.query}"


def listed(body, field):
    return body[field] if field else body


def plain(path, field=None, **query):
    """Everything in a listing, by plain GETs."""
    found, following = [], url(path, **query)
    while following:
        body, following = get(here(following))
        found += listed(body, field)
    return found


def cursor(address):
    return urllib.parse.parse_qs(urllib.parse.urlsplit(address).query)["after"][0] if address else None


class Findings:
    """What the SDK refused, grouped; each refused record is remembered by its id."""

    def __init__(self):
        self.seen = collections.Counter()
        self.example = {}

    def add(self, listing, record, error):
        for model, place, kind in self.causes(error):
            self.seen[listing, model, place, kind] += 1
            self.example.setdefault((listing, model, place, kind), record)

    @staticmethod
    def causes(error):
        if isinstance(error, ValidationError):
            for cause in error.errors(include_url=False):
                place = ".".join("*" if isinstance(part, int) else str(part) for part in cause["loc"])
                yield error.title, place, cause["type"]
        else:
            yield type(error).__name__, re.sub(r"\s+", " ", str(error)), ""

    @staticmethod
    def known(model, place, kind):
        rows = [row for row in KNOWN if model == row[0] and re.fullmatch(row[1], place) and re.fullmatch(row[2], kind)]
        return rows[0] if rows else None


FINDINGS = Findings()
ROWS = []
FAILURES = []


def check(truth, text):
    if not truth:
        FAILURES.append(text)


async def answered(call, **arguments):
    """The SDK's answer: what it lists and the cursor of the next page. It hands errors back rather than raise them."""
    data, answer, error = await call(**arguments)
    if error:
        raise RuntimeError(f"the SDK got an error: {error}")
    return data, answer


def identity(record, name):
    """The id in one of the SDK's records; where an answer may be one of several models, it is wrapped once more."""
    return getattr(getattr(record, "actual_instance", record), name)


async def by_sdk(listing, after=None, size=None, only=None):
    """A listing through the SDK from `after` on: ids in order, pages, refused records; `only` ends it after so many."""
    size = size or listing.size
    ids, pages, refused = [], 0, 0
    while True:
        page = {} if size is None else {"limit": size}
        page.update({"after": after} if after else {})
        pages += 1
        try:
            data, answer = await answered(listing.call, **listing.arguments, **page)
            records = getattr(data, listing.field.replace("-", "_")) if listing.field else data
            ids += [identity(record, listing.identity) for record in records or []]
            if listing.field:
                following = getattr(getattr(data, "links", None), "next", None)
                after = cursor(following and following.href)
            else:
                after = PaginationHelper.extract_next_cursor(answer.headers)
        except (ValidationError, ValueError) as error:
            body, following = get(url(listing.path, **listing.query, **page))
            lost = [record[listing.identity] for record in listed(body, listing.field)]
            one = type(size)(1) if listing.size else None
            if one and size != one:
                # One record spoils its whole page: read that page again, a record at a time.
                lost, _, some = await by_sdk(listing, after, one, len(lost))
                refused += some
            else:
                FINDINGS.add(listing.name, lost[0] if len(lost) == 1 else "the whole answer", error)
                refused += len(lost)
            ids += lost
            after = cursor(following)
        if not after or pages == only:
            return ids, pages, refused


@dataclasses.dataclass
class Listing:
    """One of Okta's listings: what to call it, the SDK's method and its arguments, the path and its query.

    field: where an answer holds the records, if not on top. size: the SDK's page size; None when the listing has no
    `limit`, and then its pages are the server's. identity: the field that tells records apart.
    """
    name: str
    call: typing.Callable
    path: str
    field: str = None
    size: int = None
    arguments: dict = dataclasses.field(default_factory=dict)
    query: dict = dataclasses.field(default_factory=dict)
    identity: str = "id"


async def compare(name, call, path, plain_size=None, quiet=False, **more):
    """Reads one listing both ways and returns its records as plain GETs gave them. quiet: one page may be all."""
    listing = Listing(name, call, path, **more)
    ids, pages, refused = await by_sdk(listing)
    records = plain(path, listing.field, **listing.query, limit=plain_size)
    expected = [record[listing.identity] for record in records]
    check(ids == expected, f"{name} {path}: the SDK found {len(ids)} ({len(set(ids))} different), "
                           f"plain GETs found {len(expected)}; {len(set(expected) ^ set(ids))} are on one side only")
    check(len(set(expected)) == len(expected), f"{name} {path}: an id comes twice")
    if listing.size and not quiet:
        check(pages > 1, f"{name} {path}: {len(ids)} fit on one page of {listing.size}, so that no `next` was followed")
    TALLY[name].update(listings=1, records=len(ids), pages=pages, refused=refused)
    return records


TALLY = collections.defaultdict(collections.Counter)


async def listings(okta):
    users = await compare("users", okta.list_users, "/api/v1/users", size=40, plain_size=200)
    gone = await compare("users, deprovisioned", okta.list_users, "/api/v1/users", size=2, plain_size=200, quiet=True,
                         arguments={"filter": 'status eq "DEPROVISIONED"'},
                         query={"filter": 'status eq "DEPROVISIONED"'})
    every = await compare("users, by search", okta.list_users, "/api/v1/users", size=60, plain_size=200,
                          arguments={"search": "status pr"}, query={"search": "status pr"})
    check(gone, "no deprovisioned user in the org: the next check says nothing")
    check(all(user["status"] != "DEPROVISIONED" for user in users), "the plain user listing holds deprovisioned users")
    ids = lambda records: {record["id"] for record in records}  # noqa: E731
    check(ids(users) | ids(gone) == ids(every), "plain listing + deprovisioned ≠ search=status pr")

    groups = await compare("groups", okta.list_groups, "/api/v1/groups", size=7, plain_size=200)
    apps = await compare("apps", okta.list_applications, "/api/v1/apps", size=6, plain_size=200)
    await compare("group rules", okta.list_group_rules, "/api/v1/groups/rules", size=2, plain_size=200)
    await compare("network zones", okta.list_network_zones, "/api/v1/zones", size=2)
    await compare("API tokens", okta.list_api_tokens, "/api/v1/api-tokens")
    servers = await compare("authorization servers", okta.list_authorization_servers, "/api/v1/authorizationServers",
                            size=1, plain_size=200)

    for group in groups:
        await compare("members of a group", okta.list_group_users, f"/api/v1/groups/{group['id']}/users", size=10,
                      plain_size=200, arguments={"group_id": group["id"]}, quiet=True)
        await compare("roles of a group", okta.list_group_assigned_roles, f"/api/v1/groups/{group['id']}/roles",
                      arguments={"group_id": group["id"]})
    for app in apps:
        await compare("users of an app", okta.list_application_users, f"/api/v1/apps/{app['id']}/users", size=15,
                      plain_size=500, arguments={"app_id": app["id"]}, quiet=True)
        # The SDK holds to the spec's smallest page here, 20.
        await compare("groups of an app", okta.list_application_group_assignments, f"/api/v1/apps/{app['id']}/groups",
                      size=20, plain_size=200, arguments={"app_id": app["id"]}, quiet=True)
    for user in users:
        await compare("factors of a user", okta.list_factors, f"/api/v1/users/{user['id']}/factors",
                      arguments={"user_id": user["id"]})

    for kind in POLICY_TYPES:
        try:
            get(url("/api/v1/policies", type=kind))
        except urllib.error.HTTPError as refusal:
            check(refusal.code == 400, f"policies of type {kind}: {refusal.code}, and only 400 says that there are none")
            continue
        policies = await compare("policies", okta.list_policies, "/api/v1/policies", size="1", plain_size=50,
                                 arguments={"type": kind}, query={"type": kind}, quiet=True)
        for policy in policies:
            await compare("policy rules", okta.list_policy_rules, f"/api/v1/policies/{policy['id']}/rules",
                          arguments={"policy_id": policy["id"]})

    assignees = await compare("users with roles", okta.list_users_with_role_assignments, "/api/v1/iam/assignees/users",
                              field="value", size=4, plain_size=100)
    for user in assignees:
        await compare("roles of a user", okta.list_assigned_roles_for_user, f"/api/v1/users/{user['id']}/roles",
                      arguments={"user_id": user["id"]})
    roles = await compare("custom roles", okta.list_roles, "/api/v1/iam/roles", field="roles")
    for role in roles:
        await compare("permissions of a role", okta.list_role_permissions, f"/api/v1/iam/roles/{role['id']}/permissions",
                      field="permissions", arguments={"role_id_or_label": role["id"]},
                      identity="label")
    sets = await compare("resource sets", okta.list_resource_sets, "/api/v1/iam/resource-sets", field="resource-sets")
    for one in sets:
        path = f"/api/v1/iam/resource-sets/{one['id']}"
        of = {"resource_set_id_or_label": one["id"]}
        await compare("resources of a set", okta.list_resource_set_resources, f"{path}/resources", field="resources",
                      size=1, plain_size=100, arguments=of, quiet=True)
        bindings = await compare("bindings of a set", okta.list_bindings, f"{path}/bindings", field="roles", arguments=of)
        for binding in bindings:
            await compare("members of a binding", okta.list_members_of_binding,
                          f"{path}/bindings/{binding['id']}/members", field="members",
                          arguments={**of, "role_id_or_label": binding["id"]})
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    await compare("System Log", okta.list_log_events, "/api/v1/logs", size=25, plain_size=1000,
                  arguments={"until": now}, query={"until": now}, identity="uuid", quiet=True)
    for name in ["members of a group", "users of an app", "policies"]:
        check(TALLY[name]["pages"] > TALLY[name]["listings"], f"{name}: no `next` was ever followed")
    for name in ["factors of a user", "roles of a user", "roles of a group", "authorization servers", "System Log",
                 "members of a binding", "resources of a set", "groups of an app", "policy rules"]:
        check(TALLY[name]["records"] > 0, f"{name}: none in the whole org, so that nothing was compared")
    check(servers, "no authorization server in the org")
    return users


async def single_objects(okta, users):
    """One object by id and by login, the token's owner, the org."""
    for user in users[:20]:
        for key in [user["id"], user["profile"]["login"]]:
            found, _ = await answered(okta.get_user, id=key)
            check(found.id == user["id"] and found.profile.login == user["profile"]["login"],
                  f"get_user({key}) is another user")
    me, _ = await answered(okta.get_user, id="me")
    check(me.id == get(url("/api/v1/users/me"))[0]["id"], "get_user('me') is another user")
    org, _ = await answered(okta.get_org_settings)
    check(org.id == get(url("/api/v1/org"))[0]["id"], "get_org_settings gives another org")


async def refusals():
    """Errors arrive in the SDK's own error type, with Okta's codes."""
    cases = [
        ("a wrong token", "00" + "x" * 40, "list_users", {}, 401, "E0000011"),
        ("read-only without the custom role", SIM["tokens"]["read_only"], "list_roles", {}, 403, "E0000006"),
        ("an unknown user", SIM["tokens"]["super_admin"], "get_user", {"id": "00uNoSuchUser0000000"}, 404, "E0000007"),
    ]
    for what, token, method, arguments, status, code in cases:
        async with Client({"orgUrl": ORIGIN, "token": token}) as okta:
            _, _, error = await getattr(okta, method)(**arguments)
        check(error is not None and (error.status, error.error_code) == (status, code),
              f"{what}: expected {status} {code}, the SDK got {error}")


SCOPES = ["okta.users.read", "okta.groups.read"]


def service_app(key, label, dpop, scopes=SCOPES, role="READ_ONLY_ADMIN"):
    """Registers a service app with a public key, grants it scopes and gives it a role; returns its client id."""
    app = send("POST", "/api/v1/apps", {
        "name": "oidc_client", "label": label, "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": "private_key_jwt"}},
        "settings": {"oauthClient": {
            "application_type": "service", "grant_types": ["client_credentials"], "response_types": ["token"],
            "dpop_bound_access_tokens": dpop, "jwks": {"keys": [json.loads(key.export_public())]}}}})
    for scope in scopes:
        send("POST", f"/api/v1/apps/{app['id']}/grants", {"scopeId": scope, "issuer": ORIGIN})
    if role:
        send("POST", f"/oauth2/v1/clients/{app['id']}/roles", {"type": role})
    return app["id"]


def by_key(key, client_id, dpop, scopes=SCOPES):
    """The SDK's client of a service app."""
    return Client({"orgUrl": ORIGIN, "authorizationMode": "PrivateKey", "clientId": client_id, "scopes": scopes,
                   "privateKey": key.export_to_pem(private_key=True, password=None).decode(), "kid": key["kid"],
                   "dpopEnabled": dpop})


async def service_apps(users):
    """The SDK gets tokens by private_key_jwt, with DPoP and without, and lists what their owners may see."""
    # Otherwise a new app that gets a scope is made a super admin.
    send("PUT", "/api/v1/org/settings/clientPrivilegesSetting", {"clientPrivilegesSetting": False})
    key = JWK.generate(kty="RSA", size=2048, kid="peer", use="sig")
    expected = sorted(user["id"] for user in users)
    for dpop in [True, False]:
        client_id = service_app(key, f"Peer, DPoP {dpop}", dpop)
        async with by_key(key, client_id, dpop) as okta:
            ids, pages, refused = await by_sdk(Listing("users, by a service app", okta.list_users, "/api/v1/users",
                                                       size=40))
            bound = okta._request_executor._oauth.get_current_token()[1]
            missing = (await okta.list_policies(type="PASSWORD"))[2]
        TALLY["users, by a service app"].update(listings=1, records=len(ids), pages=pages, refused=refused)
        check(sorted(ids) == expected, f"DPoP {dpop}: the service app found {len(ids)} users, the token {len(expected)}")
        check(bound == ("DPoP" if dpop else "Bearer"), f"DPoP {dpop}: the token is of type {bound}")
        check(missing is not None and (missing.status, missing.error_code) == (403, "E0000006"),
              f"DPoP {dpop}: a call without its scope gave {missing}")
    bare = service_app(key, "Peer without a role", True, role=None)
    async with by_key(key, bare, True) as okta:
        nobody, _, error = await okta.list_users()
    check(not error and nobody == [], f"scopes without a role: expected an empty list, the SDK got {error or nobody}")
    bound = service_app(key, "Peer that must prove possession", True)
    other = JWK.generate(kty="RSA", size=2048, kid="peer", use="sig")
    for what, client, code in [
        ("a client without the proof that it must give", by_key(key, bound, False), "invalid_dpop_proof"),
        ("a client with another key", by_key(other, bound, True), "invalid_client"),
        ("a client without a grant", by_key(key, bound, True, ["okta.apps.read"]), "consent_required"),
        ("a client that asks for what is none", by_key(key, bound, True, ["okta.nothing.read"]), "invalid_scope"),
    ]:
        async with client as okta:
            _, _, error = await okta.list_users()
        check(error is not None and code in str(error), f"{what}: expected {code}, the SDK got {error}")


def report():
    print(f"{'Listing':24}{'listings':>9}{'records':>9}{'pages':>7}{'refused by the SDK':>20}")
    for name, tally in TALLY.items():
        print(f"{name:24}{tally['listings']:9}{tally['records']:9}{tally['pages']:7}{tally['refused']:20}")
    print("\nWhat the SDK's models refused, and whose fault that is")
    used = []
    grouped = collections.defaultdict(list)
    for (listing, model, place, kind), times in sorted(FINDINGS.seen.items()):
        row = FINDINGS.known(model, place, kind)
        used.append(row)
        grouped[listing, model, row and row[3]].append(f"{times} × {place[:60]} {kind}")
        check(row, f"{listing}: the SDK refuses {model} {place[:200]} {kind} of "
                   f"{FINDINGS.example[listing, model, place, kind]}")
    for (listing, model, whose), places in grouped.items():
        print(f"  {listing}: {model} {', '.join(places)}\n      {'the SDK ' + whose if whose else 'THE SIMULATOR'}")
    for row in KNOWN:
        check(row in used, f"KNOWN holds a row that nothing falls into any more, remove it: {row[:3]}")


async def main():
    async with Client({"orgUrl": ORIGIN, "token": SIM["tokens"]["super_admin"]}) as okta:
        users = await listings(okta)
        await single_objects(okta, users)
    await refusals()
    await service_apps(users)
    report()
    for failure in FAILURES:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if FAILURES else 0


sys.exit(asyncio.run(main()))
