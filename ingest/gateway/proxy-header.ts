import type { Socket } from 'node:net';
import { type DurationMs, seconds } from '../../domain/time.ts';

/** How a header of version 2 begins, whatever it holds. */
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED_BYTES = 16;
/** Addresses and what balancers commonly add; a longer one is not from a balancer of ours. */
const LONGEST_BYTES = 1_024;
const [LOCAL, PROXY] = [0x20, 0x21];
const [TCP_IPV4, TCP_IPV6] = [0x11, 0x21];
const HEADER_WITHIN = seconds(10);

/** A balancer's header was read: how long it is, and whose connection follows; `null`: the balancer's own. */
export interface ProxyHeader {
  readonly bytes: number;
  readonly address: string | null;
}

/**
 * Reads a header of the PROXY protocol, version 2 (https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt, section 2.2), by which a balancer says
 * before anything else where a TCP connection comes from. `null`: more bytes are needed.
 * @throws {RangeError} when it is none.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | null {
  const begun = Math.min(bytes.length, SIGNATURE.length);
  if (!bytes.subarray(0, begun).equals(SIGNATURE.subarray(0, begun))) throw new RangeError('no PROXY header');
  if (bytes.length < FIXED_BYTES) return null;
  const command = bytes[12];
  if (command !== LOCAL && command !== PROXY) throw new RangeError(`PROXY header of another version: ${command}`);
  const length = FIXED_BYTES + bytes.readUInt16BE(14);
  if (length > LONGEST_BYTES) throw new RangeError(`PROXY header of ${length} bytes`);
  if (bytes.length < length) return null;
  return { bytes: length, address: command === PROXY ? sourceIn(bytes.subarray(13, length)) : null };
}

/** The source address behind the family's byte and the length; `null` of a family without one. @throws {RangeError} when it is cut short. */
function sourceIn(bytes: Buffer): string | null {
  const family = bytes[0];
  const addresses = bytes.subarray(3);
  const needed = family === TCP_IPV4 ? 12 : family === TCP_IPV6 ? 36 : 0;
  if (addresses.length < needed) throw new RangeError('PROXY header without its addresses');
  if (family === TCP_IPV4) return addresses.subarray(0, 4).join('.');
  if (family !== TCP_IPV6) return null;
  return Array.from({ length: 8 }, (_, i) => addresses.readUInt16BE(i * 2).toString(16)).join(':');
}

/** Connections through a balancer that says where they come from. */
export class ProxiedSockets {
  readonly #onRefused: () => void;
  readonly #within: DurationMs;
  readonly #waiting = new Set<Socket>();
  /** Of the balancer's end of a connection → whose it is: a TLS socket knows no more of what it is made of. */
  readonly #sources = new Map<string, string>();

  /** `onRefused`: a connection was closed for want of a header. */
  constructor(onRefused: () => void, within: DurationMs = HEADER_WITHIN) {
    this.#onRefused = onRefused;
    this.#within = within;
  }
  /** Connections whose header has not come yet. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes the header from the socket and hands it on; one that begins with something else, or is silent, is closed. */
  accept(socket: Socket, next: (socket: Socket) => void): void {
    let read: Buffer = Buffer.alloc(0);
    const end = `${socket.remoteAddress} ${socket.remotePort}`;
    const tooLate = setTimeout(() => refuse(), this.#within).unref();
    const done = (): void => {
      clearTimeout(tooLate);
      this.#waiting.delete(socket);
      socket.off('readable', look);
    };
    const refuse = (): void => {
      done();
      this.#onRefused();
      socket.destroy();
    };
    const look = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null)
        read = Buffer.concat([read, chunk]);
      let header: ProxyHeader | null;
      try {
        header = readProxyHeader(read);
      } catch {
        refuse();
        return;
      }
      if (header === null) return;
      done();
      if (header.address !== null) this.#sources.set(end, header.address);
      if (read.length > header.bytes) socket.unshift(read.subarray(header.bytes));
      next(socket);
    };
    this.#waiting.add(socket);
    socket.once('close', () => {
      done();
      this.#sources.delete(end);
    });
    // Kept for as long as the socket is: nobody else may listen while TLS begins on it.
    socket.on('error', done);
    socket.on('readable', look);
  }

  /** Where the connection comes from, as the balancer said; else from where it is here. */
  addressOf = (socket: Partial<Socket>): string | undefined =>
    this.#sources.get(`${socket.remoteAddress} ${socket.remotePort}`) ?? socket.remoteAddress;
}
