import { levelsOf, topicMatches } from '../../domain/topic-filter.ts';

/** What a topic under `hd/v1/` is about. */
export interface DeviceTopic {
  readonly device: string;
  /** What stands after the device: `telemetry`, `attributes`, `status`, `cmd/7/ack` … */
  readonly kind: string;
}

const DEVICE_TOPIC = /^hd\/v1\/([^/+#]+)\/([^+#]+)$/;

/** Takes `hd/v1/{device}/{kind}` apart; `null` for any other topic, wildcards included. */
export function deviceTopic(topic: string): DeviceTopic | null {
  const [, device, kind] = DEVICE_TOPIC.exec(topic) ?? [];
  return device === undefined || kind === undefined ? null : { device, kind };
}

/** Kinds a device may publish beside telemetry, attributes and status: its answers. */
export const isAnswer = (kind: string): boolean => /^(cmd\/[^/]+\/ack|config\/ack)$/.test(kind);

/** What one sender may publish under. Devices use few topics again and again: what was worked out for one is remembered. */
export interface PublishRights {
  /** What the topic is about, and whether the sender may publish there. */
  of(topic: string): { readonly at: DeviceTopic | null; readonly allowed: boolean };
}

/** Topics of one sender that are remembered; one that uses more has each of the rest worked out anew. */
const TOPICS_REMEMBERED = 32;

/** `filters`: topics the sender may use; `{id}` stands for its own id. */
export function publishRights(sender: string, filters: readonly string[]): PublishRights {
  const known = new Map<string, ReturnType<PublishRights['of']>>();
  return {
    of(topic) {
      const found = known.get(topic);
      if (found !== undefined) return found;
      const allowed = filters.some((filter) => topicMatches(filter, topic, sender));
      const right = { at: deviceTopic(topic), allowed };
      if (known.size < TOPICS_REMEMBERED) known.set(topic, right);
      return right;
    },
  };
}

/** True when everything the subscription can match lies under the filter. */
export function coversSubscription(filter: string, subscription: string, device: string): boolean {
  const allowed = levelsOf(filter, device);
  const asked = subscription.split('/');
  for (let i = 0; i < allowed.length; i++) {
    if (allowed[i] === '#') return true;
    if (i >= asked.length || asked[i] === '#' || (allowed[i] !== '+' && allowed[i] !== asked[i])) return false;
  }
  return allowed.length === asked.length;
}
