import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type NatsServer, natsPresent, natsVersion, startThree } from '../nats/nats-server.ts';
import { ThreeServers } from './nats-faults.ts';

const within = { timeout: 25_000, interval: 20 };
/** Seen with 2.9.10: two servers out of three may need several rounds to choose who leads, each of some seconds. */
const whileChoosing = { ...within, timeout: 60_000 };

describe.skipIf(!natsPresent)(`the journal on three servers (${natsVersion})`, () => {
  let servers: readonly NatsServer[];
  beforeAll(async () => {
    servers = await startThree();
  });
  afterAll(() => Promise.all(servers.map((server) => server.discard())));

  it('goes on when one server is cut off, promises nothing when two are, and goes on when they are back', async () => {
    const room = await ThreeServers.open(servers, 'cut-off');
    const leader = await room.leader();
    const [first, second] = servers.filter((server) => server !== leader);
    room.offer(4);
    await vi.waitFor(() => expect(room.promised.length).toBeGreaterThan(20), within);
    first!.hold();
    const before = room.promised.length;
    await vi.waitFor(() => expect(room.promised.length).toBeGreaterThan(before + 50), within);
    second!.hold();
    await vi.waitFor(
      () => expect(room.journal.status()).toMatchObject({ writable: false, reason: 'UNREACHABLE' }),
      within,
    );
    const promised = room.promised.length;
    await vi.waitFor(() => expect(room.refused.length).toBeGreaterThan(0), within);
    expect(room.promised.length).toBe(promised);
    first!.letGo();
    second!.letGo();
    await vi.waitFor(() => expect(room.promised.length).toBeGreaterThan(promised + 20), within);
    await vi.waitFor(() => expect(room.journal.status().writable).toBe(true), within);
    expect(room.faults[0]).toMatchObject({ kind: 'unavailable', reason: 'UNREACHABLE' });
    expect(room.faults.at(-1)).toEqual({ kind: 'recovered' });
    await room.offerNoMore();
    const kept = await room.readBack();
    expect(room.doubledIn(kept)).toEqual([]);
    expect(room.missingIn(kept)).toEqual([]);
    await room.close();
  });

  it('has all it promised, once, while the servers are killed in turn, whichever leads', async () => {
    const room = await ThreeServers.open(servers, 'in-turn');
    room.offer(8);
    for (let round = 0; round < 12; round++) {
      const victim = round % 2 === 0 ? await room.leader() : servers[round % servers.length]!;
      await victim.kill();
      const before = room.promised.length;
      await vi.waitFor(() => expect(room.promised.length).toBeGreaterThan(before + 200), whileChoosing);
      await victim.start();
      await room.untilWhole();
    }
    await room.offerNoMore();
    const kept = await room.readBack();
    expect(room.doubledIn(kept)).toEqual([]);
    expect(room.missingIn(kept)).toEqual([]);
    console.log(`in turn: ${room.promised.length} promised, ${kept.length} kept, ${room.refused.length} refused`);
    await room.close();
  });
});
