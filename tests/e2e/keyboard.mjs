// Nothing but keys: `/` to the search, Tab to everything, each stop in sight, Enter to open.

import assert from 'node:assert/strict';

/** Stops on a page at most. */
const MOST = 250;

/** Presses Tab until the focus is on what fits; every stop on the way shows where it is. */
async function tabTo(look, page, selector) {
  for (let n = 0; n < MOST; n += 1) {
    const stop = await tab(look, page, selector);
    if (stop?.found) return;
  }
  assert.fail(`Tab does not come to ${selector} in ${MOST} steps`);
}

/** One stop further; nothing where the page ends. */
async function tab(look, page, selector = '*') {
  await page.keyboard.press('Tab');
  const stop = await page.evaluate(wanted => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    const style = getComputedStyle(at);
    const box = at.getBoundingClientRect();
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return { what: at.outerHTML.slice(0, 90), ring, inside, found: at.matches(wanted) };
  }, selector);
  if (stop && !stop.ring) look.fault(page.url(), `no focus ring: ${stop.what}`);
  if (stop && !stop.inside) look.fault(page.url(), `focus out of sight: ${stop.what}`);
  return stop;
}

/** From a user's page: search, a result, the list, an object, a menu. */
export async function keyboard(look, page, user) {
  await page.goto(user);
  const name = await page.getByRole('heading', { level: 1 }).innerText();
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'q', '`/` goes to the search');
  await page.keyboard.type(name.split(' ')[0]);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/search?q=*');
  await tabTo(look, page, 'main tbody th a');
  await page.keyboard.press('Enter');
  await page.locator('.ident').waitFor();

  await page.goto(`${look.origin}/orgs/1/inventory/user`);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className), 'skip', 'the first stop skips the rail');
  await page.keyboard.press('Enter');
  await tabTo(look, page, 'main .facets summary');
  await page.keyboard.press('Enter');
  await tabTo(look, page, 'main .facets input[type=checkbox]');
  await page.keyboard.press('Space');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.facets details[open]').count(), 0, 'Escape closes');
  await tabTo(look, page, 'main tbody th a');
  await page.keyboard.press('Enter');
  await page.locator('.ident').waitFor();

  // Once the whole way round, on the pages with most to come to.
  for (const path of ['/settings/integrations', '/settings/integrations/okta/connect', '/orgs/1/connection']) {
    await page.goto(look.origin + path);
    let stops = 0;
    while (await tab(look, page)) assert.ok((stops += 1) < MOST, `${path}: Tab goes round and round`);
    assert.ok(stops > 12, `${path}: ${stops} stops`);
  }
}
