import type { Alarm } from '../../../domain/alarm.ts';
import type { Episode } from '../../../domain/episode.ts';
import { SEVERITIES } from '../../../domain/rule.ts';

/** For tests: how far occurrences, as corrected by late data, say what a backtest of the same readings says. */

type Said = Pick<Alarm, 'startedAt' | 'clearedAt' | 'worstSeverity' | 'activationCount'>;

/** What the occurrences say, those that late data did not confirm left out, by start. */
export const said = (alarms: readonly Alarm[]): readonly Said[] =>
  alarms
    .flatMap((alarm) => {
      if (alarm.revision?.kind === 'not_confirmed') return [];
      const { startedAt, clearedAt, worstSeverity, activationCount } = alarm.revision ?? alarm;
      return [{ startedAt, clearedAt, worstSeverity, activationCount }];
    })
    .sort((a, b) => a.startedAt - b.startedAt);

const endOf = (stretch: { readonly clearedAt: number | null }): number => stretch.clearedAt ?? Number.POSITIVE_INFINITY;

/**
 * Where they differ, in words; empty when every episode is in an occurrence, every occurrence begins with its first and ends with its last
 * episode, there are as many activations as episodes, and the worst severities are those of the episodes.
 */
export function disagreements(alarms: readonly Alarm[], episodes: readonly Episode[]): readonly string[] {
  const occurrences = said(alarms);
  const found: string[] = [];
  const activations = occurrences.reduce((sum, o) => sum + o.activationCount, 0);
  if (activations !== episodes.length) found.push(`${activations} activations of ${episodes.length} episodes`);
  for (const o of occurrences) {
    const inside = episodes.filter((e) => e.activatedAt >= o.startedAt && endOf(e) <= endOf(o));
    const name = `occurrence of ${o.startedAt}–${o.clearedAt}`;
    if (inside.length < o.activationCount)
      found.push(`${name}: ${o.activationCount} activations, ${inside.length} seen`);
    if (inside[0]?.activatedAt !== o.startedAt) found.push(`${name}: first episode begins ${inside[0]?.activatedAt}`);
    if (inside.at(-1)?.clearedAt !== o.clearedAt) found.push(`${name}: last episode ends ${inside.at(-1)?.clearedAt}`);
    const worst = SEVERITIES.find((severity) => inside.some((e) => e.worstSeverity === severity));
    // Another occurrence's episodes may lie in a pause of this one: then whose the worst is can't be told from outside.
    if (inside.length === o.activationCount && worst !== o.worstSeverity) found.push(`${name}: worst ${worst}`);
  }
  for (const e of episodes) {
    if (!occurrences.some((o) => o.startedAt <= e.activatedAt && endOf(e) <= endOf(o))) {
      found.push(`episode of ${e.activatedAt}–${e.clearedAt} is in no occurrence`);
    }
  }
  return found;
}
