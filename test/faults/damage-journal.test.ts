import { cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAsync } from 'mqtt';
import { expect, it, vi } from 'vitest';
import type { JournalFault } from '../../adapters/journal/journal-fault.ts';
import { openLmdbJournal } from '../../adapters/journal/lmdb.ts';
import { JOURNAL_START, type Journal, type JournalEntry, type JournalSequence } from '../../domain/ports/journal.ts';
import { epochMs, minutes } from '../../domain/time.ts';
import { newFolder, openIngest, tokenOf } from '../ingest/platform-parts.ts';
import { damagesTo, overwrite, seededRandom } from './damage.ts';

const openAt = (path: string, faults: JournalFault[] = []) =>
  openLmdbJournal({
    path,
    capacityBytes: 64 * 1024 * 1024,
    retain: minutes(5),
    consumers: ['store'],
    clock: () => epochMs(Date.now()),
    onFault: (fault) => faults.push(fault),
  });
const PAYLOAD_BYTES = [40, 700, 9_000];
const payloadOf = (sequence: number): Buffer => Buffer.alloc(PAYLOAD_BYTES[sequence % 3]!, sequence % 251);

/** Everything the journal still serves, page by page. */
async function readAll(read: Journal['read']): Promise<JournalEntry[]> {
  const all: JournalEntry[] = [];
  for (let page = await read(JOURNAL_START, 50); page.length > 0; page = await read(page.at(-1)!.sequence, 50))
    all.push(...page);
  return all;
}

it('serves what is whole of a damaged journal, says what is not, and goes on', async () => {
  const sound = mkdtempSync(join(tmpdir(), 'hd-damage-'));
  const journal = await openAt(sound);
  const entries = 240;
  for (let i = 0; i < entries; i += 8) {
    await Promise.all(
      Array.from({ length: 8 }, (_, k) =>
        journal.append({ partition: 0, traceId: 't', payload: payloadOf(i + k + 1) }),
      ),
    );
  }
  await journal.close();

  let saved = 0;
  for (const { what, bytes } of damagesTo(join(sound, 'journal.mdb'), 40, seededRandom(20_261_119))) {
    const path = mkdtempSync(join(tmpdir(), 'hd-damage-'));
    cpSync(sound, path, { recursive: true });
    overwrite(join(path, 'journal.mdb'), bytes);
    const faults: JournalFault[] = [];
    const damaged = await openAt(path, faults);
    const served = await readAll(damaged.read);
    for (const { sequence, payload } of served) expect(payloadOf(sequence).equals(payload), what).toBe(true);
    expect(new Set(served.map((entry) => entry.sequence)).size, what).toBe(served.length);
    if (served.length < entries) expect(faults.length, what).toBeGreaterThan(0);
    for (const fault of faults) {
      if (fault.kind !== 'file_damaged') continue;
      expect(existsSync(fault.movedTo), what).toBe(true);
      expect(fault.entriesSaved, what).toBe(served.length);
      saved += fault.entriesSaved;
    }
    // A consumer that has passed everything is met by none of its numbers again.
    damaged.skipTo(entries as JournalSequence);
    expect(await damaged.append({ partition: 0, traceId: 't', payload: payloadOf(1) }), what).toBe(entries + 1);
    await damaged.close();
  }
  expect(saved).toBeGreaterThan(entries);
}, 60_000);

it('stores what comes after the journal was lost, though the store had passed its numbers', async () => {
  const folder = newFolder();
  const first = await openIngest(folder);
  const send = async (port: number, from: number, count: number) => {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      clientId: 'air-1',
      username: 'air-1',
      password: tokenOf('air-1'),
      protocolVersion: 4,
    });
    for (let i = 0; i < count; i++) {
      const message = JSON.stringify({ ts: from + i * 1_000, values: { pm2_5: i } });
      await client.publishAsync('hd/v1/air-1/telemetry', message, { qos: 1 });
    }
    await client.endAsync();
  };
  const from = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;
  await send(first.mqttPort, from, 12);
  await first.stopAll();

  overwrite(join(folder, 'journal', 'journal.mdb'), Buffer.alloc(5_000));
  const second = await openIngest(folder);
  await send(second.mqttPort, from + 60_000, 3);
  const stored = () =>
    second.store.range({
      series: second.seriesOf('air-1'),
      from: epochMs(from),
      to: epochMs(from + 600_000),
      limit: 50,
    });
  await vi.waitFor(async () => expect(await stored()).toHaveLength(15), { timeout: 10_000 });
  await second.stopAll();
  expect(readdirSync(join(folder, 'journal')).filter((name) => name.includes('damaged'))).toHaveLength(1);
}, 60_000);
