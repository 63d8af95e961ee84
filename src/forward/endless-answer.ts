import { firstValue, type HeaderList } from '../model/header-list.ts';

/** Answers that may be silent for as long as they like: their idle limit is 0 (docs/routes.md). */
export function isEndless(headers: HeaderList): boolean {
  const type = firstValue(headers, 'content-type')?.toLowerCase() ?? '';
  return /^(?:text\/event-stream|application\/(?:grpc|x-ndjson|ndjson))/.test(type);
}
