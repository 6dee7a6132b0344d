import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { RuleWire } from '../../api/contract/rules.ts';
import { SEVERITIES } from '../../domain/rule.ts';
import { usePlatform } from '../client/platform.tsx';
import { rulesQuery } from '../client/queries.ts';
import { ruleDraftsQuery } from '../client/rule-drafts.ts';
import { holdsAnywhere } from '../client/session.ts';
import { useCity } from '../client/use-city.tsx';
import { IconPlus } from '../components/icons.ts';
import { ListLoading } from '../components/Loading.tsx';
import { SearchField } from '../components/SearchField.tsx';
import { Empty, Failure } from '../components/States.tsx';
import { useIsPhone } from '../components/use-media.ts';
import { VirtualGrid } from '../components/VirtualGrid.tsx';
import { useLanguage } from '../i18n/use-language.ts';
import { PresetPicker } from '../panels/PresetPicker.tsx';
import { RuleDrafts } from '../panels/rule/RuleDrafts.tsx';
import { useRuleBrief } from '../panels/rule/rule-words.ts';
import { foldText, matchRank } from '../state/text-search.ts';
import { Glyph, StateMark } from '../symbols/Symbols.tsx';

/** What the platform watches for. */
export function RulesPage() {
  const { t, language } = useLanguage();
  const { session } = usePlatform();
  const search = useSearch({ from: '/shell/rules' });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const isPhone = useIsPhone();
  const { quantities, agencyName } = useCity();
  const rules = useQuery(rulesQuery);
  const brief = useRuleBrief();
  const [picking, setPicking] = useState(false);
  const change = (next: Record<string, string | undefined>) =>
    void navigate({ to: '/rules', search: (before) => ({ ...before, ...next }) as never, replace: true });

  const shown = useMemo(() => {
    const wanted = foldText((search.text ?? '').trim());
    return [...(rules.data?.items ?? [])]
      .filter((rule) => {
        const quantity = quantities.get(rule.quantity)?.name[language] ?? rule.quantity;
        return matchRank(foldText(`${rule.name[language]} ${quantity}`), wanted) !== null;
      })
      .sort((a, b) => a.name[language].localeCompare(b.name[language], language));
  }, [rules.data, search.text, quantities, language]);
  const worstOf = (rule: RuleWire) =>
    SEVERITIES.find((severity) => rule.condition.levels.some((level) => level.severity === severity)) ?? 'notice';
  return (
    <div className="page">
      <header className="page-header">
        <h1>{t('rules.title')}</h1>
        <span className="grow" />
        {holdsAnywhere(session, 'rules.write') ? (
          <>
            <Button variant="default" onClick={() => setPicking(true)}>
              {t('presets.open')}
            </Button>
            <Button
              leftSection={<IconPlus size={16} aria-hidden="true" />}
              renderRoot={(props) => <Link to="/rules/$ruleId" params={{ ruleId: 'new' }} {...props} />}
            >
              {t('rules.add')}
            </Button>
          </>
        ) : null}
      </header>
      <div className="page-tools">
        <SearchField
          value={search.text ?? ''}
          label={t('rules.search')}
          onChange={(text) => change({ text: text || undefined })}
        />
        <span className="secondary small" role="status">
          {t('rules.count', { count: shown.length })}
        </span>
      </div>
      {holdsAnywhere(session, 'rules.write') ? <RuleDrafts /> : null}
      <div className="page-split">
        <div className="page-list">
          {rules.isPending ? (
            <ListLoading what={t('loading.rules')} />
          ) : rules.error ? (
            <Failure error={rules.error} retry={() => void rules.refetch()} />
          ) : shown.length === 0 ? (
            <Empty
              title={t('rules.empty')}
              hint={rules.data.items.length === 0 ? t('rules.emptyHint') : t('alarms.emptyFilterHint')}
            />
          ) : (
            <VirtualGrid
              label={t('rules.title')}
              items={shown}
              keyOf={(rule) => rule.id}
              rowHeight={36}
              phoneRowHeight={60}
              withHeader={!isPhone}
              selectedKey={null}
              onOpen={(rule) => void navigate({ to: '/rules/$ruleId', params: { ruleId: rule.id } })}
              columns={[
                {
                  key: 'name',
                  header: t('rules.name'),
                  width: 'minmax(150px, 2fr)',
                  cell: (rule) => (
                    <span className="severity-cell">
                      <StateMark state={rule.enabled ? worstOf(rule) : 'unknown'} size={16} />
                      <span className="two-lines">
                        <span className="truncate">{rule.name[language]}</span>
                        {isPhone ? <span className="small secondary truncate">{brief(rule)}</span> : null}
                      </span>
                    </span>
                  ),
                },
                {
                  key: 'quantity',
                  header: t('alarms.quantity'),
                  width: 'minmax(120px, 1.2fr)',
                  wideOnly: true,
                  cell: (rule) => {
                    const quantity = quantities.get(rule.quantity);
                    return (
                      <span className="severity-cell">
                        {quantity ? <Glyph name={quantity.domain} size={14} /> : null}
                        <span className="truncate">{quantity?.name[language] ?? rule.quantity}</span>
                      </span>
                    );
                  },
                },
                {
                  key: 'condition',
                  header: t('rules.condition'),
                  width: 'minmax(160px, 2.4fr)',
                  wideOnly: true,
                  cell: brief,
                },
                {
                  key: 'agency',
                  header: t('alarms.agency'),
                  width: 'minmax(110px, 1.2fr)',
                  wideOnly: true,
                  cell: (rule) => agencyName.get(rule.agencyId)?.[language] ?? rule.agencyId,
                },
                {
                  key: 'enabled',
                  header: t('rules.state'),
                  width: '92px',
                  cell: (rule) => (
                    <span className="secondary">{t(rule.enabled ? 'rules.enabled' : 'rules.disabled')}</span>
                  ),
                },
              ]}
            />
          )}
        </div>
      </div>
      {picking ? (
        <PresetPicker
          onClose={() => setPicking(false)}
          onDraft={(ruleId, preset) => {
            setPicking(false);
            void queries.invalidateQueries({ queryKey: ruleDraftsQuery.queryKey });
            void navigate({ to: '/rules/$ruleId', params: { ruleId }, search: { preset } });
          }}
        />
      ) : null}
    </div>
  );
}
