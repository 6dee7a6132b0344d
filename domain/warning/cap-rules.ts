import type { Location } from '../asset.ts';
import type { CapAlert, CapMessageType } from './cap.ts';

/** What CAP 1.2 asks of a message beyond what its schema can say. */
export const CAP_PROBLEM_CODES = [
  /** Identifiers and senders have no spaces, commas, `<` or `&` (§3.2.1). */
  'IDENTIFIER_CHARACTERS',
  'SENDER_CHARACTERS',
  /** Update, Cancel, Ack and Error say of which messages (§3.2.1). */
  'REFERENCES_MISSING',
  'REFERENCE_CHARACTERS',
  'RESTRICTION_MISSING',
  'ADDRESSES_MISSING',
  /** A ring has at least four places, the last the same as the first (§3.2.4). */
  'POLYGON_OPEN',
  'PLACE_OUT_OF_RANGE',
  'RADIUS_OUT_OF_RANGE',
  'CATEGORY_MISSING',
  /** A language twice. */
  'LANGUAGE_REPEATED',
  'EXPIRES_BEFORE_ONSET',
] as const;
export type CapProblem = (typeof CAP_PROBLEM_CODES)[number];

const REFERS: ReadonlySet<CapMessageType> = new Set(['Update', 'Cancel', 'Ack', 'Error']);
const isName = (text: string): boolean => text !== '' && !/[\s,<&]/u.test(text);
const isOnEarth = ({ latitude, longitude }: Location): boolean =>
  Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
const isRing = (ring: readonly Location[]): boolean => {
  const [first] = ring;
  const last = ring.at(-1);
  return (
    ring.length >= 4 && first !== undefined && first.latitude === last?.latitude && first.longitude === last.longitude
  );
};

/** What is wrong with a message, each thing once; empty when nothing is. */
export function capProblems(alert: CapAlert): readonly CapProblem[] {
  const found = new Set<CapProblem>();
  const require = (isSo: boolean, problem: CapProblem): void => {
    if (!isSo) found.add(problem);
  };
  require(isName(alert.identifier), 'IDENTIFIER_CHARACTERS');
  require(isName(alert.sender), 'SENDER_CHARACTERS');
  require(!REFERS.has(alert.msgType) || alert.references.length > 0, 'REFERENCES_MISSING');
  for (const { sender, identifier } of alert.references) {
    require(isName(sender) && isName(identifier), 'REFERENCE_CHARACTERS');
  }
  require(alert.scope !== 'Restricted' || (alert.restriction ?? '') !== '', 'RESTRICTION_MISSING');
  require(alert.scope !== 'Private' || (alert.addresses ?? '') !== '', 'ADDRESSES_MISSING');
  require(new Set(alert.infos.map(({ language }) => language)).size === alert.infos.length, 'LANGUAGE_REPEATED');
  for (const info of alert.infos) {
    require(info.categories.length > 0, 'CATEGORY_MISSING');
    const begins = info.onset ?? info.effective ?? alert.sent;
    require(info.expires === undefined || info.expires > begins, 'EXPIRES_BEFORE_ONSET');
    for (const { polygons, circles } of info.areas) {
      for (const ring of polygons) {
        require(isRing(ring), 'POLYGON_OPEN');
        require(ring.every(isOnEarth), 'PLACE_OUT_OF_RANGE');
      }
      for (const { centre, radiusKm } of circles) {
        require(isOnEarth(centre), 'PLACE_OUT_OF_RANGE');
        require(Number.isFinite(radiusKm) && radiusKm >= 0, 'RADIUS_OUT_OF_RANGE');
      }
    }
  }
  return [...found];
}
