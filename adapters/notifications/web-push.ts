import { createHash } from 'node:crypto';
import { cutText } from '../../config/notification-templates/template.ts';
import type { PushSubscription } from '../../domain/notifications/notification.ts';
import type { SendOutcome } from '../../domain/notifications/retry.ts';
import type { OutgoingMessage } from '../../domain/ports/notifications.ts';
import type { Clock } from '../../domain/time.ts';
import { type PostOutside, retryAfterMs } from './guarded-http.ts';
import type { VapidKeys } from './vapid-keys.ts';
import { encryptForBrowser, PUSH_PLAINTEXT_BYTES } from './web-push-encryption.ts';

export interface WebPushPorts {
  readonly post: PostOutside;
  readonly keys: VapidKeys;
  /** `mailto:` or `https:` address of who runs the platform. */
  readonly subject: string;
  readonly clock: Clock;
}

/** What the page's service worker is told (`dashboard/public/push-worker.js`). */
export interface PushedNotification {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  readonly link: string;
  /** A notification of the same tag takes the place of the one before. */
  readonly tag: string;
  readonly severity: string | null;
  readonly at: number;
}

const TITLE_CHARACTERS = 200;
const LINK_CHARACTERS = 500;

/** Sends to browsers by their push service (RFC 8030), sealed so that the service can't read it. */
export function createPushSender({ post, keys, subject, clock }: WebPushPorts) {
  return async (subscription: PushSubscription, message: OutgoingMessage): Promise<SendOutcome> => {
    const { severity } = message.content;
    let sealed: Buffer;
    try {
      sealed = encryptForBrowser(plaintextOf(message), subscription);
    } catch (error) {
      return { kind: 'gone', answer: `the browser's key can't be used: ${(error as Error).message}` };
    }
    const audience = URL.parse(subscription.endpoint)?.origin ?? '';
    const result = await post(
      subscription.endpoint,
      {
        Authorization: keys.authorization(audience, subject, clock()),
        'Content-Type': 'application/octet-stream',
        'Content-Encoding': 'aes128gcm',
        TTL: String(Math.round(message.usefulFor / 1000)),
        Urgency: severity === 'critical' || severity === 'major' ? 'high' : 'normal',
        // Of one storm, a phone that was off gets the newest message alone. At most 32 characters (RFC 8030 §5.4).
        Topic: createHash('sha256').update(message.thread).digest('base64url').slice(0, 32),
      },
      sealed,
    );
    if (result.kind === 'forbidden') return { kind: 'refused', answer: result.why };
    if (result.kind === 'failed') return { kind: 'failed', answer: result.why };
    const { status, body } = result;
    const answer = `HTTP ${status}${body.trim() === '' ? '' : `: ${cutText(body.trim(), 200)}`}`;
    if (status >= 200 && status < 300) return { kind: 'accepted', answer };
    // The person took the permission back, or the browser is no more.
    if (status === 404 || status === 410) return { kind: 'gone', answer };
    if (status === 429 || status >= 500) {
      const retryAfter = retryAfterMs(result.retryAfter, clock());
      return { kind: 'failed', answer, ...(retryAfter === undefined ? {} : { retryAfter }) };
    }
    return { kind: 'refused', answer };
  };
}

function plaintextOf({ id, thread, createdAt, content }: OutgoingMessage): Buffer {
  const write = (characters: number): Buffer =>
    Buffer.from(
      JSON.stringify({
        id,
        title: cutText(content.title, TITLE_CHARACTERS),
        body: cutText(content.text, characters),
        link: content.link.slice(0, LINK_CHARACTERS),
        tag: thread,
        severity: content.severity,
        at: createdAt,
      } satisfies PushedNotification),
    );
  // Bytes, not characters, are what is bounded: Vietnamese has up to three a letter.
  for (let characters = 1_200; ; characters = Math.floor(characters / 2)) {
    const bytes = write(characters);
    if (bytes.length <= PUSH_PLAINTEXT_BYTES || characters < 4) return bytes;
  }
}
