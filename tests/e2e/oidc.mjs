// Sign-in by OpenID Connect, against npm's oidc-provider: an owner sets it up, tests it, links their account, signs out and
// in with it; a member comes of a group, a stranger does not; passwords go off.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Provider } from 'oidc-provider';
import { OWNER } from './story.mjs';

const CLIENT = { id: 'transom', secret: 'a-client-secret-of-the-browser-tests' };
/** Who there is at the provider, by subject. */
const PEOPLE = {
  '00u-ada': { name: OWNER.name, email: OWNER.login, groups: ['Everyone'] },
  '00u-grace': { name: 'Grace Murray', email: 'grace@acme.example', groups: ['Everyone', 'Transom Readers'] },
  // The owner's address, and somebody else.
  '00u-eve': { name: 'Eve', email: OWNER.login, groups: ['Transom Readers'] },
  '00u-mallory': { name: 'Mallory', email: 'mallory@acme.example', groups: ['Everyone'] },
};

/** A provider that knows Transom at `origin`. */
async function provider(origin) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const scopes = 'openid profile email groups';
  const settings = {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${origin}/sign-in/oidc/callback`] }],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    pkce: { required: () => true },
    findAccount: (_, id) => PEOPLE[id] && {
      accountId: id,
      claims: () => ({ sub: id, email_verified: true, ...PEOPLE[id] }),
    },
    // Nobody is asked whether Transom may know them.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope(scopes);
      await grant.save();
      return grant;
    },
  };
  const { log, warn } = console;
  // It says that it is for development: so it is.
  Object.assign(console, { log() {}, warn() {}, info() {} });
  const made = new Provider(issuer, settings);
  Object.assign(console, { log, warn });
  server.on('request', made.callback());
  return { issuer, stop: () => { server.closeAllConnections(); server.close(); } };
}

/** Signs in at the provider, where it asks. */
async function at(page, who) {
  await page.locator('input[name=login]').fill(`00u-${who}`);
  await page.locator('input[name=password]').fill('whatever it is');
  await page.locator('button[type=submit]').click();
}

async function visitor(look, page, issuer) {
  const other = await look.visitor({ javaScriptEnabled: page.scripted });
  Object.assign(other, { scripted: page.scripted, abroad: issuer });
  await other.goto(`${look.origin}/sign-in`);
  return other;
}

const signIn = page => page.getByRole('button', { name: 'Sign in with Acme Okta' }).click();

export async function oidc(look, page, server) {
  const { issuer, stop } = await provider(server.origin);
  page.abroad = issuer;
  try {
    await setUp(look, page, issuer);
    await linked(look, page);
    await others(look, page, issuer);
    await required(look, page, issuer);
  } finally {
    stop();
  }
}

async function setUp(look, page, issuer) {
  const save = () => page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.goto(`${look.origin}/settings/sign-in`);
  await look.at(page, 'provider-none');
  const register = await page.locator('.guide code').first().innerText();
  assert.equal(register, `${look.origin}/sign-in/oidc/callback`);
  await page.getByLabel('Issuer').fill('http://acme.okta.com');
  await page.getByLabel('Client ID').fill(CLIENT.id);
  await page.getByLabel('Client secret').fill(CLIENT.secret);
  await page.getByLabel('Label').fill('Acme Okta');
  page.expects = 422;
  await save();
  await page.getByText('Expected an address such as https://acme.okta.com').waitFor();
  await look.at(page, 'provider-wrong');
  page.expects = undefined;
  await page.getByLabel('Issuer').fill(issuer);
  await page.getByLabel('Client secret').fill(CLIENT.secret);
  await save();
  await page.getByText('The provider is saved.').waitFor();
  assert.ok(!(await page.content()).includes(CLIENT.secret), 'the secret is never shown again');
  await page.getByLabel('Group', { exact: true }).fill('Transom Readers');
  await page.locator('input[name=role][value=viewer]').check();
  await page.locator('input[name=reach][value=all]').check();
  await page.getByRole('button', { name: 'Give the role' }).click();
  await page.getByRole('button', { name: 'Take back what Transom Readers is given' }).waitFor();
  await look.at(page, 'provider-set');

  // On the page that leads on one stays, where the provider can't be reached.
  await page.route(`${issuer}/**`, route => route.abort('aborted'));
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  const on = page.getByRole('link', { name: 'Go on to Acme Okta' });
  await on.waitFor();
  await look.at(page, 'leaving');
  await page.unroute(`${issuer}/**`);
  await on.click();
  await at(page, 'ada');
  await page.getByRole('heading', { name: 'The test went well' }).waitFor();
  await page.getByText('no account here').waitFor();
  assert.ok(!new URL(page.url()).pathname.endsWith('sign-in'), page.url());
  await look.at(page, 'provider-tested');
}

async function linked(look, page) {
  await page.goto(`${look.origin}/settings/account`);
  await look.at(page, 'account-unlinked');
  await page.locator('#f-link_password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Link to Acme Okta' }).click();
  await page.getByText('Your account is linked.').waitFor();
  await page.getByText('00u-ada').waitFor();
  await look.at(page, 'account-linked');
  await page.goto(`${look.origin}/settings/members/1`);
  await look.at(page, 'member-linked');
  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
  await page.goto(`${look.origin}/sign-in?next=/settings/audit`);
  await look.at(page, 'sign-in-provider');
  await signIn(page);
  await page.getByRole('heading', { name: 'Audit log' }).waitFor();
  await page.getByText('oidc:ada@acme.example').first().waitFor();
}

async function others(look, page, issuer) {
  const grace = await visitor(look, page, issuer);
  await signIn(grace);
  await at(grace, 'grace');
  await grace.locator('.rail').getByText('Viewer').waitFor();
  await grace.goto(`${look.origin}/settings/account`);
  await look.at(grace, 'account-of-group');
  await grace.context().close();
  for (const [who, says] of [['mallory', 'You are not a member here.'], ['eve', 'There is another account with your e-mail address.']]) {
    const stranger = await visitor(look, page, issuer);
    stranger.expects = 403;
    await signIn(stranger);
    await at(stranger, who);
    await stranger.getByRole('heading', { name: says }).waitFor();
    await look.at(stranger, `refused-${who}`);
    await stranger.context().close();
  }
  await page.goto(`${look.origin}/settings/members/2`);
  await look.at(page, 'member-of-group');
}

async function required(look, page, issuer) {
  await page.goto(`${look.origin}/settings/sign-in`);
  await page.getByLabel('Require it').check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Passwords are off.').waitFor();
  await look.at(page, 'provider-required');
  const other = await visitor(look, page, issuer);
  assert.equal(await other.getByLabel('Password').count(), 0, 'no password is asked for');
  await look.at(other, 'sign-in-required');
  await other.context().close();
}
