import { describe, expect, it } from 'vitest';
import { DraftKeeper, type KeeperDeps } from './draft-keeper.ts';

interface Stored {
  readonly version: number;
  readonly content: string;
}
/** A server with one draft, and a clock that is moved by hand. */
function aServer() {
  let stored: Stored | null = null;
  let failWith: string | null = null;
  let held: (() => void)[] = [];
  let holding = false;
  const calls: string[] = [];
  const backup: { content: string | null } = { content: null };
  let timers: (() => void)[] = [];
  const answer = async (call: string, make: () => Stored): Promise<Stored> => {
    calls.push(call);
    if (holding) await new Promise<void>((resolve) => held.push(resolve));
    if (failWith !== null) throw new Error(failWith);
    stored = make();
    return stored;
  };
  const deps: KeeperDeps<string, Stored> = {
    create: (content) => answer(`create ${content}`, () => ({ version: 1, content })),
    save: ({ version }, content) =>
      answer(`save ${content}`, () => {
        if (stored === null || stored.version !== version) throw new Error('conflict');
        return { version: version + 1, content };
      }),
    meaningOf: (error) => (error as Error).message as 'unreachable',
    backup: {
      write: (content) => {
        backup.content = content;
      },
      drop: () => {
        backup.content = null;
      },
    },
    later: (run) => {
      timers.push(run);
      return () => {
        timers = timers.filter((each) => each !== run);
      };
    },
  };
  return {
    deps,
    calls,
    backup,
    stored: () => stored,
    fail: (how: string | null) => {
      failWith = how;
    },
    saveByOthers: (content: string) => {
      stored = { version: (stored?.version ?? 0) + 1, content };
      return stored;
    },
    hold: () => {
      holding = true;
    },
    release: () => {
      holding = false;
      for (const resolve of held) resolve();
      held = [];
    },
    waiting: () => timers.length,
    tick: () => {
      for (const run of timers.splice(0)) run();
    },
  };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a draft that is being written', () => {
  it('is created by its first edit and saved by the next, once for all keys typed without a pause', async () => {
    const server = aServer();
    const keeper = new DraftKeeper(server.deps, null);
    for (const typed of ['P', 'PM', 'PM2.5']) keeper.edit(typed);
    expect(keeper.get().keeping).toBe('waiting');
    expect(server.waiting()).toBe(1);
    server.tick();
    await settled();
    expect(keeper.get()).toMatchObject({ keeping: 'kept', server: { version: 1, content: 'PM2.5' } });
    keeper.edit('PM10');
    expect((await keeper.flush()).server).toEqual({ version: 2, content: 'PM10' });
    expect(server.calls).toEqual(['create PM2.5', 'save PM10']);
  });

  it('sends what was typed during a save after it, never beside it', async () => {
    const server = aServer();
    const keeper = new DraftKeeper(server.deps, null);
    server.hold();
    keeper.edit('a');
    const done = keeper.flush();
    keeper.edit('b');
    const also = keeper.flush();
    expect(server.calls).toEqual(['create a']);
    expect(server.backup.content).toBe('b');
    server.release();
    await Promise.all([done, also]);
    expect(server.calls).toEqual(['create a', 'save b']);
    expect(server.backup.content).toBeNull();
  });

  it('stays on this machine while the server can’t be reached, and is sent when it can', async () => {
    const server = aServer();
    const keeper = new DraftKeeper(server.deps, null);
    server.fail('unreachable');
    keeper.edit('a');
    await keeper.flush();
    expect(keeper.get().keeping).toBe('unreachable');
    expect(server.backup.content).toBe('a');
    server.fail(null);
    server.tick();
    await settled();
    expect(keeper.get().keeping).toBe('kept');
    expect(server.backup.content).toBeNull();
  });

  it('waits for a person when somebody else has saved, and neither is lost before they choose', async () => {
    const server = aServer();
    const keeper = new DraftKeeper(server.deps, null);
    keeper.edit('mine');
    await keeper.flush();
    const theirs = server.saveByOthers('theirs');
    keeper.edit('mine, longer');
    await keeper.flush();
    expect(keeper.get().keeping).toBe('conflict');
    keeper.edit('mine, longer still');
    await keeper.flush();
    expect(server.stored()?.content).toBe('theirs');
    expect(server.backup.content).toBe('mine, longer still');
    await keeper.overwrite(theirs);
    expect(server.stored()).toEqual({ version: 3, content: 'mine, longer still' });
  });

  it('can be given up for what the server has', async () => {
    const server = aServer();
    const keeper = new DraftKeeper(server.deps, { version: 1, content: 'old' });
    const theirs = server.saveByOthers('theirs');
    keeper.edit('mine');
    keeper.forget(theirs);
    expect(keeper.get()).toMatchObject({ keeping: 'kept', server: theirs });
    expect(server.backup.content).toBeNull();
    expect(server.waiting()).toBe(0);
  });

  it('says why when the server won’t have it, and keeps it', async () => {
    const server = aServer();
    const keeper = new DraftKeeper(server.deps, null);
    server.fail('refused');
    keeper.edit('a');
    const { keeping, error } = await keeper.flush();
    expect(keeping).toBe('refused');
    expect((error as Error).message).toBe('refused');
    expect(server.backup.content).toBe('a');
  });
});
