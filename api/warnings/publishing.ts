import type { AgencyId } from '../../domain/identifiers.ts';
import type { Language, Localized } from '../../domain/localized.ts';
import { type CapSchema, CapSchemaBusyError } from '../../domain/ports/warnings.ts';
import type { Clock, EpochMs } from '../../domain/time.ts';
import type { UtcOffset } from '../../domain/time-zone.ts';
import type { CapReference } from '../../domain/warning/cap.ts';
import { capOfProposal, messageIdentifier } from '../../domain/warning/cap-of-warning.ts';
import { type CapProblem, capProblems } from '../../domain/warning/cap-rules.ts';
import { wholeSeconds, writeCap } from '../../domain/warning/cap-xml.ts';
import type { Proposal, Warning } from '../../domain/warning/warning.ts';
import { type ContentProblemCode, contentProblems } from '../../domain/warning/warning-content.ts';
import type { WarningPreview } from '../contract/warnings.ts';
import { ApiError } from '../errors.ts';
import { WARNING_CONTENT_TEXTS } from '../warning-problem-texts.ts';

export interface PublishingOptions {
  readonly schema: CapSchema;
  readonly clock: Clock;
  readonly utcOffset: UtcOffset;
  readonly newId: () => string;
  /** Host name behind the `@` of senders. */
  readonly senderDomain: string;
  readonly agencyName: (agencyId: AgencyId) => Localized | undefined;
}

/** A message ready to be sent: it has been held against the schema. */
export interface ReadyMessage {
  readonly message: CapReference;
  readonly xml: string;
}
type Problems = WarningPreview['problems'];

/** Words of the schema's library, which knows one language. */
const fromSchema = (texts: readonly string[]): Problems =>
  texts.map((message) => ({ path: 'xml', code: 'SCHEMA', message }));
const inWords = (path: string, code: ContentProblemCode | CapProblem, language: Language) => ({
  path,
  code,
  message: WARNING_CONTENT_TEXTS[code][language],
});

/** Writes messages of warnings, and lets none go that the standard would not have. */
export function createPublishing(options: PublishingOptions) {
  const { schema, clock, utcOffset, newId, senderDomain, agencyName } = options;

  const write = (warning: Warning, proposal: Proposal, sent: EpochMs) => {
    const message: CapReference = {
      sender: `${warning.agencyId}@${senderDomain}`,
      identifier: messageIdentifier(warning.agencyId, sent, utcOffset, newId()),
      sent: wholeSeconds(sent),
    };
    const name = agencyName(warning.agencyId) ?? { vi: warning.agencyId, en: warning.agencyId };
    const alert = capOfProposal(warning, proposal, message, { name });
    return { message, alert, xml: writeCap(alert, utcOffset) };
  };
  const missing = (proposal: Proposal, language: Language): Problems =>
    proposal.kind === 'cancel'
      ? []
      : contentProblems(proposal.content, clock()).map(({ path, code }) => inWords(path, code, language));
  const schemaProblems = async (xml: string): Promise<readonly string[]> => {
    try {
      return await schema.problems(xml);
    } catch (error) {
      if (error instanceof CapSchemaBusyError) throw new ApiError('TOO_MANY_REQUESTS', { retryAfterSeconds: 5 });
      throw error;
    }
  };

  return {
    /** @throws {ApiError} WARNING_INCOMPLETE naming what is missing. */
    requireComplete(proposal: Proposal, language: Language): void {
      const problems = missing(proposal, language);
      if (problems.length > 0) throw new ApiError('WARNING_INCOMPLETE', {}, problems);
    },
    /**
     * The message as it goes out now.
     * @throws {ApiError} WARNING_INCOMPLETE, or WARNING_SCHEMA with what the standard has against it.
     */
    async ready(warning: Warning, proposal: Proposal, language: Language): Promise<ReadyMessage> {
      this.requireComplete(proposal, language);
      const { message, alert, xml } = write(warning, proposal, clock());
      const problems = [
        ...capProblems(alert).map((code) => inWords('xml', code, language)),
        ...fromSchema(await schemaProblems(xml)),
      ];
      if (problems.length > 0) throw new ApiError('WARNING_SCHEMA', {}, problems);
      return { message, xml };
    },
    /** The message as it would go out now, and all that is in the way of it. A draft that lacks something isn't held against the schema yet. */
    async preview(warning: Warning, proposal: Proposal, language: Language): Promise<WarningPreview> {
      const { alert, xml } = write(warning, proposal, clock());
      const problems = missing(proposal, language);
      if (problems.length > 0) return { xml, problems };
      const found = capProblems(alert).map((code) => inWords('xml', code, language));
      return { xml, problems: [...found, ...fromSchema(await schemaProblems(xml))] };
    },
  };
}
export type Publishing = ReturnType<typeof createPublishing>;
