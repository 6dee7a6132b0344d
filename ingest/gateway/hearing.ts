import { topicMatches } from '../../domain/topic-filter.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import { coversSubscription, deviceTopic } from './topics.ts';

/** A message on its way to a subscriber. `clientId`: who sent it, or whom the platform answers by it; absent for what the platform itself says of a device. */
export interface OnItsWay {
  readonly topic: string;
  readonly clientId?: string;
}

/** What connections may listen to: their credential's topic filters say where, their agency says whose. */
export interface Hearing {
  /**
   * Whether the subscription lies wholly under the credential's filters and names no device of another agency. One with a wildcard in the
   * place of the device is granted, and hears by {@link mayHear} what its agency may hear.
   */
  maySubscribe(listener: string, filters: readonly string[], subscription: string): boolean;
  /**
   * Asked for every single delivery, retained and queued ones too: a kept session may be older than its credential, and a wildcard spans all
   * agencies. Of a device: itself, or one of the listener's agency; cargo under other topics: what somebody of that agency sent.
   */
  mayHear(listener: string, filters: readonly string[], message: OnItsWay): boolean;
}

export function createHearing(directory: Pick<DeviceDirectory, 'get' | 'carriedBy'>): Hearing {
  const isOfItsAgency = (listener: string, device: string): boolean => {
    if (device === listener) return true;
    const entry = directory.get(listener);
    return entry !== undefined && directory.carriedBy(entry, device) !== undefined;
  };
  return {
    maySubscribe(listener, filters, subscription) {
      if (!filters.some((filter) => coversSubscription(filter, subscription, listener))) return false;
      const [root, version, device] = subscription.split('/');
      const names = root === 'hd' && version === 'v1' && device !== undefined && !/[+#]/.test(device);
      return !names || directory.get(device) === undefined || isOfItsAgency(listener, device);
    },
    mayHear(listener, filters, { topic, clientId }) {
      if (!filters.some((filter) => topicMatches(filter, topic, listener))) return false;
      const whose = topic.startsWith('hd/') ? deviceTopic(topic)?.device : clientId;
      return whose !== undefined && isOfItsAgency(listener, whose);
    },
  };
}
