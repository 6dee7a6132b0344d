import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JOURNAL_START, type JournalSequence } from '../../domain/ports/journal.ts';
import { epochMs, milliseconds, minutes } from '../../domain/time.ts';
import { describeJournal } from './journal.contract.ts';
import type { JournalFault } from './journal-fault.ts';
import { openLmdbJournal } from './lmdb.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-journal-'));
const at = (path: string, faults: JournalFault[] = []) => ({
  path,
  capacityBytes: 64 * 1024 * 1024,
  retain: minutes(5),
  consumers: ['store', 'rules'] as const,
  clock: () => epochMs(Date.now()),
  onFault: (fault: JournalFault) => faults.push(fault),
});

describeJournal('the LMDB journal', () => {
  const path = newFolder();
  return (options) => openLmdbJournal({ ...at(path), ...options });
});

/** A process of its own that appends for ever and prints each sequence once its promise has resolved. */
const APPENDER = `
import { openLmdbJournal } from '${join(import.meta.dirname, 'lmdb.ts')}';
const journal = await openLmdbJournal({ path: process.argv[2], capacityBytes: 1 << 30, retain: 3e5, consumers: ['store'], clock: Date.now });
const count = Number(process.argv[3]);
process.stdout.write('ready\\n');
for (let i = 0; i < count; i += 8) {
  await Promise.all(Array.from({ length: Math.min(8, count - i) }, async () => {
    const n = await journal.append({ partition: 0, traceId: 't', payload: new Uint8Array(500) });
    process.stdout.write(n + '\\n');
  }));
}
await journal.close();
`;
function appender(): string {
  const script = join(newFolder(), 'appender.ts');
  writeFileSync(script, APPENDER);
  return script;
}

describe('the LMDB journal on disk', () => {
  it('gives large entries back in order, those still in memory and those no longer', async () => {
    const journal = await openLmdbJournal(at(newFolder()));
    const sizes = [3, 1, 5, 2, 9, 1, 4].map((mebibytes) => mebibytes * 1024 * 1024);
    for (const size of sizes) await journal.append({ partition: 0, traceId: 't', payload: new Uint8Array(size) });
    for (let after = 0; after < sizes.length; after++) {
      const found = await journal.read(after as JournalSequence, 10);
      expect(found.map(({ payload }) => payload.length)).toEqual(sizes.slice(after));
    }
    await journal.close();
  });

  it('has every entry it has promised after SIGKILL at any moment', async () => {
    const script = appender();
    const path = newFolder();
    let promised = 0;
    for (const stopAfter of [40, 90, 300]) {
      const child = spawn(process.execPath, [script, path, '1000000'], { stdio: ['ignore', 'pipe', 'inherit'] });
      let rest = '';
      for await (const chunk of child.stdout) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line !== 'ready') promised = Math.max(promised, Number(line));
        if (lines.length > 0 && promised >= stopAfter) child.kill('SIGKILL');
      }
    }
    const faults: JournalFault[] = [];
    const journal = await openLmdbJournal(at(path, faults));
    const sequences = [];
    for (
      let page = await journal.read(JOURNAL_START, 500);
      page.length > 0;
      page = await journal.read(page[page.length - 1]!.sequence, 500)
    ) {
      sequences.push(...page.map((e) => e.sequence));
    }
    expect(sequences.length).toBeGreaterThanOrEqual(promised);
    expect(sequences).toEqual(sequences.map((_, i) => i + 1));
    expect(faults).toEqual([]);
    await journal.close();
  });

  const strace = spawnSync('strace', ['-V']).status === 0;
  if (!strace && process.env['CI'] === 'true') throw new Error('strace is missing: this suite must run in CI');
  it.skipIf(!strace)('has returned from a sync to disk before it promises (strace)', () => {
    const trace = join(newFolder(), 'trace');
    const run = spawnSync('strace', [
      '-f',
      '-e',
      'trace=fdatasync,fsync,msync,write,pwrite64',
      '-o',
      trace,
      process.execPath,
      appender(),
      newFolder(),
      '1',
    ]);
    expect(run.status).toBe(0);
    const lines = readFileSync(trace, 'utf8').split('\n');
    const ready = lines.findIndex((l) => l.includes('"ready\\n"'));
    const promise = lines.findIndex((l, i) => i > ready && /write\(1, "1\\n"/.test(l));
    expect(ready).toBeGreaterThan(0);
    expect(promise).toBeGreaterThan(ready);
    const synced = lines.slice(ready, promise).filter((l) => /(fdatasync|fsync|msync)(\(| resumed).*= 0$/.test(l));
    expect(synced.length).toBeGreaterThan(0);
  });

  it('keeps what is held though all have passed it, until let go or about to be full', async () => {
    const entry = { partition: 0, traceId: 't', payload: new Uint8Array(100_000) };
    const journal = await openLmdbJournal({ ...at(newFolder()), capacityBytes: 2_000_000, retain: milliseconds(0) });
    const append = async (count: number) => {
      for (let i = 0; i < count; i++) await journal.append(entry);
      for (const consumer of ['store', 'rules'] as const) journal.passed(consumer, journal.head());
    };
    const entries = () => journal.status().entries;
    await append(2);
    await expect.poll(entries).toBe(0);
    const hold = journal.hold(journal.head());
    await append(3);
    hold.release();
    expect(entries()).toBe(3);
    expect(hold.kept).toBe(true);
    await append(1);
    await expect.poll(entries).toBe(0);

    const long = journal.hold(journal.head());
    await append(18);
    await expect.poll(entries).toBe(0);
    expect(long.kept).toBe(false);
    await journal.close();
  });

  it('sets a damaged entry aside, says which, and serves the rest', async () => {
    const path = newFolder();
    const journal = await openLmdbJournal(at(path));
    const marker = Buffer.from('THE-ENTRY-THAT-ROTS'.repeat(20));
    await journal.append({ partition: 0, traceId: 't', payload: Buffer.from('before') });
    await journal.append({ partition: 0, traceId: 't', payload: marker });
    await journal.append({ partition: 0, traceId: 't', payload: Buffer.from('after') });
    await journal.close();
    const file = join(path, 'journal.mdb');
    const place = readFileSync(file).indexOf(marker);
    expect(place).toBeGreaterThan(0);
    const fd = openSync(file, 'r+');
    writeSync(fd, Buffer.from([0]), 0, 1, place + 7);
    closeSync(fd);
    const faults: JournalFault[] = [];
    const again = await openLmdbJournal(at(path, faults));
    expect((await again.read(JOURNAL_START, 10)).map((e) => Buffer.from(e.payload).toString())).toEqual([
      'before',
      'after',
    ]);
    expect(faults).toMatchObject([{ kind: 'entry_damaged', sequence: 2 }]);
    expect(again.status().damaged).toBe(1);
    await again.close();
  });

  it('sets a file that is no journal aside and starts a new one', async () => {
    const path = newFolder();
    writeFileSync(join(path, 'journal.mdb'), Buffer.alloc(8192, 0x5a));
    const faults: JournalFault[] = [];
    const journal = await openLmdbJournal(at(path, faults));
    expect(faults).toMatchObject([{ kind: 'file_damaged' }]);
    expect(existsSync((faults[0] as { movedTo: string }).movedTo)).toBe(true);
    expect(await journal.append({ partition: 0, traceId: 't', payload: new Uint8Array(1) })).toBe(1);
    await journal.close();
  });
});
