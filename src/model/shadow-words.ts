/**
 * What comparisons came to, in sentences for who decides whether a feature may take over, and need not know what a
 * JSONPath is. The admin listener, the log and the commands say the same.
 */
import { type FieldDifference, MORE_FIELDS, STATUS_FIELD } from './comparison.ts';
import type {
  FieldStatus,
  Readiness,
  RouteShadowStatus,
  ShadowStatus,
  TimesStatus,
} from './shadow-report.ts';

/** The verdict: `Not ready: 312 of 2 000 answers differed (15.6 %; 0.5 % may). Most often …`. */
export function readinessWords(readiness: Readiness, fields: readonly FieldStatus[]): string {
  const { kind, compared, same, lower, match, min, missing } = readiness;
  const differed = compared - same;
  switch (kind) {
    case 'ready':
      return match >= 1
        ? `Ready: all ${numberText(compared)} answers were the same.`
        : `Ready: ${numberText(same)} of ${numberText(compared)} answers were the same. With 95 % confidence that makes at least ${percentText(lower)}; ${percentText(match)} are asked for.`;
    case 'not_ready':
      return `Not ready: ${numberText(differed)} of ${numberText(compared)} answers differed (${percentText(differed / compared)}; ${percentText(1 - match)} may).${mostOften(fields)}`;
    case 'too_little_data':
      return compared === 0
        ? `Too little data: nothing was compared yet; ${comparisonsText(Math.max(min, missing))} needed.`
        : `Too little data: ${numberText(same)} of ${numberText(compared)} answers were the same so far. At least ${comparisonsText(missing, 'more ')} needed.`;
  }
}

function comparisonsText(count: number, more = ''): string {
  return `${numberText(count)} ${more}${count === 1 ? 'comparison is' : 'comparisons are'}`;
}

function mostOften([first]: readonly FieldStatus[]): string {
  return first === undefined ? '' : ` Most often ${fieldWords(first)} (${timesText(first.count)}).`;
}

/** A feature's verdict with what else one should know before one believes it. */
export function shadowWords(status: ShadowStatus): string {
  const fields = status.routes.flatMap((route) => route.fields).sort((a, b) => b.count - a.count);
  const unready = routeAtFault(status);
  const verdict =
    unready === null
      ? readinessWords(status.readiness, fields)
      : `${readinessWords(unready.readiness, unready.fields)} That is route "${unready.route}" alone; of all answers it is ${differedText(status.readiness)}.`;
  return [verdict, ...caveats(status)].join(' ');
}

/** The route that makes a feature unready which as a whole is not: by its share the worst. */
function routeAtFault({ readiness, routes }: ShadowStatus): RouteShadowStatus | null {
  if (readiness.kind !== 'not_ready' || readiness.upper < readiness.match) return null;
  const unready = routes.filter((route) => route.readiness.kind === 'not_ready');
  return unready.sort((a, b) => a.readiness.upper - b.readiness.upper)[0] ?? null;
}

function differedText({ compared, same }: Readiness): string {
  return `${numberText(compared - same)} of ${numberText(compared)} (${percentText((compared - same) / compared)})`;
}

function caveats({ readiness, counts, routes, hasFallback }: ShadowStatus): string[] {
  const said: string[] = [];
  const thin = routes.filter(({ readiness: { compared } }) => compared < readiness.min);
  if (readiness.kind === 'ready' && thin.length > 0 && routes.length > 1)
    said.push(`Few answers were compared on ${thin.map(thinText).join(', ')}.`);
  if (counts.notBuilt > 0)
    said.push(
      hasFallback
        ? `The feature said ${timesText(counts.notBuilt)} that something is not built yet (501): legacy answers that, and it is not counted.`
        : `The feature said ${timesText(counts.notBuilt)} that something is not built yet (501), which counts as different since it has no fallback for 501.`,
    );
  if (counts.error > 0) said.push(`The feature gave no whole answer ${timesText(counts.error)}.`);
  return said;
}

function thinText({ route, readiness: { compared } }: RouteShadowStatus): string {
  return `"${route}" (${numberText(compared)})`;
}

/** `"origin" is missing from the entries of "items"`. */
export function fieldWords(field: Pick<FieldStatus, 'field' | 'kind' | 'apart'>): string {
  if (field.field === STATUS_FIELD) return 'the status is another';
  if (field.field === MORE_FIELDS) return 'there are more fields that differ';
  const where = placeWords(field.field);
  switch (field.kind) {
    case 'value':
      if (/^(?:text|body)\b/.test(field.field)) return `${where} differs`;
      return field.apart === null
        ? `${where} has another value`
        : `${where} is another number, at most ${decimalText(field.apart)} apart`;
    case 'type':
      return `${where} is of another type`;
    case 'missing':
      return `${where} is missing`;
    case 'extra':
      return `${where} is new: legacy does not have it`;
    case 'null':
      return `${where} is null on one side and missing on the other`;
    case 'order':
      return `the entries of ${where} come in another order`;
    case 'entries':
      return `${where} has other entries`;
  }
}

const STEP = /\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\]|\\.)*)'\]|\[\*\]/g;

/** `$.items[*].origin` → `"origin" in the entries of "items"`. */
function placeWords(field: string): string {
  if (field.startsWith('header ')) return `the header "${field.slice('header '.length)}"`;
  if (!field.startsWith('$')) return `the ${field}`;
  const parts: string[] = [];
  for (const [step, name, quoted] of field.matchAll(STEP)) {
    if (step === '[*]') parts.push('entries');
    else parts.push(`"${name ?? quoted?.replace(/\\(.)/g, '$1') ?? ''}"`);
  }
  if (parts.length === 0) return 'the whole document';
  const near = parts.slice(-3);
  // It is not said that each of them differs.
  const words = near.map((part, i) => {
    if (part !== 'entries') return part;
    return i === near.length - 1 ? 'an entry' : 'the entries';
  });
  const isOf = (inner: string): boolean => /entr(?:y|ies)$/.test(inner);
  return words.reduceRight((inner, outer) => `${inner} ${isOf(inner) ? 'of' : 'in'} ${outer}`);
}

/** `request by request, the feature takes 0.2 times as long as legacy …`; null: nothing was measured. */
export function timesWords({ legacyP50, featureP50, ratio }: TimesStatus): string | null {
  if (legacyP50 === null || featureP50 === null || ratio === null) return null;
  return `request by request, the feature takes ${Number(ratio.toPrecision(2))} times as long as legacy (the median): half of its answers began within ${msText(featureP50)}, half of legacy's within ${msText(legacyP50)}`;
}

/** What would make a difference count no more, as a line of YAML; null: nothing but mending it. */
export function acceptWords({ field, kind, apart }: FieldStatus): string | null {
  if (!field.startsWith('$')) return null;
  if (kind === 'order') return `unordered: [${JSON.stringify(field)}]`;
  if (kind === 'null') return 'null_is_missing: true';
  if (kind === 'value' && apart !== null && apart > 0)
    return `tolerance: { ${JSON.stringify(field)}: ${decimalText(roundedUp(apart))} }`;
  return null;
}

/** What makes noise ignored for good, to be pasted into routes.yaml; '' for none. */
export function ignoreBlock(feature: string, noise: readonly FieldDifference[]): string {
  const paths = [...new Set(noise.map(({ field }) => field).filter((field) => field.startsWith('$')))];
  if (paths.length === 0) return '';
  const lines = paths.map((field) => `          - ${JSON.stringify(field)}`);
  return `features:\n  ${/^[a-z][\w-]*$/i.test(feature) ? feature : JSON.stringify(feature)}:\n    shadow:\n      compare:\n        ignore:\n${lines.join('\n')}\n`;
}

/** `2 415`. */
export function numberText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** `once`, `2 415 times`. */
function timesText(count: number): string {
  return count === 1 ? 'once' : `${numberText(count)} times`;
}

/** `99.5 %`, rounded towards what says less: never to 100 % what is below it. */
export function percentText(share: number): string {
  const percent = share * 100;
  const rounded =
    percent < 50 ? Math.ceil(percent * 100 - 1e-6) / 100 : Math.floor(percent * 100 + 1e-6) / 100;
  return `${rounded} %`;
}

function msText(ms: number): string {
  return `${decimalText(ms)} ms`;
}

/** To three digits that count; what a sum in binary adds is no more. */
function roundedUp(number: number): number {
  const step = 10 ** (Math.floor(Math.log10(number)) - 2);
  return Math.ceil(number / step - 1e-6) * step;
}

/** Three digits that count. */
function decimalText(number: number): string {
  return String(Number(number.toPrecision(3)));
}
