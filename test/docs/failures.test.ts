/** docs/failures.md against src/model/failure.ts, both ways. */
import { expect, test } from 'vitest';
import { renderProblem } from '../../src/front/problem.ts';
import { FAILURES, retryAfterOf, statusOf } from '../../src/model/failure.ts';
import { codeBlocksOf, pageAt } from '../support/markdown.ts';

const page = pageAt('docs/failures.md');
const rows = [...page.text.matchAll(/^\| `([a-z_]+)` \| (\d+) \| (.+) \| (.+) \|$/gm)];

test('the table has every failure with its status, in order', () => {
  const listed = rows.map(([, failure, status]) => [failure, Number(status)]);
  expect(listed).toEqual(FAILURES.map((failure) => [failure, statusOf(failure)]));
});

test('failures of 503 carry Retry-After: 1, and no others do', () => {
  expect(page.text).toContain('Failures with status 503 carry `Retry-After: 1`');
  const seconds = FAILURES.map((failure) => retryAfterOf(failure));
  expect(seconds).toEqual(FAILURES.map((failure) => (statusOf(failure) === 503 ? 1 : undefined)));
});

test('the problem that is shown is the one that is sent', () => {
  const [shown] = codeBlocksOf(page).filter(({ language }) => language === 'json');
  const { request_id: requestId } = JSON.parse(shown?.text ?? '');
  const { body } = renderProblem({ failure: 'connect_refused', requestId, accept: undefined, now: 0 });
  expect(body.toString()).toBe(shown?.text);
});
