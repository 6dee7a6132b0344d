import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ShiftSummaryWire } from '../../../api/contract/shifts.ts';
import type { Language } from '../../../domain/localized.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import { totalOf } from '../../../domain/shift-summary.ts';
import { i18n } from '../../i18n/i18n.ts';
import { formatCount, formatDateTime, formatTime } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';

/** Alarms named on the screen before the rest is folded away; paper has them all. */
const NAMED_AT_FIRST = 12;

/** What a shift leaves to the next. Each part says so when there is nothing: an empty part may be an omission, "none" is a statement. */
export function ShiftSummary({ summary, language }: { summary: ShiftSummaryWire; language: Language }) {
  const t = i18n.getFixedT(language);
  const { alarms, shelved, windows, warnings, devicesDown, notes } = summary;
  const time = (at: number): string => formatDateTime(at, language);
  const until = (at: number | null): string =>
    at === null ? t('shift.noEnd') : t('suppressions.ends', { time: time(at) });
  const open = totalOf(summary.open);
  const alarmLine = (alarm: (typeof alarms)[number], more: ReactNode) => (
    <li key={alarm.alarmId} className="shift-line">
      <StateMark state={alarm.severity} size={16} />
      <div>
        <Link to="/alarms" search={{ alarm: alarm.alarmId }}>
          {alarm.pointName[language]} – {alarm.ruleName[language]}
        </Link>
        <p className="small secondary">{more}</p>
      </div>
    </li>
  );
  const stateOf = (alarm: (typeof alarms)[number]): string =>
    [
      t(`severity.${alarm.severity}`),
      t(`condition.${alarm.condition}`),
      t(`work.${alarm.work}`),
      time(alarm.startedAt),
      ...(alarm.assigneeName === null ? [] : [alarm.assigneeName]),
    ].join(' · ');
  return (
    <div className="shift-summary">
      <table className="shift-counts">
        <caption className="visually-hidden">{t('shift.counts')}</caption>
        <thead>
          <tr>
            <td />
            {SEVERITIES.map((severity) => (
              <th key={severity} scope="col">
                <StateMark state={severity} size={12} /> {t(`severity.${severity}`)}
              </th>
            ))}
            <th scope="col">{t('shift.total')}</th>
          </tr>
        </thead>
        <tbody>
          {(['open', 'unacknowledged', 'raised'] as const).map((row) => (
            <tr key={row}>
              <th scope="row">{t(`shift.count.${row}`)}</th>
              {SEVERITIES.map((severity) => (
                <td key={severity}>{formatCount(summary[row][severity], language)}</td>
              ))}
              <td>{formatCount(totalOf(summary[row]), language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="small secondary">
        {t('shift.worked', {
          acknowledged: formatCount(summary.acknowledgedCount, language),
          ended: formatCount(summary.endedCount, language),
        })}
        {' · '}
        {t('shift.asOf', { time: time(summary.asOf) })}
      </p>
      <Part title={t('shift.part.alarms')} count={open} language={language}>
        <Folded items={alarms} language={language}>
          {(alarm) => alarmLine(alarm, stateOf(alarm))}
        </Folded>
        {open > alarms.length ? (
          <li className="small secondary">
            {t('shift.others', { number: formatCount(open - alarms.length, language) })}
          </li>
        ) : null}
      </Part>
      <Part title={t('shift.part.shelved')} count={summary.shelvedCount} language={language}>
        {shelved.map((alarm) =>
          alarmLine(
            alarm,
            [
              t(`suppression.${alarm.shelf.kind}`),
              until(alarm.shelf.until),
              alarm.shelf.reason,
              ...(alarm.shelf.byName === null ? [] : [alarm.shelf.byName]),
            ].join(' · '),
          ),
        )}
      </Part>
      <Part title={t('shift.part.windows')} count={windows.length} language={language}>
        {windows.map((window) => (
          <li key={window.windowId} className="shift-line">
            <StateMark state={window.kind} size={16} />
            <div>
              {window.scopeName[language]}
              <p className="small secondary">
                {[
                  t(`suppression.${window.kind}`),
                  until(window.until),
                  window.reason,
                  ...(window.ownerName === null ? [] : [window.ownerName]),
                ].join(' · ')}
              </p>
            </div>
          </li>
        ))}
      </Part>
      <Part title={t('shift.part.warnings')} count={warnings.length} language={language}>
        {warnings.map((warning) => (
          <li key={warning.warningId}>
            <Link to="/official-warnings/$warningId" params={{ warningId: warning.warningId }}>
              {warning.headline[language]}
            </Link>
            <p className="small secondary">
              {warning.isExercise ? `${t('warnings.exercise')} · ` : ''}
              {until(warning.expires)}
            </p>
          </li>
        ))}
      </Part>
      <Part title={t('shift.part.devices')} count={summary.devicesDownCount} language={language}>
        <Folded items={devicesDown} language={language}>
          {({ deviceId, since }) => (
            <li key={deviceId}>
              <Link to="/devices/$deviceId" params={{ deviceId }}>
                {deviceId}
              </Link>{' '}
              <span className="small secondary">{t('shift.since', { time: time(since) })}</span>
            </li>
          )}
        </Folded>
      </Part>
      <Part title={t('shift.part.notes')} count={notes.length} language={language}>
        {notes.map(({ note, corrections }) => (
          <li key={note.noteId}>
            <p className="shift-words">{note.text}</p>
            <p className="small secondary">
              {time(note.happenedAt)} · {note.byName}
            </p>
            {corrections.map((each) => (
              <p key={each.noteId} className="shift-correction">
                {t('shift.correction')}: {each.text}{' '}
                <span className="small secondary">
                  {formatTime(each.at)} · {each.byName}
                </span>
              </p>
            ))}
          </li>
        ))}
      </Part>
    </div>
  );
}

function Part({
  title,
  count,
  language,
  children,
}: {
  title: string;
  count: number;
  language: Language;
  children: ReactNode;
}) {
  const t = i18n.getFixedT(language);
  return (
    <section className="shift-part" aria-label={title}>
      <h2>
        {title} <span className="secondary">({formatCount(count, language)})</span>
      </h2>
      {count === 0 ? <p className="secondary">{t('shift.none')}</p> : <ul className="shift-lines">{children}</ul>}
    </section>
  );
}

/** The first of a list, and the others behind one click; printed, all of them. */
function Folded<T>({
  items,
  language,
  children,
}: {
  items: readonly T[];
  language: Language;
  children: (item: T) => ReactNode;
}) {
  const t = i18n.getFixedT(language);
  const rest = items.slice(NAMED_AT_FIRST);
  return (
    <>
      {items.slice(0, NAMED_AT_FIRST).map(children)}
      {rest.length === 0 ? null : (
        <li>
          <details className="shift-rest">
            <summary>{t('shift.showOthers', { number: formatCount(rest.length, language) })}</summary>
            <ul className="shift-lines">{rest.map(children)}</ul>
          </details>
        </li>
      )}
    </>
  );
}
