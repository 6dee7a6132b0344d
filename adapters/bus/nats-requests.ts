import type { GatewayId } from '../../domain/identifiers.ts';
import {
  ANSWER_BYTES_MAX,
  type AnswerFailure,
  QUESTION_BYTES_MAX,
  type RequestName,
  type Requests,
} from '../../domain/ports/requests.ts';
import type { NatsConnection } from '../nats/connection.ts';
import { Asking, type Question, type Said } from './asking.ts';
import { decodeValue, encodeValue } from './event-codec.ts';

export interface NatsRequestsOptions {
  /** Given nothing back of what it says (`noEcho`): gateways of this process are asked without it. */
  readonly connection: NatsConnection;
  /** Questions go to `{prefix}.{name}`, answers to `{prefix}.to.{process}`. */
  readonly prefix: string;
  readonly process: string;
  /** The servers are away: nobody but this process hears. */
  readonly isAway: () => boolean;
  readonly onAnswererError: (name: RequestName, error: unknown) => void;
  /** Of a question or answer that could not be sent or understood. */
  readonly onError: (error: unknown) => void;
}

/** An answer travels in pieces, so that none is near what servers take in one message (1 MiB, unless they are set up otherwise). */
const PART_BYTES = 262_144;

/** process to answer to, its number of the question, what is asked */
type QuestionOnWire = readonly [process: string, number: number, asked: unknown];
/** number of the question, who answers, which of how many parts, its bytes; instead of the first part why there is no answer */
type AnswerOnWire = readonly [
  number: number,
  from: GatewayId,
  part: number,
  parts: number,
  content: Uint8Array | AnswerFailure,
];
const isQuestion = (value: unknown): value is QuestionOnWire =>
  Array.isArray(value) && value.length === 3 && typeof value[0] === 'string' && typeof value[1] === 'number';
const isAnswer = (value: unknown): value is AnswerOnWire =>
  Array.isArray(value) && value.length === 5 && typeof value[0] === 'number' && typeof value[1] === 'string';

/** Questions over NATS: one subject for each, heard by every process that answers it; what is answered comes back to a subject of whoever asked. */
export function createNatsRequests(options: NatsRequestsOptions): Requests & { close(): void } {
  const { connection, prefix, process, isAway, onError } = options;
  const asking = new Asking(options.onAnswererError);
  const followed = new Set<RequestName>();
  const open = new Map<number, { readonly question: Question; readonly parts: Map<GatewayId, Uint8Array[]> }>();
  let number = 0;

  /** False when it could not be sent. */
  const send = (subject: string, bytes: Uint8Array): boolean => {
    if (isAway()) return false;
    try {
      connection.publish(`${prefix}.${subject}`, bytes);
      return true;
    } catch (error) {
      onError(error);
      return false;
    }
  };
  const listen = (subject: string, take: (value: unknown) => void): void => {
    connection.subscribe(`${prefix}.${subject}`, {
      callback: (error, message) => {
        if (error) return onError(error);
        try {
          take(decodeValue(message.data));
        } catch (failure) {
          onError(failure);
        }
      },
    });
  };

  function sendAnswer(to: string, asked: number, from: GatewayId, said: Said): void {
    const say = (part: number, parts: number, content: Uint8Array | AnswerFailure): boolean =>
      send(`to.${to}`, encodeValue([asked, from, part, parts, content] satisfies AnswerOnWire));
    if (!said.ok) {
      say(0, 1, said.why);
      return;
    }
    const bytes = encodeValue(said.answer ?? null);
    if (bytes.length > ANSWER_BYTES_MAX) {
      say(0, 1, 'ANSWER_TOO_LARGE');
      return;
    }
    const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
    for (let part = 0; part < parts; part++)
      if (!say(part, parts, bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES))) return;
  }

  listen(`to.${process}`, (value) => {
    if (!isAnswer(value)) throw new Error('it is no answer');
    const [asked, from, part, parts, content] = value;
    const waiting = open.get(asked);
    // It comes after the deadline.
    if (!waiting) return;
    if (typeof content === 'string') {
      waiting.question.said(from, { ok: false, why: content });
      return;
    }
    const before = waiting.parts.get(from) ?? [];
    // One was lost on the way, as when the servers were gone for a moment: it is not whole, and the gateway counts as silent.
    if (before.length !== part) return;
    before.push(content);
    waiting.parts.set(from, before);
    if (before.length < parts) return;
    waiting.parts.delete(from);
    waiting.question.said(from, { ok: true, answer: decodeValue(Buffer.concat(before)) });
  });

  const follow = (name: RequestName): void => {
    if (followed.has(name)) return;
    followed.add(name);
    listen(name, (value) => {
      if (!isQuestion(value)) throw new Error('it is no question');
      const [from, asked, what] = value;
      for (const gateway of asking.gateways(name))
        void asking.of(name, gateway, what).then((said) => sendAnswer(from, asked, gateway, said));
    });
  };

  return {
    answer(name, by, answerer) {
      follow(name);
      return asking.add(name, by, answerer);
    },
    async ask(name, asked, patience) {
      const own = number++;
      const bytes = encodeValue([process, own, asked] satisfies QuestionOnWire);
      if (bytes.length > QUESTION_BYTES_MAX) asking.refuse('QUESTION_TOO_LARGE');
      try {
        return await asking.question(patience, (question) => {
          open.set(own, { question, parts: new Map() });
          const isSent = send(name, bytes);
          const here = asking
            .gateways(name)
            .map(async (gateway) => question.said(gateway, await asking.of(name, gateway, asked)));
          // Nobody else was asked.
          if (!isSent) void Promise.all(here).then(question.close);
        });
      } finally {
        open.delete(own);
      }
    },
    requestCounts: () => asking.counts(),
    close: () => asking.close(),
  };
}
