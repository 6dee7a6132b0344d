import { afterAll, beforeAll, describe, it } from 'vitest';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { CityUnderFaults, type FaultSeen, faultTable } from '../faults/city-faults.ts';
import type { PlatformProcess } from '../faults/platform-process.ts';

const isThere = natsPresent && postgresPresent && influxPresent;
/** Folder of the release before this one, with its modules. */
const PREVIOUS = process.env['PREVIOUS_RELEASE'];
const MESSAGES_PER_SECOND = 500;
const SERVERS = `${natsVersion}, ${postgresVersion}, ${influxVersion}`;

/** Workers first, then API servers, then gateways, as the operations guide says; two versions side by side from the first to the last. */
describe.skipIf(!isThere || PREVIOUS === undefined)(`a city of the release in ${PREVIOUS} on ${SERVERS}`, () => {
  const rows: FaultSeen[] = [];
  let room: CityUnderFaults;
  beforeAll(async () => {
    room = await CityUnderFaults.open({
      devices: 60,
      messagesPerSecond: MESSAGES_PER_SECOND,
      nodes: 3,
      release: PREVIOUS!,
    });
  });
  afterAll(async () => {
    console.log(`\n${SERVERS}\n\n${faultTable(rows)}\n`);
    await room.close();
  });

  /** Whoever has run longest: what was upgraded has begun anew. */
  const worker = (): PlatformProcess => [...room.city.workers][0]!;
  it.each([
    ['one worker', worker],
    ['the other worker', worker],
    ['one API server', () => room.apis[0]!],
    ['the other API server', () => room.apis[1]!],
    ['one gateway', () => room.gateways[0]!],
    ['the other gateway', () => room.gateways[1]!],
  ] as const)('%s is upgraded, and people work at both API servers as before', async (which, find) => {
    const seen = await room.during(`upgrade of ${which}`, async () => {
      await room.upgrade(find(), process.cwd());
      for (const n of [0, 1]) await room.worksAt(n);
    });
    rows.push(seen);
  });
});
