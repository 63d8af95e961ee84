import { cookiesOf } from '../model/cookies.ts';
import { isNamed, tokensOf } from '../model/header-list.ts';
import { preflightMethod } from '../model/preflight.ts';
import type { RequestTraits } from '../model/request.ts';
import { queryValues } from './query-values.ts';

/**
 * What conditions read of one request besides its host and path, each part looked at when the first condition asks
 * for it.
 *
 * - A header that is repeated counts as its values joined by a comma (RFC 9110 section 5.3).
 * - A cookie that is repeated counts by its first value, as user agents put the longer path first (RFC 6265 5.4).
 * - A query parameter that is repeated counts by each of its values in turn: see `pick.ts`. Here one of them is
 *   chosen, and it is noted that a choice was made.
 * - A CORS preflight follows the request that it asks about: its method, the names of its headers; no cookies.
 */
export class RequestFields {
  /** The method that conditions are about. */
  readonly method: string;
  readonly isPreflight: boolean;
  /**
   * Repeated query parameters of different values that a condition asked for, and which value stands for each; null
   * as long as there is none.
   */
  choices: Map<string, number> | null = null;
  private readonly traits: RequestTraits;
  private announced: readonly string[] | null = null;
  private cookies: Map<string, string> | null = null;
  private parameters: Map<string, string[]> | null = null;

  constructor(traits: RequestTraits) {
    const asked = preflightMethod(traits);
    this.traits = traits;
    this.isPreflight = asked !== undefined;
    this.method = asked ?? traits.method;
  }

  /** The value of a header; `lowerName` is in lower case. */
  header(lowerName: string): string | undefined {
    const { headers } = this.traits;
    let value: string | undefined;
    for (let i = 0; i < headers.length; i += 2) {
      if (!isNamed(headers[i] as string, lowerName)) continue;
      value = value === undefined ? headers[i + 1] : `${value}, ${headers[i + 1]}`;
    }
    return value;
  }

  /** True if a preflight names this header as one of the request to come. */
  announces(lowerName: string): boolean {
    this.announced ??= tokensOf(this.traits.headers, 'access-control-request-headers');
    return this.announced.includes(lowerName);
  }

  cookie(name: string): string | undefined {
    this.cookies ??= cookiesOf(this.traits.headers);
    return this.cookies.get(name);
  }

  query(name: string): string | undefined {
    if (this.traits.query === null) return undefined;
    this.parameters ??= queryValues(this.traits.query);
    const values = this.parameters.get(name);
    if (values === undefined || values.length === 1) return values?.[0];
    this.choices ??= new Map();
    const chosen = this.choices.get(name) ?? 0;
    this.choices.set(name, chosen);
    return values[chosen];
  }

  /** How many different values a parameter has that {@link query} was asked for. */
  countOf(name: string): number {
    return this.parameters?.get(name)?.length ?? 0;
  }
}
