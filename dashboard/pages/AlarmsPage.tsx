import { Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AgencyId, AlarmId } from '../../domain/identifiers.ts';
import { type PointState, suppressedState } from '../../domain/point-state.ts';
import { DOMAINS, type Domain } from '../../domain/quantity.ts';
import { SEVERITIES, type Severity } from '../../domain/rule.ts';
import { useAlarmActions } from '../client/alarm-actions.ts';
import { alarmSound } from '../client/alarm-sound.ts';
import { useLive, usePlatform, useServerNow } from '../client/platform.tsx';
import { endedAlarmsQuery } from '../client/queries.ts';
import { holdsIn } from '../client/session.ts';
import { IconKeyboard } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { type GridColumn, VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { useAlarmValues } from '../panels/AlarmCard.tsx';
import { AlarmPanel } from '../panels/AlarmPanel.tsx';
import { SavedViewsMenu } from '../panels/views/SavedViewsMenu.tsx';
import { compareAlarms, matchesFilter } from '../state/alarm-list.ts';
import { formatAge, formatCount, formatDateTime } from '../state/formatting.ts';
import { Glyph, StateMark } from '../symbols/Symbols.tsx';

const LISTS = ['open', 'hidden', 'ended', 'past'] as const;
type AlarmListName = (typeof LISTS)[number];

const markOf = (alarm: AlarmWire): PointState =>
  alarm.suppression === null
    ? alarm.endedAt === null
      ? alarm.severity
      : alarm.worstSeverity
    : suppressedState(alarm.suppression.kind);

export function AlarmsPage() {
  const { t, language } = useLanguage();
  const { session, live } = usePlatform();
  const search = useSearch({ from: '/shell/alarms' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const { take } = useAlarmActions();
  const [helpOpen, help] = useDisclosure(false);

  const list: AlarmListName = search.list ?? 'open';
  const severities = (search.severities?.split(' ') ?? []) as Severity[];
  const domains = (search.domains?.split(' ') ?? []) as Domain[];
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lists are made from these texts
  const filter = useMemo(
    () => ({
      severities,
      domains,
      agencies: search.agency ? [search.agency as AgencyId] : [],
      unacknowledgedOnly: search.work === 'new',
    }),
    [search.severities, search.domains, search.agency, search.work],
  );

  const open = useLive((state) => state.table.alarms);
  const phase = useLive((state) => state.table.phase);
  const ended = useQuery({
    ...endedAlarmsQuery({ origin: list === 'past' ? 'past' : 'live' }),
    enabled: list === 'ended' || list === 'past',
  });
  const openCount = useMemo(() => [...open.values()].filter(({ suppression }) => suppression === null).length, [open]);
  const hiddenCount = open.size - openCount;
  const alarms = useMemo(() => {
    if (list === 'ended' || list === 'past') return (ended.data ?? []).filter((alarm) => matchesFilter(alarm, filter));
    return [...open.values()]
      .filter((alarm) => (alarm.suppression === null) === (list === 'open') && matchesFilter(alarm, filter))
      .sort(compareAlarms);
  }, [list, ended.data, open, filter]);

  const selected = (search.alarm as AlarmId | undefined) ?? null;
  const select = (alarm: AlarmId | null) =>
    void navigate({ to: '/alarms', search: (before) => ({ ...before, alarm: alarm ?? undefined }) as never });
  const change = (next: Record<string, string | undefined>) =>
    void navigate({ to: '/alarms', search: (before) => ({ ...before, ...next }) as never, replace: true });

  const acknowledge = (alarm: AlarmWire | undefined) => {
    if (alarm?.work !== 'new' || alarm.endedAt !== null) return;
    if (holdsIn(session, 'alarms.work', alarm.agencyId)) void take(alarm, { kind: 'acknowledge' });
  };
  const onKey = (key: string, alarm: AlarmWire | undefined): boolean => {
    switch (key) {
      case 'a':
      case 'A':
        acknowledge(alarm);
        return true;
      case 'm':
      case 'M':
        alarmSound.setMuted(!alarmSound.isMuted());
        return true;
      case '?':
        help.open();
        return true;
      case 'Escape':
        select(null);
        return true;
      default:
        return false;
    }
  };

  // The list is what people come here for: the keyboard stands on it from the start.
  const listBox = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when there is a list
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.id === 'content')
      listBox.current?.querySelector<HTMLElement>('[role="grid"]')?.focus();
  }, [alarms.length > 0]);

  const columns = useColumns(list, selected !== null);
  const waiting =
    list === 'ended' || list === 'past' ? ended.isPending : phase === 'empty' && live.get().line.lastFrameAt === null;
  const isFiltered =
    severities.length > 0 || domains.length > 0 || search.agency !== undefined || search.work !== undefined;
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('alarms.title')}</h1>
        <nav className="tabs" aria-label={t('alarms.lists')}>
          {LISTS.map((each) => (
            <Link
              key={each}
              to="/alarms"
              search={{ list: each === 'open' ? undefined : each } as never}
              className="tab"
              aria-current={each === list ? 'page' : undefined}
            >
              {t(`alarms.list.${each}`)}
              {each === 'open' ? <span className="secondary">{formatCount(openCount, language)}</span> : null}
              {each === 'hidden' ? <span className="secondary">{formatCount(hiddenCount, language)}</span> : null}
            </Link>
          ))}
          <Link to="/suppressions" className="tab">
            {t('suppressions.title')}
          </Link>
        </nav>
        <span className="grow" />
        <SavedViewsMenu
          kind="alarm_filter"
          current={{
            ...{ list: search.list, severities: search.severities, domains: search.domains },
            ...{ agency: search.agency, work: search.work },
          }}
          onOpen={(content) => void navigate({ to: '/alarms', search: content as never })}
        />
        <button
          type="button"
          className="icon-button keyboard-only"
          aria-label={t('alarms.help')}
          title={`${t('alarms.help')} (?)`}
          onClick={help.open}
        >
          <IconKeyboard size={18} aria-hidden="true" />
        </button>
      </header>
      <fieldset className="bare page-tools" aria-label={t('filter.label')}>
        {SEVERITIES.map((severity) => (
          <button
            key={severity}
            type="button"
            className="chip"
            aria-pressed={severities.includes(severity)}
            onClick={() => change({ severities: toggle(severities, severity) })}
          >
            <StateMark state={severity} size={14} />
            {t(`severity.${severity}`)}
          </button>
        ))}
        {DOMAINS.map((domain) => (
          <button
            key={domain}
            type="button"
            className="chip"
            aria-pressed={domains.includes(domain)}
            onClick={() => change({ domains: toggle(domains, domain) })}
          >
            <Glyph name={domain} size={14} />
            {t(`domain.${domain}`)}
          </button>
        ))}
        {list === 'open' ? (
          <button
            type="button"
            className="chip"
            aria-pressed={search.work === 'new'}
            onClick={() => change({ work: search.work === 'new' ? undefined : 'new' })}
          >
            {t('alarms.onlyNew')}
          </button>
        ) : null}
      </fieldset>
      <div className="page-split">
        <div className="page-list" ref={listBox}>
          {waiting ? (
            <ListLoading what={t('loading.alarms')} />
          ) : ended.error && (list === 'ended' || list === 'past') ? (
            <Failure error={ended.error} retry={() => void ended.refetch()} />
          ) : alarms.length === 0 ? (
            <Empty
              title={isFiltered ? t('alarms.emptyFilter') : t(`alarms.empty.${list}`)}
              hint={isFiltered ? t('alarms.emptyFilterHint') : t(`alarms.emptyHint.${list}`)}
            />
          ) : (
            <VirtualGrid
              label={t(`alarms.list.${list}`)}
              items={alarms}
              columns={columns}
              keyOf={(alarm) => alarm.id}
              rowHeight={36}
              phoneRowHeight={72}
              selectedKey={selected}
              withHeader={!isPhone}
              onOpen={(alarm) => select(alarm.id)}
              onMove={(alarm) => {
                if (selected !== null && !isPhone) {
                  void navigate({
                    to: '/alarms',
                    search: (before) => ({ ...before, alarm: alarm.id }) as never,
                    replace: true,
                  });
                }
              }}
              onKey={onKey}
              rowClass={(alarm) => (alarm.work === 'new' && alarm.endedAt === null ? 'unacknowledged' : undefined)}
            />
          )}
        </div>
        {selected !== null ? (
          <aside className="panel" data-sheet={isPhone || undefined} aria-label={t('alarms.panel')}>
            <AlarmPanel key={selected} alarmId={selected} onClose={() => select(null)} />
          </aside>
        ) : null}
      </div>
      <Modal
        opened={helpOpen}
        onClose={help.close}
        title={t('alarms.help')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <dl className="help-keys">
          {(
            [
              ['J  K', 'alarms.keys.move'],
              ['A', 'alarms.keys.acknowledge'],
              ['Enter', 'alarms.keys.open'],
              ['Esc', 'alarms.keys.close'],
              ['M', 'alarms.keys.mute'],
              ['/', 'alarms.keys.search'],
              ['?', 'alarms.keys.help'],
            ] as const
          ).map(([keys, what]) => (
            <HelpKey key={keys} keys={keys} what={t(what)} />
          ))}
        </dl>
      </Modal>
    </div>
  );
}

const toggle = <T extends string>(list: readonly T[], item: T): string | undefined => {
  const next = list.includes(item) ? list.filter((each) => each !== item) : [...list, item];
  return next.length === 0 ? undefined : next.join(' ');
};

function HelpKey({ keys, what }: { keys: string; what: string }) {
  return (
    <>
      <dt>
        {keys.split('  ').map((key) => (
          <kbd key={key} style={{ marginRight: 4 }}>
            {key}
          </kbd>
        ))}
      </dt>
      <dd>{what}</dd>
    </>
  );
}

/** Beside an open panel, which says the rest, only what tells rows apart. */
function useColumns(list: AlarmListName, besidePanel: boolean): readonly GridColumn<AlarmWire>[] {
  const { t, language } = useLanguage();
  const isPhone = useIsPhone();
  const values = useAlarmValues();
  const isOver = list === 'ended' || list === 'past';
  const severityOf = (alarm: AlarmWire) => (isOver ? alarm.worstSeverity : alarm.severity);
  if (isPhone) {
    return [
      {
        key: 'alarm',
        header: t('alarms.column.alarm'),
        width: 'minmax(0, 1fr)',
        cell: (alarm) => (
          <span className="view-row">
            <StateMark state={markOf(alarm)} size={24} {...(alarm.point ? { glyph: alarm.point.domain } : {})} />
            <span className="two-lines">
              <span className="truncate">{alarm.point?.name[language] ?? alarm.pointId}</span>
              <span className="small secondary truncate">
                {t(`severity.${severityOf(alarm)}`)} · {alarm.rule?.name[language] ?? alarm.ruleId}
              </span>
              <span className="small secondary truncate">
                {t(`work.${alarm.work}`)} · <When alarm={alarm} isOver={isOver} />
              </span>
            </span>
          </span>
        ),
      },
    ];
  }
  const columns: readonly GridColumn<AlarmWire>[] = [
    {
      key: 'severity',
      header: t('alarms.column.severity'),
      width: '128px',
      cell: (alarm) => (
        <span className="severity-cell">
          <StateMark state={markOf(alarm)} size={18} />
          <span className={alarm.suppression ? 'secondary' : `severity-${severityOf(alarm)}`}>
            {t(`severity.${severityOf(alarm)}`)}
          </span>
        </span>
      ),
    },
    {
      key: 'point',
      header: t('alarms.column.point'),
      width: 'minmax(140px, 2fr)',
      cell: (alarm) => (
        <span className="severity-cell">
          {alarm.point ? <Glyph name={alarm.point.domain} size={14} /> : null}
          <span className="truncate">{alarm.point?.name[language] ?? alarm.pointId}</span>
        </span>
      ),
    },
    {
      key: 'rule',
      header: t('alarms.column.alarm'),
      width: 'minmax(140px, 2fr)',
      cell: (alarm) => alarm.rule?.name[language] ?? alarm.ruleId,
    },
    {
      key: 'value',
      header: t('alarms.column.value'),
      width: 'minmax(180px, 1.5fr)',
      numeric: true,
      cell: (alarm) => <span className="live-value">{values(alarm)}</span>,
    },
    {
      key: 'work',
      header: t('alarms.column.work'),
      width: 'minmax(110px, 1fr)',
      cell: (alarm) => (
        <>
          {alarm.suppression ? t(`suppression.${alarm.suppression.kind}`) : t(`work.${alarm.work}`)}
          {alarm.condition === 'cleared' && alarm.endedAt === null ? ` · ${t('condition.cleared')}` : ''}
        </>
      ),
    },
    {
      key: 'since',
      header: isOver ? t('alarms.column.began') : t('alarms.column.since'),
      width: '136px',
      numeric: true,
      cell: (alarm) => <When alarm={alarm} isOver={isOver} />,
    },
  ];
  return besidePanel ? columns.filter(({ key }) => key !== 'value' && key !== 'work') : columns;
}

function When({ alarm, isOver }: { alarm: AlarmWire; isOver: boolean }) {
  const { language } = useLanguage();
  const now = useServerNow();
  return (
    <time
      dateTime={new Date(alarm.activatedAt).toISOString()}
      title={formatDateTime(alarm.activatedAt, language, true)}
    >
      {isOver ? formatDateTime(alarm.startedAt, language) : formatAge(now - alarm.activatedAt, language)}
    </time>
  );
}
