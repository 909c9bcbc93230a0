// Transom as somebody starts it: the built program, on an empty data directory of its own.

import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { createInterface } from 'node:readline';

const running = new Set();
process.on('exit', () => running.forEach(child => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** Starts `transom serve`, or another command that ends in a server: its address, the link that makes its owner, its end. */
export async function house(...command) {
  const env = { ...process.env, TRANSOM_DATA_DIR: mkdtempSync('house-'), TRANSOM_ALLOW_LOOPBACK: '1' };
  for (const name of ['TRANSOM_DATABASE', 'TRANSOM_PUBLIC_URL', 'TRANSOM_MASTER_KEY_FILE']) delete env[name];
  const args = [...(command.length ? command : ['serve']), '--json', '--listen', '127.0.0.1:0'];
  const child = spawn(process.env.TRANSOM_BIN, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  running.add(child);
  const ended = new Promise(resolve => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    running.delete(child);
  };
  // One line is the server's; a demo prints more before it.
  for await (const line of createInterface({ input: child.stdout })) {
    let said;
    try { said = JSON.parse(line); } catch { continue; }
    if (said?.owner_link) return { origin: said.origin, ownerLink: said.owner_link, stop };
  }
  throw new Error(`transom ${args.join(' ')} ended before it said where it is`);
}
