import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openSqliteRegistry } from '../../adapters/registry/sqlite.ts';
import type { PreparedAnswer } from '../../api/rest/answer.ts';
import { IdempotentAnswers } from '../../api/rest/idempotency.ts';
import type { Registry } from '../../domain/ports/registry.ts';
import { epochMs, hours, milliseconds } from '../../domain/time.ts';

let registry: Registry;
let done: number;
beforeEach(() => {
  done = 0;
  registry = openSqliteRegistry({
    path: join(mkdtempSync(join(tmpdir(), 'hd-answers-')), 'registry.sqlite'),
    clock: () => epochMs(Date.now()),
    newId: randomUUID,
  });
});
afterEach(() => registry.close());

const server = (more: { answerBytes?: number; window?: ReturnType<typeof milliseconds> } = {}) =>
  new IdempotentAnswers({
    requests: registry.answeredRequests,
    keys: 1_000,
    answerBytes: 10_000,
    window: hours(24),
    ...more,
  });
const text = (json: string): PreparedAnswer => ({ status: 201, json, raw: null, etag: '"1.x"', cookies: [] });
const work = async () => text(`{"done":${++done}}`);
const once = (answers: IdempotentAnswers, key = 'k', body: unknown = { a: 1 }, doing = work) =>
  answers.once('me POST /x', key, body, doing);

it('are given again by any server, until their time is over', async () => {
  const [here, there] = [server(), server()];
  const first = await once(here);
  expect(await once(there)).toEqual(first);
  expect(await once(server())).toEqual(first);
  expect([there.replayed, done]).toEqual([1, 1]);
  const brief = server({ window: milliseconds(1) });
  await once(brief, 'brief');
  await vi.waitFor(async () => {
    await once(brief, 'brief');
    expect(done).toBe(3);
  });
});

it('refuse the same key for another body, and a second request while the first is worked on', async () => {
  const answers = server();
  let finish: ((answer: PreparedAnswer) => void) | undefined;
  const first = once(answers, 'k', 1, () => new Promise((resolve) => (finish = resolve)));
  await vi.waitFor(() => expect(finish).toBeDefined());
  await expect(once(server(), 'k', 1)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' });
  await expect(once(server(), 'k', 2)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  finish?.(text('7'));
  expect(await first).toEqual(text('7'));
  expect(await once(server(), 'k', 1)).toEqual(text('7'));
});

it('are not kept when the work failed: it may be tried again', async () => {
  const answers = server();
  await expect(once(answers, 'k', 1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await once(answers, 'k', 2)).toEqual(text('{"done":1}'));
});

it('keep bytes and their name, and nothing larger than there is room for', async () => {
  const sheet: PreparedAnswer = {
    status: 200,
    json: null,
    raw: { bytes: Uint8Array.from([0, 1, 254, 255]), fileName: 'nhãn.pdf', mediaType: 'application/pdf' },
    etag: null,
    cookies: [],
  };
  const first = await once(server(), 'k', 1, async () => sheet);
  const again = await once(server(), 'k', 1);
  expect(again.raw).toMatchObject({ fileName: 'nhãn.pdf', mediaType: 'application/pdf' });
  expect(again.raw && 'bytes' in again.raw && Array.from(again.raw.bytes)).toEqual([0, 1, 254, 255]);
  expect(first).toBe(sheet);
  const small = server({ answerBytes: 50 });
  await once(small, 'large');
  await once(small, 'large');
  expect([small.unkept, done]).toEqual([2, 2]);
});

it('can be read in the registry by nobody who has not sent the key', async () => {
  const kept: Uint8Array[] = [];
  const { answeredRequests } = registry;
  const watched = new IdempotentAnswers({
    requests: {
      ...answeredRequests,
      answer: (id, turn, sealed) => {
        kept.push(sealed, Buffer.from(id));
        return answeredRequests.answer(id, turn, sealed);
      },
    },
    keys: 10,
    answerBytes: 10_000,
    window: hours(1),
  });
  await once(watched, 'phone-1', 1, async () => text('{"token":"hd_secret"}'));
  const stored = Buffer.concat(kept).toString('latin1');
  for (const word of ['token', 'hd_secret', 'phone-1', '201']) expect(stored).not.toContain(word);
});
