import type { HeaderList } from '../model/header-list.ts';
import type { BackendRequestHead } from './request-head.ts';

/** A request's head as it is sent, latin1. */
export function serialiseHead(request: BackendRequestHead): string {
  return `${request.method} ${request.path} HTTP/1.1\r\n${serialiseFields(request.headers)}\r\n`;
}

/** Fields as lines, each with its CRLF. */
export function serialiseFields(headers: HeaderList): string {
  let text = '';
  for (let i = 0; i < headers.length; i += 2) text += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return text;
}
