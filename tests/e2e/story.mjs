// The main job: an owner, a connection, a sync, and the way to a user. Nothing here needs script in the browser.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';

export const OWNER = { name: 'Ada Byron', login: 'ada@acme.example', password: 'seven calm herons wade' };

const heading = page => page.getByRole('heading', { level: 1 });

/** A link of the rail. */
export const rail = (page, name) => page.locator('.rail').getByRole('link', { name, exact: true });

/** Fills the form of who comes in by a link. */
export async function comeIn(page, { name, login, password }) {
  await page.getByLabel('Name', { exact: true }).fill(name);
  const address = page.getByLabel('E-mail address');
  if (await address.isVisible()) await address.fill(login);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password again').fill(password);
  await page.locator('.door button.primary').click();
}

/** From the printed link to an account. */
export async function owner(look, page, server) {
  await page.goto(server.ownerLink);
  await heading(page).waitFor();
  await look.at(page, 'owner');
  page.expects = 422;
  await comeIn(page, { ...OWNER, password: 'too short' });
  await page.getByText('Use at least 15 characters').waitFor();
  await look.at(page, 'owner-wrong');
  page.expects = undefined;
  await comeIn(page, OWNER);
  await rail(page, 'Settings').waitFor();
  // A link works once.
  page.expects = 404;
  const again = await page.goto(server.ownerLink);
  assert.ok(again.status() >= 400, `the owner link works again: ${again.status()}`);
  page.expects = again.status();
  await look.at(page, 'owner-link-used');
  page.expects = undefined;
  await page.goto(look.origin);
}

/** Settings › Integrations › Okta, each way it can fail, and the way it goes well. */
export async function connect(look, page, { origin, tokens }) {
  await rail(page, 'Settings').click();
  await heading(page).filter({ hasText: 'Integrations' }).waitFor();
  await look.at(page, 'integrations-empty');
  await page.getByRole('link', { name: 'Connect', exact: true }).click();
  await heading(page).filter({ hasText: 'Connect Okta' }).waitFor();
  await page.getByRole('heading', { name: 'Create a custom role' }).waitFor();
  await page.getByText('Why each permission').click();
  await look.at(page, 'connect');
  if (page.scripted) {
    await domains(look, page);
  }
  for (const [name, domain, key, says] of [
    ['wrong-domain', 'not a domain', tokens.read_only, 'This is not an Okta domain.'],
    ['no-answer', '127.0.0.1:1', tokens.read_only, 'Okta can\'t be reached.'],
    ['no-token', origin, 'SSWS 00abc', 'The API token starts with'],
    ['revoked', origin, tokens.revoked, 'Token rejected.'],
    ['no-role', origin, tokens.no_role, 'The token shows nothing.'],
  ]) {
    await verify(page, domain, key, '');
    await page.getByRole('alert').filter({ hasText: says }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Save and sync' }).count(), 0, `${name} can be saved`);
    assert.ok(!(await page.content()).includes(key), `${name}: the key is shown`);
    await look.at(page, `connect-${name}`);
  }
  await app(look, page, origin);
  await verify(page, origin, tokens.read_only, '');
  await page.locator('.verdict').filter({ hasText: 'Connected, limited' }).waitFor();
  await page.locator('#gaps > summary').click();
  await look.at(page, 'connect-limited');
  await verify(page, origin, tokens.read_only_custom, 'Production');
  await page.locator('.verdict').filter({ hasText: 'Everything that the set-up is for can be read.' }).waitFor();
  assert.equal(await page.getByText('Seen done').count(), 5, 'each step of the guide ticks itself');
  await page.locator('#fine > summary').click();
  await look.at(page, 'connect-whole');
  await page.getByRole('button', { name: 'Save and sync' }).click();
  await page.waitForURL('**/orgs/1/connection');
  await page.locator('td').filter({ hasText: 'Finished' }).first().waitFor();
  await page.getByRole('button', { name: 'Sync now' }).waitFor();
  await look.at(page, 'connection');
  await parts(look, page);
  await less(look, page, tokens);
  await rail(page, 'Settings').click();
  await page.getByRole('link', { name: 'Production' }).last().waitFor();
  await look.at(page, 'integrations');
  await page.goto(`${look.origin}/`);
}

/** What a domain stands for is told as one types, as is what is wrong with it, in the words of the form's answer. */
async function domains(look, page) {
  const field = page.getByLabel('Okta domain');
  const says = page.locator('#f-domain-origin');
  for (const typed of ['https://acme-admin.okta.com/admin/dashboard', '  ACME.okta.com ', 'acme']) {
    await field.fill('');
    assert.equal(await says.textContent(), '', 'of an empty field nothing is told');
    await field.fill(typed);
    await says.filter({ hasText: 'Transom will connect to https://acme.okta.com' }).waitFor();
  }
  await says.filter({ hasText: 'read as acme.okta.com' }).waitFor();
  // What was typed before the last is never answered for.
  await field.fill('');
  await field.pressSequentially('other.okta.com', { delay: 20 });
  await says.filter({ hasText: 'https://other.okta.com' }).waitFor();
  await field.fill('login.acme.example');
  await says.filter({ hasText: 'which Okta org it belongs to' }).waitFor();
  await field.fill('not a domain');
  await says.filter({ hasText: 'This is not an Okta domain.' }).waitFor();
  const told = await field.evaluate(input => input.getAttribute('aria-describedby').split(' ').includes('f-domain-origin'));
  assert.ok(told, 'the answer belongs to the field');
  await look.at(page, 'connect-domain');
}

/** The same form for a service app: what is not chosen is out of sight, and nothing that is secret is shown again. */
async function app(look, page, origin) {
  await page.getByLabel('OAuth service app').check();
  await page.getByLabel('Client ID').waitFor();
  assert.ok(!await page.getByLabel('API key').isVisible(), 'the API key is asked for as well');
  await page.getByRole('heading', { name: 'Create a service app with a key' }).waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Create an API token' }).count(), 0, 'both ways are shown');
  await look.at(page, 'connect-app');
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const send = async (client, secret) => {
    await page.getByLabel('Okta domain').fill(origin);
    await page.getByLabel('Client ID').fill(client);
    await page.getByLabel('Private key').fill(secret);
    await page.locator('#verify-actions button').first().click();
  };
  page.expects = 422;
  await send('0oanobody', '');
  await page.locator('.fault').filter({ hasText: 'Enter the private key' }).waitFor();
  await look.at(page, 'connect-app-no-key');
  page.expects = undefined;
  await send('0oanobody', key);
  await page.getByRole('alert').filter({ hasText: 'Service app rejected.' }).waitFor();
  assert.equal(await page.getByLabel('Client ID').inputValue(), '0oanobody');
  assert.ok(!(await page.content()).includes(key.split('\n')[1]), 'the key is shown');
  await look.at(page, 'connect-app-rejected');
  await page.getByLabel('API token').check();
}

/** What can be done is in sight at once; what is fine is folded, and its state is not. */
async function parts(look, page) {
  for (const one of [page.getByRole('button', { name: 'Sync now' }), page.getByRole('link', { name: 'Rotate token' })]) {
    const { y } = await one.boundingBox();
    assert.ok(y < 400, `one has to scroll for it: ${y}`);
  }
  const area = page.locator('#area-groups');
  assert.equal(await area.getAttribute('open'), null, 'nothing is wrong with groups');
  assert.equal(await area.locator('summary .state').innerText(), 'Complete');
  assert.ok(!await area.getByRole('rowheader', { name: 'Groups', exact: true }).isVisible());
  await area.locator('summary').first().click();
  await area.getByRole('rowheader', { name: 'Groups', exact: true }).waitFor();
  await look.at(page, 'connection-area');
  await page.getByRole('link', { name: 'Change this connection' }).click();
  await page.getByRole('link', { name: 'Disconnect' }).waitFor();
}

/** A token in place of the one that reads more: what would be lost, the box that it takes, and the way back. */
async function less(look, page, tokens) {
  const inForce = () => page.getByText('The new credential is in force.').waitFor();
  await rotate(page, tokens.read_only);
  await page.getByRole('alert').filter({ hasText: 'The new credential reads less than the old one.' }).waitFor();
  await page.locator('.gaps').getByText('Admin roles', { exact: true }).waitFor();
  await look.at(page, 'rotate-less');
  // It is not taken without the box: the browser asks for it.
  await page.getByRole('button', { name: 'Rotate to less' }).click();
  assert.ok(!await page.getByLabel('Take the new credential').isChecked());
  await page.getByLabel('Take the new credential').check();
  await page.getByRole('button', { name: 'Rotate to less' }).click();
  await inForce();
  await page.locator('.verdict').filter({ hasText: 'Connected, limited' }).waitFor();
  await page.getByRole('button', { name: 'Sync now' }).waitFor();
  await page.locator('.rail .fresh').filter({ hasText: 'Connected, limited' }).waitFor();
  await look.at(page, 'rotated-less');
  await rotate(page, tokens.read_only_custom);
  await inForce();
}

async function rotate(page, token) {
  await page.getByRole('link', { name: 'Rotate token' }).click();
  await page.getByRole('heading', { name: 'Rotate the credential' }).waitFor();
  await page.getByLabel('API key').fill(token);
  await page.getByLabel('Revoke the old token').uncheck();
  await page.getByRole('button', { name: 'Verify and rotate' }).click();
}

async function verify(page, domain, key, label) {
  await page.getByLabel('Okta domain').fill(domain);
  await page.getByLabel('API key').fill(key);
  await page.getByLabel('Label optional').fill(label);
  const before = page.url();
  await page.locator('#verify-actions button').first().click();
  await page.waitForURL(url => url.href !== before);
}

/** Overview, list, facet, a user and what leads on from there, search. The answer is the user's address. */
export async function inventory(look, page) {
  await rail(page, 'Overview').click();
  await page.locator('.figures').waitFor();
  await look.at(page, 'overview');
  await page.locator('.pictures summary').first().click();
  await rail(page, 'Inventory').click();
  await page.locator('table.kinds').first().waitFor();
  await look.at(page, 'inventory');
  await page.locator('table.kinds').getByRole('link', { name: 'Users', exact: true }).click();
  await page.locator('tbody tr').first().waitFor();
  await look.at(page, 'users');

  const facet = page.locator('.facets > details').filter({ has: page.getByText('Status', { exact: true }) }).first();
  await facet.locator('summary').click();
  await look.at(page, 'users-facet');
  await facet.locator('label.check').first().click();
  await facet.getByRole('button', { name: 'Apply' }).click();
  await page.locator('.chosen').waitFor();
  assert.match(await page.locator('.head .says').innerText(), /^[\d,]+ of [\d,]+ fit\.$/);
  const statuses = new Set(await page.locator('tbody tr td .state').allInnerTexts());
  assert.equal(statuses.size, 1, `one status was chosen: ${[...statuses]}`);
  await look.at(page, 'users-chosen');

  // What was chosen is kept under a name: a link above the list.
  await page.locator('summary', { hasText: 'Save view' }).click();
  await page.locator('#f-view').fill('Chosen');
  await look.at(page, 'users-view-form');
  await page.locator('details[open] button', { hasText: 'Save view' }).click();
  const views = page.getByRole('navigation', { name: 'Views' });
  await views.getByRole('link', { name: 'Chosen' }).waitFor();
  assert.equal(await views.locator('[aria-current=page]').innerText(), 'Chosen');
  await look.at(page, 'users-view');

  await page.locator('tbody th a').first().click();
  await page.locator('.ident').waitFor();
  const user = page.url();
  const [name, id] = [await heading(page).innerText(), await page.locator('.ident code').innerText()];
  assert.match(id, /^00u/);
  await look.at(page, 'user');
  const tabs = page.locator('nav.tabs a');
  for (let n = 1; n < (await tabs.count()); n += 1) {
    const tab = (await tabs.nth(n).innerText()).replace(/[^a-z]+/gi, '-').toLowerCase();
    await tabs.nth(n).click();
    await page.locator('nav.tabs a[aria-current=page]').waitFor();
    await look.at(page, `user-${tab}`, { quick: n > 3 && !tab.startsWith('raw') });
  }
  await page.goto(user);
  await page.locator('table.sides th a').first().click();
  await page.locator('tbody th a').first().click();
  await page.locator('.ident').waitFor();
  await look.at(page, 'related');

  // An id that one object has leads to it; a name to all that begin so.
  const search = page.locator('.rail input[name=q]');
  await search.fill(id);
  await search.press('Enter');
  await page.waitForURL(user);
  await search.fill(name.split(' ')[0]);
  await search.press('Enter');
  await page.waitForURL('**/search?q=*');
  await page.getByRole('link', { name }).first().waitFor();
  await look.at(page, 'search');
  await page.getByRole('link', { name }).first().click();
  await page.locator('.ident').waitFor();
  await page.goto(`${look.origin}/orgs/1/search?q=nobodyiscalledthis`);
  await page.getByText('Nothing that is held begins so.').waitFor();
  await look.at(page, 'search-nothing');
  await page.goto(user);
  return user;
}

/** Each kind's list, and the first object of it. */
export async function kinds(look, page) {
  await page.goto(`${look.origin}/orgs/1/inventory`);
  const links = await page.locator('table.kinds th a').evaluateAll(all => all.map(a => [a.href, a.textContent]));
  assert.ok(links.length > 30, `${links.length} kinds`);
  for (const [href, title] of links) {
    const name = title.toLowerCase().replace(/[^a-z]+/g, '-');
    const whole = ['groups', 'apps', 'policies', 'api-tokens'].includes(name);
    await page.goto(href);
    await look.at(page, `list-${name}`, { quick: !whole });
    const first = page.locator('tbody th a').first();
    if (await first.count() === 0) continue;
    await first.click();
    await page.locator('.ident').waitFor();
    await look.at(page, `one-${name}`, { quick: !whole });
  }
}

/** A name that is long, runs from right to left, and holds pictures. */
export async function long(look, page) {
  const label = '🦊 مؤسسة الأمثلة Donaudampfschifffahrtselektrizitätenhauptbetriebswerk';
  await page.goto(`${look.origin}/orgs/1/connection`);
  await page.getByLabel('Label', { exact: true }).fill(label);
  await page.getByRole('button', { name: 'Rename' }).click();
  await heading(page).filter({ hasText: 'مؤسسة' }).waitFor();
  await look.at(page, 'long-connection');
  await page.goto(`${look.origin}/orgs/1`);
  await look.at(page, 'long-overview');
  await page.goto(`${look.origin}/settings/integrations`);
  await look.at(page, 'long-integrations');
}
