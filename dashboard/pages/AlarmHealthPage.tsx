import { Button, NumberInput, Select } from '@mantine/core';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { saveFile } from '../client/download.ts';
import { call } from '../client/http.ts';
import { usePlatform, useServerNow } from '../client/platform.tsx';
import { agenciesWith } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { DateField } from '../components/DateField.tsx';
import { ListLoading } from '../components/Loading.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { HealthBars } from '../panels/alarm-health/HealthBars.tsx';
import { HealthTables } from '../panels/alarm-health/HealthTables.tsx';
import { HealthTiles } from '../panels/alarm-health/HealthTiles.tsx';
import { useHealthCsv } from '../panels/alarm-health/use-health-csv.ts';
import {
  HEALTH_PERIOD_DEFAULT,
  HEALTH_PERIODS,
  healthSpan,
  operatorsOf,
  RECOMMENDED_DAYS,
} from '../state/alarm-health-view.ts';
import { formatCount, formatDateTime } from '../state/formatting.ts';
import '../styles/alarms.css';

const healthQuery = (query: { from: number; to: number; operators: number; agency: string | undefined }) =>
  queryOptions({
    queryKey: ['alarm-health', query],
    queryFn: ({ signal }) => call('GET /alarm-health', { signal, query }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });

/** For whoever leads the shift: can these alarms be worked with, and which rules are to be mended first. */
export function AlarmHealthPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const { agencies } = useCity();
  const search = useSearch({ from: '/shell/alarm-health' });
  const navigate = useNavigate();
  // By the ten minutes that the figures count in: the page doesn't ask anew with every second.
  const now = Math.floor(useServerNow() / 600_000) * 600_000 + 600_000;
  const span = healthSpan(search, now);
  const operators = operatorsOf(search);
  const health = useQuery(healthQuery({ ...span, operators, agency: search.agency }));
  const csvOfHealth = useHealthCsv();
  const own = agenciesWith(session, 'alarms.work', agencies);
  const change = (next: Record<string, string | undefined>) =>
    void navigate({ to: '/alarm-health', search: (before) => ({ ...before, ...next }) as never, replace: true });
  const period = search.from && search.to ? null : (search.period ?? HEALTH_PERIOD_DEFAULT);
  const found = health.data;
  const days = found ? (found.to - found.from) / 86_400_000 : 0;
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('health.title')}</h1>
        <nav className="tabs" aria-label={t('alarms.lists')}>
          <Link to="/alarms" className="tab">
            {t('alarms.title')}
          </Link>
        </nav>
        <span className="grow" />
        <Button
          size="xs"
          variant="default"
          disabled={!found}
          onClick={() => {
            if (found)
              saveFile(
                csvOfHealth(found),
                `alarm-health-${new Date(found.from).toISOString().slice(0, 10)}.csv`,
                'text/csv',
              );
          }}
        >
          {t('health.csv')}
        </Button>
      </header>
      <fieldset className="bare page-tools health-tools" aria-label={t('health.period')}>
        {Object.keys(HEALTH_PERIODS).map((each) => (
          <button
            key={each}
            type="button"
            className="chip"
            aria-pressed={each === period}
            onClick={() => change({ period: each, from: undefined, to: undefined })}
          >
            {t(`health.periods.${each}` as 'health.periods.8h')}
          </button>
        ))}
        <DayField
          label={t('health.from')}
          value={search.from}
          onChange={(from) => change({ from, period: undefined })}
        />
        <DayField label={t('health.to')} value={search.to} onChange={(to) => change({ to, period: undefined })} />
        <NumberInput
          className="health-operators"
          aria-label={t('health.operators')}
          prefix={`${t('health.operators')}: `}
          min={1}
          max={100}
          clampBehavior="strict"
          allowDecimal={false}
          value={operators}
          onChange={(next) => change({ operators: Number(next) > 1 ? String(next) : undefined })}
        />
        {own.length > 1 ? (
          <Select
            aria-label={t('filter.agency')}
            placeholder={t('filter.allAgencies')}
            data={own.map(({ id, name }) => ({ value: id, label: name[language] }))}
            value={search.agency ?? null}
            onChange={(agency) => change({ agency: agency ?? undefined })}
            clearable
            clearButtonProps={{ 'aria-label': t('common.clear') }}
          />
        ) : null}
      </fieldset>
      <div className="health" aria-busy={health.isPlaceholderData || undefined}>
        {health.error ? (
          <Failure error={health.error} retry={() => void health.refetch()} />
        ) : !found ? (
          <ListLoading what={t('health.loading')} />
        ) : (
          <>
            <p className="small secondary">
              {t('health.summary', {
                from: formatDateTime(found.from, language),
                to: formatDateTime(found.to, language),
                number: formatCount(found.activations, language),
                count: found.activations,
                operators: found.operators,
              })}{' '}
              {days < RECOMMENDED_DAYS ? t('health.shortPeriod', { count: RECOMMENDED_DAYS }) : null}
            </p>
            {found.activations === 0 && found.standing.total === 0 ? (
              <Empty title={t('health.empty')} hint={t('health.emptyHint')} />
            ) : (
              <>
                <HealthTiles health={found} />
                <HealthBars health={found} />
                <HealthTables health={found} />
              </>
            )}
          </>
        )}
      </div>
    </div>
  );
}

/** A local day, by the browser's own calendar. */
function DayField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (day: string | undefined) => void;
}) {
  return (
    <span className="day-field small">
      <span className="secondary" aria-hidden="true">
        {label}
      </span>
      <DateField
        kind="day"
        aria-label={label}
        value={value ?? ''}
        onChange={(next) => onChange(next === '' ? undefined : next)}
      />
    </span>
  );
}
