import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { CityUnderFaults, type FaultSeen, faultTable } from './city-faults.ts';
import { CutOffNetwork } from './cut-off-network.ts';
import { clocksMove, MovedClock } from './moved-clock.ts';

const isThere = natsPresent && postgresPresent && influxPresent;
/** Fewer for a machine that has other things to do. */
const MESSAGES_PER_SECOND = Number(process.env['LONG_FAULTS_MESSAGES_PER_SECOND'] ?? 2_000);
/** Nine messages a second are within what a device may send. */
const DEVICES = Math.max(40, Math.ceil(MESSAGES_PER_SECOND / 9));
const VERSIONS = `${natsVersion} (three, each entry on all), ${postgresVersion}, ${influxVersion}`;
const CLOCK_JUMP_SECONDS = 600;
const DAY_SECONDS = 86_400;
/** What comes late is judged while one waits for it. */
const LATE_SOON = { HD_ALARMS_LATE_QUIET_SECONDS: '5' };
/** As long as a server takes that is started again by whatever looks after it. */
const AWAY_MS = 5_000;

describe.skipIf(!isThere)(`a city under ${MESSAGES_PER_SECOND} messages a second on ${VERSIONS}`, () => {
  const network = isThere ? CutOffNetwork.open() : null;
  const two = () => [new MovedClock(), new MovedClock()] as const;
  const clocks: Readonly<Record<string, readonly MovedClock[]>> = { gateway: two(), worker: two(), api: two() };
  const rows: FaultSeen[] = [];
  let room: CityUnderFaults;
  const during = async (fault: string, act: () => Promise<void>): Promise<void> => {
    const seen = await room.during(fault, act);
    rows.push(seen);
    // Told at once: of a run that ends in the middle something is known.
    console.log(faultTable([seen]).split('\n').at(-1));
  };

  beforeAll(async () => {
    room = await CityUnderFaults.open({
      devices: DEVICES,
      messagesPerSecond: MESSAGES_PER_SECOND,
      nodes: 3,
      isDurable: true,
      ...(network && { places: network.places }),
      environmentOf: (role, n) => ({ ...LATE_SOON, ...clocks[role]![n]!.environment }),
    });
  });
  afterAll(async () => {
    console.log(`\n${VERSIONS}\n\n${faultTable(rows)}\n`);
    await room.close();
    network?.close();
  });

  it('nothing is done to it', () => during('none, for 20 s', () => pause(20_000)));

  it.each([0, 1])('gateway %i is killed', (n) =>
    during(`SIGKILL of gateway ${n + 1}, started again`, () => room.killAndStart(room.gateways[n]!)),
  );
  it.each(['rules', 'store'])('the worker that does %s is killed', (duty) =>
    during(`SIGKILL of the worker that does \`${duty}\`, started again`, async () =>
      room.killAndStart(await room.doing(duty)),
    ),
  );
  it.each([0, 1])('API server %i is killed', (n) =>
    during(`SIGKILL of API server ${n + 1}, started again`, () => room.killAndStart(room.apis[n]!)),
  );

  it('the NATS server that leads is killed', () =>
    during('SIGKILL of the NATS server that leads the journal, started again', async () => {
      const leader = await room.leader();
      await leader.kill();
      await pause(AWAY_MS);
      await leader.start();
    }));
  it('the NATS servers are restarted one after the other', () =>
    during('restart of the three NATS servers, one after the other', async () => {
      for (const server of room.city.nats) {
        await server.stop();
        await pause(1_000);
        await server.start();
        await pause(10_000);
      }
    }));
  it('PostgreSQL is killed', () =>
    during('PostgreSQL killed, started again', async () => {
      await room.city.postgres.stop('immediate');
      await pause(AWAY_MS);
      await room.city.postgres.start();
    }));
  it('InfluxDB is killed', () =>
    during('SIGKILL of InfluxDB, started again', async () => {
      await room.city.influx.kill();
      await pause(AWAY_MS);
      await room.city.influx.start();
    }));

  it.skipIf(network === null)('the NATS server that leads is cut off', () =>
    during('the NATS server that leads cut off for 20 s', async () => {
      const place = room.city.nats.indexOf(await room.leader());
      network!.cut(place);
      await pause(20_000);
      network!.mend(place);
    }),
  );
  it('InfluxDB is away for two minutes', () =>
    during('InfluxDB away for 2 min', async () => {
      await room.city.influx.stop();
      await pause(120_000);
      await room.city.influx.start();
    }));
  it('PostgreSQL is away for a minute', () =>
    during('PostgreSQL away for 1 min', async () => {
      await room.city.postgres.stop();
      await pause(60_000);
      await room.city.postgres.start();
    }));
  it('the worker that judges stands still for longer than its lease', () =>
    during('the worker that judges stopped for 8 s (SIGSTOP), then woken', () => room.holdJudging(8_000)));

  const jump = async (clock: MovedClock): Promise<void> => {
    clock.set(CLOCK_JUMP_SECONDS);
    await pause(20_000);
    clock.set(0);
  };
  it.skipIf(!clocksMove)('the clock of a gateway jumps', () =>
    during('the clock of one gateway 10 min ahead for 20 s, then back', () => jump(clocks['gateway']![0]!)),
  );
  it.skipIf(!clocksMove)('the clock of the worker that judges jumps', () =>
    during('the clock of the worker that judges 10 min ahead for 20 s, then back', async () => {
      const variables = room.city.environmentOf(await room.doing('rules'));
      await jump(
        clocks['worker']!.find(
          ({ environment }) => environment['FAKETIME_TIMESTAMP_FILE'] === variables?.['FAKETIME_TIMESTAMP_FILE'],
        )!,
      );
    }),
  );

  it.skipIf(!clocksMove)('the clock of an API server jumps', () =>
    during('the clock of one API server 2 days ahead for 20 s, 2 days back for 20 s, then right', async () => {
      for (const days of [2, -2]) {
        clocks['api']![0]!.set(days * DAY_SECONDS);
        await pause(5_000);
        await room.worksAt(0);
        await pause(15_000);
      }
      clocks['api']![0]!.set(0);
      await pause(2_000);
      await room.worksAt(0);
    }),
  );
  it('the clocks of three devices are wrong', () =>
    during('the clocks of three devices an hour ahead, a day back and in 1970 for 20 s, then right', () =>
      room.misdate(20_000),
    ));
});
