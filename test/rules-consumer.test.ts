import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Alarm } from '../domain/alarm.ts';
import { compileRule } from '../domain/compiled-rule.ts';
import { backtest } from '../domain/episode.ts';
import type { UserId } from '../domain/identifiers.ts';
import { readingAt } from '../domain/reading.ts';
import { epochMs } from '../domain/time.ts';
import { disagreements } from '../ingest/consumers/rules/agreement.ts';
import { calmAfter, messageOf, openStreet, type Street, system } from './rules/judged-street.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'hd-rules-'));
const children: ChildProcess[] = [];
const streets: Street[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const street of streets.splice(0)) await street.close();
});

async function opened(folder: string): Promise<Street> {
  const street = await openStreet(folder);
  streets.push(street);
  return street;
}

async function allAlarms(street: Street): Promise<Alarm[]> {
  const alarms: Alarm[] = [];
  let after: string | undefined;
  do {
    const request = after === undefined ? { limit: 1000 } : { limit: 1000, after };
    const page = await street.registry.as(system).alarms.list({}, request);
    alarms.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return alarms;
}

/** Lets the street end calmly and all late readings be judged; then holds alarms, histories and messages to a backtest of what is stored. */
async function expectWhatABacktestSays(street: Street, messages: number): Promise<readonly Alarm[]> {
  await street.append(calmAfter(messages, street.series));
  for (let i = 0; i < 3; i++) await street.rules.settleLate();
  expect(street.rules.status()).toMatchObject({ lateSeries: 0, lateApproximate: 0, undecodable: 0 });
  const alarms = await allAlarms(street);
  for (const rule of await street.registry.ruleState.liveRules()) {
    for (const series of street.series) {
      const span = { series, from: epochMs(0), to: epochMs(8e15), limit: 1_000_000 };
      const stored = await street.store.range(span);
      const readings = Array.from({ length: stored.length }, (_, i) => readingAt(stored, i));
      const episodes = backtest(compileRule(rule), readings);
      const own = alarms.filter((alarm) => alarm.ruleId === rule.id && alarm.series === series);
      expect({ rule: rule.id, series, found: disagreements(own, episodes) }).toEqual({
        rule: rule.id,
        series,
        found: [],
      });
    }
  }
  const told = await street.registry.outbox.undelivered(1_000_000);
  const expected: string[] = [];
  for (const alarm of alarms) {
    const history = await street.registry.as(system).alarms.history(alarm.id);
    expect(history.map((line) => line.index)).toEqual(history.map((_, i) => i + 1));
    expect(alarm.version).toBe(history.length);
    if (alarm.origin === 'past') continue;
    const outside = ['activated', 'reactivated', 'severity_raised', 'cleared', 'ended'];
    for (const line of history) {
      const byPerson = line.by !== null;
      if (outside.includes(line.kind) && !byPerson && !endedByAcknowledging(history, line)) {
        expected.push(`${alarm.id}#${line.index}`);
      }
    }
  }
  expect(told.map((message) => message.id).sort()).toEqual(expected.sort());
  return alarms;
}

/** The line that follows a person's acknowledgement of what had cleared was written by the registry, which tells nobody. */
const endedByAcknowledging = (history: readonly { kind: string }[], line: { kind: string; index: number }): boolean =>
  line.kind === 'ended' && history[line.index - 2]?.kind === 'acknowledged';

describe('the rules consumer on its real journal, registry and store', () => {
  it('says live and past together what a backtest says, with people acting in between', async () => {
    const street = await opened(newFolder());
    const messages = 3_000;
    for (let n = 1; n <= messages; n += 30) {
      await Promise.all(Array.from({ length: 30 }, (_, i) => street.append(messageOf(n + i, street.series))));
      if (n % 90 === 1) await street.acknowledgeOne();
    }
    const alarms = await expectWhatABacktestSays(street, messages);
    expect(alarms.filter((a) => a.origin === 'live').length).toBeGreaterThan(50);
    expect(alarms.some((a) => a.origin === 'past')).toBe(true);
    expect(alarms.some((a) => a.revision?.kind === 'corrected')).toBe(true);
    expect(street.problems).toEqual([]);
  });

  it('doubles and loses no alarm when it is killed again and again while alarms fire', async () => {
    const folder = newFolder();
    const messages = 3_000;
    let sent = false;
    let kills = 0;
    while (!sent && kills < 5) {
      const child = spawn(process.execPath, ['test/rules/street-process.ts', folder, String(messages)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      const gone = new Promise((resolve) => child.once('exit', resolve));
      const ready = new Promise<void>((resolve) => {
        child.stdout!.on('data', (chunk) => {
          if (String(chunk).includes('ready')) resolve();
          if (String(chunk).includes('sent')) sent = true;
        });
      });
      await Promise.race([ready, gone]);
      expect(child.exitCode).toBeNull();
      // A random instant is the point: nothing to wait for.
      await pause(20 + Math.random() * 250);
      child.kill('SIGKILL');
      await gone;
      kills++;
    }
    expect(kills).toBeGreaterThan(1);
    const street = await opened(folder);
    const head = street.journal.head();
    const alarms = await expectWhatABacktestSays(street, head);
    expect(alarms.length).toBeGreaterThan(20);
  }, 120_000);

  it('takes an acknowledgement into account that it learns of only from the registry’s refusal', async () => {
    const street = await opened(newFolder());
    const [series] = street.series;
    const at = Date.UTC(2026, 2, 1);
    const reading = (second: number, value: number) => {
      const eventTime = epochMs(at + second * 1_000);
      return { series: series!, eventTime, arrivalTime: eventTime, value, quality: 0 as const };
    };
    const alarms = () => allAlarms(street);
    await street.append([0, 2, 4, 6].map((second) => reading(second, 1)));
    await vi.waitFor(async () => expect(await alarms()).toMatchObject([{ ruleId: 'held', condition: 'active' }]));
    const [alarm] = await alarms();
    const step = { kind: 'acknowledge' as const, by: 'op' as UserId };
    await street.registry.as(system).alarms.work(alarm!.id, step, epochMs(Date.now()));
    await street.append([8, 10].map((second) => reading(second, 5)));
    await vi.waitFor(async () =>
      expect(await alarms()).toMatchObject([{ condition: 'cleared', work: 'acknowledged' }]),
    );
    const history = await street.registry.as(system).alarms.history(alarm!.id);
    expect(history.map((line) => line.kind)).toEqual(['activated', 'acknowledged', 'cleared', 'ended']);
    expect(street.rules.status().conflicts).toBe(1);
  });

  it('makes past alarms, and tells nobody, of last month’s file in a series that ends before it', async () => {
    const street = await opened(newFolder());
    const [series] = street.series;
    const [september, october, november] = [8, 9, 10].map((month) => Date.UTC(2026, month, 2));
    const file = (from: number, values: readonly number[], arrivedAt: number) =>
      values.map((value, hour) => {
        const eventTime = epochMs(from + hour * 3_600_000);
        return { series: series!, eventTime, arrivalTime: epochMs(arrivedAt), value, quality: 0 as const };
      });
    await street.append(file(september!, [4, 4, 4], october!));
    await street.append(file(october!, [4, 8, 10, 10, 4, 4], november!));
    await street.rules.settleLate();
    const [startedAt, clearedAt] = [october! + 3_600_000, october! + 5 * 3_600_000];
    await vi.waitFor(async () =>
      expect(await allAlarms(street)).toMatchObject([
        { ruleId: 'levels', origin: 'past', worstSeverity: 'critical', startedAt, clearedAt },
      ]),
    );
    expect(await street.registry.outbox.undelivered(10)).toEqual([]);
  });
});
