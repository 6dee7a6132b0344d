import { spawnSync } from 'node:child_process';
import type { NatsPlace } from '../../adapters/nats/nats-server.ts';

const ip = (...words: readonly string[]): boolean => spawnSync('ip', words, { stdio: 'ignore' }).status === 0;

/** Three places, each behind a cable of its own that can be pulled: network namespaces on one bridge, which only root may make. */
export class CutOffNetwork {
  readonly places: readonly NatsPlace[];
  readonly #name: string;

  private constructor(name: string, third: number) {
    this.#name = name;
    this.places = [1, 2, 3].map((n) => ({
      address: `10.201.${third}.${n}`,
      words: ['ip', 'netns', 'exec', `${name}-${n}`],
    }));
  }

  /** `null`: not on this machine, or not for this user. */
  static open(): CutOffNetwork | null {
    // Names of interfaces have 15 characters at the most.
    const network = new CutOffNetwork(`hd${process.pid % 1_000_000}`, 1 + (process.pid % 250));
    if (network.#build()) return network;
    network.close();
    return null;
  }

  #build(): boolean {
    const bridge = `${this.#name}-b`;
    const [first] = this.places;
    const host = first!.address.replace(/\d+$/, '254/24');
    if (!ip('link', 'add', bridge, 'type', 'bridge')) return false;
    if (!ip('addr', 'add', host, 'dev', bridge) || !ip('link', 'set', bridge, 'up')) return false;
    return this.places.every(({ address }, i) => {
      const [space, here, there] = [`${this.#name}-${i + 1}`, `${this.#name}-h${i + 1}`, `${this.#name}-n${i + 1}`];
      return (
        ip('netns', 'add', space) &&
        ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', space) &&
        ip('link', 'set', here, 'master', bridge, 'up') &&
        ip('-n', space, 'addr', 'add', `${address}/24`, 'dev', there) &&
        ip('-n', space, 'link', 'set', there, 'up') &&
        ip('-n', space, 'link', 'set', 'lo', 'up')
      );
    });
  }

  /** Nothing comes or goes any more at the place; connections are not told. */
  cut = (place: number): void => this.#set(place, 'down');
  mend = (place: number): void => this.#set(place, 'up');
  #set(place: number, state: 'up' | 'down'): void {
    if (!ip('link', 'set', `${this.#name}-h${place + 1}`, state))
      throw new Error(`the cable ${place} can't be ${state}`);
  }

  /** Servers in it must have ended. */
  close(): void {
    for (const n of [1, 2, 3]) {
      ip('link', 'del', `${this.#name}-h${n}`);
      ip('netns', 'del', `${this.#name}-${n}`);
    }
    ip('link', 'del', `${this.#name}-b`);
  }
}
