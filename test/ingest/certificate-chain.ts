import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

export { ExtendedKeyUsage };

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

export interface Issued {
  readonly certificate: X509Certificate;
  readonly pem: string;
  readonly keyPem: string;
  readonly keys: CryptoKeyPair;
}

export interface IssueOptions {
  readonly name: string;
  /** `null`: signs itself. */
  readonly issuer: Issued | null;
  readonly isAuthority?: boolean;
  /** Instead of the common name: the name stands here. */
  readonly dnsName?: string;
  readonly usage?: ExtendedKeyUsage;
  /** Days from now. */
  readonly valid?: readonly [from: number, to: number];
}

/** Makes a key and a certificate for it, as an authority or a device has them. */
export async function issue({
  name,
  issuer,
  isAuthority,
  dnsName,
  usage,
  valid = [-1, 30],
}: IssueOptions): Promise<Issued> {
  const keys = (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex'),
      subject: `CN=${name}`,
      issuer: issuer?.certificate.subject ?? `CN=${name}`,
      notBefore: new Date(Date.now() + valid[0] * DAY_MS),
      notAfter: new Date(Date.now() + valid[1] * DAY_MS),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey: (issuer?.keys ?? keys).privateKey,
      extensions: [
        new BasicConstraintsExtension(isAuthority ?? false, undefined, true),
        new KeyUsagesExtension(isAuthority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature, true),
        ...(dnsName === undefined ? [] : [new SubjectAlternativeNameExtension([{ type: 'dns', value: dnsName }])]),
        ...(usage === undefined ? [] : [new ExtendedKeyUsageExtension([usage])]),
      ],
    },
    crypto,
  );
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    certificate,
    pem: certificate.toString('pem'),
    keyPem: `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----\n`,
    keys,
  };
}

/** A server's own certificate and key as files, for the gateway's settings. */
export async function serverFiles(
  folder: string,
): Promise<{ readonly tlsCertificateFile: string; readonly tlsKeyFile: string }> {
  const { pem, keyPem } = await issue({ name: 'localhost', issuer: null, usage: ExtendedKeyUsage.serverAuth });
  const [tlsCertificateFile, tlsKeyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  writeFileSync(tlsCertificateFile, pem);
  writeFileSync(tlsKeyFile, keyPem);
  return { tlsCertificateFile, tlsKeyFile };
}
