import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { RuleDraftWire } from '../../api/contract/rule-drafts.ts';
import type { AgencyId, RuleId } from '../../domain/identifiers.ts';
import type { PointSelection } from '../../domain/rule.ts';
import { DraftKeeper } from '../state/draft-keeper.ts';
import { call } from './http.ts';
import { usePlatform } from './platform.tsx';
import { ApiProblem } from './problem.ts';

/** Drafts change by others' hands: looked at again while a page shows them. */
const AGAIN_MS = 15_000;

export const ruleDraftsQuery = queryOptions({
  queryKey: ['rule-drafts'],
  queryFn: async ({ signal }): Promise<readonly RuleDraftWire[]> => (await call('GET /rule-drafts', { signal })).items,
  refetchInterval: AGAIN_MS,
  staleTime: 0,
});
/** `version`: of the rule and its draft, so that each step asks anew. */
export const ruleHistoryQuery = (ruleId: RuleId, version: string) =>
  queryOptions({
    queryKey: ['rule-history', ruleId, version],
    queryFn: ({ signal }) => call('GET /rules/{ruleId}/history', { params: { ruleId }, signal }),
  });
/** What a selection matches now. What it matched before stays until the next answer. */
export const matchingPointsQuery = (agencyId: AgencyId, quantity: string, selection: PointSelection) =>
  queryOptions({
    queryKey: ['matching-points', agencyId, quantity, selection],
    queryFn: ({ signal }) =>
      call('POST /rules/matching', {
        body: { agencyId, selection, ...(quantity === '' ? {} : { quantity: quantity as never }) },
        idempotencyKey: null,
        signal,
      }),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

type Content = Record<string, unknown>;
export type RuleDraftKeeper = DraftKeeper<Content, RuleDraftWire>;

/** What this browser holds of a draft that the server hasn't confirmed; storage may be forbidden, then nothing. */
function backupOf(key: string) {
  const attempt = <T>(action: () => T): T | null => {
    try {
      return action();
    } catch {
      return null;
    }
  };
  return {
    read: () =>
      attempt(() => JSON.parse(localStorage.getItem(key) ?? 'null') as { agencyId: AgencyId; content: Content } | null),
    write: (agencyId: AgencyId, content: Content) =>
      void attempt(() => localStorage.setItem(key, JSON.stringify({ agencyId, content }))),
    drop: () => void attempt(() => localStorage.removeItem(key)),
  };
}

function meaningOf(error: unknown): 'unreachable' | 'conflict' | 'refused' {
  if (!(error instanceof ApiProblem)) return 'refused';
  if (error.code === 'VERSION_STALE' || error.code === 'ALREADY_EXISTS') return 'conflict';
  return error.status === 0 || error.status === 429 || error.status >= 500 ? 'unreachable' : 'refused';
}

/**
 * Keeps one draft on the server while it is written. `ruleId`: `null` for a rule that is new; `server`: the draft there is already. What an earlier
 * page could not bring to the server any more is in `recovered`.
 */
export function useDraftKeeper(
  ruleId: RuleId | null,
  agencyId: AgencyId,
  server: RuleDraftWire | null,
  onCreated: (draft: RuleDraftWire) => void,
) {
  const { session } = usePlatform();
  const [made] = useState(() => {
    const backup = backupOf(`hd.rule-draft.${session.user.id}.${ruleId ?? 'new'}`);
    const keeper: RuleDraftKeeper = new DraftKeeper(
      {
        create: async (content) => {
          const body = { agencyId, content, ...(ruleId === null ? {} : { ruleId }) };
          const draft = await call('POST /rule-drafts', { body });
          onCreated(draft);
          return draft;
        },
        save: (draft, content) =>
          call('PUT /rule-drafts/{ruleId}', {
            params: { ruleId: draft.ruleId },
            ifMatch: draft.version,
            body: { content },
          }),
        meaningOf,
        backup: { write: (content) => backup.write(agencyId, content), drop: backup.drop },
        later: (run, ms) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
      },
      server,
    );
    return { keeper, recovered: backup.read()?.content ?? null };
  });
  const { keeper, recovered } = made;
  useEffect(() => {
    // Typed and at once left: what does not get through any more is in the backup.
    const leave = () => void keeper.flush();
    addEventListener('pagehide', leave);
    return () => {
      removeEventListener('pagehide', leave);
      void keeper.flush();
      keeper.close();
    };
  }, [keeper]);
  return { keeper, recovered, kept: useSyncExternalStore(keeper.subscribe, keeper.get) };
}
