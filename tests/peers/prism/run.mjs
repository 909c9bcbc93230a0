// Whole syncs through Stoplight Prism on Okta's OpenAPI document: Prism stands between Transom and the simulator and
// holds every request and every answer against the document. No request may deviate. An answer may, where Okta's own
// answers do: each such row stands in EXPECTED with the section of okta/api.md that explains it. What a sync then
// holds must be what a sync without Prism holds. One sync has the rights that set-up asks for, the other those of a super
// administrator and what is read only when asked for: between them every call of every data set is answered 200.
//
// Prism's command line reports in a header that it cuts at 8 kB, so its engine is called as a library; the HTTP
// server around it below is all that is ours. The document and recorded answers of Okta lie beside the checkout, in
// ../shared/okta; without them this is skipped.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import prismHttp from '@stoplight/prism-http';

// Route · place in the answer (`*`: every item) · what Prism calls it, where `null` is a null in a field that the
// document does not call nullable · section of okta/api.md · why. A row that nothing deviates in any more is an error.
const NULL = 'f, spec vs reality: null anywhere';
const EXPECTED = [
  ['/api/v1/api-tokens', 'body.*.tokenWindow', 'pattern', 'a.7', 'P30D is recorded; the document\'s pattern lost a `!`'],
  ['/api/v1/apps', 'body.*.accessibility.errorRedirectUrl', 'null', NULL, 'no redirect is set'],
  ['/api/v1/apps', 'body.*.accessibility.loginRedirectUrl', 'null', NULL, 'no redirect is set'],
  ['/api/v1/apps', 'body.*.signOnMode', 'null', NULL, 'a directory is an app without sign-on'],
  ['/api/v1/apps', 'body.*.signOnMode', 'enum', NULL, 'the same null once more'],
  ['/api/v1/apps', 'body.*.universalLogout', 'null', NULL, 'an app that can\'t do it'],
  ['/api/v1/apps/{appId}/users', 'body.*.externalId', 'null', NULL, 'an app without provisioning'],
  ['/api/v1/authorizationServers/{authServerId}/clients', 'body.*.client_uri', 'null', NULL, 'as in the document\'s own example of a client'],
  ['/api/v1/authorizationServers/{authServerId}/clients', 'body.*.logo_uri', 'null', NULL, 'as in the document\'s own example of a client'],
  ['/api/v1/authorizationServers/{authServerId}/scopes', 'body.*.displayName', 'null', NULL,
    'a scope without a name to show; no list is recorded, so this is a guess of the simulator\'s'],
  ['/api/v1/brands', 'body.*.customPrivacyPolicyUrl', 'null', NULL, 'a brand without a policy of its own'],
  ['/api/v1/brands', 'body.*.defaultApp.appInstanceId', 'null', NULL, 'a brand without default app'],
  ['/api/v1/brands', 'body.*.defaultApp.appLinkName', 'null', NULL, 'a brand without default app'],
  ['/api/v1/brands', 'body.*.defaultApp.classicApplicationUri', 'null', NULL, 'a brand without default app'],
  ['/api/v1/devices', 'body.*.resourceAlternateId', 'null', NULL, 'recorded of most devices'],
  ['/api/v1/devices', 'body.*._links.self.hints.allow.*', 'enum', 'f, spec vs reality', 'PATCH is recorded, and not in the document\'s list'],
  ['/api/v1/groups', 'body.*.profile.description', 'null', NULL, 'a group without description'],
  ['/api/v1/groups', 'body.*.profile', 'anyOf', NULL, 'what the null in it comes to'],
  ['/api/v1/groups/{groupId}/owners', 'body.*.lastUpdated', 'format', 'f, spec vs reality', 'every recorded time has no zone'],
  ['/api/v1/groups/{groupId}/owners', 'body.*.originId', 'null', NULL, 'an owner set in Okta'],
  ['/api/v1/groups/{groupId}/roles', 'body.*', 'oneOf', 'a.6', 'as recorded; both of the document\'s schemas fit it'],
  ['/api/v1/users/{userId}/roles', 'body.*', 'oneOf', 'a.6', 'as recorded; both of the document\'s schemas fit it'],
  ['/oauth2/v1/clients/{clientId}/roles', 'body.*', 'oneOf', 'a.6', 'as those of users and groups'],
  ['/api/v1/idps', 'body.*.policy.accountLink.filter', 'null', NULL, 'recorded in every list'],
  ['/api/v1/idps', 'body.*.policy.subject.filter', 'null', NULL, 'recorded in every list'],
  ['/api/v1/idps', 'body.*.policy.subject.matchAttribute', 'null', NULL, 'recorded in every list'],
  ['/api/v1/org', 'body.address2', 'null', 'c', 'nullable strings though the spec says plain string'],
  ['/api/v1/org', 'body.country', 'null', 'c', 'nullable strings though the spec says plain string'],
  ['/api/v1/org', 'body.expiresAt', 'null', 'c', 'nullable strings though the spec says plain string'],
  ['/api/v1/org', 'body.postalCode', 'null', 'c', 'nullable strings though the spec says plain string'],
  ['/api/v1/org', 'body.state', 'null', 'c', 'nullable strings though the spec says plain string'],
  ['/api/v1/policies', '', 'status 400', 'g', 'the answer to a type the org does not have'],
  ['/api/v1/policies', 'body.*._embedded.resourceType', 'type', 'f, spec vs reality',
    'a word where the document has objects; recorded in most answers'],
];

// The syncs: with whose token, what is consented to first, and what more is asked for.
const SYNCS = [
  { name: 'setup', owner: 'read_only_custom' },
  {
    name: 'everything', owner: 'super_admin',
    consent: ['--client-secret-ages', 'on'], more: ['--with', 'user_grant', '--with', 'linked_user'],
  },
];

// Fields that the reading itself moves: an API token's last use and what hangs on it (okta/api.md a.7).
const MOVING = { api_token: ['lastUpdated', 'expiresAt'] };

const silent = { child: () => silent, trace() {}, debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
const CONFIG = {
  isProxy: true, errors: false, checkSecurity: true, validateRequest: true, validateResponse: true,
  mock: { dynamic: false }, upstreamProxy: undefined,
};

/** ../shared/okta of the checkout, found upwards from here: the runner copies this script below the target folder. */
function sharedOkta() {
  for (const start of [import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), process.env.TRANSOM_BIN]) {
    for (let folder = resolve(start); dirname(folder) !== folder; folder = dirname(folder)) {
      const found = join(folder, '..', 'shared', 'okta');
      if (existsSync(join(found, 'openapi.json'))) return found;
    }
  }
  return null;
}

/**
 * The document, without the `nullable: false` that it has in four places beside no type: Prism can't make a schema of
 * that, and lets pass all that such a route answers.
 */
function readDocument(file) {
  return JSON.parse(readFileSync(file, 'utf8'), (_, value) => {
    if (value?.nullable === false && value.type === undefined) delete value.nullable;
    return value;
  });
}

/** Which path of the document a request belongs to: of those that fit, the one with the fewest parameters. */
function router(paths) {
  const pattern = path => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`);
  const routes = paths.map(path => ({ path, holes: path.split('{').length, pattern: pattern(path) }));
  routes.sort((a, b) => a.holes - b.holes);
  return pathname => routes.find(route => route.pattern.test(pathname))?.path ?? `${pathname} (not in the document)`;
}

/** One deviation as a row of the table: an item of a list is `*`, and a wrong type says when the value is null. */
function deviation(violation, { statusCode, body }) {
  const path = violation.path ?? [];
  const value = path.slice(1).reduce((at, step) => at?.[step], body);
  const place = path.map(step => (/^\d+$/.test(step) ? '*' : step)).join('.');
  const kind = violation.code ?? `status ${statusCode ?? 'none'}`;
  return { place, kind: kind === 'type' && value === null ? 'null' : String(kind), message: violation.message };
}

class Tally {
  rows = new Map();
  answers = new Map();
  fine = new Set();

  /** Counts an exchange, or rather one side of it, and each kind of deviation in it once. */
  add(side, route, violations, answer) {
    if (side === 'answer') this.answers.set(route, (this.answers.get(route) ?? 0) + 1);
    if (answer.statusCode === 200) this.fine.add(route);
    const once = new Map(violations.map(violation => {
      const { place, kind, message } = deviation(violation, answer);
      return [`${side} ${route} ${place} ${kind}`, { side, route, place, kind, message }];
    }));
    for (const [key, row] of once) this.rows.set(key, { ...row, times: (this.rows.get(key)?.times ?? 0) + 1 });
  }
}

/** Prism as a server: what it finds goes into the tally, what the simulator answers goes on to Transom. */
async function proxy(operations, route, upstream, tally) {
  const prism = prismHttp.createInstance({ ...CONFIG, upstream: new URL(upstream) }, { logger: silent });
  const server = createServer(async (request, reply) => {
    const { pathname, searchParams } = new URL(request.url, upstream);
    const query = {};
    for (const name of new Set(searchParams.keys())) {
      const values = searchParams.getAll(name);
      query[name] = values.length === 1 ? values[0] : values;
    }
    const asked = { method: request.method.toLowerCase(), url: { path: pathname, query }, headers: request.headers, body: null };
    const result = await prism.request(asked, operations)();
    if (result._tag === 'Left') {
      reply.writeHead(502, { 'content-type': 'text/plain' }).end(`Prism: ${result.left}`);
      return;
    }
    const { output, validations } = result.right;
    const where = `${request.method} ${route(pathname)}`;
    tally.add('request', where, validations.input, {});
    tally.add('answer', where, validations.output, output);
    // The body goes out again as JSON, so its length may differ from what the simulator counted.
    const { 'content-length': _, ...headers } = output.headers;
    reply.writeHead(output.statusCode, headers);
    reply.end(typeof output.body === 'string' ? output.body : JSON.stringify(output.body));
  });
  await new Promise(ready => server.listen(0, '127.0.0.1', ready));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** The same engine over answers that are given rather than fetched. */
function judge(operations) {
  const given = ({ data }) => () => async () => ({ _tag: 'Right', right: data.given });
  const config = { ...CONFIG, validateRequest: false, checkSecurity: false, upstream: new URL('http://given') };
  const prism = prismHttp.createInstance(config, { logger: silent, forward: given });
  return async (path, body) => {
    const answer = { statusCode: 200, headers: { 'content-type': 'application/json' }, body };
    const asked = { method: 'get', url: { path, query: {} }, headers: {}, given: answer };
    const result = await prism.request(asked, operations)();
    if (result._tag === 'Left') throw result.left;
    return result.right.validations.output;
  };
}

/** What Okta's recorded answers deviate in, on the routes that the sync called. */
async function recorded(judged, route, corpus, routes) {
  if (!existsSync(corpus)) return null;
  const tally = new Tally();
  for (const file of readdirSync(corpus).filter(name => name.startsWith('GET_'))) {
    for (const line of readFileSync(join(corpus, file), 'utf8').split('\n').filter(Boolean)) {
      const { suspect, url, status, response_body: text } = JSON.parse(line);
      const { pathname } = new URL(url, 'http://recorded');
      const where = `GET ${route(pathname)}`;
      if (suspect || status !== 200 || !routes.has(where)) continue;
      const body = typeof text === 'string' ? JSON.parse(text) : text;
      tally.add('answer', where, await judged(pathname, body), { statusCode: status, body });
    }
  }
  return tally;
}

/** Runs `transom` and gives what it printed. Its exit code 1 says "done, but not all of it may be read". */
function transom(data, args, stdin = '') {
  return new Promise((done, fail) => {
    const env = { ...process.env, TRANSOM_ALLOW_LOOPBACK: '1' };
    const child = spawn(process.env.TRANSOM_BIN, ['--data-dir', data, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', chunk => { out += chunk; });
    child.on('error', fail);
    child.on('close', code => {
      if (code === 0 || code === 1) done(out);
      else fail(new Error(`transom ${args.join(' ')} ended with ${code}: ${out}`));
    });
    child.stdin.end(stdin);
  });
}

/** Connects and syncs into a directory of its own: the summary, the documents by address, and how long it took. */
async function sync(name, origin, { token, consent, more = [] }) {
  const data = resolve(name);
  const started = Date.now();
  await transom(data, ['org', 'connect', '--domain', origin, '--label', name, '--token-stdin', '--json'], token);
  if (consent) await transom(data, ['org', 'set', name, ...consent]);
  const { summary } = JSON.parse(await transom(data, ['sync', name, ...more, '--json']));
  const documents = new Map();
  for (const line of (await transom(data, ['export', 'jsonl', name])).trim().split('\n')) {
    const { kind, id, parent, doc } = JSON.parse(line);
    for (const field of MOVING[kind] ?? []) delete doc[field];
    documents.set(`${kind} ${parent ?? '-'} ${id}`, JSON.stringify(doc));
  }
  return { summary, documents, seconds: (Date.now() - started) / 1000 };
}

/** Says what the two syncs hold differently, and gives the number of documents compared. */
function compare(through, direct, failures) {
  for (const what of ['objects', 'edges']) {
    const [a, b] = [through, direct].map(run => new Map(run.summary[what]));
    for (const kind of new Set([...a.keys(), ...b.keys()])) {
      if (a.get(kind) !== b.get(kind)) {
        failures.push(`${what} of kind ${kind}: ${a.get(kind) ?? 0} through Prism, ${b.get(kind) ?? 0} without`);
      }
    }
  }
  if (through.summary.quarantined > 0) failures.push(`${through.summary.quarantined} records were quarantined`);
  const keys = new Set([...through.documents.keys(), ...direct.documents.keys()]);
  const differing = [...keys].filter(key => through.documents.get(key) !== direct.documents.get(key));
  if (differing.length > 0) failures.push(`${differing.length} of ${keys.size} documents differ`);
  for (const key of differing.slice(0, 3)) {
    failures.push(`${key} differs:\n  ${through.documents.get(key)}\n  ${direct.documents.get(key)}`);
  }
  return keys.size;
}

/** Says which data sets have a route that never answered 200. */
function unseen(datasets, route, fine, failures) {
  for (const { name, calls } of datasets) {
    const routes = new Set(calls.map(call => `GET ${route(call.route.replaceAll(/\{[^}]+\}/g, 'x'))}`));
    const missing = [...routes].filter(where => !fine.has(where));
    if (missing.length > 0) failures.push(`${name}: never answered 200 by ${missing.join(', ')}`);
  }
}

function explained(row) {
  return EXPECTED.find(([route, place, kind]) => `GET ${route}` === row.route && place === row.place && kind === row.kind);
}

const shared = sharedOkta();
if (!shared) {
  console.log('SKIPPED: there is no ../shared/okta/openapi.json beside this checkout, and Prism needs it.');
  process.exit(77);
}
const { origin, tokens } = JSON.parse(process.env.TRANSOM_SIM);
const document = readDocument(join(shared, 'openapi.json'));
const route = router(Object.keys(document.paths));
const operations = await prismHttp.getHttpOperationsFromSpec(document);
const tally = new Tally();
const prism = await proxy(operations, route, origin, tally);
const failures = [];
for (const { name, owner, ...how } of SYNCS) {
  const token = tokens[owner];
  const through = await sync(`${name}-prism`, prism.origin, { token, ...how });
  const direct = await sync(`${name}-direct`, origin, { token, ...how });
  const documents = compare(through, direct, failures);
  console.log(`${name}: ${documents} documents compared; ${through.seconds} s through Prism, ${direct.seconds} s without.`);
}
prism.close();

const called = new Set(tally.answers.keys());
const judged = judge(operations);
const real = await recorded(judged, route, join(shared, 'corpus'), called);
for (const where of called) {
  // Prism lets pass what it can't compile a schema for, so each route must be seen to refuse something.
  const refused = await judged(where.replace('GET ', '').replaceAll(/\{[^}]+\}/g, 'x'), 7);
  if (refused.length === 0) failures.push(`${where}: Prism takes the number 7 for an answer, so it checks nothing there`);
}
const answers = [...tally.answers.values()].reduce((sum, n) => sum + n, 0);
const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(`${answers} answers on ${called.size} routes went through Prism (${megabytes} MB).`);
const { datasets } = JSON.parse(await transom(resolve('docs'), ['docs', 'manifest']));
unseen(datasets, route, tally.fine, failures);
console.log(`${datasets.length} data sets; ${tally.fine.size} routes answered 200.\n`);
const used = new Set();
for (const row of [...tally.rows.values()].sort((a, b) => a.route.localeCompare(b.route))) {
  const expected = row.side === 'answer' ? explained(row) : null;
  const same = real?.rows.get(`answer ${row.route} ${row.place} ${row.kind}`)?.times ?? 0;
  const share = real ? `${same} of ${real.answers.get(row.route) ?? 0} recorded answers of Okta` : 'recorded answers absent';
  console.log(`${row.times} × ${row.side} ${row.route} ${row.place} ${row.kind} (${share})`);
  console.log(`    ${expected ? `api.md ${expected[3]}: ${expected[4]}` : `UNEXPLAINED: ${row.message}`}`);
  if (expected) used.add(expected);
  else failures.push(`${row.side} ${row.route} ${row.place} ${row.kind}: ${row.message}`);
}
for (const row of EXPECTED) {
  if (!used.has(row)) failures.push(`nothing deviates in this row of EXPECTED any more, remove it: ${row.slice(0, 3).join(' ')}`);
}
for (const failure of failures) console.error(`FAILED ${failure}`);
process.exit(failures.length > 0 ? 1 : 0);
