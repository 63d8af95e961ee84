import { describe, expect, it } from 'vitest';
import { prefersText } from '../../src/front/accept-field.ts';

describe('prefersText', () => {
  it.each([
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['text/plain', true],
    ['text/*', true],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
    ['application/json, text/plain, */*', false],
    ['application/json;q=0.5, text/plain;q=0.6', true],
    ['text/plain;q=0', false],
    ['text/plain;q=0, */*', false],
    ['application/problem+json;q=0.1, text/html;level=1;q=0.2', true],
    ['TEXT/PLAIN', true],
    ['text/plain;q=x', false],
    ['image/png', false],
  ])('%j: %s', (accept, expected) => {
    expect(prefersText(accept)).toBe(expected);
  });
});
