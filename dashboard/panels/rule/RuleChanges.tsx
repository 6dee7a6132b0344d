import { useMemo } from 'react';
import type { AgencyId } from '../../../domain/identifiers.ts';
import { changedFields } from '../../../domain/rule-diff.ts';
import { useLanguage } from '../../i18n/use-language.ts';
import { changeLines } from '../../state/rule-changes.ts';
import { draftOf } from '../../state/rule-draft.ts';
import { conditionSentence, plainText } from '../../state/rule-sentence.ts';
import { useLocalCount, useRuleWords } from './rule-words.ts';

const NAMES = { sites: true, models: true, wards: true } as const;

/** Two versions of a rule, or a version and a draft: both as sentences, and each field that differs. */
export function RuleChanges({
  before,
  after,
  agencyId,
  labels,
}: {
  before: object;
  after: object;
  agencyId: AgencyId;
  labels: { readonly before: string; readonly after: string };
}) {
  const { t } = useLanguage();
  const words = useRuleWords(NAMES);
  const countOf = useLocalCount();
  const lines = useMemo(() => {
    const { quantity } = draftOf(after);
    return changeLines(
      changedFields(before, after).map(({ path, before: from, after: to }) => ({ path, before: from, after: to })),
      {
        ...words,
        valueText: (value) => words.valueText(quantity, value),
        nameOf: (list, id) => words.names[list](id),
      },
    );
  }, [before, after, words]);
  const told = (rule: object): string => {
    const draft = draftOf(rule);
    return plainText(
      conditionSentence(draft, { ...words, scope: words.scopeOf(draft, agencyId, countOf(draft, agencyId)) }),
    );
  };
  if (lines.length === 0) return <p role="status">{t('ruleChange.none')}</p>;
  return (
    <>
      <dl className="rule-both">
        <dt>{labels.before}</dt>
        <dd>{told(before)}</dd>
        <dt>{labels.after}</dt>
        <dd>{told(after)}</dd>
      </dl>
      <table className="rule-changes">
        <thead>
          <tr>
            <th scope="col">{t('ruleChange.what')}</th>
            <th scope="col">{labels.before}</th>
            <th scope="col">{labels.after}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.path}>
              <th scope="row">{line.label}</th>
              <td>
                <del>{line.before}</del>
              </td>
              <td>
                <ins>{line.after}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
