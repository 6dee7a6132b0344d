import { createCipheriv, createECDH, type ECDH, hkdfSync, randomBytes } from 'node:crypto';

/** Bytes of the only record (RFC 8188 §2), and of what fits in it: push services take messages of 4096 bytes (RFC 8291 §4). */
const RECORD_BYTES = 4096;
const HEADER_BYTES = 16 + 4 + 1 + 65;
export const PUSH_PLAINTEXT_BYTES = RECORD_BYTES - HEADER_BYTES - 16 - 1;

const hkdf = (salt: Uint8Array, secret: Uint8Array, info: Uint8Array, bytes: number): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, bytes));

export interface EncryptionParts {
  readonly salt: Uint8Array;
  /** Used for one message alone. */
  readonly sender: ECDH;
}
function freshParts(): EncryptionParts {
  const sender = createECDH('prime256v1');
  sender.generateKeys();
  return { salt: randomBytes(16), sender };
}

/**
 * A message that only the subscribed browser can read: aes128gcm content coding keyed by the browser's public key and secret (RFC 8291 §3).
 * @throws when `p256dh` is no point of the curve, or the text is longer than {@link PUSH_PLAINTEXT_BYTES}.
 */
export function encryptForBrowser(
  plaintext: Uint8Array,
  keys: { readonly p256dh: string; readonly auth: string },
  { salt, sender }: EncryptionParts = freshParts(),
): Buffer {
  if (plaintext.byteLength > PUSH_PLAINTEXT_BYTES) throw new RangeError('too long for a push message');
  const browserKey = Buffer.from(keys.p256dh, 'base64url');
  const ourKey = sender.getPublicKey();
  const shared = sender.computeSecret(browserKey);
  const keyInfo = Buffer.concat([Buffer.from('WebPush: info\0'), browserKey, ourKey]);
  const inputKey = hkdf(Buffer.from(keys.auth, 'base64url'), shared, keyInfo, 32);
  const contentKey = hkdf(salt, inputKey, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = hkdf(salt, inputKey, Buffer.from('Content-Encoding: nonce\0'), 12);
  const cipher = createCipheriv('aes-128-gcm', contentKey, nonce);
  // 2 marks the last record.
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.update(Uint8Array.of(2)), cipher.final()]);
  const header = Buffer.alloc(21);
  header.set(salt, 0);
  header.writeUInt32BE(RECORD_BYTES, 16);
  header.writeUInt8(ourKey.length, 20);
  return Buffer.concat([header, ourKey, sealed, cipher.getAuthTag()]);
}
