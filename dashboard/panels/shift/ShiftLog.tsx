import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ShiftEntryWire, ShiftLogWire } from '../../../api/contract/shifts.ts';
import type { Language } from '../../../domain/localized.ts';
import { ENTRY_KINDS, type EntryKind } from '../../../domain/shift-log.ts';
import { i18n } from '../../i18n/i18n.ts';
import { formatCount, formatDateTime, formatTime } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';
import { entryText } from './entry-text.ts';

type Note = Extract<ShiftEntryWire, { readonly kind: 'note' }>;

/** Lines of a log, newest first; `correct`: notes can be corrected. On paper it has no buttons, and every kind. */
export function ShiftLog({
  log,
  language,
  correct,
}: {
  log: ShiftLogWire;
  language: Language;
  correct?: (note: Note) => void;
}) {
  const t = i18n.getFixedT(language);
  const [kind, setKind] = useState<EntryKind | null>(null);
  const present = ENTRY_KINDS.filter((each) => log.entries.some((entry) => entry.kind === each));
  const shown = kind === null ? log.entries : log.entries.filter((entry) => entry.kind === kind);
  const leftOut = ENTRY_KINDS.filter((each) => (log.leftOut[each] ?? 0) > 0 && (kind === null || kind === each));
  const days = new Set(log.entries.map(({ at }) => formatDateTime(at, 'vi').slice(0, 10)));
  return (
    <>
      {present.length < 2 ? null : (
        <fieldset className="bare shift-kinds no-print" aria-label={t('shift.kinds')}>
          {([null, ...present] as const).map((each) => (
            <button
              key={each ?? 'all'}
              type="button"
              className="chip"
              aria-pressed={kind === each}
              onClick={() => setKind(each)}
            >
              {each === null ? t('shift.kind.all') : t(`shift.kind.${each}`)}
            </button>
          ))}
        </fieldset>
      )}
      {log.entries.length === 0 ? <p className="secondary section-empty">{t('shift.logEmpty')}</p> : null}
      <ol className="shift-log">
        {shown.map((entry, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of one instant have nothing else of their own
          <li key={`${entry.at} ${entry.kind} ${i}`} className="shift-entry" data-kind={entry.kind}>
            <time dateTime={new Date(entry.at).toISOString()}>
              {days.size > 1 ? formatDateTime(entry.at, language) : formatTime(entry.at)}
            </time>
            <span className="shift-entry-mark">
              {entry.kind === 'alarm' ? <StateMark state={entry.severity} size={14} /> : null}
            </span>
            <div className="shift-entry-text">
              <p>
                {entry.kind === 'alarm' ? (
                  <Link to="/alarms" search={{ alarm: entry.alarmId }}>
                    {t(`severity.${entry.severity}`)} · {entryText(entry, language)}
                  </Link>
                ) : entry.kind === 'incident' ? (
                  <Link to="/incidents" search={{ incident: entry.incidentId }}>
                    {entryText(entry, language)}
                  </Link>
                ) : (
                  entryText(entry, language)
                )}
              </p>
              <EntryDetail entry={entry} language={language} />
            </div>
            {entry.kind === 'note' && correct ? (
              <button type="button" className="text-button no-print" onClick={() => correct(entry)}>
                {t('shift.correct')}
              </button>
            ) : null}
          </li>
        ))}
      </ol>
      {leftOut.map((each) => (
        <p key={each} className="small secondary">
          {t('shift.leftOut', {
            count: log.leftOut[each] ?? 0,
            number: formatCount(log.leftOut[each] ?? 0, language),
            kind: t(`shift.kind.${each}`),
          })}
        </p>
      ))}
    </>
  );
}

/** Who did it, in whose words, and what of it was earlier. */
function EntryDetail({ entry, language }: { entry: ShiftEntryWire; language: Language }) {
  const t = i18n.getFixedT(language);
  const words = entry.kind === 'alarm' ? entry.note : entry.kind === 'window' ? entry.reason : null;
  const parts = [
    ...(entry.byName === null ? [] : [entry.byName]),
    ...(words === null || words === '' ? [] : [words]),
    ...(entry.kind === 'note' && entry.corrects !== null ? [t('shift.isCorrection')] : []),
    // Minutes are written down: less is the time of writing itself.
    ...(entry.kind === 'note' && entry.at - entry.happenedAt > 60_000
      ? [t('shift.happened', { time: formatDateTime(entry.happenedAt, language) })]
      : []),
  ];
  return parts.length === 0 ? null : <p className="small secondary">{parts.join(' · ')}</p>;
}
