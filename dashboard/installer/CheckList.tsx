import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import type { FindingWire } from '../../api/contract/commissioning.ts';
import { type CommissioningCheck, isInTheWay } from '../../domain/commissioning.ts';
import { IconAlertTriangle, IconCheck, IconClock, IconMinus } from '../components/icons.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { useFindingText } from './use-finding-text.ts';

export type Overrides = Readonly<Partial<Record<CommissioningCheck, string>>>;
const VERDICT_ICONS = {
  passed: IconCheck,
  failed: IconAlertTriangle,
  waiting: IconClock,
  not_applicable: IconMinus,
} as const;

/** The checks, each with its verdict by sign and word, what was found, and room for a reason where it has not passed. */
export function CheckList({
  findings,
  overrides,
  onOverride,
}: {
  findings: readonly FindingWire[];
  overrides: Overrides;
  onOverride: (check: CommissioningCheck, reason: string | null) => void;
}) {
  const { t, language } = useLanguage();
  const findingText = useFindingText();
  const [asked, setAsked] = useState<CommissioningCheck | null>(null);
  return (
    <ol className="check-list">
      {findings.map((finding) => {
        const { check, verdict } = finding;
        const reason = overrides[check];
        const open = isInTheWay(finding);
        const VerdictIcon = VERDICT_ICONS[verdict];
        return (
          <li key={check} className="check" data-check={check} data-verdict={verdict}>
            <VerdictIcon className="check-icon" size={24} aria-hidden="true" />
            <div className="check-text">
              <p className="check-name">
                {t(`check.${check}`)} <span className="check-verdict">{t(`verdict.${verdict}`)}</span>
              </p>
              <p>{findingText(finding, language)}</p>
              {open && (asked === check || reason !== undefined) ? (
                <Textarea
                  label={t('field.overrideReason')}
                  description={t('field.overrideHint')}
                  autosize
                  minRows={2}
                  maxLength={2_000}
                  value={reason ?? ''}
                  onChange={(event) => onOverride(check, event.currentTarget.value)}
                />
              ) : null}
              {open ? (
                asked === check || reason !== undefined ? (
                  <button
                    type="button"
                    className="text-button"
                    onClick={() => {
                      setAsked(null);
                      onOverride(check, null);
                    }}
                  >
                    {t('field.overrideUndo')}
                  </button>
                ) : (
                  <Button variant="default" onClick={() => setAsked(check)}>
                    {t('field.override')}
                  </Button>
                )
              ) : null}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
