import { closeSync, mkdtempSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { openSqliteRegistry, RegistryDamagedError } from '../../adapters/registry/sqlite.ts';
import { epochMs } from '../../domain/time.ts';
import { damagesTo, overwrite, seededRandom } from './damage.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'hd-damage-')), 'registry.sqlite');
const openAt = (path: string, damaged: Error[] = []) =>
  openSqliteRegistry({
    path,
    clock: () => epochMs(Date.now()),
    newId: () => 'x',
    onDamaged: (error) => damaged.push(error),
  });
const bodyOf = (n: number) => JSON.stringify({ id: `o-${n}`, text: 'x'.repeat(900) });

/** A registry of some 6 MB, far more than SQLite keeps in memory. */
async function soundRegistry(): Promise<string> {
  const path = newPath();
  await openAt(path).close();
  const db = new DatabaseSync(path);
  db.exec('BEGIN');
  const insert = db.prepare('INSERT INTO outbox VALUES (?,?,?,NULL,?)');
  for (let n = 0; n < 6_000; n++) insert.run(`o-${String(n).padStart(6, '0')}`, 'env', n, bodyOf(n));
  db.exec('COMMIT');
  db.close();
  return path;
}

it('opens a damaged registry whole or not at all, and never as an empty one', async () => {
  const sound = await soundRegistry();
  let refused = 0;
  const damages = damagesTo(sound, 24, seededRandom(99));
  for (const { what, bytes } of damages) {
    const path = newPath();
    overwrite(path, bytes);
    try {
      const registry = openAt(path);
      // Let in: then every row is there, or reading says that it isn't.
      const messages = await registry.outbox.undelivered(10_000).catch((error: unknown) => error);
      if (Array.isArray(messages)) expect(messages, what).toHaveLength(6_000);
      else expect(messages, what).toSatisfy((e) => e instanceof RegistryDamagedError || e instanceof SyntaxError);
      await registry.close();
    } catch (error) {
      expect(error, what).toBeInstanceOf(RegistryDamagedError);
      expect(String(error), what).toContain('Restore the last backup');
      expect(readFileSync(path).equals(bytes), what).toBe(true);
      refused++;
    }
  }
  // Everything cut short, at the least.
  expect(refused).toBeGreaterThanOrEqual(damages.filter(({ what }) => /cut|emptied/.test(what)).length);
}, 60_000);

it('stops writing when damage shows while it runs, says so once, and still reads what it can', async () => {
  const path = await soundRegistry();
  const damaged: Error[] = [];
  const registry = openAt(path, damaged);
  const size = statSync(path).size;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(64 * 4_096, 0x5a), 0, 64 * 4_096, Math.floor(size / 2 / 4_096) * 4_096);
  closeSync(file);
  await expect(registry.outbox.undelivered(10_000)).rejects.toBeInstanceOf(RegistryDamagedError);
  await expect(registry.outbox.delivered('o-000001', epochMs(1))).rejects.toBeInstanceOf(RegistryDamagedError);
  await expect(registry.identity.isEmpty()).rejects.toBeInstanceOf(RegistryDamagedError);
  expect(damaged).toHaveLength(1);
  expect(await registry.outbox.undelivered(5)).toHaveLength(5);
  await registry.close();
});
