import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import type { Received } from './outside.ts';

/** A browser's side of Web Push: its keys, and what it makes of a message. */
export function aBrowser() {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  const secret = randomBytes(16);
  return {
    p256dh: keys.getPublicKey().toString('base64url'),
    auth: secret.toString('base64url'),
    /** Opens a message as RFC 8291 and RFC 8188 say. @throws when it was not sealed for this browser. */
    open(body: Buffer): unknown {
      const salt = body.subarray(0, 16);
      const idLength = body.readUInt8(20);
      const senderKey = body.subarray(21, 21 + idLength);
      const sealed = body.subarray(21 + idLength);
      const derive = (key: Uint8Array, by: Uint8Array, info: Buffer, bytes: number) =>
        Buffer.from(hkdfSync('sha256', key, by, info, bytes));
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), senderKey]);
      const input = derive(keys.computeSecret(senderKey), secret, info, 32);
      const key = derive(input, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
      const nonce = derive(input, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
      const decipher = createDecipheriv('aes-128-gcm', key, nonce);
      decipher.setAuthTag(sealed.subarray(-16));
      const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
      return JSON.parse(plain.subarray(0, plain.lastIndexOf(2)).toString('utf8'));
    },
  };
}

/** What a push service checks before it takes a message: that it comes from the key the browser subscribed to, for this service, and is not too old (RFC 8292). */
export function vapidClaims(request: Received, publicKey: string): { aud: string; exp: number; sub: string } {
  const { t, k } = /^vapid t=(?<t>[^,]+), k=(?<k>.+)$/.exec(request.headers.authorization ?? '')?.groups ?? {};
  if (k !== publicKey || t === undefined) throw new Error('not signed by the key that was subscribed to');
  const [head, claims, signature] = t.split('.') as [string, string, string];
  const point = Buffer.from(publicKey, 'base64url');
  const key = createPublicKey({
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
    format: 'jwk',
  });
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!signed) throw new Error('the signature is wrong');
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; exp: number; sub: string };
}
