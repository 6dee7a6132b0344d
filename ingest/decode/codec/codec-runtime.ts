import type { QuickJSContext, QuickJSHandle, QuickJSRuntime, QuickJSWASMModule } from 'quickjs-emscripten-core';
import { ANSWER } from './codec-messages.ts';

/** Longest result of one call, as JSON. */
const LONGEST_RESULT = 65_536;
const LONGEST_MESSAGE = 200;
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
  return function (text, fPort, time) {
    const bytes = [];
    for (let i = 0; i < text.length; i++) bytes.push(text.charCodeAt(i) - 1);
    const result = decode({ bytes, fPort, recvTime: new Date(time), variables: {} });
    if (typeof result !== 'object' || result === null) return '${ANSWER.failed}nothing was returned';
    const { data, warnings, errors } = result;
    if (Array.isArray(errors) && errors.length > 0) return '${ANSWER.failed}' + errors.join('; ').slice(0, ${LONGEST_MESSAGE});
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return '${ANSWER.failed}"data" is no object';
    const warned = Array.isArray(warnings) && warnings.length > 0;
    const answer = warned ? '${ANSWER.warned}' + JSON.stringify([data, warnings.map(String)]) : '${ANSWER.data}' + JSON.stringify(data);
    return answer.length > ${LONGEST_RESULT} ? '${ANSWER.failed}the result is longer than ${LONGEST_RESULT} characters' : answer;
  };
})()`;
/** Codecs written for other servers log; there is nobody to read it. */
const CONSOLE = 'var console = { log() {}, info() {}, warn() {}, error() {}, debug() {} };';

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
  #decode: QuickJSHandle | null = null;
  /** Why it can't be used: its source failed. */
  #fault: string | null = null;
  #interrupted = false;
  calls = 0;

  constructor(module: QuickJSWASMModule, source: string, memoryBytes: number, clock: CallClock) {
    this.#clock = clock;
    this.#runtime = module.newRuntime();
    this.#runtime.setMemoryLimit(memoryBytes);
    this.#runtime.setMaxStackSize(STACK_BYTES);
    this.#runtime.setInterruptHandler(() => {
      this.#interrupted ||= clock.isOver();
      return this.#interrupted;
    });
    this.#vm = this.#runtime.newContext();
    clock.begin();
    for (const [code, name] of [
      [CONSOLE, 'console.js'],
      [source, 'codec.js'],
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
    const [text, port, at] = [vm.newString(byteText), vm.newNumber(fPort), vm.newNumber(time)];
    const result = vm.callFunction(this.#decode, vm.undefined, text, port, at);
    text.dispose();
    port.dispose();
    at.dispose();
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

  #explain(error: QuickJSHandle): string {
    const thrown: unknown = this.#vm.dump(error);
    error.dispose();
    const { name, message } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Record<string, unknown>;
    if (this.#interrupted) return `${ANSWER.limit}the time of a call was over`;
    if (message === 'out of memory') return `${ANSWER.limit}the memory of a codec was full`;
    const text = message === undefined ? String(thrown) : `${String(name)}: ${String(message)}`;
    return `${ANSWER.failed}${text.slice(0, LONGEST_MESSAGE)}`;
  }
}
