import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmLookers } from '../../api/contract/presence.ts';
import type { Alarm } from '../../domain/alarm.ts';
import type { AlarmId } from '../../domain/identifiers.ts';
import { epochMs } from '../../domain/time.ts';
import { LiveClient, soon } from './live-client.ts';
import { aRaisedAlarm, ENVIRONMENT, POWER, type RunningApi, runApi, SYSTEM } from './running-api.ts';

let running: RunningApi;
const screens: LiveClient[] = [];
beforeEach(async () => {
  running = await runApi();
});
afterEach(async () => {
  for (const screen of screens.splice(0)) screen.close();
  await running.close();
});

/** A screen that keeps what it was last told of who looks where, as `alarm: names`. */
async function screen(cookie: string | null | undefined, look: AlarmId | null = null) {
  const client = new LiveClient(running.url, { cookie: cookie ?? null });
  screens.push(client);
  let told: readonly AlarmLookers[] | null = null;
  client.socket.on('presence', (lookers) => {
    told = lookers;
  });
  await client.connected();
  client.socket.emit('look', look);
  return {
    client,
    look: (alarm: AlarmId | null) => client.socket.emit('look', alarm),
    told: () => told?.map(({ alarmId, people }) => [alarmId, people.map(({ name }) => name).sort()]) ?? null,
  };
}

async function anOpenAlarm(): Promise<Alarm> {
  const series = await running.series('p-le-chan', 'pm2_5');
  const raised = aRaisedAlarm({ series, startedAt: epochMs(1_790_000_000_000), recordedAt: running.clock() });
  await running.registry.ruleState.commit({
    cursor: 1 as never,
    states: [],
    jointStates: [],
    changes: [raised],
    outbox: [],
  });
  running.bus.publish('alarm.changed', raised);
  return raised.alarm;
}

describe('who looks at an alarm', () => {
  it('is told to colleagues, once for each person, until they look away or are gone', async () => {
    const { id } = await anOpenAlarm();
    const operator = await running.as('operator');
    const officer = await running.as('environment');
    const mine = await screen(operator.cookie, id);
    await soon(() => expect(mine.told()).toEqual([[id, ['Person operator-env']]]));
    const theirs = await screen(officer.cookie, id);
    const both = ['Person environment-env', 'Person operator-env'];
    await soon(() => expect(mine.told()).toEqual([[id, both]]));
    const second = await screen(officer.cookie, id);
    await soon(() => expect(second.told()).toEqual([[id, both]]));
    theirs.look(null);
    second.client.close();
    await soon(() => expect(mine.told()).toEqual([[id, ['Person operator-env']]]));
    await soon(() => expect(theirs.told()).toEqual([[id, ['Person operator-env']]]));
  });

  it('is not told to whom the alarm is only shared with, nor can they be seen at it', async () => {
    const { id } = await anOpenAlarm();
    await running.registry
      .as(SYSTEM)
      .grants.create({ id: 'g', agencyId: ENVIRONMENT, toAgencyId: POWER, domain: null, siteId: null, tag: null });
    const operator = await running.as('operator');
    const guest = await running.as('operator', POWER);
    const theirs = await screen(guest.cookie, id);
    const mine = await screen(operator.cookie, id);
    await soon(() => expect(mine.told()).toEqual([[id, ['Person operator-env']]]));
    await soon(() => expect(theirs.told()).toEqual([]));
  });

  it('ignores what isn’t an open alarm', async () => {
    const operator = await running.as('operator');
    const mine = await screen(operator.cookie, 'no-such' as AlarmId);
    await soon(() => expect(mine.told()).toEqual([]));
    mine.client.socket.emit('look', 17 as never);
    mine.look('x'.repeat(1_000) as AlarmId);
    const officer = await screen((await running.as('environment')).cookie);
    await soon(() => expect(officer.told()).toEqual([]));
  });
});
