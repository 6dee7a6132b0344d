import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PlatformEvents } from '../../domain/events.ts';
import type { AgencyId, DeviceId, GatewayId, QuarantineId, RuleId } from '../../domain/identifiers.ts';
import type { LiveBus, OnListenerError } from '../../domain/ports/live-bus.ts';
import type { HeldMessage } from '../../domain/ports/quarantine.ts';
import { ANSWER_BYTES_MAX } from '../../domain/ports/requests.ts';
import { emptyColumns } from '../../domain/reading.ts';
import { epochMs, seconds } from '../../domain/time.ts';
import { connectNats } from '../nats/connection.ts';
import { NatsServer, natsPresent, natsVersion } from '../nats/nats-server.ts';
import { describeLiveBus } from './live-bus.contract.ts';
import { createNatsBus } from './nats.ts';

describe.skipIf(!natsPresent)(`NATS core (${natsVersion})`, () => {
  let server: NatsServer;
  let prefixes = 0;
  beforeAll(async () => {
    server = await NatsServer.alone();
    await server.start();
  });
  afterAll(() => server.discard());

  const open = async (
    prefix: string,
    onListenerError: OnListenerError = () => {},
    onError: (error: unknown) => void = () => {},
  ): Promise<LiveBus> => {
    const connection = await connectNats({ servers: [server.url], name: 'bus', noEcho: true });
    const bus = createNatsBus({ connection, prefix, onListenerError, onError });
    return bus;
  };
  /** Resolves when what `from` says is heard by `to`: subscriptions are on their way like everything else. */
  const untilHeard = async (from: LiveBus, to: LiveBus): Promise<void> => {
    const hello = vi.fn();
    const leave = to.subscribe('assets.changed', hello);
    await vi.waitFor(() => {
      from.publish('assets.changed', { agencyId: 'hello' as AgencyId });
      expect(hello).toHaveBeenCalled();
    });
    leave();
  };

  describeLiveBus('the NATS bus', (report) => open(`bus-${++prefixes}`, report));

  it('brings events to other processes in order, whole, and to no listener twice', async () => {
    const [here, there] = [await open('pair'), await open('pair')];
    const heardHere: unknown[] = [];
    const heardThere: [string, unknown][] = [];
    here.subscribe('device.status', (payload) => heardHere.push(payload));
    for (const name of ['device.status', 'device.attributes'] as const)
      there.subscribe(name, (payload) => heardThere.push([name, payload]));
    await untilHeard(here, there);
    const status: PlatformEvents['device.status'] = {
      deviceId: 'a-1' as DeviceId,
      agencyId: 'water' as AgencyId,
      online: true,
      at: epochMs(1_764_000_000_123),
      reason: 'connected',
    };
    const attributes = { deviceId: 'a-1' as DeviceId, names: ['firmware', 'battery_percent'] };
    here.publish('device.status', status);
    here.publish('device.attributes', attributes);
    expect(heardHere).toEqual([status]);
    await vi.waitFor(() => expect(heardThere).toHaveLength(2));
    expect(heardThere).toEqual([
      ['device.status', status],
      ['device.attributes', attributes],
    ]);
    await untilHeard(there, here);
    expect(heardHere).toHaveLength(1);
    await here.close();
    await there.close();
  });

  it('keeps readings to the process that read them: others read the journal', async () => {
    const [here, there] = [await open('readings'), await open('readings')];
    const [heardHere, heardThere] = [vi.fn(), vi.fn()];
    here.subscribe('readings.kept', heardHere);
    there.subscribe('readings.kept', heardThere);
    here.publish('readings.kept', emptyColumns(1));
    await untilHeard(here, there);
    expect(heardHere).toHaveBeenCalledOnce();
    expect(heardThere).not.toHaveBeenCalled();
    await here.close();
    await there.close();
  });

  it('tells of what was missed while the servers were away, and goes on', async () => {
    const own = await NatsServer.alone();
    await own.start();
    const opened = async (): Promise<LiveBus> =>
      createNatsBus({
        connection: await connectNats({ servers: [own.url], name: 'bus', noEcho: true }),
        prefix: 'away',
        onListenerError: () => {},
        onError: () => {},
      });
    const [here, there] = [await opened(), await opened()];
    const [changed, missed] = [vi.fn(), vi.fn()];
    there.subscribe('rule.changed', changed);
    there.subscribe('events.missed', missed);
    await untilHeard(here, there);
    await own.kill();
    here.publish('rule.changed', { ruleId: 'lost' as RuleId });
    await own.start();
    await vi.waitFor(() => expect(missed).toHaveBeenCalled(), { timeout: 10_000 });
    await untilHeard(here, there);
    here.publish('rule.changed', { ruleId: 'r' as RuleId });
    await vi.waitFor(() => expect(changed).toHaveBeenCalledWith({ ruleId: 'r' }));
    await here.close();
    await there.close();
    await own.discard();
  });

  it('notices a gap in what another process said', async () => {
    const connection = await connectNats({ servers: [server.url], name: 'bus', noEcho: true });
    // What this one says on one subject is lost on the way, once.
    let isLost = false;
    const leaky = new Proxy(connection, {
      get: (target, key) =>
        key === 'publish'
          ? (...args: Parameters<typeof connection.publish>) => {
              if (!isLost) target.publish(...args);
            }
          : (Reflect.get(target, key).bind?.(target) ?? Reflect.get(target, key)),
    });
    const here = createNatsBus({ connection: leaky, prefix: 'gap', onListenerError: () => {}, onError: () => {} });
    const there = await open('gap');
    const [changed, missed] = [vi.fn(), vi.fn()];
    there.subscribe('rule.changed', changed);
    there.subscribe('events.missed', missed);
    await untilHeard(here, there);
    const say = (rule: string) => here.publish('rule.changed', { ruleId: rule as RuleId });
    say('a');
    isLost = true;
    say('b');
    isLost = false;
    expect(missed).not.toHaveBeenCalled();
    say('c');
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2));
    expect(missed).toHaveBeenCalledTimes(1);
    await here.close();
    await there.close();
  });

  it('asks gateways of other processes, however long their answers are', async () => {
    const [here, there] = [await open('asked'), await open('asked')];
    const [near, far] = ['near', 'far'] as unknown as readonly [GatewayId, GatewayId];
    const message = (size: number): HeldMessage => ({
      id: 'q-1' as QuarantineId,
      deviceId: 'a-1' as DeviceId,
      agencyId: null,
      transport: 'mqtt',
      topic: 'hd/v1/a-1/telemetry',
      sizeBytes: size,
      bytes: new Uint8Array(size).map((_, i) => i % 251),
      arrivalTime: epochMs(1),
      problems: [],
      state: 'held',
    });
    here.answer('quarantine.get', near, () => null);
    let size = 3_000_000;
    there.answer('quarantine.get', far, () => message(size));
    await untilHeard(here, there);
    const ask = (expected: readonly GatewayId[] = [near, far], deadline = seconds(10)) =>
      here.ask('quarantine.get', { id: 'q-1' as QuarantineId }, { expected, deadline });
    const { answers } = await ask();
    expect(answers.find(({ from }) => from === near)?.answer).toBeNull();
    const answer = answers.find(({ from }) => from === far)?.answer;
    expect(Buffer.from(answer?.bytes ?? []).equals(message(size).bytes!)).toBe(true);
    expect({ ...answer, bytes: null }).toEqual({ ...message(size), bytes: null });

    size = ANSWER_BYTES_MAX;
    expect(await ask()).toMatchObject({ failed: [{ from: far, why: 'ANSWER_TOO_LARGE' }], silent: [] });
    const question = { ids: Array.from({ length: 50_000 }, (_, i) => `a rather long id ${i}` as QuarantineId) };
    const patience = { expected: [near, far], deadline: seconds(10) };
    await expect(here.ask('quarantine.some', question, patience)).rejects.toMatchObject({
      code: 'QUESTION_TOO_LARGE',
    });
    await there.close();
    expect(await ask([near, far], seconds(0.05))).toMatchObject({ answers: [{ from: near }], silent: [far] });
    await here.close();
  });

  it('asks only this process while the servers are away, and does not wait for the others', async () => {
    const own = await NatsServer.alone();
    await own.start();
    const connection = await connectNats({ servers: [own.url], name: 'bus', noEcho: true });
    const bus = createNatsBus({ connection, prefix: 'alone', onListenerError: () => {}, onError: () => {} });
    const [near, far] = ['near', 'far'] as unknown as readonly [GatewayId, GatewayId];
    bus.answer('directory.settled', near, () => null);
    await own.kill();
    // One that was put before the loss of the servers was noticed would wait.
    const asked = () => bus.ask('directory.settled', null, { expected: [near, far], deadline: seconds(600) });
    await vi.waitFor(
      async () =>
        expect(await Promise.race([asked(), pause(100)])).toMatchObject({ answers: [{ from: near }], silent: [far] }),
      { timeout: 20_000 },
    );
    await bus.close();
  });
});
