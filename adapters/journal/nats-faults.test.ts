import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type NatsServer, natsPresent, natsVersion, startThree } from '../nats/nats-server.ts';
import { ThreeServers } from './nats-faults.ts';

const within = { timeout: 25_000, interval: 20 };

describe.skipIf(!natsPresent)(`the journal on three servers (${natsVersion})`, () => {
  let servers: readonly NatsServer[];
  beforeAll(async () => {
    servers = await startThree();
  });
  afterAll(() => Promise.all(servers.map((server) => server.discard())));

  it('has all it promised, once, when the server that leads is killed under way', async () => {
    const room = await ThreeServers.open(servers, 'killed');
    room.offer(8);
    await vi.waitFor(() => expect(room.promised.length).toBeGreaterThan(50), within);
    const leader = await room.leader();
    await leader.kill();
    const before = room.promised.length;
    await vi.waitFor(() => expect(room.promised.length).toBeGreaterThan(before + 50), within);
    await room.offerNoMore();
    const kept = await room.readBack();
    expect(room.doubledIn(kept)).toEqual([]);
    expect(room.missingIn(kept)).toEqual([]);
    expect(room.journal.status().writable).toBe(true);
    await room.close();
    await leader.start();
  });
});
