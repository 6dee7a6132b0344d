import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { BacktestWire } from '../../api/contract/backtests.ts';
import type { RouteBodyInput } from '../../api/contract/routes.ts';
import { call } from './http.ts';

const POLL_MS = 300;

/** A backtest on the server: ordered, watched, and forgotten there when it is no longer shown here. */
export function useBacktest(): {
  readonly backtest: BacktestWire | null;
  readonly error: unknown;
  readonly order: (body: RouteBodyInput<'POST /backtests'>) => Promise<void>;
  readonly drop: () => void;
} {
  const [ordered, setOrdered] = useState<BacktestWire | null>(null);
  const [refusal, setRefusal] = useState<unknown>(null);
  const id = ordered?.id ?? null;
  const watched = useQuery({
    queryKey: ['backtest', id],
    queryFn: ({ signal }) => call('GET /backtests/{backtestId}', { params: { backtestId: id ?? '' }, signal }),
    enabled: id !== null,
    refetchInterval: ({ state }) => (state.data && isOver(state.data) ? false : POLL_MS),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  useEffect(() => {
    if (id === null) return;
    // What is stopped here need not go on there; if the word is lost the server forgets it in time.
    return () => void call('DELETE /backtests/{backtestId}', { params: { backtestId: id } }).catch(() => {});
  }, [id]);
  return {
    backtest: watched.data ?? ordered,
    error: refusal ?? watched.error,
    async order(body) {
      setRefusal(null);
      setOrdered(null);
      try {
        setOrdered(await call('POST /backtests', { body }));
      } catch (error) {
        setRefusal(error);
      }
    },
    drop: () => {
      setOrdered(null);
      setRefusal(null);
    },
  };
}

const isOver = ({ state }: BacktestWire): boolean => state !== 'waiting' && state !== 'running';
