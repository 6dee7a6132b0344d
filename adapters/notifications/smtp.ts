import { createTransport } from 'nodemailer';
import type { SendOutcome } from '../../domain/notifications/retry.ts';
import type { OutgoingMessage } from '../../domain/ports/notifications.ts';
import type { DurationMs } from '../../domain/time.ts';

export interface SmtpSettings {
  readonly host: string;
  readonly port: number;
  /** `tls` from the first byte (465), `starttls` or nothing goes out (587), `none` in the clear: for a relay on this machine. */
  readonly security: 'tls' | 'starttls' | 'none';
  readonly user?: string;
  readonly password?: string;
  /** PEM of the authority that signed the server's certificate, when the system doesn't know it. */
  readonly ca?: string;
  /** `Hải Đăng <canhbao@example.vn>`. */
  readonly from: string;
  readonly timeout: DurationMs;
}

export interface Mailer {
  send(to: string, message: OutgoingMessage): Promise<SendOutcome>;
  close(): void;
}

/** Hands mail to one SMTP server. What is known afterwards is that the server took it, not that anybody read it. */
export function createMailer(settings: SmtpSettings): Mailer {
  const { host, port, security, user, password, ca, from, timeout } = settings;
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? host;
  const reference = (id: string): string => `<${id.replaceAll(/[^\w.-]/g, '_')}@${domain}>`;
  return {
    async send(to, { id, thread, createdAt, content }) {
      try {
        const { response, rejected } = await transport.sendMail({
          from,
          to,
          subject: content.title,
          text: content.text,
          date: new Date(createdAt),
          // The same however often it is sent: mailboxes know a repetition by it.
          messageId: reference(id),
          // A thread of its own for each storm: the root is never sent, but everybody refers to it.
          references: reference(`thread.${thread}`),
          headers: {
            'Auto-Submitted': 'auto-generated',
            'X-Auto-Response-Suppress': 'All',
            ...(content.severity === 'critical' ? { Importance: 'high' } : {}),
          },
        });
        if (rejected.length > 0) return { kind: 'refused', answer: response };
        return { kind: 'accepted', answer: response };
      } catch (error) {
        return outcomeOf(error as Error & { code?: string; responseCode?: number });
      }
    },
    close: () => transport.close(),
  };
}

/** 4xx and what never reached the server is tried again, and so is a refused login, which is ours to mend; any other 5xx is about this mail. */
function outcomeOf(error: Error & { code?: string; responseCode?: number }): SendOutcome {
  const { responseCode, code, message } = error;
  return responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH'
    ? { kind: 'refused', answer: message }
    : { kind: 'failed', answer: message };
}
