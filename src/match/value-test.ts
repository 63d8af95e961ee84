import { RE2JS } from 're2js';
import { bytesOf, textOf } from '../model/byte-text.ts';
import type { Match, NamedTest, ValueTest } from '../model/route-table.ts';

/**
 * A condition on one value, made ready. Requests are latin1 strings, one character a byte; what the file says is
 * Unicode, so it is turned into the same bytes once. Regular expressions see text: bytes read as UTF-8.
 */
export interface ReadyTest {
  readonly source: 'header' | 'query' | 'cookie';
  /** In the bytes of a request; a header's in lower case. */
  readonly name: string;
  readonly kind: ValueTest['kind'];
  /** What to compare with; '' for `regex` and `present`. */
  readonly value: string;
  readonly regex: RE2JS | null;
  /** As written, for `explain`. */
  readonly written: NamedTest;
}

/** The conditions of a match on headers, cookies and query, cheapest first. */
export function readyTests(match: Match): ReadyTest[] {
  return [
    ...match.headers.map((test) => ready('header', test)),
    ...match.cookies.map((test) => ready('cookie', test)),
    ...match.query.map((test) => ready('query', test)),
  ];
}

/** True if the value passes. undefined: the request has none. */
export function passes(test: ReadyTest, value: string | undefined): boolean {
  if (value === undefined) return false;
  switch (test.kind) {
    case 'exact':
      return value === test.value;
    case 'prefix':
      return value.startsWith(test.value);
    case 'present':
      return true;
    case 'regex':
      return test.regex?.test(textOf(value)) ?? false;
  }
}

function ready(source: ReadyTest['source'], written: NamedTest): ReadyTest {
  const { test } = written;
  const name = bytesOf(written.name);
  const value = test.kind === 'exact' || test.kind === 'prefix' ? bytesOf(test.value) : '';
  const regex = test.kind === 'regex' ? RE2JS.compile(test.source) : null;
  return {
    source,
    name: source === 'header' ? name.toLowerCase() : name,
    kind: test.kind,
    value,
    regex,
    written,
  };
}
