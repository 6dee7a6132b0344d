import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it } from 'vitest';
import { BoundedSessions } from './sessions.ts';

describe('sessions on disk', () => {
  it('end what is still being read when they are closed, without an error that nobody would hear', async () => {
    const level = new ClassicLevel(join(mkdtempSync(join(tmpdir(), 'hd-sessions-')), 'sessions'));
    await level.open();
    const sessions = new BoundedSessions(level, 10, () => {});
    const streams = [sessions.createRetainedStreamCombi(['hd/v1/+/status']), sessions.outgoingStream({ id: 'air-1' })];
    await level.close();
    for (const stream of streams) {
      const read: unknown[] = [];
      for await (const packet of stream) read.push(packet);
      expect(read).toEqual([]);
    }
  });
});
