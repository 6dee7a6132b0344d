import { Button, Progress, SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { RuleEdit, RuleWire } from '../../../api/contract/rules.ts';
import type { AgencyId } from '../../../domain/identifiers.ts';
import { epochMs } from '../../../domain/time.ts';
import { useBacktest } from '../../client/backtest.ts';
import { useServerNow } from '../../client/platform.tsx';
import { useProblemText } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { BACKTEST_SPANS, type BacktestSpan, shareDone, spanMs, sweepOf } from '../../state/backtest-view.ts';
import { formatCount } from '../../state/formatting.ts';
import { BacktestResult } from './BacktestResult.tsx';

interface Prepared {
  readonly rule: RuleEdit;
  readonly agencyId: AgencyId;
}

/**
 * Tries the rule as it stands in the form on what was measured; beside the version in use, where there is one. `prepare` gives the rule, or says
 * in the form what it lacks.
 */
export function RuleBacktest({ current, prepare }: { current: RuleWire | null; prepare: () => Prepared | null }) {
  const { t, language } = useLanguage();
  const problemText = useProblemText();
  const now = useServerNow();
  const [span, setSpan] = useState<BacktestSpan>('d30');
  const [tried, setTried] = useState<Prepared | null>(null);
  const draft = useBacktest();
  const inUse = useBacktest();

  async function run(): Promise<void> {
    const ready = prepare();
    if (ready === null) return;
    setTried(ready);
    const within = { from: epochMs(now - spanMs(span)), to: epochMs(now) };
    const sweep = sweepOf(ready.rule.condition);
    await draft.order({
      rule: { ...ready.rule, agencyId: ready.agencyId },
      ...within,
      ...(sweep === null ? {} : { sweep }),
    });
    if (current !== null) {
      const { id: _id, version: _version, createdBy: _by, createdAt: _at, ...rule } = current;
      await inUse.order({ rule, ...within });
    }
  }
  const stop = () => {
    draft.drop();
    inUse.drop();
  };

  const both = [draft.backtest, inUse.backtest].filter((each) => each !== null);
  const running = both.some(({ state }) => state === 'waiting' || state === 'running');
  const share = both.length === 0 ? 0 : both.reduce((sum, each) => sum + shareDone(each), 0) / both.length;
  const error = draft.error ?? inUse.error;
  return (
    <section className="backtest" aria-label={t('backtest.title')}>
      <h3 className="section-title">{t('backtest.title')}</h3>
      <div className="actions">
        <SegmentedControl
          aria-label={t('backtest.span')}
          size="xs"
          data={BACKTEST_SPANS.map((each) => ({ value: each, label: t(`backtest.spans.${each}`) }))}
          value={span}
          onChange={(value) => setSpan(value as BacktestSpan)}
        />
        {running ? (
          <Button variant="default" size="xs" onClick={stop}>
            {t('backtest.stop')}
          </Button>
        ) : (
          <Button variant="default" size="xs" onClick={() => void run()}>
            {t('backtest.run')}
          </Button>
        )}
      </div>
      {error === null || error === undefined ? null : (
        <p className="form-problem" role="alert">
          {problemText(error)}
        </p>
      )}
      {running ? (
        <div role="status">
          <Progress value={share * 100} aria-label={t('backtest.progress')} />
          <p className="small secondary">
            {t('backtest.read', {
              count: both.reduce((sum, { progress }) => sum + progress.readings, 0),
              readings: formatCount(
                both.reduce((sum, { progress }) => sum + progress.readings, 0),
                language,
              ),
            })}
          </p>
        </div>
      ) : null}
      {both.some(({ state }) => state === 'failed') ? (
        <p className="form-problem" role="alert">
          {t('backtest.failed')}
        </p>
      ) : null}
      {draft.backtest?.report && tried !== null && !running ? (
        <BacktestResult draft={draft.backtest} inUse={inUse.backtest} rule={tried.rule} />
      ) : null}
    </section>
  );
}
