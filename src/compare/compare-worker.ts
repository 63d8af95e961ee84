import { parentPort } from 'node:worker_threads';
import { type AnswersToCompare, createComparePair } from './compare-pair.ts';

/** The comparing thread: one pair after the other, an answer for each. See `compare-thread`. */

if (parentPort !== null) {
  const port = parentPort;
  const compare = createComparePair();
  port.on('message', (answers: AnswersToCompare) => port.postMessage(compare(answers)));
}
