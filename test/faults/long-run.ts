/** Minutes a long test lasts: of the variable, if it is set, so that a hurried person can have less and a patient one more. */
export function minutesOf(variable: string, usual: number): number {
  const wanted = Number(process.env[variable] ?? usual);
  if (!(wanted > 0)) throw new Error(`${variable}: "${process.env[variable]}" is no number of minutes`);
  return wanted;
}

/** One line of results, to be written down. */
export const report = (name: string, result: Readonly<Record<string, number | string>>): void =>
  console.log(`test:long ${name} ${JSON.stringify(result)}`);
