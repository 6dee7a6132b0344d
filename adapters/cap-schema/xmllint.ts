import { validateXML } from 'xmllint-wasm';
import { type CapSchema, CapSchemaBusyError } from '../../domain/ports/warnings.ts';

export interface XmllintOptions {
  /** Text of `CAP-v1.2.xsd`. */
  readonly schema: string;
  /** Documents waiting or being looked at; more are refused. */
  readonly unfinished?: number;
}

/** Words of libxml2 without its preamble and without the namespace before every name. */
const readable = (message: string): string =>
  message.replace(/^.*?Schemas validity error : /, '').replaceAll(/\{[^}]*\}/g, '');

/**
 * Holds documents against the schema with libxml2's xmllint, compiled to WebAssembly: it runs in a worker of its own for each document (about
 * 100 ms), so one at a time. Documents are read without network and without entities of their own.
 */
export function createXmllintSchema({ schema, unfinished = 20 }: XmllintOptions): CapSchema {
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async problems(xml) {
      if (waiting >= unfinished) throw new CapSchemaBusyError();
      waiting++;
      const turn = last.then(() =>
        validateXML({
          xml: [{ fileName: 'warning.xml', contents: xml }],
          schema: [{ fileName: 'cap.xsd', contents: schema }],
        }),
      );
      last = turn.catch(() => {});
      try {
        const { valid, errors } = await turn;
        if (valid) return [];
        const words = errors.map(({ message }) => readable(message)).filter((text) => text !== '');
        return words.length > 0 ? words : ['not valid'];
      } finally {
        waiting--;
      }
    },
  };
}
