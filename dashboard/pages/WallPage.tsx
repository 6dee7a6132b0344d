import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { OwnDisplayWire } from '../../api/contract/displays.ts';
import type { SignedIn } from '../../api/contract/session.ts';
import type { DisplayView } from '../../domain/display.ts';
import type { UserId } from '../../domain/identifiers.ts';
import { type DisplayLine, lastReload, OWN_BUILD, reloadFor, useDisplayLine } from '../client/display.ts';
import { PlatformProvider, useLive, useStaleness } from '../client/platform.tsx';
import { settingsQuery } from '../client/queries.ts';
import { CityProvider, PlacesFollowStates } from '../client/use-city.tsx';
import { i18n } from '../i18n/i18n.ts';
import { useLanguage } from '../i18n/use-language.ts';
import { WallAir } from '../panels/wall/WallAir.tsx';
import { WallAlarms, WallCall, WallCounters } from '../panels/wall/WallAlarms.tsx';
import { WallChart } from '../panels/wall/WallChart.tsx';
import { useSecond, WallFrame } from '../panels/wall/WallFrame.tsx';
import { WallLogin } from '../panels/wall/WallLogin.tsx';
import { WallMap } from '../panels/wall/WallMap.tsx';
import { troublesOf } from '../state/wall-health.ts';
import { reloadDecision } from '../state/wall-reload.ts';
import { progressOf, type Rotation, startRotation, stepRotation } from '../state/wall-rotation.ts';
import '../styles/wall.css';

/** A screen on the wall of a control room: signed in as itself, it shows one picture after the other for weeks and is touched by nobody. */
export function WallPage() {
  const { t } = useLanguage();
  // The code of a one-time link stands behind the #; used or not, it is of no more use.
  const [code] = useState(() => decodeURIComponent(window.location.hash.slice(1)));
  const { line, ask } = useDisplayLine(code);
  const settings = useQuery(settingsQuery);
  const { own, login } = line;
  useEffect(() => {
    if (code !== '') window.history.replaceState(null, '', '/wall');
  }, [code]);
  const language = own?.language;
  useEffect(() => {
    // Not remembered: the machine may be somebody's desk on other days.
    if (language !== undefined) void i18n.changeLanguage(language);
  }, [language]);
  const theme = own?.theme;
  useEffect(() => {
    if (theme === undefined || login !== 'linked') return;
    const root = document.documentElement;
    const before = root.getAttribute('data-mantine-color-scheme');
    root.setAttribute('data-mantine-color-scheme', theme);
    return () => root.setAttribute('data-mantine-color-scheme', before ?? 'dark');
  }, [theme, login]);

  if (login === 'unlinked' || login === 'revoked') return <WallLogin isRevoked={login === 'revoked'} onLinked={ask} />;
  if (own === null || settings.data === undefined)
    return (
      <main className="wall-dark">
        <h1>{t('wall.waiting')}</h1>
      </main>
    );
  return (
    <PlatformProvider
      key={own.id}
      session={sessionOf(own)}
      settings={settings.data}
      display={{ build: OWN_BUILD, onSignedOut: ask }}
    >
      <CityProvider>
        <PlacesFollowStates />
        <Wall own={own} line={line} />
      </CityProvider>
    </PlatformProvider>
  );
}

/** What the pictures ask of a person who is signed in: nobody, who may see. */
const sessionOf = ({ id, name, language, agencies }: OwnDisplayWire): SignedIn => ({
  kind: 'person',
  user: {
    id: id as string as UserId,
    loginName: '',
    displayName: name,
    language,
    roles: agencies.map((agencyId) => ({ agencyId, role: 'viewer' })),
  },
  permissions: { read: agencies },
  csrfToken: null,
  expiresAt: null,
});

function Wall({ own, line }: { own: OwnDisplayWire; line: DisplayLine }) {
  const now = useSecond();
  const views: readonly DisplayView[] = own.views;
  const alarms = useLive((state) => (state.table.phase === 'empty' ? null : state.table.alarms));
  const readingsAt = useReadingsAt(now);
  const staleness = useStaleness();
  const [rotation, setRotation] = useState<Rotation>(() => startRotation(now));
  useEffect(() => {
    setRotation((before) => stepRotation(before, now, views, alarms?.values() ?? null));
  }, [now, views, alarms]);
  const { answeredAt, clockOffsetMs } = line;
  const troubles = troublesOf({ now, answeredAt, staleness, readingsAt, clockOffsetMs });
  useReload(own.build, rotation, now, troubles.length > 0);
  const { call } = rotation;
  const called = call === null ? undefined : alarms?.get(call.id);
  const view = views[rotation.index] ?? views[0];
  return (
    <WallFrame
      name={own.name}
      now={now}
      views={views}
      index={rotation.index}
      progress={progressOf(rotation, now, views)}
      troubles={troubles}
    >
      {called ? (
        <WallCall alarm={called} />
      ) : view ? (
        <Picture key={rotation.index} view={view} theme={own.theme} />
      ) : null}
    </WallFrame>
  );
}

function Picture({ view, theme }: { view: DisplayView; theme: OwnDisplayWire['theme'] }) {
  switch (view.kind) {
    case 'map':
      return <WallMap view={view} theme={theme} />;
    case 'alarms':
      return <WallAlarms />;
    case 'counters':
      return <WallCounters />;
    case 'air':
      return <WallAir />;
    case 'chart':
      return <WallChart view={view} />;
  }
}

/** When a reading last came, screen's clock; `null` in a city too large for all of them to be sent. */
function useReadingsAt(now: number): number | null {
  const readings = useLive((state) =>
    state.table.isWhole && state.table.phase !== 'empty' ? state.table.readings : null,
  );
  const last = useRef<{ readonly readings: typeof readings; readonly at: number }>({ readings, at: now });
  if (last.current.readings !== readings) last.current = { readings, at: now };
  return readings === null ? null : last.current.at;
}

/** Loads the page anew after an upgrade and once a day, when it is calm. */
function useReload(servedBuild: string, { call }: Rotation, now: number, isTroubled: boolean): void {
  const calledAt = useRef<number | null>(null);
  if (call !== null) calledAt.current = now;
  const isLoading = useRef(false);
  useEffect(() => {
    const decision = reloadDecision({
      ...{ now, ownBuild: OWN_BUILD, servedBuild, isTroubled },
      loadedAt: performance.timeOrigin,
      tried: lastReload(),
      calledAt: calledAt.current,
    });
    if (decision !== 'load' || isLoading.current) return;
    isLoading.current = true;
    reloadFor(servedBuild)
      // The platform is in the middle of its restart: what is shown stays, and the next second asks again.
      .catch(() => {})
      .finally(() => {
        isLoading.current = false;
      });
  }, [now, servedBuild, isTroubled]);
}
