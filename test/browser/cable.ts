import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** The network between a browser and the platform, with somebody at the plug. */
export interface Cable {
  readonly port: number;
  /** From now on nothing passes, either way, and nobody is told: as when a switch in between loses power. */
  cut(): void;
  /** Everything passes again; connections held since before the cut go on, as TCP's do. */
  mend(): void;
  close(): Promise<void>;
}

/** Lays a cable from a free port on loopback to the platform's. */
export async function layCable(platformPort: number): Promise<Cable> {
  let isCut = false;
  const held = new Set<Socket>();
  const server = createServer((browser) => {
    const platform = connect(platformPort, '127.0.0.1');
    for (const [from, to] of [
      [browser, platform],
      [platform, browser],
    ] as const) {
      held.add(from);
      from.on('data', (bytes) => {
        if (!to.write(bytes)) from.pause();
      });
      to.on('drain', () => {
        if (!isCut) from.resume();
      });
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        held.delete(from);
        to.destroy();
      });
      if (isCut) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true;
      for (const socket of held) socket.pause();
    },
    mend() {
      isCut = false;
      for (const socket of held) socket.resume();
    },
    async close() {
      for (const socket of held) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
