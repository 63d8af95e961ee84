import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawBackend, type RawRequest } from '../support/raw-backend.ts';
import { type RawAnswer, RawClient } from '../support/raw-client.ts';
import { type RunningRouter, startRouter } from '../support/start-router.ts';
import { answerCases } from './golden/answer-cases.ts';
import type { GoldenCase } from './golden/golden-case.ts';
import { requestCases } from './golden/request-cases.ts';

/**
 * The golden comparison: every case is asked of a scripted monolith directly, then through the router, byte for byte.
 * What differs must be what docs/pass-through.md lists, and everything listed there must have been seen to differ.
 */

/** Fields that a case names in its Connection: they stay behind with it. */
const NOMINATED: ReadonlySet<string> = new Set(['x-secret', 'x-hop']);

const CASES: readonly GoldenCase[] = [...requestCases(), ...answerCases()];

/** One exchange, seen from both ends. */
interface Seen {
  readonly answer: RawAnswer;
  readonly request: RawRequest;
  readonly body: string;
}

/** The names in the first column of the table under this heading, in lower case. */
async function documented(heading: string): Promise<Set<string>> {
  const page = await readFile(path.resolve(import.meta.dirname, '../../docs/pass-through.md'), 'utf8');
  const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const cells = [...section.matchAll(/^\| ([^|]*) \|/gm)].map(([, cell]) => cell!);
  return new Set(
    cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!.toLowerCase())),
  );
}

/** Field names whose values differ between two lists, or stand elsewhere. */
function differing(direct: readonly string[], routed: readonly string[]): string[] {
  const names = [...direct, ...routed].filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  return [...new Set(names)].filter(
    (name) => JSON.stringify(only(direct, name)) !== JSON.stringify(only(routed, name)),
  );
}

function only(headers: readonly string[], lowerName: string): string[] {
  return headers.filter((_, i) => headers[i - (i % 2)]!.toLowerCase() === lowerName);
}

/** The list without the fields that may differ. */
function kept(headers: readonly string[], changed: ReadonlySet<string>): string[] {
  const isKept = (name: string): boolean => !changed.has(name) && !NOMINATED.has(name);
  return headers.filter((_, i) => isKept(headers[i - (i % 2)]!.toLowerCase()));
}

let monolith: RawBackend;
let router: RunningRouter;
let changedRequest: Set<string>;
let changedAnswer: Set<string>;
const seenRequest = new Set<string>();
const seenAnswer = new Set<string>();

beforeAll(async () => {
  monolith = await RawBackend.start(async (request, reply) => {
    const golden = CASES[Number(request.header('x-golden'))]!;
    await request.body();
    reply.write(golden.answer.replaceAll('{backend}', `127.0.0.1:${monolith.port}`));
    if (golden.closes) reply.end();
  });
  router = await startRouter(`legacy: ${monolith.url}\n`);
  changedRequest = await documented('Changed in requests');
  changedAnswer = await documented('Changed in answers');
});

afterAll(async () => {
  await router.stop();
  await monolith.stop();
});

async function exchange(port: number, golden: GoldenCase, index: number): Promise<Seen> {
  const before = monolith.requests.length;
  const client = await RawClient.connect(port);
  try {
    client.send(golden.request.replace('{case}', String(index)));
    const answer = await client.readAnswer(golden.request.split(' ')[0]);
    const request = monolith.requests[before]!;
    return { answer, request, body: (await request.body()).toString('latin1') };
  } finally {
    client.destroy();
  }
}

/** The target in origin form: what a proxy makes of the absolute one (RFC 9112 section 3.2.2). */
function originForm(target: string): string {
  return target.replace(/^http:\/\/[^/]+/, '');
}

describe('the monolith answers alike directly and through the router', () => {
  it.each(CASES.map((golden, index) => [golden.name, golden, index] as const))(
    '%s',
    async (_, golden, index) => {
      const direct = await exchange(monolith.port, golden, index);
      const routed = await exchange(router.port, golden, index);

      expect(routed.request.method).toBe(direct.request.method);
      expect(routed.request.target).toBe(originForm(direct.request.target));
      expect(routed.body).toBe(direct.body);
      expect(routed.request.trailers).toEqual(direct.request.trailers);
      for (const name of differing(direct.request.headers, routed.request.headers)) seenRequest.add(name);
      expect(kept(routed.request.headers, changedRequest)).toEqual(
        kept(direct.request.headers, changedRequest),
      );

      expect(routed.answer.status).toBe(direct.answer.status);
      expect(routed.answer.reason).toBe(direct.answer.reason);
      expect(routed.answer.complete).toBe(true);
      expect(routed.answer.text === direct.answer.text, 'the same body').toBe(true);
      expect(routed.answer.trailers).toEqual(direct.answer.trailers);
      expect(interims(routed.answer)).toEqual(interims(direct.answer));
      for (const name of differing(direct.answer.headers, routed.answer.headers)) seenAnswer.add(name);
      expect(kept(routed.answer.headers, changedAnswer)).toEqual(kept(direct.answer.headers, changedAnswer));
    },
  );

  it('are at least 200, all different', () => {
    expect(new Set(CASES.map(({ request, answer }) => request + answer)).size).toBe(CASES.length);
    expect(CASES.length).toBeGreaterThanOrEqual(200);
  });

  it('every header that docs/pass-through.md lists as changed was seen to change, and no other', () => {
    expect([...seenRequest].filter((name) => !NOMINATED.has(name)).sort()).toEqual(
      [...changedRequest].sort(),
    );
    expect([...seenAnswer].filter((name) => !NOMINATED.has(name)).sort()).toEqual([...changedAnswer].sort());
  });
});

/** 1xx answers but 100, which is between a client and the next hop. */
function interims(answer: RawAnswer): unknown[] {
  return answer.informational.map(({ status, reason, headers }) => ({ status, reason, headers }));
}
