/** The generated part of docs/performance.md stands between two comments; everything around it is written by hand. */

const BEGIN = '<!-- npm run bench writes from here -->';
const END = '<!-- npm run bench writes to here -->';

/** The page with another part between its marks. Throws when they are not there, or not once. */
export function withGenerated(page: string, generated: string): string {
  const [before, rest, ...more] = page.split(BEGIN);
  const [, after, ...evenMore] = (rest ?? '').split(END);
  if (before === undefined || after === undefined || more.length + evenMore.length > 0)
    throw new Error(`the page needs "${BEGIN}" and then "${END}", once each`);
  return `${before}${BEGIN}\n\n${generated}\n\n${END}${after}`;
}
