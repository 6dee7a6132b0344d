import { topicMatches } from '../../domain/topic-filter.ts';

/** Filters of other brokers know no `{id}`. */
const NO_DEVICE = '{id}';

/** How topics of another broker map to devices and formats. */
export interface SourceTopic {
  readonly filter: string;
  readonly format?: string | undefined;
  readonly device?: string | undefined;
  /** Level of the topic, from 1, that holds the device's id or serial number. */
  readonly deviceLevel?: number | undefined;
}

/** What a topic says of its payload. */
export interface TopicMeaning {
  /** Name of the device whose payload it is; `null`: the payload says it, or it is the source's own. */
  readonly device: string | null;
  /** `null`: the topic's own standard, or the device's model says it. */
  readonly format: string | null;
}

/** True when the filter matches the topic [MQTT-4.7.1]; wildcards at the first level match no topic that begins with `$` [MQTT-4.7.2-1]. */
export const filterMatches = (filter: string, topic: string): boolean =>
  !(topic.startsWith('$') && /^[#+]/.test(filter)) && topicMatches(filter, topic, NO_DEVICE);

/** What the first mapping that matches says; `null` when none does. */
export function meaningOf(topics: readonly SourceTopic[], topic: string): TopicMeaning | null {
  const found = topics.find(({ filter }) => filterMatches(filter, topic));
  if (found === undefined) return null;
  const level = found.deviceLevel === undefined ? undefined : topic.split('/')[found.deviceLevel - 1];
  return { device: found.device ?? level ?? null, format: found.format ?? null };
}
