import { type ReactNode, useEffect, useState } from 'react';
import type { DisplayView } from '../../../domain/display.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import { useLive } from '../../client/platform.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { overviewOf } from '../../state/alarm-list.ts';
import { formatCount, formatDate, formatDuration, formatTime } from '../../state/formatting.ts';
import type { WallTrouble } from '../../state/wall-health.ts';
import { StateMark } from '../../symbols/Symbols.tsx';

/** Screens that show the same for weeks burn it in: the whole picture moves by some pixels every few minutes. */
const DRIFT_EVERY_MS = 180_000;
const DRIFT_PIXELS = [
  [0, 0],
  [3, 1],
  [1, 3],
  [-2, 2],
  [-3, -1],
  [-1, -3],
  [2, -2],
] as const;

/** Asks the browser not to let the screen sleep, as long as it is shown; where it can't be asked, the machine's own settings count. */
function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    let isOver = false;
    const hold = async (): Promise<void> => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      try {
        lock = await navigator.wakeLock.request('screen');
        if (isOver) await lock.release();
      } catch {
        // Refused, e.g. for an empty battery: asked again when the page is next shown.
      }
    };
    const again = () => void hold();
    void hold();
    document.addEventListener('visibilitychange', again);
    return () => {
      isOver = true;
      document.removeEventListener('visibilitychange', again);
      void lock?.release();
    };
  }, []);
}

/** What is always on a wall screen: its name, the counts, the clock, what is wrong with it, and how far the rotation is. */
export function WallFrame({
  name,
  now,
  views,
  index,
  progress,
  troubles,
  children,
}: {
  name: string;
  /** The screen's clock, ms. */
  now: number;
  views: readonly DisplayView[];
  index: number;
  progress: number;
  troubles: readonly WallTrouble[];
  children: ReactNode;
}) {
  const { t, language } = useLanguage();
  useWakeLock();
  const [x, y] = DRIFT_PIXELS[Math.floor(now / DRIFT_EVERY_MS) % DRIFT_PIXELS.length] ?? [0, 0];
  const alarms = useLive((state) => state.table.alarms);
  const { bySeverity } = overviewOf(alarms.values());
  return (
    <div
      className="wall"
      data-troubled={troubles.length > 0 ? '' : undefined}
      style={{ transform: `translate(${x}px, ${y}px)` }}
    >
      <header className="wall-head">
        <h1>{name}</h1>
        <ul className="wall-counts" aria-label={t('wall.counts')}>
          {SEVERITIES.map((severity) => (
            <li key={severity} data-none={bySeverity[severity] === 0 ? '' : undefined}>
              <StateMark state={severity} size={40} />
              <span className="visually-hidden">{t(`severity.${severity}`)}</span>
              {formatCount(bySeverity[severity], language)}
            </li>
          ))}
        </ul>
        <p className="wall-clock">
          <span>{formatDate(now, language)}</span> <strong>{formatTime(now, true)}</strong>
        </p>
      </header>
      {troubles.map((trouble) => (
        <Trouble key={trouble.kind} trouble={trouble} now={now} />
      ))}
      <main className="wall-body">{children}</main>
      <footer className="wall-foot" aria-hidden="true">
        {views.map((view, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same picture may come twice; its place is what it is
          <div key={i} className="wall-part" data-current={i === index ? '' : undefined}>
            <span className="wall-part-name">{t(`wall.view.${view.kind}`)}</span>
            <div className="wall-part-bar">
              <div style={{ width: i === index ? `${Math.round(progress * 100)}%` : 0 }} />
            </div>
          </div>
        ))}
      </footer>
    </div>
  );
}

function Trouble({ trouble: { kind, since }, now }: { trouble: WallTrouble; now: number }) {
  const { t, language } = useLanguage();
  return (
    <div className="wall-trouble" role="alert" data-kind={kind}>
      <strong>{t(`wall.trouble.${kind}`)}</strong>
      <span>
        {since === null
          ? t('wall.clockHint')
          : t('wall.since', { time: formatTime(since, true), duration: formatDuration(now - since, language) })}
      </span>
    </div>
  );
}

/** The screen's clock, each second. */
export function useSecond(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
