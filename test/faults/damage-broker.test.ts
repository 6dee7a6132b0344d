import { cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { expect, it } from 'vitest';
import { openLevel } from '../../ingest/gateway/open-level.ts';
import { damagesTo, overwrite, seededRandom } from './damage.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-damage-'));
const ENTRIES = 800;

/** As a broker leaves it that was started twice: a table, a log, a manifest. */
async function soundFolder(): Promise<string> {
  const path = join(newFolder(), 'sessions');
  for (const value of ['first', 'second']) {
    const level = new ClassicLevel(path);
    await level.batch(
      Array.from({ length: ENTRIES }, (_, n) => ({
        type: 'put',
        key: `k-${n}`,
        value: `${value}-${n}-${'x'.repeat(60)}`,
      })),
    );
    await level.close();
  }
  return path;
}

it('opens the broker’s store however it is damaged, with a copy of it aside and what could be repaired', async () => {
  const sound = await soundFolder();
  const random = seededRandom(5);
  let told = 0;
  let saved = 0;
  for (const name of readdirSync(sound).filter((file) => /^(CURRENT|MANIFEST)|\.(ldb|log)$/.test(file))) {
    for (const { what, bytes } of damagesTo(join(sound, name), 4, random)) {
      const path = join(newFolder(), 'sessions');
      cpSync(sound, path, { recursive: true });
      overwrite(join(path, name), bytes);
      const aside: string[] = [];
      const level = await openLevel(path, (movedTo) => aside.push(movedTo));
      for (const folder of aside) expect(existsSync(join(folder, name)), `${name}, ${what}`).toBe(true);
      for await (const [key, value] of level.iterator()) {
        expect(value, `${name}, ${what}`).toMatch(new RegExp(`^(first|second)-${key.slice(2)}-x{60}$`));
        saved++;
      }
      await level.put('new', 'one');
      expect(await level.get('new'), `${name}, ${what}`).toBe('one');
      await level.close();
      told += aside.length;
    }
  }
  expect(told).toBeGreaterThan(5);
  expect(saved).toBeGreaterThan(ENTRIES);
}, 60_000);

it('does not take a store for damaged that another process has', async () => {
  const path = await soundFolder();
  const first = await openLevel(path, () => expect.unreachable());
  await expect(openLevel(path, () => expect.unreachable())).rejects.toMatchObject({ cause: { code: 'LEVEL_LOCKED' } });
  await first.close();
});
