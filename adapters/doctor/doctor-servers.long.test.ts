import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NatsServer, natsPresent, natsVersion, startThree } from '../nats/nats-server.ts';
import { PostgresServer, postgresPresent, postgresVersion } from '../registry/postgres-server.ts';
import { InfluxServer, influxPresent, influxVersion } from '../timeseries/influx-server.ts';
import { examine } from './doctor-command.ts';

const dataDirectory = join(mkdtempSync(join(tmpdir(), 'hd-doctor-')), 'data');
const STREAM = 'hai-dang-journal';

/** What the doctor says by a check's name, worst first, in both languages. */
async function said(environment: Readonly<Record<string, string>>, check: string): Promise<string> {
  const ports = { HD_HTTP_PORT: '0', HD_MQTT_PORT: '0', HD_DATA_DIRECTORY: dataDirectory };
  const findings = (await examine({ ...ports, ...environment }, new Date())).filter((found) => found.check === check);
  const order = ['problem', 'warning', 'ok'];
  return findings
    .toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
    .map(({ verdict, text }) => `${verdict}: ${text.en} / ${text.vi}`)
    .join('\n');
}

describe.skipIf(!natsPresent)(`The doctor of a journal on three servers (${natsVersion})`, () => {
  let servers: readonly NatsServer[];
  let environment: Readonly<Record<string, string>>;
  const makeStream = async (replicas: number): Promise<void> => {
    const connection = await servers[0]!.connect();
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    const wanted = { subjects: [`${STREAM}.*`], num_replicas: replicas };
    await (replicas === 1 ? streams.add({ name: STREAM, ...wanted }) : streams.update(STREAM, wanted));
    await connection.close();
  };
  beforeAll(async () => {
    servers = await startThree();
    environment = {
      HD_JOURNAL_ENGINE: 'nats',
      HD_BUS_ENGINE: 'nats',
      HD_NATS_SERVERS: servers.map(({ url }) => url).join(','),
      HD_NATS_REPLICAS: '3',
    };
  });
  afterAll(() => Promise.all(servers.map((server) => server.discard())));

  it('tells a stream that is not there yet, one with too few copies, and one that is whole', async () => {
    expect(await said(environment, 'nats')).toMatch(/^(ok: NATS 2\.\d+\.\d+ answers at .* trả lời tại .*\n?){3}$/);
    expect(await said(environment, 'nats_journal')).toMatch(/^ok: .* not there yet: the first start makes it/);
    await makeStream(1);
    expect(await said(environment, 'nats_journal')).toMatch(/^warning: .* each entry 1 times, HD_NATS_REPLICAS is 3/);
    await makeStream(3);
    await expect
      .poll(() => said(environment, 'nats_journal'), { timeout: 20_000 })
      .toMatch(/^ok: .* all copies are whole/);
  });

  it('names a server that is away, says what it means when most are, and when none answers', async () => {
    await servers[2]!.kill();
    await expect.poll(() => said(environment, 'nats_journal'), { timeout: 30_000 }).toMatch(/^warning: .*node-3/);
    expect(await said(environment, 'nats')).toMatch(new RegExp(`^warning: NATS does not answer at ${servers[2]!.url}`));
    await servers[1]!.kill();
    await expect.poll(() => said(environment, 'nats_journal'), { timeout: 30_000 }).toMatch(/^problem: Nobody leads/);
    await servers[0]!.kill();
    expect(await said(environment, 'nats')).toMatch(/^(problem: NATS does not answer at .*HD_NATS_SERVERS.*\n?){3}$/);
  }, 120_000);
});

describe.skipIf(!natsPresent)(`The doctor of a journal on one server (${natsVersion})`, () => {
  let server: NatsServer;
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const users = 'users: [{ user: hd, password: right }]';
    server = await NatsServer.alone(`accounts { A: { jetstream: enabled, ${users} } }\nno_auth_user: hd\n`);
    await server.start();
    environment = { HD_JOURNAL_ENGINE: 'nats', HD_BUS_ENGINE: 'nats', HD_NATS_SERVERS: server.url };
  });
  afterAll(() => server.discard());

  it('knows a wrong password from a server that is away, and a server alone from a cluster', async () => {
    const as = (password: string) => ({ ...environment, HD_NATS_USER: 'hd', HD_NATS_PASSWORD: password });
    expect(await said(as('wrong'), 'nats')).toMatch(/^problem: .* refuses who signs in .*HD_NATS_PASSWORD_FILE/);
    expect(await said(as('right'), 'nats')).toMatch(/^ok/);
    expect(await said(environment, 'nats_journal')).toMatch(/^problem: HD_NATS_REPLICAS is 3, .* no cluster/);
    expect(await said({ ...environment, HD_NATS_REPLICAS: '1' }, 'nats_journal')).toMatch(/^ok/);
  });
});

describe.skipIf(!postgresPresent)(`The doctor of a registry on ${postgresVersion}`, () => {
  const server = new PostgresServer({ fsync: false });
  beforeAll(() => server.start());
  afterAll(() => server.discard());

  it('knows a database that is not there, a wrong password, and a server that is away', async () => {
    const at = (url: string) => said({ HD_REGISTRY_ENGINE: 'postgres', HD_REGISTRY_URL: url }, 'registry');
    const url = await server.newDatabase();
    expect(await at(url)).toMatch(/^ok: .*nothing is kept yet/);
    expect(await at(server.url('nowhere'))).toMatch(/^problem: .*no such database .*createdb/);

    const [{ hba_file: file } = { hba_file: '' }] = await server.query<{ hba_file: string }>('SHOW hba_file');
    await server.query(`COPY (SELECT 'host all all 127.0.0.1/32 scram-sha-256') TO '${file}'`);
    await server.query('SELECT pg_reload_conf()');
    const guessing = url.replace('//hd@', '//hd:wrong@');
    await expect
      .poll(() => at(guessing), { timeout: 10_000 })
      .toMatch(/^problem: .*refuses who signs in .*HD_REGISTRY_PASSWORD_FILE/);

    await server.stop('immediate');
    expect(await at(url)).toMatch(/^problem: .*can't be used .*start it/);
  });
});

describe.skipIf(!influxPresent)(`The doctor of a store on ${influxVersion}`, () => {
  const server = new InfluxServer();
  beforeAll(() => server.start());
  afterAll(() => server.discard());

  it('knows a database that is not there, and a server that is away', async () => {
    const at = (database: string) =>
      said(
        { HD_STORE_ENGINE: 'influxdb', HD_STORE_URL: server.url, HD_STORE_API: 'v1', HD_STORE_DATABASE: database },
        'influxdb',
      );
    expect(await at(await server.newDatabase())).toMatch(/^ok: InfluxDB 1\./);
    expect(await at('nowhere')).toMatch(/^problem: .*no database nowhere.*CREATE DATABASE/);
    await server.kill();
    expect(await at('nowhere')).toMatch(/^problem: InfluxDB can't be reached .*wait in the journal/);
  });
});
