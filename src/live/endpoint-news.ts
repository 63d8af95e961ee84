import type { Failure } from '../model/failure.ts';
import { formatAddress } from '../model/listen-address.ts';
import { durationText } from './number-text.ts';

/** Something changed about an endpoint. */
export type EndpointNews =
  /** A connection failed, the first in a row. `isProbed`: it is asked for one until it accepts. */
  | {
      readonly kind: 'failing';
      readonly failure: Failure;
      /** What exactly happened, where the failure's name leaves it open. */
      readonly detail?: string;
      readonly isProbed: boolean;
    }
  /** Connections are made again. */
  | { readonly kind: 'accepting' }
  /** Its breaker, from closed to open. */
  | {
      readonly kind: 'opened';
      readonly why: string;
      readonly isProbed: boolean;
      readonly cooldownMs: number;
    }
  | { readonly kind: 'closed' }
  /** Its checks. */
  | { readonly kind: 'unhealthy'; readonly why: string }
  | { readonly kind: 'healthy' };

/** Where the news comes from. */
export interface NewsOf {
  readonly backend: string;
  readonly address: string;
  readonly port: number;
}

/** A line for the log. */
export interface NewsLine {
  readonly level: 'info' | 'warn';
  readonly fields: { readonly backend: string; readonly endpoint: string; readonly why?: string };
  readonly message: string;
}

/** One change in plain words. */
export function newsLine({ backend, address, port }: NewsOf, news: EndpointNews): NewsLine {
  const fields = { backend, endpoint: formatAddress(address, port) };
  switch (news.kind) {
    case 'failing':
      return {
        level: 'warn',
        fields: { ...fields, why: failingText(news) },
        message: 'an endpoint does not accept connections: others are preferred',
      };
    case 'opened':
      return {
        level: 'warn',
        fields: { ...fields, why: news.why },
        message: `an endpoint takes no more requests: ${afterwards(news)}`,
      };
    case 'unhealthy':
      return {
        level: 'warn',
        fields: { ...fields, why: news.why },
        message: 'an endpoint is unhealthy by its checks: it takes no more requests',
      };
    case 'healthy':
      return { level: 'info', fields, message: 'an endpoint is healthy again by its checks' };
    case 'accepting':
      return { level: 'info', fields, message: 'an endpoint accepts connections again' };
    case 'closed':
      return { level: 'info', fields, message: 'an endpoint takes requests again' };
  }
}

/** Why connections fail. What a certificate says may be anything: only characters that no terminal obeys are shown. */
export function failingText({ failure, detail }: Extract<EndpointNews, { kind: 'failing' }>): string {
  if (failure !== 'tls' || detail === undefined) return failure;
  const reason = OPENSSL_ERROR.exec(detail)?.[1] ?? detail.replace(NODES_ADVICE, '');
  return `${failure}: ${reason.slice(0, 200).replace(/[^ -~]/g, '?')}`;
}

/** Since Node.js 24, of flags that Banyan's users do not give; what they can do is in docs/tls.md. */
const NODES_ADVICE = /; if the root CA .*$/s;

/** `80EC…:error:0A00010B:SSL routines:FUNCTION:REASON:FILE:LINE:`. */
const OPENSSL_ERROR = /^[0-9A-F]+:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/;

function afterwards(news: Extract<EndpointNews, { kind: 'opened' }>): string {
  if (news.isProbed) return 'it is asked for a connection every 100 ms';
  return `one request tries it in ${durationText(news.cooldownMs)}`;
}
