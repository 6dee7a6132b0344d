import type { AgencyId } from '../../domain/identifiers.ts';
import type { Localized } from '../../domain/localized.ts';
import { localTimeIn } from '../../domain/time-zone.ts';
import type { ApiPorts, ApiSettings } from '../ports.ts';
import { observed } from '../rest/request-metrics.ts';
import { publicWarningsRouter } from './public-router.ts';
import { PublishedList } from './published-list.ts';
import { createPublishing } from './publishing.ts';
import { createWarningExpiry } from './warning-expiry.ts';

export interface WarningsOptions
  extends Pick<ApiPorts, 'registry' | 'bus' | 'clock' | 'newId' | 'log' | 'metrics' | 'capSchema'> {
  readonly settings: ApiSettings;
  readonly agencyName: (agencyId: AgencyId) => Localized | undefined;
}

/** What official warnings need at the API: how they are published, what is public, and that they end. */
export function createWarnings(options: WarningsOptions) {
  const { registry, bus, clock, newId, log, metrics, capSchema, settings, agencyName } = options;
  const { limits, timeZone, publicUrl } = settings;
  const { senderDomain, shownAfterEnd, basemap } = settings.warnings;
  const utcOffset = localTimeIn(timeZone);
  let refused = 0;
  const list = new PublishedList({
    published: registry.warnings,
    bus,
    clock,
    shownAfterEnd,
    limit: limits.publicWarnings,
    agencyName,
  });
  const expiry = createWarningExpiry({
    published: registry.warnings,
    bus,
    clock,
    onError: (err) => log.error({ event: 'warnings.expiry_failed', err }, 'ends of warnings not noted'),
  });
  observed(
    metrics,
    'counter',
    'hd_public_requests_refused_total',
    'Requests for public warnings refused: too many from one address',
    () => refused,
  );
  return {
    list,
    publishing: createPublishing({ schema: capSchema, clock, utcOffset, newId, senderDomain, agencyName }),
    router: publicWarningsRouter({
      list,
      published: registry.warnings,
      utcOffset,
      publicOrigin: publicUrl === null ? null : new URL(publicUrl).origin,
      basemap,
      timeZone,
      shownAfterEnd,
      requestsPerAddress: limits.publicRequestsPerAddress,
      window: limits.publicWindow,
      onRefused: () => {
        refused++;
      },
    }),
    start: () => expiry.start(),
    async stop() {
      list.stop();
      await expiry.stop();
    },
  };
}
