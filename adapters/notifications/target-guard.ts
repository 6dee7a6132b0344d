import type { LookupAddress } from 'node:dns';
import { lookup as systemLookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Addresses that lead into the house or nowhere (IANA special-purpose registries), with what maps IPv4 into IPv6. */
const INTERNAL = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/127',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

export class TargetForbidden extends Error {
  override readonly name = 'TargetForbidden';
}

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIP(address);
    const whole = family === 6 ? 128 : 32;
    const prefix = bits === undefined ? whole : Number(bits);
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > whole)
      throw new RangeError(`"${range}" is no address or range, e.g. 10.1.2.0/24`);
    list.addSubnet(address, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;
const resolveBySystem: Resolve = (host) =>
  new Promise((resolve, reject) => {
    systemLookup(host, { all: true, verbatim: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });

/**
 * Keeps requests that outsiders can steer from reaching inside: every address a name has must be a public one, or be allowed by the administrator. It is asked
 * as the connection is made, so a name that changes its address after it was looked at gains nothing.
 */
export class TargetGuard {
  readonly #internal = blockList(INTERNAL);
  readonly #allowed: BlockList;
  readonly #resolve: Resolve;

  /** `allowed`: addresses or ranges inside that may be reached. @throws {RangeError} for what is neither. */
  constructor(allowed: readonly string[], resolve: Resolve = resolveBySystem) {
    this.#allowed = blockList(allowed);
    this.#resolve = resolve;
  }

  /** @throws {TargetForbidden} */
  assertAddress(address: string, isTls: boolean): void {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (this.#allowed.check(address, family)) return;
    if (this.#internal.check(address, family))
      throw new TargetForbidden(`${address} is an internal address (notifications.allowedTargets)`);
    if (!isTls) throw new TargetForbidden('only https leaves the house');
  }

  /** @throws {TargetForbidden} for addresses that no request may have, as far as the words alone tell. */
  assertUrl(url: URL): void {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TargetForbidden('only http and https');
    if (url.username !== '' || url.password !== '') throw new TargetForbidden('no user or password in the address');
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host)) this.assertAddress(host, url.protocol === 'https:');
  }

  /** For `http.request`: looks a name up, and refuses when one of its addresses is forbidden. */
  lookup(isTls: boolean): LookupFunction {
    return (host, options, callback) => {
      this.#resolve(host).then(
        (addresses) => {
          try {
            for (const { address } of addresses) this.assertAddress(address, isTls);
          } catch (error) {
            callback(error as Error, '', 0);
            return;
          }
          const [first] = addresses;
          if (first === undefined) callback(new Error(`${host} has no address`), '', 0);
          else if (options.all) callback(null, [...addresses]);
          else callback(null, first.address, first.family);
        },
        (error: Error) => callback(error, '', 0),
      );
    };
  }
}
