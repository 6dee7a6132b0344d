import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findLmdbDamage, searchLmdbFile } from '../../adapters/journal/lmdb-file.ts';
import type { AgencyId, DeviceId, QuarantineId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { openQuarantine } from '../../ingest/quarantine/quarantine.ts';
import { damagesTo, overwrite, seededRandom } from './damage.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-damage-'));
const openAt = (path: string, damaged: string[] = []) =>
  openQuarantine({
    path,
    capacityBytes: 10_000_000,
    deviceShareBytes: 10_000_000,
    lmdbFiles: { findDamage: findLmdbDamage, search: searchLmdbFile },
    onDamaged: (what) => damaged.push(what),
  });
const message = (n: number) => ({
  id: `m-${String(n).padStart(4, '0')}` as QuarantineId,
  deviceId: `d-${n % 5}` as DeviceId,
  agencyId: 'env' as AgencyId,
  transport: 'mqtt' as const,
  topic: `hd/v1/d-${n % 5}/telemetry`,
  bytes: new Uint8Array([60, 900, 7_000][n % 3]!).fill(n),
  arrivalTime: epochMs(1_000 + n),
  problems: [{ index: 0, quantity: null, code: 'MALFORMED' as const, detail: 'x' }],
});
const MESSAGES = 120;
async function soundFolder(): Promise<string> {
  const path = newFolder();
  const quarantine = openAt(path);
  for (let n = 0; n < MESSAGES; n += 10) await quarantine.hold(Array.from({ length: 10 }, (_, k) => message(n + k)));
  await quarantine.close();
  return path;
}

it('serves what is whole of a damaged quarantine, says what is not, and goes on', async () => {
  const sound = await soundFolder();
  for (const { what, bytes } of damagesTo(join(sound, 'quarantine.mdb'), 40, seededRandom(7))) {
    const path = newFolder();
    cpSync(sound, path, { recursive: true });
    overwrite(join(path, 'quarantine.mdb'), bytes);
    const damaged: string[] = [];
    const quarantine = openAt(path, damaged);
    const held = await quarantine.list({ agencies: 'all' }, 1_000);
    for (const { state, ...rest } of held) {
      const n = Number(rest.id.slice(2));
      expect({ ...rest, bytes: new Uint8Array(rest.bytes) }, what).toEqual(message(n));
      expect(state, what).toBe('held');
    }
    if (held.length < MESSAGES) expect(damaged.length, what).toBeGreaterThan(0);
    for (const file of damaged.filter((name) => name.includes('/'))) expect(existsSync(file), what).toBe(true);
    await quarantine.hold([message(9_000)]);
    expect((await quarantine.get('m-9000' as QuarantineId))?.topic, what).toBe('hd/v1/d-0/telemetry');
    await quarantine.close();
  }
}, 60_000);

it('sets a message aside whose bytes are not what came, and counts it', async () => {
  const path = await soundFolder();
  const file = join(path, 'quarantine.mdb');
  const bytes = readFileSync(file);
  bytes[bytes.indexOf(Buffer.alloc(500, 43)) + 100]! ^= 4;
  overwrite(file, bytes);
  const damaged: string[] = [];
  const quarantine = openAt(path, damaged);
  expect(damaged).toEqual(['quarantine m-0043']);
  expect(quarantine.status()).toMatchObject({ messages: MESSAGES - 1, damagedMessages: 1 });
  expect(await quarantine.get('m-0043' as QuarantineId)).toBeUndefined();
  await quarantine.close();
});
