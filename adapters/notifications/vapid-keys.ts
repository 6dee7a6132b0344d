import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Who we are to push services (RFC 8292): made once, since browsers subscribe to this key and no other. */
export interface VapidKeys {
  /** Uncompressed point, base64url: what a browser calls `applicationServerKey`. */
  readonly publicKey: string;
  /** Value of the Authorization header for a push service. `subject`: where its people can reach ours. */
  authorization(audience: string, subject: string, nowMs: number): string;
}

/** Push services take no token that is valid for more than a day. */
const VALID_SECONDS = 12 * 3600;

/** Reads the keys in `file`, or makes them there, readable by the platform alone. */
export function openVapidKeys(file: string): VapidKeys {
  const privateKey = existsSync(file) ? createPrivateKey(readFileSync(file)) : makeKeys(file);
  const { x = '', y = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  const point = Buffer.concat([Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  const publicKey = point.toString('base64url');
  return {
    publicKey,
    authorization(audience, subject, nowMs) {
      const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
      const claims = { aud: audience, exp: Math.floor(nowMs / 1000) + VALID_SECONDS, sub: subject };
      const unsigned = `${encode({ typ: 'JWT', alg: 'ES256' })}.${encode(claims)}`;
      const signature = sign('sha256', Buffer.from(unsigned), { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return `vapid t=${unsigned}.${signature.toString('base64url')}, k=${publicKey}`;
    },
  };
}

function makeKeys(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  mkdirSync(dirname(file), { recursive: true });
  // Whole or not at all: half a key would end every subscription.
  const half = `${file}.new`;
  writeFileSync(half, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flush: true });
  renameSync(half, file);
  return privateKey;
}
