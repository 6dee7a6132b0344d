import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type FirmwareClaim, type FirmwareKey, firmwareManifest } from '../../domain/firmware/firmware-image.ts';

/** DER of an Ed25519 SubjectPublicKeyInfo up to the key itself [RFC 8410 §4]. */
const SPKI_START = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

const keyOf = (raw: Buffer): KeyObject =>
  createPublicKey({ key: Buffer.concat([SPKI_START, raw]), format: 'der', type: 'spki' });

/** The 32 bytes in base64 of what people have: PEM, or those bytes in base64 or base64url. `null`: no Ed25519 public key, or a private one. */
export function publicKeyIn(given: string): string | null {
  const text = given.trim();
  try {
    if (!text.startsWith('-----')) {
      const raw = Buffer.from(text, 'base64');
      return raw.length === KEY_BYTES && keyOf(raw) ? raw.toString('base64') : null;
    }
    // A private key has a public half; whoever sends it here made a mistake that must not pass in silence.
    if (!text.startsWith('-----BEGIN PUBLIC KEY-----')) return null;
    const key = createPublicKey(text);
    if (key.asymmetricKeyType !== 'ed25519') return null;
    return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_START.length).toString('base64');
  } catch {
    return null;
  }
}

/** The first of the keys that made the signature; `undefined`: none did. */
export function signerOf<K extends Pick<FirmwareKey, 'publicKey'>>(
  keys: readonly K[],
  claim: FirmwareClaim,
  signature: string,
): K | undefined {
  const manifest = Buffer.from(firmwareManifest(claim));
  const bytes = Buffer.from(signature, 'base64');
  return keys.find(({ publicKey }) => verify(null, manifest, keyOf(Buffer.from(publicKey, 'base64')), bytes));
}
