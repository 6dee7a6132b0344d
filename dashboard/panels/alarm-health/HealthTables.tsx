import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AlarmHealthWire } from '../../../api/contract/alarm-health.ts';
import { HEALTH_TARGETS } from '../../../domain/alarm-health-targets.ts';
import { SEVERITIES } from '../../../domain/rule.ts';
import { useServerNow } from '../../client/platform.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatCount, formatDateTime, formatDuration } from '../../state/formatting.ts';
import { StateMark } from '../../symbols/Symbols.tsx';
import { useFigureText } from './use-figure-text.ts';

type Source = AlarmHealthWire['badActors'][number];

/** What is behind the figures: by severity, floods, and the rules and points that are to be mended first. */
export function HealthTables({ health }: { health: AlarmHealthWire }) {
  const { t, language } = useLanguage();
  const text = useFigureText();
  const now = useServerNow();
  const share = (count: number): string =>
    text({ value: health.activations === 0 ? 0 : count / health.activations, unit: 'share' });
  const count = (value: number): string => formatCount(value, language);
  return (
    <>
      <Section title={t('health.severities')} hint={t('health.severitiesHint')}>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('alarms.column.severity')}</th>
              <Figures>{t('health.column.activations')}</Figures>
              <Figures>{t('health.column.share')}</Figures>
              <Figures>{t('health.column.recommended')}</Figures>
              <Figures>{t('health.column.median')}</Figures>
              <Figures>{t('health.column.p95')}</Figures>
              <Figures>{t('health.column.unacknowledged')}</Figures>
            </tr>
          </thead>
          <tbody>
            {SEVERITIES.map((severity) => {
              const times = health.acknowledgement[severity];
              const activations = health.bySeverity[severity] ?? 0;
              const target = HEALTH_TARGETS.severityShares[severity];
              return (
                <tr key={severity}>
                  <td>
                    <span className="severity-cell">
                      <StateMark state={severity} size={16} />
                      {t(`severity.${severity}`)}
                    </span>
                  </td>
                  <td className="numeric">{count(activations)}</td>
                  <td className="numeric">{share(activations)}</td>
                  <td className="numeric">
                    {t(severity === 'critical' ? 'health.below' : 'health.about', {
                      share: `${count(target * 100)} %`,
                    })}
                  </td>
                  <td className="numeric">{text({ value: times.median, unit: 'duration' })}</td>
                  <td className="numeric">{text({ value: times.p95, unit: 'duration' })}</td>
                  <td className="numeric">{count(times.unacknowledged)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Section>
      <Section
        title={t('health.floods')}
        hint={t('health.floodsHint')}
        none={health.floods.total === 0 ? t('health.floodsNone') : null}
        more={health.floods.total - health.floods.items.length}
      >
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('health.column.from')}</th>
              <th scope="col">{t('health.column.to')}</th>
              <Figures>{t('health.column.lasted')}</Figures>
              <Figures>{t('health.column.activations')}</Figures>
              <Figures>{t('health.column.peak')}</Figures>
            </tr>
          </thead>
          <tbody>
            {health.floods.items.map((flood) => (
              <tr key={flood.from}>
                <td>{formatDateTime(flood.from, language)}</td>
                <td>{flood.to === null ? t('health.goesOn') : formatDateTime(flood.to, language)}</td>
                <td className="numeric">{formatDuration((flood.to ?? health.to) - flood.from, language)}</td>
                <td className="numeric">{count(flood.activations)}</td>
                <td className="numeric">
                  {t('health.peakAt', { peak: count(flood.peak), time: formatDateTime(flood.peakAt, language) })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      <Section
        title={t('health.badActors')}
        hint={t('health.badActorsHint', { share: text({ value: health.badActorsShare, unit: 'share' }) })}
        none={health.badActors.length === 0 ? t('health.badActorsNone') : null}
      >
        <Sources
          sources={health.badActors}
          columns={[
            [t('health.column.activations'), (source) => count(source.activations)],
            [t('health.column.share'), (source) => share(source.activations)],
          ]}
        />
      </Section>
      <Section
        title={t('health.chattering')}
        hint={t('health.definition.chattering')}
        none={health.chattering.total === 0 ? t('health.chatteringNone') : null}
        more={health.chattering.total - health.chattering.items.length}
      >
        <Sources
          sources={health.chattering.items}
          columns={[
            [t('health.column.chatters'), (source) => count(source.chatters)],
            [t('health.column.activations'), (source) => count(source.activations)],
          ]}
        />
      </Section>
      <Section
        title={t('health.fleeting')}
        hint={t('health.definition.fleeting')}
        none={health.fleeting.total === 0 ? t('health.fleetingNone') : null}
        more={health.fleeting.total - health.fleeting.items.length}
      >
        <Sources
          sources={health.fleeting.items}
          columns={[
            [t('health.column.fleeting'), (source) => count(source.fleeting)],
            [t('health.column.activations'), (source) => count(source.activations)],
          ]}
        />
      </Section>
      <Section
        title={t('health.standing')}
        hint={t('health.standingHint', { time: formatDateTime(health.to, language) })}
        none={health.standing.total === 0 ? t('health.standingNone') : null}
        more={health.standing.total - health.standing.items.length}
      >
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">{t('alarms.column.point')}</th>
              <th scope="col">{t('alarms.column.alarm')}</th>
              <th scope="col">{t('alarms.column.since')}</th>
              <Figures>{t('health.column.lasted')}</Figures>
            </tr>
          </thead>
          <tbody>
            {health.standing.items.map((alarm) => (
              <tr key={alarm.alarmId}>
                <td>
                  <Link to="/alarms" search={{ alarm: alarm.alarmId }}>
                    {alarm.pointName?.[language] ?? alarm.pointId}
                  </Link>
                </td>
                <td>{alarm.ruleName?.[language] ?? alarm.ruleId}</td>
                <td>{formatDateTime(alarm.at, language)}</td>
                <td className="numeric">{formatDuration(Math.min(now, health.to) - alarm.at, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
    </>
  );
}

/** The head of a column of figures. */
function Figures({ children }: { children: ReactNode }) {
  return (
    <th scope="col" className="numeric">
      {children}
    </th>
  );
}

/** A table with its title and definition; `none` stands in its place when there is nothing. */
function Section({
  title,
  hint,
  none = null,
  more = 0,
  children,
}: {
  title: string;
  hint: string;
  none?: string | null;
  /** Rows beyond those listed. */
  more?: number;
  children: ReactNode;
}) {
  const { t, language } = useLanguage();
  return (
    <section className="health-section">
      <h2 className="section-title">{title}</h2>
      <p className="small secondary">{hint}</p>
      {none === null ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        <section className="table-scroll" tabIndex={0} aria-label={title}>
          {children}
        </section>
      ) : (
        <p className="small">{none}</p>
      )}
      {more > 0 ? (
        <p className="small secondary">{t('health.more', { number: formatCount(more, language), count: more })}</p>
      ) : null}
    </section>
  );
}

/** Rules on points, with the way to their rule and their alarms. */
function Sources({
  sources,
  columns,
}: {
  sources: readonly Source[];
  columns: readonly (readonly [string, (source: Source) => string])[];
}) {
  const { t, language } = useLanguage();
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th scope="col">{t('alarms.column.point')}</th>
          <th scope="col">{t('alarms.column.alarm')}</th>
          {columns.map(([header]) => (
            <Figures key={header}>{header}</Figures>
          ))}
        </tr>
      </thead>
      <tbody>
        {sources.map((source) => (
          <tr key={`${source.ruleId} ${source.pointId}`}>
            <td>
              <Link to="/" search={{ point: source.pointId }}>
                {source.pointName?.[language] ?? source.pointId}
              </Link>
            </td>
            <td>
              <Link to="/rules/$ruleId" params={{ ruleId: source.ruleId }}>
                {source.ruleName?.[language] ?? source.ruleId}
              </Link>
            </td>
            {columns.map(([header, cell]) => (
              <td key={header} className="numeric">
                {cell(source)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
