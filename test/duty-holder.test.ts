import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSqliteRegistry } from '../adapters/registry/sqlite.ts';
import { DUTIES, type DutyName } from '../domain/duties.ts';
import type { Lease, WorkerId } from '../domain/ports/leases.ts';
import type { Registry } from '../domain/ports/registry.ts';
import { epochMs, hours, milliseconds } from '../domain/time.ts';
import { DutyHolder } from '../ingest/duty-holder.ts';

let registry: Registry;
const holders: DutyHolder[] = [];
/** Who does what at this moment, as the parts themselves say. */
const doing = new Map<DutyName, string[]>();
let failing: DutyName | null;

beforeEach(() => {
  registry = openSqliteRegistry({
    path: join(mkdtempSync(join(tmpdir(), 'hd-duties-')), 'registry.sqlite'),
    clock: () => epochMs(Date.now()),
    newId: randomUUID,
  });
  doing.clear();
  failing = null;
});
afterEach(async () => {
  await Promise.all(holders.splice(0).map((holder) => holder.stop()));
  await registry.close();
});

async function worker(name: string): Promise<DutyHolder> {
  const begin = ({ duty }: Lease) => [
    {
      async start() {
        if (duty === failing) throw new Error('not now');
        doing.set(duty, [...(doing.get(duty) ?? []), name]);
      },
      async stop() {
        doing.set(
          duty,
          (doing.get(duty) ?? []).filter((one) => one !== name),
        );
      },
    },
  ];
  const holder = new DutyHolder({
    leases: registry.leases,
    worker: name as WorkerId,
    begin,
    passedBy: () => [],
    onRoster: () => {},
    log: { info() {}, warn() {}, error() {} },
    ttl: hours(1),
    every: milliseconds(5),
  });
  holders.push(holder);
  await holder.start();
  return holder;
}
const doneBy = (name: string): number => [...doing.values()].filter((names) => names.includes(name)).length;
const SOON = { timeout: 15_000, interval: 5 };

it('does everything alone, comes to an even share with another, and hands everything over when it stops', async () => {
  const a = await worker('a');
  await vi.waitFor(() => expect(doneBy('a')).toBe(DUTIES.length), SOON);
  await worker('b');
  await vi.waitFor(() => expect([doneBy('a'), doneBy('b')].sort()).toEqual([4, 5]), SOON);
  holders.splice(holders.indexOf(a), 1);
  await a.stop();
  expect(doneBy('a')).toBe(0);
  await vi.waitFor(() => expect(doneBy('b')).toBe(DUTIES.length), SOON);
  expect([...doing.values()].every((names) => names.length === 1)).toBe(true);
});

it('drops what another has taken while it stood still, and takes it again when it is free', async () => {
  const a = await worker('a');
  await vi.waitFor(() => expect(doneBy('a')).toBe(DUTIES.length), SOON);
  // As if its lease had run out, and been taken.
  await registry.leases.leave('a' as WorkerId);
  const taken = (await registry.leases.acquire('rules', 'b' as WorkerId, hours(1))) ?? null;
  await vi.waitFor(() => expect(a.status().lost).toBeGreaterThan(0), SOON);
  await vi.waitFor(() => expect(doing.get('rules')).toEqual([]), SOON);
  await registry.leases.release(taken!);
  await vi.waitFor(() => expect(doing.get('rules')).toEqual(['a']), SOON);
});

it('tries a duty again that could not begin', async () => {
  failing = 'rules';
  const a = await worker('a');
  await vi.waitFor(() => expect(a.status().taken).toBeGreaterThan(DUTIES.length + 1), SOON);
  expect(doing.get('rules') ?? []).toEqual([]);
  failing = null;
  await vi.waitFor(() => expect(doing.get('rules')).toEqual(['a']), SOON);
});
