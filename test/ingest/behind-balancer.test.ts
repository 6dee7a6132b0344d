import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverFiles } from './certificate-chain.ts';
import { aProfile } from './device-door.ts';
import { newFolder, openIngest, tokenOf } from './platform-parts.ts';

/** What a balancer says first of a connection from this address (PROXY protocol, version 2). */
const headerOf = (address: string): Buffer =>
  Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a2111000c', 'hex'),
    Buffer.from([...address.split('.').map(Number), 10, 0, 0, 1, 0x9c, 0x40, 0x07, 0x5b]),
  ]);

let platform: Awaited<ReturnType<typeof openIngest>>;
beforeAll(async () => {
  const folder = newFolder();
  platform = await openIngest(folder, { mqtt: { tlsPort: 0, proxyProtocol: true, ...(await serverFiles(folder)) } });
  await aProfile(platform);
});
afterAll(() => platform.stopAll());

/** A device's own connection, as a balancer passes it on. */
async function connect(
  address: string,
  { username, password, tls = false }: { username: string; password: string; tls?: boolean },
): Promise<MqttClient> {
  const through = (): Socket => {
    const socket = connectTcp(tls ? platform.gateway.tlsPort! : platform.mqttPort, '127.0.0.1');
    socket.write(headerOf(address));
    return tls ? connectTls({ socket, rejectUnauthorized: false }) : socket;
  };
  const clientId = username === 'provision' ? 'guess-1' : username;
  const client = new MqttClient(through, { clientId, username, password, protocolVersion: 4, reconnectPeriod: 0 });
  return new Promise((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.once('error', (error) => client.end(true, () => reject(error)));
  });
}

describe('a gateway behind a balancer', () => {
  it.each([false, true])('takes readings of a device behind it (TLS: %s)', async (tls) => {
    const client = await connect('203.0.113.1', { username: 'air-1', password: tokenOf('air-1'), tls });
    await client.publishAsync('hd/v1/air-1/telemetry', JSON.stringify({ values: { pm2_5: 12 } }), { qos: 1 });
    await client.endAsync();
  });

  it.each([false, true])('counts wrong secrets for who gave them, not for the balancer (TLS: %s)', async (tls) => {
    const [guesser, other] = tls ? ['203.0.113.7', '203.0.113.8'] : ['203.0.113.17', '203.0.113.18'];
    const guess = (address: string): Promise<unknown> =>
      connect(address, { username: 'provision', password: 'guess', tls }).catch(({ code }: { code: unknown }) => code);
    for (let i = 0; i < 20; i++) expect(await guess(guesser)).toBe(4);
    expect(await guess(guesser)).toBe(3);
    expect(await guess(other)).toBe(4);
  });

  it('closes a connection that comes past the balancer', async () => {
    const refused = (): number => platform.metrics.value('hd_connections_refused_total');
    const before = refused();
    const socket = connectTcp(platform.mqttPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(Buffer.from('101000044d5154540402003c000461697231', 'hex'));
    await once(socket, 'close');
    expect(refused() - before).toBe(1);
    expect(platform.errors).toEqual([]);
  });
});
