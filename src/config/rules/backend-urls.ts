import { readBackendUrl } from '../backend-url.ts';
import { ownPlaceOf } from '../own-places.ts';
import type { BackendFile } from '../schema/backend-schema.ts';
import type { Path } from '../schema-check.ts';
import { featuresOf, type Rule, type RuleContext } from './rule.ts';

/** Every backend has exactly one of `url` and `urls`, and what they hold are urls, none of them the router's own. */
export const backendUrls: Rule = (context) => {
  for (const { backend, path } of backendsOf(context)) {
    if (typeof backend === 'string') checkUrl(context, backend, path);
    else checkUrls(context, backend, path);
  }
};

/** Every backend of the file with its path: legacy, then the features. */
export function backendsOf({
  file,
}: Pick<RuleContext, 'file'>): { readonly backend: string | BackendFile; readonly path: Path }[] {
  const features = Object.entries(featuresOf(file));
  return [
    { backend: file.legacy, path: ['legacy'] },
    ...features.map(([name, backend]) => ({ backend, path: ['features', name] })),
  ];
}

function checkUrls(context: RuleContext, backend: BackendFile, path: Path): void {
  const { issues } = context;
  if (backend.url !== undefined && backend.urls !== undefined) {
    issues.error([...path, 'urls'], 'a backend has "url" or "urls", not both', 'key');
  }
  if (backend.url === undefined && backend.urls === undefined && issues.isWhole(path)) {
    issues.error(path, `"${path.at(-1)}" has no "url"`, 'key');
  }
  if (backend.url !== undefined) checkUrl(context, backend.url, [...path, 'url']);
  for (const [i, url] of (backend.urls ?? []).entries()) checkUrl(context, url, [...path, 'urls', i]);
}

function checkUrl({ issues, own }: RuleContext, url: string, path: Path): void {
  const reading = readBackendUrl(url);
  if ('problem' in reading) {
    issues.error(path, reading.problem);
    return;
  }
  const place = ownPlaceOf(reading.url, own);
  if (place !== undefined)
    issues.error(
      path,
      `"${url}" is this router itself (${place.setting}): requests would go round in a circle`,
    );
}
