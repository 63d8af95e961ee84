import { getPriority, platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { type AnswersToCompare, createComparePair } from './compare-pair.ts';

/** The comparing thread: one pair after the other, an answer for each. See `compare-thread`. */

/** Of the kernel's 40 steps. */
const BEHIND_WHAT_SERVES = 10;

/** On Linux a priority is a thread's own, elsewhere it would be that of the whole process. It can only be given up. */
function giveWay(): void {
  try {
    if (platform() === 'linux' && getPriority() < BEHIND_WHAT_SERVES) setPriority(BEHIND_WHAT_SERVES);
  } catch {
    // A sandbox may forbid it: then it compares as everything else runs.
  }
}

if (parentPort !== null) {
  const port = parentPort;
  giveWay();
  const compare = createComparePair();
  port.on('message', (answers: AnswersToCompare) => port.postMessage(compare(answers)));
}
