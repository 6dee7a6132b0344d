import type { RolloutWire } from '../../../api/contract/firmware.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount } from '../../state/formatting.ts';

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, one) => all + one, 0);

/** The stages side by side, each filled by what came of its devices; in words for who can't see it. */
export function RolloutBar({ rollout }: { rollout: RolloutWire }) {
  const { t, language } = useLanguage();
  const count = (n: number): string => formatCount(n, language);
  return (
    <ol className="rollout-bar">
      {rollout.stages.map((counts, stage) => {
        const bad = counts.failed + counts.refused + counts.timed_out;
        const moving = counts.offered + counts.downloading + counts.verifying + counts.installing;
        // Those that had the version already are no part of the work.
        const all = sum(counts) - counts.skipped;
        const width = (n: number): string => `${all === 0 ? 0 : (n / all) * 100}%`;
        return (
          <li key={rollout.plan.stages[stage]} aria-current={rollout.stage === stage ? 'step' : undefined}>
            <span className="rollout-track" aria-hidden="true">
              <span className="rollout-applied" style={{ width: width(counts.applied) }} />
              <span className="rollout-moving" style={{ width: width(moving) }} />
              <span className="rollout-bad" style={{ width: width(bad) }} />
            </span>
            <span className="small">
              <strong>{rollout.plan.stages[stage]} %</strong>{' '}
              <span className="secondary">
                {t('firmware.stageSummary', { applied: count(counts.applied), all: count(all), bad: count(bad) })}
              </span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
