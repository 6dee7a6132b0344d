// A street that is judged until somebody kills it: `node street-process.ts <folder> <messages in all>`.
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf, openStreet } from './judged-street.ts';

const [folder, total] = [process.argv[2]!, Number(process.argv[3])];
const street = await openStreet(folder);
process.stdout.write('ready\n');
const acknowledging = setInterval(() => void street.acknowledgeOne(), 15);
const AT_ONCE = 24;
for (let n = street.journal.head() + 1; n <= total; n += AT_ONCE) {
  const numbers = Array.from({ length: Math.min(AT_ONCE, total + 1 - n) }, (_, i) => n + i);
  await Promise.all(numbers.map((number) => street.append(messageOf(number, street.series))));
  await pause(3);
}
clearInterval(acknowledging);
process.stdout.write('sent\n');
