import type { PathStageWire } from '../../../api/contract/operations.ts';
import type { PointState } from '../../../domain/point-state.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatBytes, formatCount, formatDuration, formatNumber } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';
import { Sparkline } from './Sparkline.tsx';

/** A stage's state as the map's symbols tell it: colour and shape, with the word beside it. */
export const MARK: Readonly<Record<PathStageWire['state'], PointState>> = {
  ok: 'normal',
  attention: 'minor',
  stuck: 'critical',
};
/** What a stage's pace is counted in. */
const RATE = {
  receive: 'messages',
  quarantine: 'messages',
  journal: 'entries',
  store: 'entries',
  rules: 'entries',
  indices: 'entries',
  live: 'entries',
  screens: 'frames',
} as const satisfies Record<PathStageWire['stage'], string>;

/** Few are told to a tenth, so that a slow city is not said to stand still. */
const decimalsOf = (perSecond: number): number => (perSecond > 0 && perSecond < 10 ? 1 : 0);

/** One stage of the way of a reading: how it goes, how fast, what waits, and what to do where something is wrong. */
export function StageCard({ stage, used }: { stage: PathStageWire; used?: { bytes: number; capacityBytes: number } }) {
  const { t, language } = useLanguage();
  const findingText = useFindingText();
  const { perSecond, waiting } = stage;
  return (
    <section className="stage-card" data-state={stage.state} aria-label={t(`operations.stage.${stage.stage}`)}>
      <header>
        <h3>{t(`operations.stage.${stage.stage}`)}</h3>
        <span className="stage-state">
          <StateMark state={MARK[stage.state]} size={14} />
          {t(`operations.state.${stage.state}`)}
        </span>
      </header>
      <p className="secondary small">{t(`operations.about.${stage.stage}`)}</p>
      <p className="stage-pace">
        <strong>
          {perSecond === null
            ? t('operations.rate.unknown')
            : t(`operations.rate.${RATE[stage.stage]}`, {
                value: formatNumber(perSecond, decimalsOf(perSecond), language),
              })}
        </strong>
        {waiting === null ? null : (
          <span className="secondary">
            {t(`operations.waiting.${stage.stage === 'screens' ? 'screens' : 'entries'}`, {
              count: waiting,
              value: formatCount(waiting, language),
            })}
          </span>
        )}
        {used ? (
          <span className="secondary">
            {t('operations.used', {
              used: formatBytes(used.bytes, language),
              capacity: formatBytes(used.capacityBytes, language),
            })}
          </span>
        ) : null}
      </p>
      <Sparkline
        values={stage.history}
        label={t('operations.history', {
          most: formatNumber(Math.max(0, ...stage.history.map((value) => value ?? 0)), 1, language),
        })}
      />
      {stage.finding === null ? null : (
        <p className="stage-finding" role="status">
          {findingText(stage.finding)}
        </p>
      )}
    </section>
  );
}

/** What is wrong at a stage, and what to do, in words. */
function useFindingText() {
  const { t, language } = useLanguage();
  const duration = (seconds: number): string => formatDuration(seconds * 1_000, language);
  return (finding: NonNullable<PathStageWire['finding']>): string => {
    switch (finding.key) {
      case 'not_moving':
        return t('operations.finding.not_moving', { duration: duration(finding.seconds) });
      case 'behind':
        return finding.caughtUpInSeconds === null
          ? t('operations.finding.falling', { duration: duration(finding.seconds) })
          : t('operations.finding.behind', {
              duration: duration(finding.seconds),
              rest: duration(finding.caughtUpInSeconds),
            });
      default: {
        const { key, ...params } = finding;
        return t(`operations.finding.${key}`, params);
      }
    }
  };
}
