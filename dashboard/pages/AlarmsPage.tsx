import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import type { AlarmWire } from '../../api/contract/alarms.ts';
import type { AlarmId } from '../../domain/identifiers.ts';
import { alarmSound } from '../client/alarm-sound.ts';
import { useLive, usePlatform, useServerTick } from '../client/platform.tsx';
import { overAlarmsQuery } from '../client/queries.ts';
import { holdsAnywhere } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { IconKeyboard } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { SidePanel } from '../components/SidePanel.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useCurrentTabShown } from '../components/use-current-tab-shown.ts';
import { useIsPhone } from '../components/use-media.ts';
import { VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { AlarmPanel } from '../panels/AlarmPanel.tsx';
import { useAlarmColumns } from '../panels/alarm/AlarmColumns.tsx';
import { AlarmFilters } from '../panels/alarm/AlarmFilters.tsx';
import { AlarmKeys } from '../panels/alarm/AlarmKeys.tsx';
import { PickedBar } from '../panels/alarm/PickedBar.tsx';
import { type StepKind, useAlarmSteps } from '../panels/alarm/use-alarm-steps.tsx';
import { SavedViewsMenu } from '../panels/views/SavedViewsMenu.tsx';
import { MUTE_BY_KEY_MS } from '../shell/SoundSwitch.tsx';
import { type AlarmOrder, alarmFilter, orderAlarms, reorderAlarms } from '../state/alarm-list.ts';
import { filterOf, isFiltered, NO_FILTER_WORDS } from '../state/alarm-search.ts';
import { formatCount } from '../state/formatting.ts';
import '../styles/alarms.css';

const LISTS = ['open', 'hidden', 'ended', 'past'] as const;
type AlarmListName = (typeof LISTS)[number];

const STEP_KEYS: Readonly<Record<string, StepKind>> = {
  a: 'acknowledge',
  w: 'start_work',
  g: 'assign',
  c: 'comment',
  s: 'shelve',
  e: 'unshelve',
  r: 'resolve',
};
const NOTHING_PICKED: ReadonlySet<string> = new Set();

export function AlarmsPage() {
  const { t, language } = useLanguage();
  const { session, live, isPast } = usePlatform();
  const { pointById } = useCity();
  const search = useSearch({ from: '/shell/alarms' });
  const navigate = useNavigate();
  const isPhone = useIsPhone();
  const [helpOpen, help] = useDisclosure(false);

  // Of a moment of the past there is what was open then; the lists of what is over are of now.
  const lists = isPast ? LISTS.slice(0, 2) : LISTS;
  const list: AlarmListName = lists.find((each) => each === search.list) ?? 'open';
  const isOver = list === 'ended' || list === 'past';
  // Hours back are counted from the minute: the list isn't made anew with every second.
  const minute = useServerTick(60_000) * 60_000;
  const { severities, domains, agency, work, condition, text, assignee, rule, ward, since } = search;
  const counted = since === undefined ? 0 : minute;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filter is made from these words
  const filter = useMemo(
    () => filterOf(search, session.user.id, counted),
    [severities, domains, agency, work, condition, text, assignee, rule, ward, since, session.user.id, counted],
  );
  const keep = useMemo(() => {
    const passes = alarmFilter(
      isOver ? { ...filter, work: [], condition: null } : filter,
      (point) => pointById.get(point)?.wardCode ?? null,
    );
    return isOver ? passes : (alarm: AlarmWire) => (alarm.suppression === null) === (list === 'open') && passes(alarm);
  }, [filter, pointById, isOver, list]);

  const open = useLive((state) => state.table.alarms);
  const phase = useLive((state) => state.table.phase);
  const isTruncated = useLive((state) => state.table.alarmsTruncated);
  const over = useInfiniteQuery({ ...overAlarmsQuery(list === 'past' ? 'past' : 'live', filter), enabled: isOver });
  const openCount = useMemo(() => {
    let count = 0;
    for (const { suppression } of open.values()) if (suppression === null) count += 1;
    return count;
  }, [open]);
  const order = useRef<{ readonly keep: typeof keep; readonly order: AlarmOrder } | null>(null);
  const alarms = useMemo(() => {
    if (isOver) return (over.data?.pages ?? []).flatMap(({ items }) => items).filter(keep);
    const before = order.current;
    const next = before?.keep === keep ? reorderAlarms(before.order, open, keep) : orderAlarms(open, keep);
    order.current = { keep, order: next };
    return next.list;
  }, [isOver, over.data, open, keep]);

  const selected = (search.alarm as AlarmId | undefined) ?? null;
  const select = (alarm: AlarmId | null, replace = false) =>
    void navigate({ to: '/alarms', search: (before) => ({ ...before, alarm: alarm ?? undefined }) as never, replace });
  const change = (next: Record<string, string | undefined>) =>
    void navigate({ to: '/alarms', search: (before) => ({ ...before, ...next }) as never, replace: true });

  // Colleagues see which alarm is open here.
  useEffect(() => {
    live.look(selected);
    return () => live.look(null);
  }, [live, selected]);

  const [picked, setPicked] = useState(NOTHING_PICKED);
  const mayWork = holdsAnywhere(session, 'alarms.work') && !isOver;
  const pickedAlarms = useMemo(
    () => (picked.size === 0 ? [] : alarms.filter(({ id }) => picked.has(id))),
    [picked, alarms],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list has other rows
  useEffect(() => setPicked(NOTHING_PICKED), [list]);
  const steps = useAlarmSteps(() => setPicked(NOTHING_PICKED));

  const onKey = (key: string, alarm: AlarmWire | undefined, event: KeyboardEvent): boolean => {
    const step = event.shiftKey ? undefined : STEP_KEYS[key.toLowerCase()];
    if (step !== undefined) {
      if (mayWork) steps.begin(step, pickedAlarms.length > 0 ? pickedAlarms : alarm ? [alarm] : []);
      return mayWork;
    }
    switch (key.toLowerCase()) {
      case 'u':
        if (mayWork) steps.undoLast();
        return mayWork;
      case 'm':
        alarmSound.muteFor(alarmSound.get().mutedUntil === null ? MUTE_BY_KEY_MS : 0);
        return true;
      case 'f':
        document.querySelector<HTMLInputElement>('.alarm-tools input')?.focus();
        return true;
      case '?':
        help.open();
        return true;
      case 'escape':
        select(null);
        return true;
      default:
        return false;
    }
  };

  // The list is what people come here for: the keyboard stands on it from the start, and again after a dialog.
  const listBox = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when there is a list
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.id === 'content')
      listBox.current?.querySelector<HTMLElement>('[role="grid"]')?.focus();
  }, [alarms.length > 0]);

  const tabs = useCurrentTabShown(list);
  const columns = useAlarmColumns(isOver, selected !== null);
  const waiting = isOver ? over.isPending : phase === 'empty' && live.get().line.lastFrameAt === null;
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('alarms.title')}</h1>
        <nav ref={tabs} className="tabs" aria-label={t('alarms.lists')}>
          {lists.map((each) => (
            <Link
              key={each}
              to="/alarms"
              search={{ list: each === 'open' ? undefined : each } as never}
              className="tab"
              // By itself the router takes a list without a word in the address for the one that is open, whatever word stands there.
              activeOptions={{ exact: true }}
              aria-current={each === list ? 'page' : undefined}
            >
              {t(`alarms.list.${each}`)}
              {each === 'open' ? <span className="secondary">{formatCount(openCount, language)}</span> : null}
              {each === 'hidden' ? (
                <span className="secondary">{formatCount(open.size - openCount, language)}</span>
              ) : null}
            </Link>
          ))}
          <Link to="/incidents" className="tab">
            {t('incidents.title')}
          </Link>
          <Link to="/suppressions" className="tab">
            {t('suppressions.title')}
          </Link>
          {holdsAnywhere(session, 'alarms.work') ? (
            <Link to="/alarm-health" className="tab">
              {t('health.title')}
            </Link>
          ) : null}
        </nav>
        <span className="grow" />
        <SavedViewsMenu
          kind="alarm_filter"
          current={{
            ...{ list: search.list, severities, domains, agency, work, condition, text, assignee, rule, ward, since },
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
      <AlarmFilters search={search} withWork={!isOver} onChange={change} />
      {isTruncated && !isOver ? (
        <p className="list-note small" role="status">
          {t('alarms.fetchingRest', { number: formatCount(open.size, language) })}
        </p>
      ) : null}
      <div className="page-split">
        <div className="page-list" ref={listBox}>
          {pickedAlarms.length > 0 ? (
            <PickedBar alarms={pickedAlarms} steps={steps} onNone={() => setPicked(NOTHING_PICKED)} />
          ) : null}
          {waiting ? (
            <ListLoading what={t('loading.alarms')} />
          ) : over.error && isOver ? (
            <Failure error={over.error} retry={() => void over.refetch()} />
          ) : alarms.length === 0 ? (
            <Empty
              title={isFiltered(search) ? t('alarms.emptyFilter') : t(`alarms.empty.${list}`)}
              hint={isFiltered(search) ? t('alarms.emptyFilterHint') : t(`alarms.emptyHint.${list}`)}
              action={
                isFiltered(search) ? (
                  <Button variant="default" onClick={() => change(NO_FILTER_WORDS)}>
                    {t('alarms.filter.none')}
                  </Button>
                ) : null
              }
            />
          ) : (
            <VirtualGrid
              label={t(`alarms.list.${list}`)}
              items={alarms}
              columns={columns}
              keyOf={(alarm) => alarm.id}
              rowHeight={36}
              phoneRowHeight={84}
              selectedKey={selected}
              withHeader={!isPhone}
              onOpen={(alarm) => select(alarm.id)}
              onMove={(alarm) => {
                if (selected !== null && !isPhone) select(alarm.id, true);
              }}
              onKey={onKey}
              rowClass={(alarm) => (alarm.work === 'new' && alarm.endedAt === null ? 'unacknowledged' : undefined)}
              {...(mayWork ? { picked, onPicked: setPicked } : {})}
            />
          )}
          {isOver && over.hasNextPage ? (
            <div className="list-more">
              <button
                type="button"
                className="link-button"
                disabled={over.isFetchingNextPage}
                onClick={() => void over.fetchNextPage()}
              >
                {t('alarms.older')}
              </button>
            </div>
          ) : null}
        </div>
        {selected !== null ? (
          <SidePanel label={t('alarms.panel')} onClose={() => select(null)}>
            <AlarmPanel key={selected} alarmId={selected} onClose={() => select(null)} />
          </SidePanel>
        ) : null}
      </div>
      {steps.dialog}
      <Modal
        opened={helpOpen}
        onClose={help.close}
        title={t('alarms.help')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <AlarmKeys />
      </Modal>
    </div>
  );
}
