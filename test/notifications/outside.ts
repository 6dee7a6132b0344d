import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
export interface Outside {
  readonly url: string;
  /** Everything that came, in order. */
  readonly received: Received[];
  /** How the next requests are answered; the last one goes on. Without: 200. */
  answers(...answers: ((response: ServerResponse) => void)[]): void;
  close(): Promise<void>;
}

export const status =
  (code: number, headers: Readonly<Record<string, string>> = {}, body = '') =>
  (response: ServerResponse): void => {
    response.writeHead(code, headers).end(body);
  };

/** A real HTTP server that isn't ours: it keeps what it was sent and answers as it is told. */
export async function openOutside(): Promise<Outside> {
  const received: Received[] = [];
  let queue: ((response: ServerResponse) => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) });
      const answer = queue.length > 1 ? queue.shift() : queue[0];
      (answer ?? status(200))(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers: (...answers) => {
      queue = answers;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
