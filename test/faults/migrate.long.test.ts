import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { natsPresent, natsVersion } from '../../adapters/nats/nats-server.ts';
import { postgresPresent, postgresVersion } from '../../adapters/registry/postgres-server.ts';
import { influxPresent, influxVersion } from '../../adapters/timeseries/influx-server.ts';
import { MovingCity } from './moving-city.ts';

const SOON = { timeout: 120_000, interval: 100 };
const isThere = natsPresent && postgresPresent && influxPresent;
/** What is said when each begins: the move is killed there, once each. What is left is over before a signal comes. */
const KILLED_AT = ['Readings, week', 'Registry and files', 'What came in', 'Hand-over', 'Comparing', 'Journal'];

describe.skipIf(!isThere)(`a move to ${natsVersion}, ${postgresVersion} and ${influxVersion}`, () => {
  it('that is killed in each of its steps under hundreds of messages a second loses nothing and doubles nothing', async () => {
    const city = await MovingCity.open(60);
    onTestFinished(() => city.close());
    const hours = await city.sendHistory(4);
    // 400 messages and 200 alarms a second.
    await city.servers.send(city, 300, 'by itself');
    await vi.waitFor(() => expect(city.servers.expected.size).toBeGreaterThan(1_000), SOON);
    for (const step of KILLED_AT) {
      const { child, ended } = city.migrating();
      child.stderr?.on('data', (text) => String(text).includes(`• ${step}`) && child.kill('SIGKILL'));
      expect({ step, ...(await ended) }).toMatchObject({ step, code: null });
    }
    const { code, said } = await city.migrating().ended;
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/Hand-over: [\d.]+ s/) });
    await city.old.gone;
    // Not where it was, nor a second time.
    await expect(city.startOld()).rejects.toThrow(/ended \(2\)/);
    expect(await city.migrating().ended).toMatchObject({ code: 1, said: expect.stringMatching(/has moved already/) });
    expect(await city.alarmsAfter()).toEqual(city.alarmsBefore());

    const atMove = city.servers.expected.size;
    console.log(said.split('\n').at(-2), `${atMove} alarms at the move`);
    await city.startNew();
    await vi.waitFor(() => expect(city.servers.expected.size).toBeGreaterThan(atMove + 1_000), SOON);
    await city.servers.stopSending();
    expect(await city.servers.misjudged()).toEqual({ lost: [], doubled: [] });
    await vi.waitFor(
      async () => expect(await city.servers.stored()).toBe(hours + 2 * city.servers.expected.size),
      SOON,
    );
  });

  it('is refused where something is, and where another city moves in', async () => {
    const [one, other] = await Promise.all([MovingCity.open(1), MovingCity.open(1)]);
    onTestFinished(async () => void (await Promise.all([one.close(), other.close()])));
    expect(await one.migrating().ended).toMatchObject({ code: 0 });
    // The registry is full now.
    const { code, said } = await other.migrating(one.servers).ended;
    expect({ code, said }).toMatchObject({
      code: 1,
      said: expect.stringContaining('not empty: the PostgreSQL database'),
    });
    await other.servers.inRegistry("CREATE TABLE moving_in (id TEXT); INSERT INTO moving_in VALUES ('another')");
    expect(await other.migrating().ended).toMatchObject({ code: 1, said: expect.stringContaining('another city') });
  });
});
