import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { NotificationMessage } from '../../domain/notifications/notification.ts';
import { openOutside } from './outside.ts';
import { openToldCity, SYSTEM } from './told-city.ts';

const CHILD = join(import.meta.dirname, 'telling-child.ts');

it('after SIGKILL at any moment every alarm that was committed is told, and what comes twice comes under its own id and is marked', async () => {
  const outside = await openOutside();
  // Slow enough that a kill meets messages on their way.
  outside.answers((response) => void setTimeout(() => response.writeHead(200).end(), 30));
  const folder = mkdtempSync(join(tmpdir(), 'hd-kill-'));
  const committed = new Set<string>();
  for (const killAfter of [15, 31, 47]) {
    const child = spawn(process.execPath, [CHILD, folder, outside.url, '400'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let said = '';
    let heard = 0;
    for await (const chunk of child.stdout) {
      said += String(chunk);
      const lines = said.split('\n');
      said = lines.pop() ?? '';
      for (const line of lines) {
        committed.add(line);
        heard++;
      }
      if (heard >= killAfter) child.kill('SIGKILL');
    }
    await exited;
  }
  expect(committed.has('done')).toBe(false);

  const last = spawn(process.execPath, [CHILD, folder, outside.url, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const bodies = () =>
    outside.received.map(({ body }) => JSON.parse(String(body)) as { id: string; alarms: { id: string }[] });
  await vi.waitFor(
    () => {
      const told = new Set(bodies().flatMap(({ alarms }) => alarms.map(({ id }) => id)));
      expect([...committed].filter((id) => !told.has(id))).toEqual([]);
    },
    { timeout: 30_000, interval: 50 },
  );
  last.kill('SIGKILL');
  await once(last, 'exit');

  const ids = bodies().map(({ id }) => id);
  const twice = new Set(ids.filter((id, i) => ids.indexOf(id) !== i));
  // No alarm is in two messages: what came twice came as the same message.
  const messagesOfAlarm = Map.groupBy(
    bodies().flatMap(({ id, alarms }) => alarms.map((alarm) => ({ alarm: alarm.id, message: id }))),
    ({ alarm }) => alarm,
  );
  for (const told of messagesOfAlarm.values()) expect(new Set(told.map(({ message }) => message)).size).toBe(1);
  const city = await openToldCity({ path: folder });
  const { items } = await city.registry.as(SYSTEM).notifications.log.list({}, { limit: 1000 });
  const marked = new Set(
    items.filter((message: NotificationMessage) => message.maybeTwice).map(({ id }) => id as string),
  );
  for (const id of twice) expect(marked.has(id)).toBe(true);
  expect((await city.registry.notifications.counts()).outbox).toBe(0);
  await city.close();
  await outside.close();
}, 90_000);
