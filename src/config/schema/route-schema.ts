import { z } from 'zod';
import { bool, duration, method, size, sourceText, text } from './values.ts';

const exactlyOne = { minProperties: 1, maxProperties: 1 };

/** A condition on one value: the value itself, or one of the forms. */
const valueTest = z.union(
  [
    sourceText,
    z
      .strictObject({
        regex: sourceText.optional(),
        prefix: sourceText.optional(),
        present: z.literal(true, { error: 'can only be true' }).optional(),
      })
      .meta(exactlyOne),
  ],
  { error: 'must be a value, or one of { regex: … }, { prefix: … } and { present: true }' },
);

const namedTests = z.record(z.string(), valueTest);

const conditionKeys = {
  hosts: z.array(text).min(1).optional().describe('Names, or *.name for all names below it.'),
  prefix: text.optional().describe('Whole segments; :id stands for one.'),
  path: text.optional().describe('The whole path; :id stands for one segment.'),
  regex: text.optional().describe('RE2 syntax over the path, unanchored unless written.'),
  methods: z.array(method).min(1).optional().describe('GET takes HEAD along.'),
  headers: namedTests.optional().describe('By name: a value or a form.'),
  query: namedTests.optional().describe('By name: a value or a form.'),
  cookies: namedTests.optional().describe('By name: a value or a form.'),
};

const matchSchema = z.strictObject({
  any: z.array(z.strictObject(conditionKeys)).min(1).optional().describe('Alternatives, each ranking alone.'),
  ...conditionKeys,
});

const headerEdits = z.strictObject({
  set: z.record(z.string(), sourceText).optional().describe('Replaces all of that name.'),
  add: z.record(z.string(), sourceText).optional().describe('Beside those that are there.'),
  remove: z.array(text).optional(),
});

/** Keys that `default` has too. */
const policyKeys = {
  repeatable: z
    .array(method)
    .optional()
    .describe('Methods that may run twice, on either side, and do no harm.'),
  deadline: duration.optional().describe('Over all attempts, both sides; 0 is none.'),
  response_headers: headerEdits.optional().describe('Changes to answers, both sides.'),
  max_body: size.optional().describe("Of a request's body; 413 above it."),
  either: bool.optional().describe('A 404 of one side is asked on the other.'),
};

/** Keys that act on the feature side only. */
const featureSideKeys = {
  rewrite: z
    .strictObject({ strip_prefix: bool.optional(), replace_prefix: text.optional() })
    .meta(exactlyOne)
    .optional()
    .describe('The path as the feature gets it.'),
  request_headers: headerEdits.optional().describe('Changes to requests, feature side.'),
  timeouts: z
    .strictObject({
      connect: duration.optional(),
      response: duration.optional(),
      idle: duration.optional(),
    })
    .optional()
    .describe("Instead of the feature's own."),
};

const redirectStatus = z.literal([301, 302, 303, 307, 308], { error: 'must be 301, 302, 303, 307 or 308' });

/** One route. */
export const routeSchema = z.strictObject({
  name: text.optional().describe('Metric label, unique.'),
  match: matchSchema.optional().describe('Conditions that must all hold.'),
  to: text.optional().describe('A feature, or legacy.'),
  pin: bool.optional().describe("With to: legacy: no feature's route may take it."),
  redirect: z
    .strictObject({ to: text, status: redirectStatus.optional() })
    .optional()
    .describe('Instead of `to`; {path} is the path without its first slash.'),
  respond: z
    .strictObject({
      status: z.int().min(200).max(599).optional(),
      body: text.optional(),
      type: text.optional(),
    })
    .optional()
    .describe('Instead of `to`: an answer of the router itself.'),
  ...policyKeys,
  ...featureSideKeys,
});

/** What no route takes: legacy answers. The feature-side keys are known so that a rule can say why they are wrong. */
export const defaultSchema = z.strictObject(policyKeys);

/** A route as written, checked. */
export type RouteFile = z.output<typeof routeSchema>;
/** Its `match`. */
export type MatchFile = z.output<typeof matchSchema>;
/** The conditions of a match, or of one of its alternatives. */
export type ConditionsFile = Omit<MatchFile, 'any'>;
/** Changes to headers as written. */
export type HeaderEditsFile = z.output<typeof headerEdits>;
/** A condition on one value as written. */
export type ValueTestFile = z.output<typeof valueTest>;
/** `default` as written. */
export type DefaultFile = z.output<typeof defaultSchema>;
