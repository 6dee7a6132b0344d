import { WEBHOOK_TEMPLATES } from '../../config/notification-templates/templates.ts';
import type { NotificationSender } from '../../domain/ports/notifications.ts';
import type { Clock, DurationMs } from '../../domain/time.ts';
import { createPostOutside } from './guarded-http.ts';
import { createMailer, type SmtpSettings } from './smtp.ts';
import { TargetGuard } from './target-guard.ts';
import { openVapidKeys } from './vapid-keys.ts';
import { createPushSender } from './web-push.ts';
import { createWebhookSender } from './webhook.ts';

export interface SenderSettings {
  /** `null`: no mail. */
  readonly smtp: SmtpSettings | null;
  /** File of the keys push services know us by. */
  readonly vapidFile: string;
  /** Where push services' people reach ours, `mailto:` or `https:`. */
  readonly contact: string;
  /** Internal addresses and ranges that webhooks may reach. */
  readonly allowedTargets: readonly string[];
  readonly timeout: DurationMs;
}

const ANSWER_BYTES = 16_384;

/** Mail, push and webhooks. @throws {RangeError} when a target is no address or range. */
export function createSender(settings: SenderSettings, clock: Clock): NotificationSender {
  const keys = openVapidKeys(settings.vapidFile);
  const guard = new TargetGuard(settings.allowedTargets);
  const post = createPostOutside(guard, { timeout: settings.timeout, answerBytes: ANSWER_BYTES });
  const mailer = settings.smtp === null ? null : createMailer(settings.smtp);
  return {
    hasMail: mailer !== null,
    vapidPublicKey: keys.publicKey,
    async email(to, message) {
      return mailer?.send(to, message) ?? { kind: 'failed', answer: 'no mail server is set (notifications.smtpHost)' };
    },
    push: createPushSender({ post, keys, subject: settings.contact, clock }),
    webhook: createWebhookSender({ post, templates: WEBHOOK_TEMPLATES, clock }),
    async close() {
      mailer?.close();
    },
  };
}
