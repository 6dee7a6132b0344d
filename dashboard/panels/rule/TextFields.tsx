import { Textarea, TextInput } from '@mantine/core';
import { useRef } from 'react';
import type { MapPoint } from '../../../api/contract/map.ts';
import type { RuleDraftWire } from '../../../api/contract/rule-drafts.ts';
import { LANGUAGES, type Language } from '../../../domain/localized.ts';
import { type MessageFacts, PLACEHOLDERS, renderMessage, templateProblems } from '../../../domain/message-template.ts';
import { unitSymbolsOf } from '../../../domain/quantity.ts';
import { severityRank } from '../../../domain/rule.ts';
import { epochMs } from '../../../domain/time.ts';
import { localTimeIn } from '../../../domain/time-zone.ts';
import { useServerNow } from '../../client/platform.tsx';
import { useCity } from '../../client/use-city.tsx';
import { useLanguage } from '../../i18n/use-language.ts';
import { TIME_ZONE } from '../../state/formatting.ts';
import type { RuleDraft } from '../../state/rule-draft.ts';

const cityOffset = localTimeIn(TIME_ZONE);
type Problems = RuleDraftWire['problems'];
const inLanguage = <K extends 'name' | 'advice' | 'message'>(field: K, language: Language) =>
  `${field}${language === 'vi' ? 'Vi' : 'En'}` as const;

interface Props {
  readonly draft: RuleDraft;
  readonly problems: Problems;
  readonly change: (next: RuleDraft) => void;
}

/** Names of the rule in both languages. */
export function NameFields({ draft, problems, change }: Props) {
  const { t } = useLanguage();
  return (
    <div className="form-row" data-field="name">
      {LANGUAGES.map((language) => (
        <TextInput
          key={language}
          label={t(language === 'vi' ? 'rules.nameVi' : 'rules.nameEn')}
          value={draft[inLanguage('name', language)]}
          error={messageAt(problems, `name.${language}`)}
          onChange={(event) => change({ ...draft, [inLanguage('name', language)]: event.currentTarget.value })}
        />
      ))}
    </div>
  );
}

/** What to do, and what the rule's alarms say. */
export function TextFields({ draft, problems, change, example }: Props & { example: MapPoint | undefined }) {
  const { t } = useLanguage();
  return (
    <>
      <div className="form-row" data-field="advice">
        {LANGUAGES.map((language) => (
          <Textarea
            key={language}
            label={t(language === 'vi' ? 'rules.adviceVi' : 'rules.adviceEn')}
            autosize
            minRows={2}
            value={draft[inLanguage('advice', language)]}
            error={messageAt(problems, `advice.${language}`)}
            onChange={(event) => change({ ...draft, [inLanguage('advice', language)]: event.currentTarget.value })}
          />
        ))}
      </div>
      <section className="form" data-field="message" aria-label={t('ruleForm.message.title')}>
        <h2 className="section-title">{t('ruleForm.message.title')}</h2>
        <p className="small secondary">{t('ruleForm.message.hint')}</p>
        {LANGUAGES.map((language) => (
          <MessageField
            key={language}
            language={language}
            draft={draft}
            problems={problems}
            change={change}
            example={example}
          />
        ))}
      </section>
    </>
  );
}

const messageAt = (problems: Problems, path: string): string | null =>
  problems.find((problem) => problem.path === path)?.message ?? null;

function MessageField({
  language,
  draft,
  problems,
  change,
  example,
}: Props & { language: Language; example: MapPoint | undefined }) {
  const { t } = useLanguage();
  const input = useRef<HTMLTextAreaElement>(null);
  const facts = useFacts(draft, example);
  const field = inLanguage('message', language);
  const template = draft[field];
  const [wrong] = templateProblems(template);
  const error =
    wrong === undefined
      ? template === ''
        ? null
        : messageAt(problems, `message.${language}`)
      : wrong.code === 'PLACEHOLDER_UNKNOWN'
        ? t('ruleForm.message.unknown', { placeholder: wrong.placeholder })
        : t('ruleForm.message.brace');
  function insert(placeholder: string): void {
    const { selectionStart = template.length, selectionEnd = template.length } = input.current ?? {};
    const text = `{${placeholder}}`;
    change({ ...draft, [field]: template.slice(0, selectionStart) + text + template.slice(selectionEnd) });
    input.current?.focus();
  }
  return (
    <div className="rule-message">
      <Textarea
        ref={input}
        label={t(`ruleForm.message.${language}`)}
        autosize
        minRows={2}
        value={template}
        error={error}
        onChange={(event) => change({ ...draft, [field]: event.currentTarget.value })}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would want a legend on the screen */}
      <div className="rule-placeholders" role="group" aria-label={t(`ruleForm.message.insert.${language}`)}>
        {PLACEHOLDERS.map((placeholder) => (
          <button key={placeholder} type="button" className="chip" onClick={() => insert(placeholder)}>
            {t(`ruleForm.placeholder.${placeholder}`)}
          </button>
        ))}
      </div>
      {template === '' ? null : (
        <p className="rule-preview" lang={language}>
          {renderMessage({ vi: draft.messageVi, en: draft.messageEn }, language, facts, cityOffset)}
        </p>
      )}
    </div>
  );
}

const EXAMPLE_LASTED_MS = 25 * 60_000;
/** An alarm such as the rule would raise: at one of its points, just at its worst limit. */
function useFacts(draft: RuleDraft, example: MapPoint | undefined): MessageFacts {
  const { quantities } = useCity();
  const now = useServerNow();
  const quantity = [...quantities.values()].find(({ key }) => key === draft.quantity);
  const worst = [...draft.levels].sort((a, b) => severityRank(a.severity) - severityRank(b.severity))[0];
  const limit = worst?.limit ?? worst?.high ?? draft.each.limit;
  const dash = { vi: '–', en: '–' };
  return {
    rule: { vi: draft.nameVi, en: draft.nameEn },
    point: example?.name ?? dash,
    site: example?.name ?? null,
    ward: null,
    quantity: quantity?.name ?? dash,
    value: limit ?? null,
    limit: limit ?? null,
    unitSymbol: unitSymbolsOf(quantity ?? null),
    decimals: quantity?.decimals ?? 0,
    stateNames: quantity?.stateNames,
    severity: worst?.severity ?? 'notice',
    since: epochMs(now - EXAMPLE_LASTED_MS),
    now: epochMs(now),
    count: worst?.points ?? 1,
    total: worst?.points ?? 1,
  };
}
