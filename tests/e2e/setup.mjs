// Set-up by the web guide, to its end: for a user whose token a person makes, and for a service app. The one-time token is
// kept, as the simulator is shared; what was made is removed at the end, and the org is as it was.

import assert from 'node:assert/strict';

const HERE = '/settings/integrations/okta/setup';
const LOGIN = 'svc-connected@acme.example';
const CONSOLE = '/simulator/tokens';

const verdict = (page, says) => page.locator('.verdict').filter({ hasText: says }).waitFor();

/** A user: the plan, what is in the way, apply, the password once, its token, the connection, teardown. */
export async function setupUser(look, page, { origin, tokens }) {
  const token = tokens.super_admin;
  const clean = async () => assert.ok(!(await page.content()).includes(token), 'the one-time token is shown');
  const before = await made(origin, token);
  await page.goto(`${look.origin}/settings/integrations/okta/connect`);
  await page.getByRole('link', { name: 'let Transom set it up' }).click();
  await page.getByRole('button', { name: 'Show the plan' }).waitFor();
  assert.ok(!await page.getByLabel('Name of the app').isVisible(), 'the app is asked for as well');
  await page.locator('#names > summary').click();
  await look.at(page, 'setup');

  page.expects = 422;
  await plan(page, origin, ' ', LOGIN);
  await page.getByText('Enter the one-time token.').waitFor();
  await look.at(page, 'setup-wrong');
  page.expects = undefined;

  await plan(page, origin, token, 'svc-transom@acme.example');
  await verdict(page, 'In the way');
  assert.ok(!(await page.innerText('main')).includes('--'), 'a remedy is an option of the command line');
  await look.at(page, 'setup-in-the-way');

  await again(page);
  await plan(page, origin, token, LOGIN);
  await verdict(page, 'to make or change');
  await clean();
  await look.at(page, 'setup-plan');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await verdict(page, 'The org is set up.');
  await clean();
  await look.at(page, 'setup-applied');
  await page.getByRole('button', { name: 'Show the password' }).click();
  await page.getByText('Copy it now').waitFor();
  const password = await page.locator('.once code').innerText();
  await look.at(page, 'setup-password');

  // Step 4, as the user that was made; then back to where the token is entered.
  const job = page.url().replace(/\/password$/, '');
  await page.goto(job);
  assert.ok(!(await page.content()).includes(password), 'the password is shown again');
  const key = await create(look, page, origin, password);
  await page.goto(job);
  await page.getByLabel('API key').fill(key);
  await page.locator('#f-label').fill('Production');
  await page.getByRole('button', { name: 'Verify Connection' }).click();
  await verdict(page, 'Everything that the set-up is for can be read.');
  assert.equal(await page.getByText('Seen done').count(), 5, 'each step of the guide was done');
  assert.ok(!(await page.content()).includes(key), 'the key is shown');
  await page.getByRole('button', { name: 'Save and sync' }).click();
  await read(page);
  // A simulator is called from this machine, which is in no zone of an org: its tokens have to work from anywhere.
  assert.deepEqual(await findings(page), ['It works from any network']);

  await page.goto(`${look.origin}${HERE}`);
  await plan(page, origin, token, '');
  await verdict(page, 'No difference');
  await look.at(page, 'setup-no-difference');
  await ends(look, page, { origin, token, before, name: 'setup' });
}

/** A service app: what the org would do to it, the plan, apply, and the connection by itself; teardown. */
export async function setupApp(look, page, { origin, tokens }) {
  const token = tokens.super_admin;
  await superApps(origin, token, true);
  await page.goto(`${look.origin}/settings/integrations/okta/connect`);
  await page.getByLabel('OAuth service app').check();
  await page.getByRole('link', { name: 'let Transom set it up' }).click();
  await page.getByLabel('Name of the app').waitFor();
  assert.ok(!await page.getByLabel('Login of the user').isVisible(), 'the user is asked for as well');
  await look.at(page, 'setup-app');
  await planApp(page, origin, token);
  await verdict(page, 'In the way');
  await page.getByText('Public client app admins').waitFor();
  await superApps(origin, token, false);
  const before = await made(origin, token);
  await again(page);
  await page.getByLabel(/^An OAuth service app/).check();
  await planApp(page, origin, token);
  await verdict(page, 'to make or change');
  assert.equal(await made(origin, token), before, 'a plan only reads');
  await page.locator('.plan summary').filter({ hasText: 'requests' }).click();
  await page.getByText('okta.users.read').waitFor();
  await look.at(page, 'setup-app-plan');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await verdict(page, 'reads by its service app.');
  assert.ok(!(await page.content()).includes('PRIVATE'), 'the private key is shown');
  await look.at(page, 'setup-app-connected');
  await page.getByRole('link', { name: /^Connection of/ }).click();
  await read(page);
  assert.deepEqual(await findings(page), []);
  await ends(look, page, { origin, token, before, name: 'setup-app' });
  await superApps(origin, token, true);
}

/** What was made is verified by its connection, and taken down: the org is as it was. */
async function ends(look, page, { origin, token, before, name }) {
  await page.goto(`${look.origin}${HERE}/made?domain=${encodeURIComponent(origin)}`);
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  // Case does not count in a text: 'was set up' would do.
  await verdict(page, /\bAs set up/);
  await look.at(page, `${name}-verified`);
  await page.goto(`${look.origin}${HERE}/made?domain=${encodeURIComponent(origin)}`);
  await page.getByRole('button', { name: 'Take down' }).waitFor();
  assert.ok(await page.getByText(/^Connected app: read on /).isVisible(), 'what is taken down is shown without its name');
  await look.at(page, `${name}-made`);
  page.expects = 422;
  await down(page, token, 'acme');
  await page.getByText('This is not the address of the org.').waitFor();
  await look.at(page, `${name}-made-wrong`);
  page.expects = undefined;
  await down(page, token, new URL(origin).host);
  await verdict(page, 'All of it is removed.');
  assert.ok(!(await page.content()).includes(token), 'the one-time token is shown');
  await look.at(page, `${name}-removed`);
  assert.equal(await made(origin, token), before, 'the org is as it was');
  await page.getByRole('link', { name: 'What was made' }).click();
  await page.getByText('Nothing is recorded').waitFor();
  await look.at(page, `${name}-nothing`);
}

/** The token, by the page that the simulator has in place of the Admin Console's. */
async function create(look, page, origin, password) {
  page.abroad = `${origin}${CONSOLE}`;
  await page.getByRole('link', { name: 'Security › API › Tokens' }).click();
  await page.getByRole('heading', { name: 'Create token' }).waitFor();
  await look.at(page, 'simulated-console');
  const typed = async secret => {
    await page.getByLabel('Username').fill(LOGIN);
    await page.getByLabel('Password').fill(secret);
    await page.getByRole('button', { name: 'Create token' }).click();
  };
  await typed(`${password}?`);
  await page.getByRole('alert').filter({ hasText: 'Unable to sign in' }).waitFor();
  await look.at(page, 'simulated-console-wrong');
  await typed(password);
  const key = await page.locator('#token').innerText();
  await look.at(page, 'simulated-console-token');
  return key;
}

/** What the audit of the credential found. */
const findings = page => page.locator('.findings strong').allInnerTexts();

/** The first sync of the connection is over. */
async function read(page) {
  await page.waitForURL('**/orgs/*/connection');
  await page.locator('td').filter({ hasText: 'Finished' }).first().waitFor();
  await page.getByRole('button', { name: 'Sync now' }).waitFor();
}

/** Back to the form, by the links of the page. */
async function again(page) {
  await page.locator('.crumbs').getByRole('link', { name: 'Set-up' }).click();
  await page.getByRole('button', { name: 'Show the plan' }).waitFor();
}

async function plan(page, domain, token, login) {
  await page.locator('#f-domain').fill(domain);
  await page.getByLabel('Login of the user').fill(login);
  await page.getByLabel('One-time token').fill(token);
  await page.getByLabel('Do not revoke it at the end.').check();
  if (login === LOGIN && token.trim()) await names(page);
  await page.getByRole('button', { name: 'Show the plan' }).click();
}

async function planApp(page, domain, token) {
  await page.locator('#f-domain').fill(domain);
  await page.getByLabel('Name of the app').fill('Connected app');
  await page.locator('#f-label').fill('Production');
  await page.getByLabel('One-time token').fill(token);
  await page.getByLabel('Do not revoke it at the end.').check();
  await names(page);
  await page.getByRole('button', { name: 'Show the plan' }).click();
}

/** Names that the simulated org does not have yet. */
async function names(page) {
  if (!(await page.locator('#f-role').isVisible())) await page.locator('#names > summary').click();
  await page.locator('#f-role').fill('Connected app: read');
  await page.locator('#f-set').fill('Connected app: resources');
}

async function down(page, token, confirm) {
  await page.getByLabel('One-time token').fill(token);
  await page.getByLabel('Do not revoke it at the end.').check();
  await page.getByLabel('To confirm, type').fill(confirm);
  await page.getByRole('button', { name: 'Take down' }).click();
}

/** What a set-up could leave in the org, as text: roles, resource sets, administrators, tokens, and whatever has its names. */
async function made(origin, token) {
  const ask = async path => {
    const answer = await fetch(`${origin}${path}`, { headers: { authorization: `SSWS ${token}` } });
    return answer.json();
  };
  const [roles, sets, administrators, keys, users, apps] = await Promise.all([
    '/api/v1/iam/roles', '/api/v1/iam/resource-sets', '/api/v1/iam/assignees/users', '/api/v1/api-tokens',
    `/api/v1/users?search=${encodeURIComponent(`profile.login eq "${LOGIN}"`)}`, '/api/v1/apps?q=Connected',
  ].map(ask));
  const ids = list => list.map(each => each.id);
  return JSON.stringify([roles.roles, sets['resource-sets'], administrators.value, keys, users, apps].map(ids));
}

/** Whether the org makes every new service app a Super Administrator. */
async function superApps(origin, token, on) {
  const answer = await fetch(`${origin}/api/v1/org/settings/clientPrivilegesSetting`, {
    method: 'PUT',
    headers: { authorization: `SSWS ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ clientPrivilegesSetting: on }),
  });
  assert.equal(answer.status, 200);
}
