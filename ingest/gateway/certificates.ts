import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { DeviceDirectoryEntry } from '../../domain/asset.ts';
import type { DeviceId } from '../../domain/identifiers.ts';
import type { Admissions, CertificateBinding } from '../../domain/ports/device-registry.ts';
import type { LiveBus } from '../../domain/ports/live-bus.ts';
import type { CertificateAuthority } from '../../domain/provisioning.ts';
import { type Clock, epochMs } from '../../domain/time.ts';
import type { IngestMetrics } from '../metrics.ts';
import type { DeviceDirectory } from '../validate/device-directory.ts';
import { groupCommit } from './group-commit.ts';

export interface CertificatesOptions {
  readonly admissions: Admissions;
  readonly directory: DeviceDirectory;
  readonly bus: LiveBus;
  readonly metrics: IngestMetrics;
  readonly clock: Clock;
  readonly onError: (where: string, error: unknown) => void;
}

/** What a TLS client showed: its own certificate, whose key the handshake has proven, and those it sent along. */
export interface ShownCertificates {
  readonly own: X509Certificate;
  readonly others: readonly X509Certificate[];
}

export interface Certificates {
  /**
   * The right with which the device of this name comes in, `null` for none. A certificate that a registered authority has signed for it
   * is bound on its first connection, and the device made if the authority's terms allow; later its fingerprint is enough.
   */
  logIn(deviceId: DeviceId, shown: ShownCertificates): Promise<DeviceDirectoryEntry['certificates'][number] | null>;
  stop(): void;
}

/** Certificates between a device's and its registered authority's, at most. */
const CHAIN_AT_MOST = 4;
/** extKeyUsage id-kp-clientAuth (RFC 5280, 4.2.1.12). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const TOGETHER_AT_MOST = 100;

/** The certificates of a TLS connection; `null` when the client showed none. */
export function shownCertificates(socket: TLSSocket): ShownCertificates | null {
  const peer = socket.getPeerCertificate(true) as DetailedPeerCertificate | Record<string, never>;
  if (!peer.raw) return null;
  const others: X509Certificate[] = [];
  let at = peer.issuerCertificate;
  let below = peer as DetailedPeerCertificate;
  // A self-signed certificate is its own issuer.
  while (at?.raw && at !== below && others.length < CHAIN_AT_MOST) {
    others.push(new X509Certificate(at.raw));
    below = at;
    at = at.issuerCertificate;
  }
  return { own: new X509Certificate(peer.raw), others };
}

/** Whether a certificate is a device's: its common name or one of its DNS names is the id. */
function names(certificate: X509Certificate, deviceId: string): boolean {
  const { subject } = certificate.toLegacyObject();
  const common = (subject as { readonly CN?: string | readonly string[] } | undefined)?.CN ?? [];
  const dns = (certificate.subjectAltName ?? '')
    .split(', ')
    .flatMap((name) => (name.startsWith('DNS:') ? [name.slice('DNS:'.length)] : []));
  return [common, dns].flat().includes(deviceId);
}
const isValidAt = (certificate: X509Certificate, now: number): boolean =>
  certificate.validFromDate.getTime() <= now && now < certificate.validToDate.getTime();
const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
export const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase();

/** Lets devices in by their certificates. TLS itself refuses nobody: which authorities count is the registry's to say, at each connection. */
export async function createCertificates(options: CertificatesOptions): Promise<Certificates> {
  const { admissions, directory, bus, metrics, clock } = options;
  let authorities: readonly { readonly authority: CertificateAuthority; readonly certificate: X509Certificate }[] = [];
  let loading: Promise<void> = Promise.resolve();
  const load = (): void => {
    loading = loading
      .then(async () => {
        authorities = (await admissions.authorities())
          .filter(({ revokedAt }) => revokedAt === null)
          .map((authority) => ({ authority, certificate: new X509Certificate(authority.certificatePem) }));
      })
      .catch((error: unknown) => options.onError('certificates', error));
  };
  const leave = (['provisioning.changed', 'events.missed'] as const).map((name) => bus.subscribe(name, load));
  load();
  await loading;

  /** The registered authority at the end of the chain (RFC 5280, 6.1: each link's name, signature, dates and right to issue). */
  const authorityOf = ({ own, others }: ShownCertificates, now: number): CertificateAuthority | null => {
    let link = own;
    for (let hops = 0; hops <= CHAIN_AT_MOST; hops++) {
      if (!isValidAt(link, now)) return null;
      const current = link;
      const found = authorities.find(
        ({ certificate }) => isValidAt(certificate, now) && isIssuedBy(current, certificate),
      );
      if (found) return found.authority;
      const next = others.find(
        (other) => other.fingerprint256 !== current.fingerprint256 && isIssuedBy(current, other),
      );
      if (!next) return null;
      link = next;
    }
    return null;
  };

  const bind = groupCommit(async (bindings: readonly CertificateBinding[]) => {
    const results = await admissions.bind(bindings);
    for (const [i, result] of results.entries()) {
      const asked = bindings[i];
      if (result.ok && asked) bus.publish('device.changed', { deviceId: asked.deviceId });
    }
    await directory.settled();
    return results;
  }, TOGETHER_AT_MOST);

  const bound = (deviceId: DeviceId, fingerprint: string) =>
    directory.get(deviceId)?.certificates.find(({ fingerprintSha256 }) => fingerprintSha256 === fingerprint);

  async function admitted(
    deviceId: DeviceId,
    shown: ShownCertificates,
  ): Promise<DeviceDirectoryEntry['certificates'][number] | null> {
    const { own } = shown;
    const now = clock();
    if (!isValidAt(own, now) || !names(own, deviceId)) return null;
    // Node tells the extended key usage under this name; absent, the certificate is for anything.
    if (own.keyUsage !== undefined && !own.keyUsage.includes(CLIENT_AUTH)) return null;
    const fingerprint = fingerprintOf(own);
    const known = bound(deviceId, fingerprint);
    if (known) return known;
    // An authority registered a moment ago counts.
    await loading;
    const authority = authorityOf(shown, now);
    if (!authority) return null;
    const result = await bind({
      authorityId: authority.id,
      deviceId,
      fingerprintSha256: fingerprint,
      subject: own.subject.replaceAll('\n', ', '),
      validTo: epochMs(own.validToDate.getTime()),
    });
    if (!result.ok) return null;
    metrics.add('hd_certificates_bound_total');
    return bound(deviceId, fingerprint) ?? null;
  }

  return {
    async logIn(deviceId, shown) {
      const right = await admitted(deviceId, shown);
      if (!right) metrics.add('hd_certificates_refused_total');
      return right;
    },
    stop() {
      for (const one of leave) one();
    },
  };
}
