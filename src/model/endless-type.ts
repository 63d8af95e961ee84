/** Answers that may be silent for as long as they like: their idle limit is 0 (docs/routes.md), and nobody keeps them. */
export function isEndless(contentType: string | null): boolean {
  return (
    contentType !== null && /^(?:text\/event-stream|application\/(?:grpc|x-ndjson|ndjson))/i.test(contentType)
  );
}
