// The settings, and other people: a member who is invited, asks for what they may not do, and is answered.

import assert from 'node:assert/strict';
import { OWNER, comeIn } from './story.mjs';

const GUEST = { name: 'Grace Murray', login: 'grace@acme.example', password: 'a compiler of green moths' };

/** Each page of the settings as it is. */
export async function settings(look, page, when) {
  const paths = ['members', 'members/invite', 'members/1', 'api-tokens', 'audit', 'account', 'feedback', 'about'];
  await open(look, page, '/api', `api-${when}`);
  for (const path of paths) await open(look, page, `/settings/${path}`, `${path.replace('/', '-')}-${when}`);
  if (when === 'held') {
    for (const path of ['forecast', 'rotate', 'disconnect']) await open(look, page, `/orgs/1/connection/${path}`, path);
    await page.getByLabel('To confirm, type').fill('Staging');
    page.expects = 422;
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.locator('.fault').first().waitFor();
    await look.at(page, 'disconnect-wrong');
    page.expects = undefined;
    await open(look, page, '/settings/audit?action=nothing.like.it', 'audit-nothing');
    await open(look, page, '/settings/integrations?q=nothing', 'integrations-nothing');
    page.expects = 404;
    await open(look, page, '/nowhere', 'not-found');
    page.expects = undefined;
    await help(look, page);
  }
}

/** The help of the page at hand, each page of the book, an answer about one, and what the owner sees of it. */
async function help(look, page) {
  await page.goto(`${look.origin}/orgs/1/inventory/user`);
  const menu = page.getByText('Menu', { exact: true });
  if (await menu.isVisible()) await menu.click();
  await page.locator('.main-nav:visible').getByRole('link', { name: 'Help' }).click();
  await page.getByRole('heading', { name: 'Lists' }).waitFor();
  assert.ok(page.url().endsWith('/help/finding#lists'), page.url());
  await open(look, page, '/help', 'help');
  const pages = await page.locator('.chapters a').evaluateAll(all => all.map(a => new URL(a.href).pathname));
  assert.ok(pages.length > 10);
  const whole = ['/help/verify', '/help/install', '/help/reference-sql'];
  for (const path of pages) {
    await page.goto(look.origin + path);
    await look.at(page, path.slice(1).replace('/', '-'), { quick: !whole.includes(path) });
  }
  await page.goto(`${look.origin}/help/sync`);
  await page.getByLabel('No', { exact: true }).check();
  await page.getByLabel('What was missing').fill('How do I <b>schedule</b> it?\nمرحبا 👋');
  await page.getByRole('button', { name: 'Answer' }).click();
  await page.getByText('You answered No').waitFor();
  await look.at(page, 'help-answered');
  await open(look, page, '/settings/feedback', 'feedback-some');
  await page.getByText('مرحبا').waitFor();
}

async function open(look, page, path, name) {
  await page.goto(look.origin + path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await look.at(page, name);
}

/** An API token, an invitation, a request and its grant, signing out and in again. */
export async function people(look, page) {
  await page.goto(`${look.origin}/settings/api-tokens`);
  await page.getByLabel('Name').fill('Nightly report');
  await page.locator('input[name=role][value=viewer]').check();
  await page.locator('input[name=reach][value=all]').check();
  await page.getByRole('button', { name: 'Create token' }).click();
  await page.getByText('Copy it now').waitFor();
  const secret = await page.locator('.once code').first().innerText();
  await look.at(page, 'api-tokens-made');
  await page.goto(`${look.origin}/settings/api-tokens`);
  assert.ok(!(await page.content()).includes(secret), 'a token is shown once');
  await look.at(page, 'api-tokens-some');

  await page.goto(`${look.origin}/settings/members/invite`);
  await page.getByLabel('E-mail address').fill(GUEST.login);
  await page.locator('input[name=role][value=viewer]').check();
  await page.locator('input[name=reach][value=all]').check();
  await page.getByRole('button', { name: 'Make the link' }).click();
  await page.getByText('Copy it now').waitFor();
  await look.at(page, 'invite-made');
  const link = await page.locator('.once code').first().innerText();
  await page.goto(`${look.origin}/settings/members`);
  await look.at(page, 'members-invited');

  const guest = await look.visitor({ javaScriptEnabled: page.scripted });
  guest.scripted = page.scripted;
  await guest.goto(link);
  await look.at(guest, 'invitation');
  await comeIn(guest, GUEST);
  await guest.locator('.rail').waitFor();
  await guest.goto(`${look.origin}/settings/integrations`);
  await guest.getByPlaceholder('Why (optional)').fill('I look after the staging org.');
  await look.at(guest, 'integrations-viewer');
  await guest.getByRole('button', { name: 'Request access' }).click();
  await guest.getByRole('heading', { level: 1 }).waitFor();
  guest.expects = 403;
  await open(look, guest, '/settings/members', 'not-allowed');

  await page.goto(`${look.origin}/settings/members`);
  await page.getByText('Decide', { exact: true }).click();
  await look.at(page, 'members-asked');
  await page.getByRole('button', { name: 'Grant' }).click();
  await page.getByRole('heading', { name: 'Granted' }).waitFor();
  await look.at(page, 'members-granted');
  guest.expects = undefined;
  await guest.goto(`${look.origin}/settings/integrations`);
  await guest.getByRole('link', { name: /^Connect/ }).first().waitFor();
  await guest.context().close();

  await page.getByRole('button', { name: 'Sign out', exact: true }).first().click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await look.at(page, 'sign-in');
  page.expects = 422;
  await signIn(page, 'not the password at all');
  await page.getByText('That did not work.').waitFor();
  await look.at(page, 'sign-in-wrong');
  page.expects = undefined;
  await signIn(page, OWNER.password);
  await page.locator('.rail').waitFor();
}

async function signIn(page, password) {
  await page.getByLabel('E-mail address').fill(OWNER.login);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
