import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { childrenOf, startProcess, until } from './processes.ts';

export interface PlatformChild {
  readonly pid: number;
  readonly httpUrl: string;
  readonly mqttPort: number;
  /** From the start of the process to the line that says it is ready. */
  readonly readyMs: number;
  /** A metric's value, summed over its labels; of several, their sum, read in one go. */
  metric(...names: readonly string[]): Promise<number>;
  /** Resolves when every consumer has passed all the journal holds. */
  caughtUp(): Promise<void>;
  /** Asks for a stop in good order; resolves when it has gone. */
  stop(): Promise<void>;
}

export interface PlatformChildOptions {
  readonly folder: string;
  /** The demo city, started as `npm start` starts it; else the plain platform. */
  readonly demo?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** Words for Node itself, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
}

/** The platform as its users run it, in a process of its own and on ports of its own. What it logs goes to standard error. */
export async function startPlatform(options: PlatformChildOptions): Promise<PlatformChild> {
  const began = performance.now();
  const child = startProcess(
    process.execPath,
    [...(options.nodeOptions ?? []), ...(options.demo ? ['bootstrap.mjs', 'start'] : ['main.ts'])],
    { env: { HD_DATA_DIRECTORY: options.folder, HD_HTTP_PORT: '0', HD_MQTT_PORT: '0', ...options.env } },
  );
  const { http, mqtt } = await new Promise<{ http: number; mqtt: number }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the platform ended with ${code} before it was ready`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      process.stderr.write(`${line}\n`);
      if (line.includes('"event":"ready"')) resolve(JSON.parse(line) as { http: number; mqtt: number });
    });
  });
  const readyMs = performance.now() - began;
  // The bootstrap waits for the platform, which is its child.
  const pid = options.demo ? childrenOf(child.pid!)[0]! : child.pid!;
  const httpUrl = `http://127.0.0.1:${http}`;

  const metric = async (...names: readonly string[]): Promise<number> => {
    const text = await (await fetch(`${httpUrl}/metrics`)).text();
    const lines = names.flatMap((name) => {
      const own = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
      if (own.length === 0) throw new Error(`the platform has no metric ${name}`);
      return own;
    });
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  };
  return {
    pid,
    httpUrl,
    mqttPort: mqtt,
    readyMs,
    metric,
    async caughtUp() {
      const everyMs = 500;
      await until(
        'the consumers to pass the journal',
        async () => (await metric('hd_journal_depth')) === 0 || undefined,
        { everyMs, withinMs: 600_000 },
      );
    },
    async stop() {
      if (child.exitCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      process.kill(pid, 'SIGTERM');
      const ended = await Promise.race([gone.then(() => true), pause(60_000, false)]);
      if (!ended) throw new Error('the platform did not stop within 60 s');
    },
  };
}
