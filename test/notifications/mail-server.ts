import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { createSender } from '../../adapters/notifications/sender.ts';
import type { NotificationSender } from '../../domain/ports/notifications.ts';
import { epochMs, seconds } from '../../domain/time.ts';
import { issue } from '../ingest/certificate-chain.ts';

export interface Mail {
  readonly to: readonly string[];
  /** As it came over the wire: headers, an empty line, the body. */
  readonly source: string;
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
}
export interface MailServer {
  readonly port: number;
  readonly ca: string;
  readonly mails: Mail[];
  /** Refuses recipients of this word with this answer until told otherwise. */
  refuse(word: string, code: number): void;
  close(): Promise<void>;
}

export const MAIL_USER = 'hai-dang';
export const MAIL_PASSWORD = 'mật khẩu thư';

/**
 * A real SMTP server in this process: smtp-server, which other programs run in the open. It asks for STARTTLS before a login and for a login before
 * mail. Debian's servers (OpenSMTPD, Postfix) want root and system users of their own, which a test on a developer's machine can't ask for.
 */
export async function openMailServer(): Promise<MailServer> {
  const authority = await issue({ name: 'Mail authority', issuer: null, isAuthority: true });
  const own = await issue({ name: 'localhost', issuer: authority, dnsName: 'localhost' });
  const mails: Mail[] = [];
  const refused = new Map<string, number>();
  const server = new SMTPServer({
    name: 'localhost',
    key: own.keyPem,
    cert: own.pem,
    logger: false,
    // No user or password in the clear.
    allowInsecureAuth: false,
    authOptional: false,
    onAuth({ username, password }, _session, callback) {
      if (username === MAIL_USER && password === MAIL_PASSWORD) callback(null, { user: username });
      else callback(new Error('Invalid username or password'));
    },
    onRcptTo({ address }, _session, callback) {
      const code = [...refused].find(([word]) => address.includes(word))?.[1];
      callback(code === undefined ? null : Object.assign(new Error('mailbox'), { responseCode: code }));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push({
          to: session.envelope.rcptTo.map(({ address }) => address),
          source: Buffer.concat(chunks).toString('utf8'),
          isEncrypted: session.secure,
          user: session.user as string | undefined,
        });
        callback(null, `queued as ${mails.length}`);
      });
    },
  });
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return {
    port: (listening.address() as AddressInfo).port,
    ca: authority.pem,
    mails,
    refuse: (word, code) => refused.set(word, code),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The platform's own sender, logged in at `server`. */
export const senderVia = ({ port, ca }: MailServer): NotificationSender =>
  createSender(
    {
      smtp: {
        ...{ host: 'localhost', port, ca, security: 'starttls' },
        ...{ user: MAIL_USER, password: MAIL_PASSWORD, from: 'Hải Đăng <truc@hd.example>', timeout: seconds(10) },
      },
      vapidFile: join(mkdtempSync(join(tmpdir(), 'hd-sender-')), 'key.pem'),
      contact: 'mailto:truc@hd.example',
      allowedTargets: ['127.0.0.0/8'],
      timeout: seconds(5),
    },
    () => epochMs(Date.now()),
  );

/** The text of a mail of one plain part, decoded. */
export function bodyOf({ source }: Mail): string {
  const [head = '', ...rest] = source.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  return /^content-transfer-encoding: base64/im.test(head)
    ? Buffer.from(body, 'base64').toString('utf8')
    : Buffer.from(
        body
          .replace(/=\r\n/g, '')
          .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
        'latin1',
      ).toString('utf8');
}

/** One header, unfolded and its encoded words decoded. */
export function headerOf({ source }: Mail, name: string): string | undefined {
  const head = (source.split('\r\n\r\n', 1)[0] ?? '').replace(/\r\n[ \t]+/g, ' ');
  const line = head.split('\r\n').find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line
    ?.slice(name.length + 1)
    .trim()
    .replace(/\?= =\?/g, '?==?')
    .replace(/(?:=\?UTF-8\?([QB])\?([^?]*)\?=)+/gi, (whole) => {
      const words = [...whole.matchAll(/=\?UTF-8\?([QB])\?([^?]*)\?=/gi)];
      return Buffer.concat(
        words.map(([, kind, text = '']) =>
          kind?.toUpperCase() === 'B'
            ? Buffer.from(text, 'base64')
            : Buffer.from(
                text
                  .replaceAll('_', ' ')
                  .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
                'latin1',
              ),
        ),
      ).toString('utf8');
    });
}
