import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core';
import type { SourcePlace } from '../../../domain/ports/codec-bench.ts';
import { ANSWER, LIMIT_TEXTS } from './codec-messages.ts';

/** Longest result of one call, as JSON. */
const LONGEST_RESULT = 65_536;
const LONGEST_MESSAGE = 200;
/** Errors or warnings of one call. */
const MOST_MESSAGES = 20;
/** Of what a call that somebody looks at writes to its console. */
const MOST_CONSOLE_LINES = 100;
const LONGEST_CONSOLE_LINE = 500;
/** As deep as QuickJS may recurse; deeper is an error inside, where the engine's own stack would end the engine. */
const STACK_BYTES = 256 * 1024;

/**
 * Runs in the codec's own world, after its source. Payload bytes come as text, each byte as the character of the next code (text of the engine's
 * interface ends at a zero). A codec that tampers with what this uses harms itself alone: the answer is text whatever it does.
 */
const HARNESS = `(function () {
  const decode =
    typeof decodeUplink === 'function' ? decodeUplink
    : typeof Decode === 'function' ? ({ fPort, bytes, variables }) => ({ data: Decode(fPort, bytes, variables) })
    : typeof Decoder === 'function' ? ({ fPort, bytes }) => ({ data: Decoder(bytes, fPort) })
    : null;
  if (decode === null) throw new Error('there is no function decodeUplink, Decode or Decoder');
  return function (text, fPort, time, variables) {
    const bytes = [];
    for (let i = 0; i < text.length; i++) bytes.push(text.charCodeAt(i) - 1);
    const result = decode({ bytes, fPort, recvTime: new Date(time), variables: variables === undefined ? {} : JSON.parse(variables) });
    if (typeof result !== 'object' || result === null) return '${ANSWER.failed}nothing was returned';
    const { data, warnings, errors } = result;
    const warned = Array.isArray(warnings) && warnings.length > 0;
    const shortly = (texts) => texts.slice(0, ${MOST_MESSAGES}).map((text) => String(text).slice(0, ${LONGEST_MESSAGE}));
    if (Array.isArray(errors) && errors.length > 0)
      return '${ANSWER.reported}' + JSON.stringify([shortly(errors), warned ? shortly(warnings) : []]);
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return '${ANSWER.failed}"data" is no object';
    const answer = warned ? '${ANSWER.warned}' + JSON.stringify([data, shortly(warnings)]) : '${ANSWER.data}' + JSON.stringify(data);
    return answer.length > ${LONGEST_RESULT} ? '${ANSWER.failed}the result is longer than ${LONGEST_RESULT} characters' : answer;
  };
})()`;
/** Codecs written for other servers log; for messages there is nobody to read it. */
const CONSOLE = 'var console = { log() {}, info() {}, warn() {}, error() {}, debug() {} };';
/** The value is a function that takes what prints a line. */
const PRINTING_CONSOLE = `(function (print) {
  const words = (value) => {
    if (typeof value === 'string') return value;
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  };
  const write = (...values) => print(values.map(words).join(' ').slice(0, ${LONGEST_CONSOLE_LINE}));
  globalThis.console = { log: write, info: write, warn: write, error: write, debug: write };
})`;

const SOURCE_FILE = 'codec.js';
const PLACE_IN_STACK = /codec\.js:(\d+)(?::(\d+))?/;

/** A call that somebody looks at: what its codec is given beside, and what is noted of it. */
export interface Looked {
  /** JSON. */
  readonly variables: string;
  readonly console: string[];
  place: SourcePlace | null;
}

/** Says when a call has had its time. */
export interface CallClock {
  begin(): void;
  isOver(): boolean;
}

/** One codec's own QuickJS runtime: its memory, its globals, nothing of ours. Every call may find the globals as the last one left them. */
export class CodecRuntime {
  readonly #runtime: QuickJSRuntime;
  readonly #vm: QuickJSContext;
  readonly #clock: CallClock;
  readonly #looked: Looked | null;
  #decode: QuickJSHandle | null = null;
  /** Why it can't be used: its source failed. */
  #fault: string | null = null;
  #interrupted = false;
  calls = 0;

  constructor(
    module: QuickJSWASMModule,
    source: string,
    memoryBytes: number,
    clock: CallClock,
    looked: Looked | null = null,
  ) {
    this.#clock = clock;
    this.#looked = looked;
    this.#runtime = module.newRuntime();
    this.#runtime.setMemoryLimit(memoryBytes);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => {
      this.#interrupted ||= clock.isOver();
      return this.#interrupted;
    });
    this.#vm = this.#runtime.newContext();
    clock.begin();
    if (looked) this.#printTo(looked.console);
    for (const [code, name] of [
      ...(looked ? [] : [[CONSOLE, 'console.js'] as const]),
      [source, SOURCE_FILE],
      [HARNESS, 'harness.js'],
    ] as const) {
      const result = this.#vm.evalCode(code, name);
      if (result.error) {
        this.#fault = this.#explain(result.error);
        return;
      }
      this.#decode?.dispose();
      this.#decode = result.value;
    }
  }

  /** An answer's text, see {@link ANSWER}. `byteText`: payload bytes as characters of the next code. */
  call(byteText: string, fPort: number, time: number): string {
    if (this.#decode === null || this.#fault !== null) return this.#fault ?? ANSWER.failed;
    this.calls++;
    this.#clock.begin();
    const vm = this.#vm;
    const given = [vm.newString(byteText), vm.newNumber(fPort), vm.newNumber(time)];
    if (this.#looked) given.push(vm.newString(this.#looked.variables));
    const result = vm.callFunction(this.#decode, vm.undefined, ...given);
    for (const handle of given) handle.dispose();
    if (result.error) return this.#explain(result.error);
    const answer = vm.getString(result.value);
    result.value.dispose();
    return answer;
  }

  dispose(): void {
    this.#decode?.dispose();
    this.#vm.dispose();
    this.#runtime.dispose();
  }

  #printTo(lines: string[]): void {
    const vm = this.#vm;
    const print = vm.newFunction('print', (line) => {
      if (lines.length < MOST_CONSOLE_LINES) lines.push(vm.getString(line));
    });
    const made = vm.unwrapResult(vm.evalCode(PRINTING_CONSOLE, 'console.js'));
    vm.unwrapResult(vm.callFunction(made, vm.undefined, print)).dispose();
    made.dispose();
    print.dispose();
  }

  #explain(error: QuickJSHandle): string {
    const thrown: unknown = this.#vm.dump(error);
    error.dispose();
    const { name, message, stack } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Record<
      string,
      unknown
    >;
    const [, line, column] = PLACE_IN_STACK.exec(String(stack ?? '')) ?? [];
    if (this.#looked && line !== undefined)
      this.#looked.place = { line: Number(line), column: column === undefined ? null : Number(column) };
    if (this.#interrupted) return `${ANSWER.limit}${LIMIT_TEXTS.time}`;
    if (message === 'out of memory') return `${ANSWER.limit}${LIMIT_TEXTS.memory}`;
    const text = message === undefined ? String(thrown) : `${String(name)}: ${String(message)}`;
    return `${ANSWER.failed}${text.slice(0, LONGEST_MESSAGE)}`;
  }
}
