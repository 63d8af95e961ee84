import { getPriority, platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { type AnswersToCompare, createComparePair } from './compare-pair.ts';

/** The comparing thread: one pair after the other, an answer for each. See `compare-thread`. */

/** Of the kernel's 40 steps. */
const BEHIND_WHAT_SERVES = 10;

if (parentPort !== null) {
  const port = parentPort;
  // On Linux a priority is a thread's own, elsewhere it would be that of the whole process. It can only be given up.
  const canGiveWay = platform() === 'linux' && getPriority() < BEHIND_WHAT_SERVES;
  if (canGiveWay) setPriority(BEHIND_WHAT_SERVES);
  const compare = createComparePair();
  port.on('message', (answers: AnswersToCompare) => port.postMessage(compare(answers)));
}
