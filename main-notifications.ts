/** Part of the composition root: what tells people. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSender } from './adapters/notifications/sender.ts';
import type { SmtpSettings } from './adapters/notifications/smtp.ts';
import { WARDS } from './config/city/hai-phong/wards.ts';
import { QUANTITY_CATALOGUE } from './config/quantities.ts';
import { type Settings, SettingsError } from './config/settings.ts';
import { DEFAULT_RETRY } from './domain/notifications/retry.ts';
import type { LiveBus } from './domain/ports/live-bus.ts';
import type { NotificationSender } from './domain/ports/notifications.ts';
import type { Registry } from './domain/ports/registry.ts';
import { type Clock, days, milliseconds, seconds } from './domain/time.ts';
import { Notifier, type NotifierOptions } from './ingest/notifier/notifier.ts';

export interface Telling {
  readonly sender: NotificationSender;
  /** What tells people of what this registry holds, not started. */
  readonly notifierOver: (registry: Registry) => Notifier;
}

/** The mail server, if there is one. @throws {SettingsError} */
function smtpOf({ notifications: given }: Settings): SmtpSettings | null {
  const { smtpHost, mailFrom, smtpUser, smtpPassword, smtpCaFile } = given;
  if (smtpHost === undefined) return null;
  if (mailFrom === undefined) throw new SettingsError('notifications.mailFrom is needed with smtpHost');
  return {
    host: smtpHost,
    port: given.smtpPort,
    security: given.smtpSecurity,
    from: mailFrom,
    timeout: seconds(given.timeoutSeconds),
    ...(smtpUser === undefined ? {} : { user: smtpUser, password: smtpPassword ?? '' }),
    ...(smtpCaFile === undefined ? {} : { ca: readFileSync(smtpCaFile, 'utf8') }),
  };
}

/** Push services want to know whom to write to when something goes wrong. */
function contactOf({ notifications, http }: Settings): string {
  if (notifications.contact !== undefined) return notifications.contact;
  const address = /[^\s<>]+@[^\s<>]+/.exec(notifications.mailFrom ?? '')?.[0];
  if (address !== undefined) return `mailto:${address}`;
  return http.publicUrl?.startsWith('https:') ? http.publicUrl : 'mailto:admin@localhost.invalid';
}

function senderOf(settings: Settings, clock: Clock): NotificationSender {
  const { allowedTargets, timeoutSeconds } = settings.notifications;
  try {
    return createSender(
      {
        smtp: smtpOf(settings),
        vapidFile: join(settings.dataDirectory, 'web-push-key.pem'),
        contact: contactOf(settings),
        allowedTargets: allowedTargets.split(/[\s,]+/).filter((part) => part !== ''),
        timeout: seconds(timeoutSeconds),
      },
      clock,
    );
  } catch (error) {
    if (error instanceof RangeError) throw new SettingsError(`notifications.allowedTargets: ${error.message}`);
    throw error;
  }
}

/** Builds what tells people. `address`: where people open the dashboard, for the links in messages. */
export function composeTelling(
  settings: Settings,
  address: string,
  ports: {
    readonly bus: LiveBus;
    readonly clock: Clock;
    readonly log: NotifierOptions['log'];
    readonly onSent?: NonNullable<NotifierOptions['onSent']>;
  },
): Telling {
  const { notifications: given } = settings;
  const sender = senderOf(settings, ports.clock);
  const notifierOver = (registry: Registry): Notifier =>
    new Notifier({
      ...ports,
      registry,
      store: registry.notifications,
      sender,
      catalogue: QUANTITY_CATALOGUE,
      wardNames: new Map([...WARDS].map(([code, { name }]) => [code, name])),
      newId: randomUUID,
      random: Math.random,
      settings: {
        grouping: {
          gather: seconds(given.gatherSeconds),
          update: seconds(given.updateSeconds),
          follow: seconds(given.followSeconds),
        },
        retry: DEFAULT_RETRY,
        messagesPerHour: given.messagesPerHour,
        retention: days(given.retentionDays),
        timeZone: settings.timeZone,
        publicUrl: address.replace(/\/$/, ''),
        tick: milliseconds(1_000),
        sendingsAtOnce: given.sendingsAtOnce,
      },
    });
  return { sender, notifierOver };
}
