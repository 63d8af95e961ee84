/** What the demo prints: what to open, whom to ask, what to edit. */

/** Where everything is. */
export interface DemoPlaces {
  /** `HOST:PORT` of the router. */
  readonly listen: string;
  readonly admin: string;
  /** As the user would name it from where he is. */
  readonly routesFile: string;
  readonly routesText: string;
  readonly urls: Readonly<Record<string, string>>;
  /** Further lines: what was replaced, which port was taken. */
  readonly notes: readonly string[];
}

/** The whole text, with its line ends. */
export function demoText(places: DemoPlaces): string {
  const { listen, admin, routesFile, urls, notes } = places;
  const backends = Object.entries(urls).map(
    ([name, url]) => `${name.replace('_URL', '').toLowerCase()} ${url}`,
  );
  const [shop, router] = padded(`http://${listen}/`, `http://${admin}/api/routes`);
  return `
  The example shop behind Banyan

    the shop     ${shop} the badge at the foot of each page says who answered
    the router   ${router} also /api/config, /metrics
    the file     ${routesFile}
${notes.map((note) => `\n    ${note}`).join('')}${notes.length > 0 ? '\n' : ''}
  Who answers the orders?

    curl -si http://${listen}/api/orders | grep -i x-shop-answered-by

${editText(places)}
  Behind the router: ${backends.join(', ')}
  Each request as a line: --log-level info. Ctrl-C ends all of it.

`;
}

/** Both as long as the longer one, and two more. */
function padded(a: string, b: string): readonly [string, string] {
  const length = Math.max(a.length, b.length) + 2;
  return [a.padEnd(length), b.padEnd(length)];
}

function editText({ routesFile, routesText, admin }: DemoPlaces): string {
  const found = findStage(routesText, 'orders');
  if (found === null) return `  Edit ${routesFile} and ask again: it is followed while this runs.\n`;
  const [next, who] = found.stage === 'live' ? ['legacy', 'legacy'] : ['live', 'the feature'];
  return `  Edit ${routesFile}, line ${found.line}:   stage: ${found.stage}   →   stage: ${next}
  Save, ask again: within a second ${who} answers. Change it back, and so does the answer.
  Or by command, which waits until it is in force:   ${setCommand({ routesFile, admin }, next)}
`;
}

/** As one types it where the demo was started: in a clone the command has no name of its own. */
function setCommand({ routesFile, admin }: Pick<DemoPlaces, 'routesFile' | 'admin'>, stage: string): string {
  const isClone = routesFile === 'routes.yaml';
  const routes = isClone ? '' : ` --routes ${routesFile}`;
  const listener = admin === '127.0.0.1:9901' ? '' : ` --admin ${admin}`;
  return `${isClone ? 'node dist/cli.js' : 'banyan'} set orders ${stage}${routes}${listener}`;
}

/** The line and the word of a feature's `stage:` in block style; null if it is written in another way. */
function findStage(text: string, feature: string): { line: number; stage: string } | null {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.trimEnd() === `  ${feature}:`);
  const within = start < 0 ? [] : lines.slice(start + 1);
  for (const [index, line] of within.entries()) {
    if (/^ {0,2}[^\s#]/.test(line)) return null;
    const stage = /^\s+stage:\s*(\w+)/.exec(line)?.[1];
    if (stage) return { line: start + index + 2, stage };
  }
  return null;
}
