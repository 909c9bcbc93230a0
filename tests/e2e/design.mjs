// The page of the components, which a demo serves.

import { owner } from './story.mjs';

export async function design(look, page, server) {
  await owner(look, page, server);
  await page.goto(`${look.origin}/design`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await look.at(page, 'design');
}
