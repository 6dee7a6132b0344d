import { X509Certificate } from 'node:crypto';
import type { AgencyId } from '../../domain/identifiers.ts';
import type { Language, Localized } from '../../domain/localized.ts';
import type { CertificateAuthority, CertificateAuthorityId } from '../../domain/provisioning.ts';
import { epochMs } from '../../domain/time.ts';
import { newSecret, sha256Hex } from '../auth/secrets.ts';
import { ApiError } from '../errors.ts';
import type { Handlers } from './handler.ts';
import type { HandlerPorts } from './handler-ports.ts';

type ProvisioningRoutes =
  | 'GET /provisioning-profiles'
  | 'POST /provisioning-profiles'
  | 'GET /provisioning-profiles/{profileKey}'
  | 'PUT /provisioning-profiles/{profileKey}'
  | 'POST /provisioning-profiles/{profileKey}/secret'
  | 'GET /certificate-authorities'
  | 'POST /certificate-authorities'
  | 'PUT /certificate-authorities/{authorityId}'
  | 'GET /certificate-authorities/{authorityId}/devices'
  | 'POST /certificate-authorities/{authorityId}/revoke';

type CertificateFacts = Pick<
  CertificateAuthority,
  'certificatePem' | 'fingerprintSha256' | 'subject' | 'validFrom' | 'validTo'
>;

/** Reads one CA certificate. @throws {ApiError} CERTIFICATE_INVALID saying why. */
function readAuthority(pem: string, now: number, language: Language): CertificateFacts {
  const refuse = (reason: Localized, cause?: unknown): ApiError =>
    new ApiError('CERTIFICATE_INVALID', { reason: reason[language] }, [], { cause });
  if ((pem.match(/-----BEGIN /g)?.length ?? 0) !== 1)
    throw refuse({ vi: 'Cần đúng một chứng thư PEM.', en: 'Exactly one PEM certificate is needed.' });
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (error) {
    throw refuse({ vi: 'Không phải chứng thư X.509 dạng PEM.', en: 'It is no X.509 certificate in PEM.' }, error);
  }
  if (!certificate.ca)
    throw refuse({
      vi: 'Chứng thư không phải của tổ chức cấp (thiếu CA:TRUE).',
      en: 'It is not an authority’s certificate (CA:TRUE is missing).',
    });
  if (certificate.validToDate.getTime() <= now)
    throw refuse({ vi: 'Chứng thư đã hết hạn.', en: 'The certificate has expired.' });
  return {
    certificatePem: certificate.toString(),
    fingerprintSha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: certificate.subject.replaceAll('\n', ', '),
    validFrom: epochMs(certificate.validFromDate.getTime()),
    validTo: epochMs(certificate.validToDate.getTime()),
  };
}

export function provisioningHandlers(ports: HandlerPorts): Handlers<ProvisioningRoutes> {
  const { bus, clock, newId, randomBytes } = ports;
  const changed = <T extends { readonly agencyId: AgencyId }>(item: T): T => {
    bus.publish('provisioning.changed', { agencyId: item.agencyId });
    return item;
  };

  return {
    async 'GET /provisioning-profiles'({ view }) {
      return { items: await view.provisioning.profiles() };
    },
    async 'POST /provisioning-profiles'({ view, body }) {
      const secret = newSecret(randomBytes);
      const profile = await view.provisioning.createProfile(body, sha256Hex(secret));
      return { profile: changed(profile), secret };
    },
    async 'GET /provisioning-profiles/{profileKey}'({ view, params }) {
      return view.provisioning.profile(params.profileKey);
    },
    async 'PUT /provisioning-profiles/{profileKey}'({ view, params, body, version }) {
      const before = await view.provisioning.profile(params.profileKey);
      return changed(await view.provisioning.updateProfile({ ...before, ...body, version }));
    },
    async 'POST /provisioning-profiles/{profileKey}/secret'({ view, params }) {
      const secret = newSecret(randomBytes);
      return { profile: changed(await view.provisioning.renewSecret(params.profileKey, sha256Hex(secret))), secret };
    },
    async 'GET /certificate-authorities'({ view }) {
      return { items: await view.provisioning.authorities() };
    },
    async 'POST /certificate-authorities'({ view, body, language }) {
      const { certificatePem, ...terms } = body;
      const facts = readAuthority(certificatePem, clock(), language);
      return changed(
        await view.provisioning.createAuthority({ id: newId() as CertificateAuthorityId, ...terms, ...facts }),
      );
    },
    async 'PUT /certificate-authorities/{authorityId}'({ view, params, body, version }) {
      const before = await view.provisioning.authority(params.authorityId);
      return changed(await view.provisioning.updateAuthority({ ...before, ...body, version }));
    },
    async 'GET /certificate-authorities/{authorityId}/devices'({ view, params, query }) {
      return view.provisioning.boundDevices(params.authorityId, query);
    },
    async 'POST /certificate-authorities/{authorityId}/revoke'({ view, params }) {
      const { authority, revoked } = await view.provisioning.revokeAuthority(params.authorityId);
      changed(authority);
      for (const ended of revoked) {
        bus.publish('credential.revoked', ended);
        bus.publish('device.changed', { deviceId: ended.deviceId });
      }
      return authority;
    },
  };
}
