import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** Others on the same HTTP server. */
export interface SharedServer {
  /** Paths whose WebSocket upgrades go elsewhere, e.g. `/mqtt` to the gateway. */
  readonly upgrades?: Readonly<Record<string, (request: IncomingMessage, socket: Duplex, head: Buffer) => void>>;
}

/** Gives upgrades to whom their path belongs; those below `except` are seen to already. */
export function routeUpgrades(server: HttpServer, shared: SharedServer | undefined, except?: string): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (except !== undefined && path.startsWith(except)) return;
    const upgrade = shared?.upgrades?.[path];
    if (upgrade) upgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
}
