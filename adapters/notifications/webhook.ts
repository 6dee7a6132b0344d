import { createHmac } from 'node:crypto';
import {
  cutText,
  fillHeaders,
  fillJson,
  fillUrl,
  type WebhookTemplate,
} from '../../config/notification-templates/template.ts';
import type { Webhook, WebhookSecrets } from '../../domain/notifications/notification.ts';
import type { SendOutcome } from '../../domain/notifications/retry.ts';
import type { OutgoingMessage } from '../../domain/ports/notifications.ts';
import type { Clock } from '../../domain/time.ts';
import { type HttpResult, type PostOutside, retryAfterMs } from './guarded-http.ts';

/** Statuses that say "later": everything else below 500 is about the request itself, and would be refused again. */
const LATER: ReadonlySet<number> = new Set([408, 423, 425, 429]);

/**
 * Signature of the Standard Webhooks specification (https://github.com/standard-webhooks): base64 of HMAC-SHA256 over `id.timestamp.body`, the key being
 * what stands in base64 behind `whsec_`. One for each secret, so that a receiver can change over.
 */
export function signatureOf(id: string, timestampSeconds: number, body: string, secrets: WebhookSecrets): string {
  return secrets.signing
    .map(({ secret }) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64')}`;
    })
    .join(' ');
}

export interface WebhookPorts {
  readonly post: PostOutside;
  readonly templates: ReadonlyMap<string, WebhookTemplate>;
  readonly clock: Clock;
}

/** Posts messages by their template. */
export function createWebhookSender({ post, templates, clock }: WebhookPorts) {
  return async (webhook: Webhook, secrets: WebhookSecrets, message: OutgoingMessage): Promise<SendOutcome> => {
    const template = templates.get(webhook.template);
    if (!template) return { kind: 'refused', answer: `there is no template ${webhook.template}` };
    const { content, id, thread } = message;
    const values = {
      ...webhook.fields,
      ...secrets.fields,
      id,
      thread,
      title: content.title,
      text: cutText(content.text, template.textLimit),
      severity: content.severity ?? '',
      link: content.link,
    };
    const document =
      template.body === null
        ? {
            id,
            thread,
            isUpdate: message.isUpdate,
            createdAt: new Date(message.createdAt).toISOString(),
            title: content.title,
            text: content.text,
            severity: content.severity,
            link: content.link,
            ...(content.facts === undefined ? {} : { alarms: content.facts }),
          }
        : fillJson(template.body, values);
    const body = JSON.stringify(document);
    const seconds = Math.floor(clock() / 1000);
    const result = await post(
      fillUrl(template, values),
      {
        ...fillHeaders(template, values),
        'Content-Type': 'application/json; charset=utf-8',
        ...(template.signed
          ? {
              'Webhook-Id': id,
              'Webhook-Timestamp': String(seconds),
              'Webhook-Signature': signatureOf(id, seconds, body, secrets),
            }
          : {}),
      },
      Buffer.from(body),
    );
    return withoutSecrets(outcomeOf(result, template, clock()), secrets);
  };
}

function outcomeOf(result: HttpResult, { acceptedWhen }: WebhookTemplate, now: number): SendOutcome {
  if (result.kind === 'forbidden') return { kind: 'refused', answer: result.why };
  if (result.kind === 'failed') return { kind: 'failed', answer: result.why };
  const { status, body } = result;
  const answer = `HTTP ${status}${body.trim() === '' ? '' : `: ${cutText(body.trim(), 200)}`}`;
  if (status >= 200 && status < 300) {
    if (acceptedWhen === null || memberOf(body, acceptedWhen.member) === acceptedWhen.is)
      return { kind: 'accepted', answer };
    return { kind: 'failed', answer };
  }
  if (status >= 500 || LATER.has(status)) {
    const retryAfter = retryAfterMs(result.retryAfter, now);
    return { kind: 'failed', answer, ...(retryAfter === undefined ? {} : { retryAfter }) };
  }
  return { kind: 'refused', answer };
}

function memberOf(body: string, member: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>)[member] : undefined;
  } catch {
    return undefined;
  }
}

/** Some services repeat the address in their answer, and the answer is shown to people. */
function withoutSecrets(outcome: SendOutcome, { fields }: WebhookSecrets): SendOutcome {
  let { answer } = outcome;
  for (const secret of Object.values(fields)) if (secret !== '') answer = answer.replaceAll(secret, '•••');
  return { ...outcome, answer };
}
