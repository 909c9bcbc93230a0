// Set-up by the web guide: the plan, what is in the way, apply, the password once, no difference, teardown. The one-time token
// is kept, as the simulator is shared; what was made is removed at the end.

import assert from 'node:assert/strict';

const HERE = '/settings/integrations/okta/setup';
const LOGIN = 'svc-connected@acme.example';

export async function setup(look, page, { origin, tokens }) {
  const token = tokens.super_admin;
  const clean = async () => assert.ok(!(await page.content()).includes(token), 'the one-time token is shown');
  await page.goto(`${look.origin}/settings/integrations/okta/connect`);
  await page.getByRole('link', { name: 'let Transom set it up' }).click();
  await page.getByRole('button', { name: 'Show the plan' }).waitFor();
  await page.locator('#names > summary').click();
  await look.at(page, 'setup');

  page.expects = 422;
  await plan(page, origin, ' ', LOGIN);
  await page.getByText('Enter the one-time token.').waitFor();
  await look.at(page, 'setup-wrong');
  page.expects = undefined;

  await plan(page, origin, token, 'svc-transom@acme.example');
  await verdict(page, 'In the way');
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
  await again(page);

  await plan(page, origin, token, '');
  await verdict(page, 'No difference');
  assert.ok(!(await page.content()).includes(password), 'the password is shown again');
  await look.at(page, 'setup-no-difference');
  await page.goto(`${look.origin}${HERE}/made?domain=${encodeURIComponent(origin)}`);
  await page.getByRole('button', { name: 'Take down' }).waitFor();
  await look.at(page, 'setup-made');
  page.expects = 422;
  await down(page, token, 'acme');
  await page.getByText('This is not the address of the org.').waitFor();
  await look.at(page, 'setup-made-wrong');
  page.expects = undefined;
  await down(page, token, new URL(origin).host);
  await verdict(page, 'All of it is removed.');
  await clean();
  await look.at(page, 'setup-removed');
  await page.getByRole('link', { name: 'What was made' }).click();
  await page.getByText('Nothing is recorded').waitFor();
  await look.at(page, 'setup-nothing');
  await page.goto(`${look.origin}/`);
}

const verdict = (page, says) => page.locator('.verdict').filter({ hasText: says }).waitFor();

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
  if (login === LOGIN && token.trim()) {
    if (!(await page.locator('#f-role').isVisible())) await page.locator('#names > summary').click();
    await page.locator('#f-role').fill('Connected app: read');
    await page.locator('#f-set').fill('Connected app: resources');
  }
  await page.getByRole('button', { name: 'Show the plan' }).click();
}

async function down(page, token, confirm) {
  await page.getByLabel('One-time token').fill(token);
  await page.getByLabel('Do not revoke it at the end.').check();
  await page.getByLabel('To confirm, type').fill(confirm);
  await page.getByRole('button', { name: 'Take down' }).click();
}
