import { useEffect } from 'react';
import { useLive, useServerNow, useStaleness } from '../client/platform.tsx';
import { IconAlertTriangle, IconClock } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { CLOCK_DIFFERENCE_TOLD_MS } from '../state/connection-health.ts';
import { formatDuration, formatTime } from '../state/formatting.ts';

/** Says, the moment it is so, that what is shown is older than it should be: since when, what is safe, what happens next. */
export function StaleBanner() {
  const { t, language } = useLanguage();
  const staleness = useStaleness();
  const offset = useLive((state) => Math.round(state.clockOffsetMs / 1000) * 1000);
  const truncated = useLive((state) => state.table.alarmsTruncated);
  const now = useServerNow();
  const isStale = staleness.kind === 'stale';

  // Values are dimmed by style, wherever they stand.
  useEffect(() => {
    document.documentElement.toggleAttribute('data-stale', isStale);
    return () => document.documentElement.removeAttribute('data-stale');
  }, [isStale]);

  if (staleness.kind === 'stale') {
    const since = staleness.since + offset;
    return (
      <div className="banner banner-stale" role="alert">
        <IconAlertTriangle size={20} aria-hidden="true" />
        <p>
          <strong>{t('stale.title', { time: formatTime(since, true) })}</strong>{' '}
          <span>{t(`stale.${staleness.cause}`)}</span>
        </p>
        <span className="banner-age" aria-hidden="true">
          {formatDuration(now - since, language)}
        </span>
      </div>
    );
  }
  if (Math.abs(offset) > CLOCK_DIFFERENCE_TOLD_MS) {
    return (
      <div className="banner" role="status">
        <IconClock size={18} aria-hidden="true" />
        <p>{t('stale.clock', { difference: formatDuration(Math.abs(offset), language) })}</p>
      </div>
    );
  }
  if (truncated) {
    return (
      <div className="banner" role="status">
        <IconAlertTriangle size={18} aria-hidden="true" />
        <p>{t('stale.truncated')}</p>
      </div>
    );
  }
  return null;
}
