import { randomUUID } from 'node:crypto';

const LONGEST = 128;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/** A new request id: a random UUID. Node draws its randomness in blocks, so one costs about 0.1 µs. */
export function newRequestId(): string {
  return randomUUID();
}

/** Whether an id that a trusted peer sent may go on into logs and headers: 1 to 128 visible ASCII characters. */
export function isUsableRequestId(id: string): boolean {
  return id.length <= LONGEST && VISIBLE_ASCII.test(id);
}

/** The id that a request goes by: the received one if its sender is trusted and it is usable, else a new one. */
export function requestIdFor(
  received: string | undefined,
  isTrusted: boolean,
  newId: () => string = newRequestId,
): string {
  return isTrusted && received !== undefined && isUsableRequestId(received) ? received : newId();
}
