// The web app in Chromium, from an empty start to a user's page: with script, without it, by keyboard. What is looked at
// on every page stands in look.mjs.
//
// `node run.mjs` tests. `node run.mjs --shots DIR` leaves pictures of every page in DIR: light and dark, 1440 and 360
// pixels wide, before and after the first sync. `cargo xtask test --ring e2e` and `cargo xtask shots` call it, with the
// built program in TRANSOM_BIN, the first line of a simulator in TRANSOM_SIM, and Chromium in TRANSOM_CHROMIUM.

import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { design } from './design.mjs';
import { house } from './house.mjs';
import { keyboard } from './keyboard.mjs';
import { Look } from './look.mjs';
import { oidc } from './oidc.mjs';
import { people, settings } from './settings.mjs';
import { setupApp, setupUser } from './setup.mjs';
import { connect, inventory, kinds, long, owner } from './story.mjs';

const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const shots = process.argv[2] === '--shots' ? process.argv[3] : undefined;
if (shots) mkdirSync(shots, { recursive: true });
const sim = JSON.parse(process.env.TRANSOM_SIM);
const browser = await chromium.launch({ executablePath: process.env.TRANSOM_CHROMIUM ?? '/usr/bin/chromium', args: ARGS });

let faults = 0;

/** A chapter: a server, a look at it, and what goes on. */
async function chapter(title, options, command, tell) {
  const begun = performance.now();
  const server = await house(...command);
  const look = new Look(browser, server.origin, { shots, ...options });
  const page = await look.visitor({ javaScriptEnabled: options.script !== false });
  page.scripted = options.script !== false;
  try {
    await tell(look, page, server);
  } catch (error) {
    look.fault(page.url(), `${error.stack}\nThe page said:\n${await page.innerText('main', { timeout: 2_000 }).catch(() => 'nothing')}`);
  }
  await page.context().close();
  await server.stop();
  faults += look.faults.size;
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  console.log(`${title}: ${look.pages} looks, ${look.faults.size} faults, ${seconds} s`);
}

await chapter('With script', {}, [], async (look, page, server) => {
  await owner(look, page, server);
  await settings(look, page, 'empty');
  await connect(look, page, sim);
  const user = await inventory(look, page);
  await keyboard(look, page, user);
  await kinds(look, page);
  await settings(look, page, 'held');
  await people(look, page);
  await long(look, page);
});
if (!shots) {
  await chapter('Without script', { prefix: 'no script: ', script: false }, [], async (look, page, server) => {
    await owner(look, page, server);
    await connect(look, page, sim);
    await inventory(look, page);
    await people(look, page);
  });
}
for (const [who, tell] of [['a user', setupUser], ['a service app', setupApp]]) {
  const title = `Set-up for ${who}`;
  const story = async (look, page, server) => {
    await owner(look, page, server);
    await tell(look, page, sim);
  };
  await chapter(title, { prefix: shots ? '' : `${title}: ` }, [], story);
  if (!shots) await chapter(`${title} without script`, { prefix: `${title}, no script: `, script: false }, [], story);
}
await chapter('Sign-in by a provider', { prefix: shots ? '' : 'provider: ' }, [], async (look, page, server) => {
  await owner(look, page, server);
  await oidc(look, page, server);
});
if (!shots) {
  await chapter('Sign-in by a provider without script', { prefix: 'provider, no script: ', script: false }, [], async (look, page, server) => {
    await owner(look, page, server);
    await oidc(look, page, server);
  });
}
await chapter('The components', {}, ['demo', '--users', '60'], design);

await browser.close();
if (faults > 0) {
  console.log(`${faults} faults`);
  process.exit(1);
}
