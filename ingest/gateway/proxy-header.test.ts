import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProxyHeader } from './proxy-header.ts';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const header = (command: number, family: number, body: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(body.length);
  return Buffer.concat([SIGNATURE, Buffer.from([command, family]), length, body]);
};
/** From 203.0.113.7 port 40000 to 10.0.0.1 port 1883, with a checksum behind it as some balancers add. */
const IPV4 = header(0x21, 0x11, Buffer.from('cb0071070a0000019c40075b03000412345678', 'hex'));
const IPV6 = header(0x21, 0x21, Buffer.from(`20010db8${'00'.repeat(11)}01${'00'.repeat(16)}9c40075b`, 'hex'));

describe('the header of a balancer', () => {
  it('names the source of a connection, by IPv4 and IPv6', () => {
    expect(readProxyHeader(IPV4)).toEqual({ bytes: IPV4.length, address: '203.0.113.7' });
    expect(readProxyHeader(IPV6)).toEqual({ bytes: IPV6.length, address: '2001:db8:0:0:0:0:0:1' });
  });

  it('names none of the balancer’s own connection, or of a family without addresses', () => {
    expect(readProxyHeader(header(0x20, 0x11, Buffer.alloc(12)))?.address).toBeNull();
    expect(readProxyHeader(header(0x21, 0x00, Buffer.alloc(0)))?.address).toBeNull();
  });

  it('is waited for however it is cut, and ends where what follows begins', () => {
    const follows = Buffer.from([0x10, 0x0c]);
    fc.assert(
      fc.property(fc.constantFrom(IPV4, IPV6), fc.nat(), (whole, at) => {
        expect(readProxyHeader(whole.subarray(0, at % whole.length))).toBeNull();
        expect(readProxyHeader(Buffer.concat([whole, follows]))?.bytes).toBe(whole.length);
      }),
    );
  });

  it('is refused when it is none: MQTT, TLS, version 1, another version, addresses cut short, or too long', () => {
    const refused = [
      Buffer.from([0x10, 0x0c, 0x00, 0x04]),
      Buffer.from([0x16, 0x03, 0x01]),
      Buffer.from('PROXY TCP4 '),
      header(0x31, 0x11, Buffer.alloc(12)),
      header(0x21, 0x11, Buffer.alloc(8)),
      header(0x21, 0x11, Buffer.alloc(2_000)),
    ];
    for (const bytes of refused) expect(() => readProxyHeader(bytes), bytes.toString('hex')).toThrow(RangeError);
  });

  it('takes any bytes without falling over', () => {
    const some = fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(
        fc.oneof(
          some,
          some.map((bytes) => Buffer.concat([SIGNATURE, bytes])),
        ),
        (bytes) => {
          try {
            const found = readProxyHeader(bytes);
            if (found !== null) expect(found.bytes).toBeLessThanOrEqual(bytes.length);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        },
      ),
    );
  });
});
