import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..');
const started = new Set<ChildProcess>();

/** A child that is killed with the bench, however it ends. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly stdio?: 'ignore' | 'answers' } = {},
): ChildProcess {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, ...options.env },
    stdio: options.stdio === 'ignore' ? 'ignore' : ['pipe', 'pipe', 'inherit'],
  });
  started.add(child);
  child.once('exit', () => started.delete(child));
  return child;
}

/** Ends every child that still runs; for a `finally`. */
export function killAll(): void {
  for (const child of started) child.kill('SIGKILL');
}
process.once('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts one of the bench's own programs with an order as its argument; it answers with one JSON line when it is done. */
export function startOrder<Order, Answer>(
  program: string,
  order: Order,
): { readonly child: ChildProcess; readonly answer: Promise<Answer> } {
  const child = startProcess(process.execPath, [join(import.meta.dirname, program), JSON.stringify(order)]);
  let output = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  const answer = new Promise<Answer>((resolve, reject) => {
    child.once('close', (code) =>
      code === 0 ? resolve(JSON.parse(output) as Answer) : reject(new Error(`${program} ended with ${code}`)),
    );
  });
  // Whoever asked gets the failure when it awaits the answer, which may be later.
  answer.catch(() => {});
  return { child, answer };
}

/** Looks every `everyMs` until `look` gives something other than `undefined`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { everyMs = 50, withinMs = 120_000 } = {},
): Promise<T> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline; await pause(everyMs)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`waited ${withinMs / 1000} s for ${what}`);
}

/** CPU time in µs; the kernel counts in ticks of 10 ms. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

/** Fields 14 and 15 of /proc/PID/stat; the name before them may hold anything. */
const cpuTimeIn = (stat: string): CpuTime => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[11]) * 10_000, system: Number(fields[12]) * 10_000 };
};

/** CPU time a process has used so far, all its threads. */
export const cpuTime = (pid: number): CpuTime => cpuTimeIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));

const statOf = (path: string): string => readFileSync(`/proc/${path}/stat`, 'utf8');
const microsecondsOf = ({ user, system }: CpuTime): number => user + system;

/** CPU time in µs of a process and all its descendants: those that live, and (fields 16 and 17) those it has waited for. */
export function familyCpuTime(pid: number): number {
  const stat = statOf(String(pid));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const gone = (Number(fields[13]) + Number(fields[14])) * 10_000;
  return childrenOf(pid).reduce((sum, child) => sum + familyCpuTime(child), microsecondsOf(cpuTimeIn(stat)) + gone);
}

/** CPU time in µs of the thread that runs a Node process's JavaScript. */
export const mainThreadCpuTime = (pid: number): number => microsecondsOf(cpuTimeIn(statOf(`${pid}/task/${pid}`)));

/** CPU time of each thread so far, by its name; threads of one name are added up. */
export function threadCpuTimes(pid: number): Map<string, CpuTime> {
  const found = new Map<string, CpuTime>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const before = found.get(name) ?? { user: 0, system: 0 };
    const more = cpuTimeIn(stat);
    found.set(name, { user: before.user + more.user, system: before.system + more.system });
  }
  return found;
}

const statusMegabytes = (pid: number, field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
/** Memory of a process now, and the most it ever had, MiB. */
export const residentMegabytes = (pid: number): number => statusMegabytes(pid, 'VmRSS');
export const peakMegabytes = (pid: number): number => statusMegabytes(pid, 'VmHWM');

/** Ids of the processes whose parent is `pid`. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
}
