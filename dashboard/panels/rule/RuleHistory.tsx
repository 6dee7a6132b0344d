import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { RuleWire } from '../../../api/contract/rules.ts';
import type { AgencyId, RuleId } from '../../../domain/identifiers.ts';
import { colleaguesQuery } from '../../client/queries.ts';
import { ruleHistoryQuery } from '../../client/rule-drafts.ts';
import { ListLoading } from '../../components/Loading.tsx';
import { Failure } from '../../components/States.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { formatDateTime } from '../../state/formatting.ts';
import { RuleChanges } from './RuleChanges.tsx';

/** Who changed what and when; any two versions beside each other; an old one back as a draft. */
export function RuleHistory({
  ruleId,
  agencyId,
  version,
  restore,
}: {
  ruleId: RuleId;
  agencyId: AgencyId;
  /** What makes the history another: of the rule and of its draft. */
  version: string;
  /** Absent: to be read only. */
  restore?: ((version: RuleWire) => void) | undefined;
}) {
  const { t, language } = useLanguage();
  const history = useQuery(ruleHistoryQuery(ruleId, version));
  const colleagues = useQuery(colleaguesQuery);
  const [compared, setCompared] = useState<{ readonly before: number; readonly after: number } | null>(null);
  if (history.error) return <Failure error={history.error} retry={() => void history.refetch()} />;
  if (history.data === undefined) return <ListLoading what={t('ruleDraft.loadingHistory')} />;
  const versions = history.data.versions.map(({ rule }) => rule);
  const nameOf = (id: string | null | undefined): string =>
    id === null || id === undefined
      ? t('ruleDraft.platform')
      : (colleagues.data?.items.find((person) => person.id === id)?.displayName ?? id);
  const last = versions.at(-1)?.version ?? 0;
  const before = versions.find((each) => each.version === (compared?.before ?? last - 1));
  const after = versions.find((each) => each.version === (compared?.after ?? last));
  const named = (each: RuleWire) => t('ruleDraft.version', { number: each.version });
  const pick = (side: 'before' | 'after') => (
    <Select
      label={t(`ruleDraft.compare.${side}`)}
      data={versions.map((each) => ({ value: String(each.version), label: named(each) }))}
      value={String((side === 'before' ? before : after)?.version ?? '')}
      allowDeselect={false}
      onChange={(next) =>
        setCompared({ before: before?.version ?? 0, after: after?.version ?? 0, [side]: Number(next) })
      }
    />
  );
  return (
    <>
      <ol className="rule-history">
        {[...versions].reverse().map((each) => (
          <li key={each.version}>
            <span>
              <strong>{named(each)}</strong> · {formatDateTime(each.createdAt, language)} · {nameOf(each.createdBy)}
              {each.approvedBy === undefined
                ? ''
                : ` · ${t('ruleDraft.approvedBy', { name: nameOf(each.approvedBy) })}`}
            </span>
            {restore !== undefined && each.version !== last ? (
              <Button size="compact-xs" variant="default" onClick={() => restore(each)}>
                {t('ruleDraft.restore')}
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
      {history.data.steps.length > 0 ? (
        <details>
          <summary>{t('ruleDraft.steps')}</summary>
          <ol className="rule-history">
            {[...history.data.steps].reverse().map(({ step, at, by, note }) => (
              <li key={`${at} ${step}`}>
                <span>
                  {formatDateTime(at, language)} · {nameOf(by)} · {t(`ruleDraft.step.${step}`)}
                  {note === null ? '' : `: ${note}`}
                </span>
              </li>
            ))}
          </ol>
        </details>
      ) : null}
      {versions.length > 1 && before !== undefined && after !== undefined ? (
        <section aria-label={t('ruleDraft.compare.title')}>
          <div className="form-row rule-compare">
            {pick('before')}
            {pick('after')}
          </div>
          <RuleChanges
            before={before}
            after={after}
            agencyId={agencyId}
            labels={{ before: named(before), after: named(after) }}
          />
        </section>
      ) : null}
    </>
  );
}
