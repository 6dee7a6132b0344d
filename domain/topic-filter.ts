/** The filter's levels, `{id}` replaced by the device. */
export const levelsOf = (filter: string, device: string): readonly string[] =>
  filter.replaceAll('{id}', device).split('/');

/** True when `topic` (no wildcards) lies under the filter, in which `{id}` stands for the device. [MQTT-4.7] */
export const topicMatches = (filter: string, topic: string, device: string): boolean =>
  levelsMatch(levelsOf(filter, device), topic.split('/'));

/** As {@link topicMatches}, for a filter and topics that are taken apart already. */
export function levelsMatch(wanted: readonly string[], given: readonly string[]): boolean {
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '#') return true;
    if (i >= given.length || (wanted[i] !== '+' && wanted[i] !== given[i])) return false;
  }
  return wanted.length === given.length;
}
