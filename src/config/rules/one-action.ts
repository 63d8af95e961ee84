import { type Rule, routesOf } from './rule.ts';

const ACTIONS = ['to', 'redirect', 'respond'] as const;

/** A route has exactly one of `to`, `redirect` and `respond`. */
export const oneAction: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    const given = ACTIONS.filter((key) => route[key] !== undefined);
    const [first, second] = given;
    if (second !== undefined)
      issues.error(
        [...path, second],
        `"${first}" and "${second}" are both given: a route has one of "to", "redirect" and "respond"`,
        'key',
      );
    if (first === undefined && issues.isWhole(path)) {
      issues.error(path, 'the route goes nowhere: give it "to", "redirect" or "respond"');
    }
  }
};
