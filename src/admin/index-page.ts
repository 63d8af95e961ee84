/** What there is, each with a line that says what it shows. */
const PAGES: readonly (readonly [path: string, what: string])[] = [
  ['/metrics', 'Prometheus metrics'],
  ['/healthz', 'the process lives'],
  ['/readyz', 'requests are welcome; 503 before the first table and while draining'],
  ['/api/routes', 'the table in force: each route, the side and stage in effect, and why'],
  ['/api/backends', 'legacy and the features: urls, endpoints, requests in flight'],
  ['/api/refusals', 'the last 50 requests that were refused before a route was known'],
  ['/api/config', 'revision, the last reload and its issues, legacy_only'],
  ['/api/shadow', 'verdicts of what was compared; /api/shadow/FEATURE has fields, noise and samples'],
  ['/api/explain?method=GET&url=/', 'which route would take a request, and what would be sent'],
];

/** The page at `/`: plain HTML without script or style, so that its policy can forbid both. */
export function indexPage(): string {
  const items = PAGES.map(([path, what]) => {
    const href = path.replaceAll('&', '&amp;');
    return `<li><a href="${href}"><code>${href}</code></a>: ${what}</li>`;
  });
  return (
    '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Banyan</title></head>\n<body>\n' +
    '<h1>Banyan</h1>\n<p>The admin listener. It shows; what changes routing is routes.yaml.</p>\n' +
    `<ul>\n${items.join('\n')}\n</ul>\n</body>\n</html>\n`
  );
}
