import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import { useLive, useServerNow, useStaleness } from '../client/platform.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { type AlarmOverview, overviewOf } from '../state/alarm-list.ts';
import { formatAge, formatCount, formatDate, formatTime } from '../state/formatting.ts';
import { StateMark } from '../symbols/Symbols.tsx';
import { Notices } from './Notices.tsx';
import { SoundSwitch } from './SoundSwitch.tsx';

/** Worked out once for each table, however many parts of the page ask. */
const overviews = new WeakMap<ReadonlyMap<unknown, AlarmWire>, AlarmOverview>();
export function useAlarmOverview(): AlarmOverview {
  const alarms = useLive((state) => state.table.alarms);
  let overview = overviews.get(alarms);
  if (!overview) {
    overview = overviewOf(alarms.values());
    overviews.set(alarms, overview);
  }
  return overview;
}

/** One line over every page: how many alarms, which waits longest, whether the line is alive, what time it is. */
export function AlarmStrip() {
  const { t, language } = useLanguage();
  const overview = useAlarmOverview();
  const oldest = overview.oldestUnacknowledged;
  const isWhole = useLive((state) => !state.table.alarmsTruncated);
  const total = SEVERITIES.reduce((sum, severity) => sum + overview.bySeverity[severity], 0);
  return (
    <section className="strip" aria-label={t('strip.label')}>
      <ul className="strip-counts" aria-label={t('strip.openAlarms')}>
        {SEVERITIES.map((severity) => {
          const count = overview.bySeverity[severity];
          return (
            <li key={severity}>
              <Link
                to="/alarms"
                search={{ severities: severity }}
                className="strip-count"
                data-some={count > 0 || undefined}
              >
                <StateMark state={severity} size={16} />
                <span className={count > 0 ? `severity-${severity}` : 'secondary'}>
                  {formatCount(count, language)}
                  {/* There are more than one snapshot holds, and the rest is on its way. */}
                  {isWhole ? '' : '+'}
                </span>{' '}
                <span className="strip-word secondary">{t(`severity.${severity}`)}</span>
              </Link>
            </li>
          );
        })}
      </ul>
      {overview.shelved + overview.suppressed === 0 ? null : (
        <Link
          to="/suppressions"
          className="strip-count strip-hidden secondary"
          aria-label={t('strip.hidden', { shelved: overview.shelved, suppressed: overview.suppressed })}
          title={t('strip.hidden', { shelved: overview.shelved, suppressed: overview.suppressed })}
        >
          <StateMark state="shelved" size={16} />
          <span>{formatCount(overview.shelved, language)}</span>
          <StateMark state="maintenance" size={16} />
          <span>{formatCount(overview.suppressed, language)}</span>
        </Link>
      )}
      <div className="strip-oldest">
        {oldest ? (
          <Link to="/alarms" search={{ alarm: oldest.id }} className="strip-oldest-link">
            <span className="secondary strip-oldest-label">{t('strip.oldest')}</span>
            <span className="truncate">
              {oldest.point?.name[language] ?? oldest.pointId} · {oldest.rule?.name[language] ?? oldest.ruleId}
            </span>
            <Age since={oldest.activatedAt} />
          </Link>
        ) : (
          <span className="secondary truncate">{total > 0 ? t('strip.allAcknowledged') : t('strip.calm')}</span>
        )}
      </div>
      <div className="strip-end">
        <StripTools />
        <Clock />
      </div>
    </section>
  );
}

/** Kept as they are while alarms come and go. */
const StripTools = memo(function StripTools() {
  return (
    <>
      <Notices />
      <SoundSwitch />
      <LineState />
    </>
  );
});

// What moves every second is drawn by itself: the strip is over every page.
function Age({ since }: { since: number }) {
  const { language } = useLanguage();
  const now = useServerNow();
  return <span className="secondary strip-age">{formatAge(now - since, language)}</span>;
}
function Clock() {
  const { language } = useLanguage();
  const now = useServerNow();
  return (
    <time className="strip-clock" dateTime={new Date(now).toISOString()}>
      <span className="secondary strip-date">{formatDate(now, language)}</span> {formatTime(now, true)}
    </time>
  );
}

/** Whether data is coming, by shape and word. */
function LineState() {
  const { t } = useLanguage();
  const staleness = useStaleness();
  const word = { fresh: 'line.live', starting: 'line.starting', stale: 'line.lost' } as const;
  return (
    <span className="strip-line" data-line={staleness.kind}>
      <svg width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
        {staleness.kind === 'fresh' ? (
          <circle cx="5" cy="5" r="4" fill="var(--hd-text-2)" />
        ) : (
          <circle cx="5" cy="5" r="3.6" fill="none" stroke="currentColor" strokeWidth="1.8" strokeDasharray="2.6 1.8" />
        )}
      </svg>
      <span>{t(word[staleness.kind])}</span>
    </span>
  );
}
