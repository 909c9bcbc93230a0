// What is looked at on every page, whoever visits it: nothing comes from elsewhere, the console is silent, nothing is
// wider than a phone, and axe finds nothing against WCAG 2.2 AA, light or dark.

import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 360, height: 780 };
const LOOKS = [['light', WIDE], ['dark', WIDE], ['light', NARROW], ['dark', NARROW]];

export class Look {
  /** What was found, each once. */
  faults = new Set();
  pages = 0;

  /** `shots`: the folder in which pictures are left. */
  constructor(browser, origin, { shots, prefix = '' } = {}) {
    Object.assign(this, { browser, origin, shots, prefix });
  }

  fault(where, what) {
    const said = `${this.prefix}${where}: ${what}`;
    if (!this.faults.has(said)) console.log(`- ${said}`);
    this.faults.add(said);
  }

  /** A page of a new visitor, watched. */
  async visitor(options = {}) {
    const context = await this.browser.newContext({ viewport: WIDE, reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    page.on('request', request => {
      const url = new URL(request.url());
      // What a provider's own pages ask for, and the way there, is not ours.
      if (page.abroad && [request.url(), request.frame().url()].some(u => u.startsWith(page.abroad))) return;
      if (url.protocol.startsWith('http') && url.origin !== this.origin) this.fault(page.url(), `asks for ${url}`);
    });
    page.on('console', said => {
      // That the page itself is told with a status of its own is no error of the page.
      if (page.abroad && (page.url().startsWith(page.abroad) || said.location().url.startsWith(page.abroad))) return;
      const own = page.expects && said.text().includes(`status of ${page.expects}`);
      if (said.type() === 'error' && !own) this.fault(page.url(), `console: ${said.text()}`);
    });
    page.on('pageerror', error => this.fault(page.url(), `script: ${error.message}`));
    return page;
  }

  /** Looks at the page as it is now. `quick`: without axe, for pages that are made like others. */
  async at(page, name, { quick = false } = {}) {
    this.pages += 1;
    const scripted = page.scripted !== false;
    for (const [theme, size] of LOOKS) {
      if (quick && theme === 'dark' && !this.shots) continue;
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: theme });
      if (size === NARROW) await this.#fits(page, name);
      if (this.shots) {
        await page.evaluate(() => scrollTo(0, 0));
        const file = `${this.prefix}${name}-${theme}-${size.width}.png`;
        await page.screenshot({ path: join(this.shots, file), fullPage: true });
      } else if (!quick && scripted && !(theme === 'dark' && size === NARROW)) {
        await this.#axe(page, `${name}, ${theme}, ${size.width} px`);
      }
    }
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: 'light' });
  }

  async #fits(page, name) {
    const wide = await page.evaluate(() => {
      const root = document.documentElement;
      if (root.scrollWidth <= root.clientWidth) return null;
      const beyond = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > root.clientWidth + 1);
      return `${root.scrollWidth} px wide: ${beyond.slice(0, 4).map(e => `${e.tagName.toLowerCase()}.${e.className}`).join(', ')}`;
    });
    if (wide) this.fault(name, wide);
    const scroll = await page.locator('.stacks').evaluateAll(all =>
      all.filter(table => table.scrollWidth > table.clientWidth + 1).map(table => table.getAttribute('aria-label')));
    if (scroll.length) this.fault(name, `a table that stacks scrolls sideways: ${scroll.join(', ')}`);
  }

  async #axe(page, where) {
    // There are no frames, so axe need not open a page of its own to put frames together.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(WCAG).analyze();
    for (const { id, help, nodes } of violations) {
      for (const node of nodes.slice(0, 3)) {
        const why = [...node.any, ...node.all].map(check => check.message).join('; ');
        this.fault(where, `axe ${id} (${help}), ${nodes.length}×: ${node.target.join(' ')}: ${why}`);
      }
    }
  }
}
