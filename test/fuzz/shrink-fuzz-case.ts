import { lineLess, shrink } from '../support/shrink.ts';
import { type FuzzCase, type FuzzReply, TAG } from './fuzz-case.ts';

/** Makes a case smaller as long as it still breaks the same rule. */
export function shrinkFuzzCase(
  one: FuzzCase,
  stillBreaks: (smaller: FuzzCase) => Promise<boolean>,
  mostTries = 300,
): Promise<FuzzCase> {
  return shrink(one, smallerThan, { stillFails: stillBreaks, mostTries });
}

const OK: FuzzReply = {
  name: '200',
  pieces: [`HTTP/1.1 200 OK\r\nX-Tag: ${TAG}\r\nContent-Length: 10\r\n\r\n${TAG}`],
  when: 'body',
  after: 'keep',
};

/** Cases with one thing less. */
function* smallerThan(one: FuzzCase): Generator<FuzzCase> {
  const { requests, replies } = one;
  if (one.cuts.length > 0) yield { ...one, cuts: [] };
  for (let i = 0; requests.length > 1 && i < requests.length; i++)
    yield { ...one, cuts: [], requests: requests.toSpliced(i, 1), replies: replies.toSpliced(i, 1) };
  for (const [i, reply] of replies.entries()) {
    if (reply.name !== OK.name) yield { ...one, replies: replies.with(i, OK) };
    if (reply.pieces.length > 1)
      yield { ...one, replies: replies.with(i, { ...reply, pieces: [reply.pieces.join('')] }) };
  }
  for (const [i, request] of requests.entries())
    for (const shorter of lineLess(request)) yield { ...one, cuts: [], requests: requests.with(i, shorter) };
}
