import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgencyId, DeviceId, DeviceModelId, QuarantineId } from '../../domain/identifiers.ts';
import type { QuarantineCode } from '../../domain/ports/quarantine.ts';
import { epochMs } from '../../domain/time.ts';
import { openQuarantine, type QuarantineOptions } from './quarantine.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-quarantine-'));
const openAt = (path: string, more: Partial<QuarantineOptions> = {}) =>
  openQuarantine({
    path,
    capacityBytes: 1_000_000,
    deviceShareBytes: 100_000,
    lmdbFiles: { findDamage: () => null, search: () => [] },
    ...more,
  });
const message = (id: string, device = 'd-1', size = 10, code: QuarantineCode = 'MALFORMED') => ({
  id: id as QuarantineId,
  deviceId: device as DeviceId,
  agencyId: 'env' as AgencyId,
  transport: 'mqtt' as const,
  topic: `hd/v1/${device}/telemetry`,
  bytes: new Uint8Array(size).fill(7),
  arrivalTime: epochMs(1000),
  problems: [{ index: 0, quantity: null, code, detail: 'x' }],
});

describe('the quarantine', () => {
  it('keeps bytes, reason and device over a restart, newest first', async () => {
    const path = newFolder();
    const first = openAt(path);
    await first.hold([message('a'), message('b')]);
    await first.close();
    const second = openAt(path);
    const listed = await second.list({ agencies: 'all' }, 10);
    expect(listed.map((m) => m.id)).toEqual(['b', 'a']);
    expect(listed[0]).toMatchObject({ deviceId: 'd-1', state: 'held', problems: [{ code: 'MALFORMED' }] });
    expect([...(listed[0]?.bytes ?? [])]).toEqual(Array(10).fill(7));
    expect((await second.list({ agencies: 'all' }, 10, 'b' as QuarantineId)).map((m) => m.id)).toEqual(['a']);
    await second.close();
  });

  it('shows agencies their own messages only', async () => {
    const q = openAt(newFolder());
    await q.hold([message('a')]);
    expect(await q.list({ agencies: ['power' as AgencyId] }, 10)).toEqual([]);
    expect(await q.counts(['env' as AgencyId])).toEqual([{ deviceId: 'd-1', code: 'MALFORMED', messages: 1 }]);
    await q.close();
  });

  it('gives and counts what is held of the devices of a model, each message once', async () => {
    const modelOf = (device: DeviceId) => (device === 'd-3' ? 'other' : 'air') as DeviceModelId;
    const q = openAt(newFolder(), { modelOf });
    const twice = message('b', 'd-2');
    await q.hold([message('a'), { ...twice, problems: [...twice.problems, ...twice.problems] }, message('c', 'd-3')]);
    const filter = { agencies: 'all', modelId: 'air' as DeviceModelId, state: 'held' } as const;
    expect((await q.list(filter, 10)).map(({ id }) => id)).toEqual(['b', 'a']);
    expect(await q.count(filter)).toBe(2);
    await q.mark('a' as QuarantineId, 'replayed');
    expect(await q.count(filter)).toBe(1);
    await q.close();
  });

  it('evicts a device beyond its share from its own oldest, counts it, and leaves others alone', async () => {
    const path = newFolder();
    const q = openAt(path, { deviceShareBytes: 5_000 });
    await q.hold([message('a', 'quiet', 1000)]);
    for (const id of ['b', 'c', 'd', 'e']) await q.hold([message(id, 'noisy', 1000)]);
    expect((await q.list({ agencies: 'all' }, 10)).map((m) => m.id)).toEqual(['e', 'd', 'c', 'a']);
    expect(q.status()).toMatchObject({ evictedMessages: 1, messages: 4 });
    await q.close();
    const again = openAt(path);
    expect(again.status().evictedMessages).toBe(1);
    await again.close();
  });

  it('never evicts the very message it was given, however small the share', async () => {
    const q = openAt(newFolder(), { deviceShareBytes: 100 });
    await q.hold([message('a', 'd-1', 5_000), message('b', 'd-1', 5_000)]);
    expect((await q.list({ agencies: 'all' }, 10)).map((m) => m.id)).toEqual(['b']);
    await q.close();
  });

  it('pages through everything once, newest first, in whatever order it came', async () => {
    const q = openAt(newFolder());
    const ids = Array.from({ length: 30 }, (_, i) => `m${String((i * 7) % 30).padStart(2, '0')}`);
    for (const id of ids) await q.hold([message(id)]);
    const seen: string[] = [];
    for (let after: QuarantineId | undefined; ; after = seen.at(-1) as QuarantineId) {
      const page = await q.list({ agencies: 'all' }, 7, after);
      if (page.length === 0) break;
      seen.push(...page.map((m) => m.id));
    }
    expect(seen).toEqual(ids.toSorted().reverse());
    await q.close();
  });

  it('never holds more than its capacity', async () => {
    const q = openAt(newFolder(), { capacityBytes: 20_000 });
    for (let i = 0; i < 40; i++) await q.hold([message(`m${String(i).padStart(3, '0')}`, `d-${i}`, 1000)]);
    expect(q.status().bytes).toBeLessThanOrEqual(20_000);
    expect(q.status().evictedMessages).toBe(40 - q.status().messages);
    await q.close();
  });

  it('remembers that a message was replayed', async () => {
    const q = openAt(newFolder());
    await q.hold([message('a')]);
    await q.mark('a' as QuarantineId, 'replayed');
    expect(await q.list({ agencies: 'all', state: 'held' }, 10)).toEqual([]);
    expect((await q.get('a' as QuarantineId))?.state).toBe('replayed');
    await q.close();
  });
});
