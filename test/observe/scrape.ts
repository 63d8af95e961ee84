import type { Metrics } from '../../src/observe/metrics.ts';
import { type Family, parseExposition } from './parse-exposition.ts';

/** The text of a scrape. */
export async function scrapeText(metrics: Metrics): Promise<string> {
  let text = '';
  for await (const piece of metrics.exposition()) text += piece;
  return text;
}

/** A scrape, read strictly. */
export async function scrape(metrics: Metrics): Promise<Map<string, Family>> {
  return parseExposition(await scrapeText(metrics));
}
