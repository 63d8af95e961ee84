/** Weighs the text and JSON that a client accepts (RFC 9110 section 12.5.1). True only if it likes text better. */
export function prefersText(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const weights = weigh(accept);
  const text = best(weights, ['text/plain', 'text/html', 'text/*'], '*/*');
  const json = best(weights, ['application/problem+json', 'application/json', 'application/*'], '*/*');
  return text > json;
}

function weigh(accept: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const member of accept.toLowerCase().split(',')) {
    const [range, ...parameters] = member.split(';').map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    weights.set(range as string, Number.isFinite(weight) ? weight : 0);
  }
  return weights;
}

/** The best of the types that are named; the wildcard speaks only for types that are not. */
function best(weights: Map<string, number>, ranges: readonly string[], wildcard: string): number {
  const named = ranges.map((range) => weights.get(range)).filter((weight) => weight !== undefined);
  return named.length > 0 ? Math.max(...named) : (weights.get(wildcard) ?? 0);
}
