import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { PreparedAnswer } from './answer.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * What an `Idempotency-Key` keeps an answer by. The answer may hold what is shown once (a device's token), so it is sealed (AES-256-GCM) with a secret made of
 * the key, which whoever sent it alone knows: of a random one nothing can be read from the registry or a backup of it.
 */
export class AnswerSeal {
  /** Of who asked what under which key; tells nothing of them. */
  readonly id: string;
  readonly #sealing: Buffer;
  readonly #naming: Buffer;

  /** @param scope who and what: caller, method and path */
  constructor(scope: string, key: string) {
    const secret = Buffer.from(hkdfSync('sha256', key, '', `hai-dang answer\n${scope}`, 64));
    this.#sealing = secret.subarray(0, 32);
    this.#naming = secret.subarray(32);
    this.id = this.#nameOf('id');
  }

  fingerprint(body: unknown): string {
    return this.#nameOf(`body ${JSON.stringify(body) ?? ''}`);
  }

  /** `null` for a file on disk, which is no answer to anything that changes something. */
  seal({ raw, ...rest }: PreparedAnswer): Uint8Array | null {
    if (raw !== null && 'path' in raw) return null;
    const { bytes, ...named } = raw ?? {};
    const text = Buffer.from(JSON.stringify({ ...rest, raw: raw && named }));
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, iv);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    const sealed = [length, text, bytes ?? Buffer.alloc(0)].map((part) => cipher.update(part));
    cipher.final();
    return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]);
  }

  open(sealed: Uint8Array): PreparedAnswer {
    const bytes = Buffer.from(sealed);
    const decipher = createDecipheriv('aes-256-gcm', this.#sealing, bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
    const end = 4 + opened.readUInt32LE(0);
    const answer = JSON.parse(opened.toString('utf8', 4, end)) as PreparedAnswer;
    return answer.raw === null ? answer : { ...answer, raw: { ...answer.raw, bytes: opened.subarray(end) } };
  }

  #nameOf(what: string): string {
    return createHmac('sha256', this.#naming).update(what).digest('base64url');
  }
}
