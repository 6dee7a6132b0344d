import type { Language } from '../../domain/localized.ts';
import { type EpochMs, epochMs } from '../../domain/time.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';
import { capTime } from '../../domain/warning/cap-xml.ts';
import { textElement, writeXml, type XmlElement } from '../../domain/warning/xml.ts';
import { PUBLIC_TEXTS } from './public-texts.ts';
import type { PublicMessage, PublishedNow } from './published-list.ts';

const ATOM_NAMESPACE = 'http://www.w3.org/2005/Atom';
const DAY_MS = 86_400_000;
const CAP_MEDIA_TYPE = 'application/cap+xml';

/** Path of a message's XML below the origin. */
export const capPath = (identifier: string): string => `/cap/v1/${encodeURIComponent(identifier)}.xml`;

const link = (rel: string, type: string, href: string): XmlElement => ({
  name: 'link',
  attributes: { rel, type, href },
  content: [],
});

/** When the feed last said something new: the newest message or end; of an empty one the beginning of the day. */
export function feedUpdatedAt({ at, messages, warnings }: PublishedNow): EpochMs {
  const moments = [...messages.map(({ sent }) => sent), ...warnings.flatMap(({ endedAt }) => endedAt ?? [])];
  return moments.length === 0 ? epochMs(Math.floor(at / DAY_MS) * DAY_MS) : epochMs(Math.max(...moments));
}

/**
 * What is published as an Atom feed (RFC 4287): one entry for each message, whose link leads to its CAP document. Entries are named by tag URIs
 * (RFC 4151) of the sender's domain, so that a reader knows them again whatever address the platform is reached by.
 * @param origin where the reader reaches the platform, e.g. `https://haidang.example`.
 */
export function atomFeed(now: PublishedNow, language: Language, origin: string, utcOffset: UtcOffset): string {
  const texts = PUBLIC_TEXTS[language];
  const time = (at: EpochMs): string => capTime(at, utcOffset);
  const entry = (message: PublicMessage): XmlElement => {
    const { content, kind, reason, sender, identifier, sent } = message;
    const domain = sender.slice(sender.indexOf('@') + 1);
    const href = origin + capPath(identifier);
    const exercise = message.status === 'Exercise' ? `[${texts.exercise}] ` : '';
    const about = kind === 'alert' ? '' : `${texts.kind[kind]}: `;
    const words = [kind === 'cancel' ? '' : content.description[language], reason?.[language] ?? ''];
    return {
      name: 'entry',
      content: [
        textElement('id', `tag:${domain},${time(sent).slice(0, 10)}:${identifier}`),
        textElement('title', `${exercise}${about}${content.headline[language]}`),
        textElement('updated', time(sent)),
        textElement('published', time(sent)),
        { name: 'author', content: [textElement('name', message.agency[language])] },
        link('alternate', CAP_MEDIA_TYPE, href),
        { name: 'category', attributes: { term: content.severity }, content: [] },
        textElement('summary', words.filter((text) => text !== '').join('\n')),
      ],
    };
  };
  return writeXml({
    name: 'feed',
    attributes: { xmlns: ATOM_NAMESPACE, 'xml:lang': language },
    content: [
      textElement('id', `${origin}/cap/v1/feed.atom`),
      textElement('title', texts.title),
      textElement('updated', time(feedUpdatedAt(now))),
      { name: 'author', content: [textElement('name', texts.platform)] },
      link('self', 'application/atom+xml', `${origin}/cap/v1/feed.atom?lang=${language}`),
      link('alternate', 'text/html', `${origin}/warnings?lang=${language}`),
      ...now.messages.map(entry),
    ],
  });
}
