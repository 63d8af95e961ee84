import { hostPatternProblem } from '../host-pattern.ts';
import { conditionsOf, type Rule, routesOf } from './rule.ts';

/** Hosts are names, or `*.` and a name. */
export const hostsAreNames: Rule = ({ file, issues }) => {
  for (const { route, path } of routesOf(file)) {
    for (const { conditions, path: at } of conditionsOf(route.match, path)) {
      for (const [i, host] of (conditions.hosts ?? []).entries()) {
        const problem = hostPatternProblem(host);
        if (problem !== null) issues.error([...at, 'hosts', i], problem);
      }
    }
  }
};

/** Routes without hosts take requests of every host, the others' too where theirs don't: said once. */
export const hostsOnAllOrNone: Rule = ({ file, issues }) => {
  const hasHosts = routesOf(file).map(({ route }) => {
    const all = conditionsOf(route.match, []).map(({ conditions }) => conditions.hosts !== undefined);
    return all.includes(true);
  });
  const without = hasHosts.indexOf(false);
  if (without < 0 || !hasHosts.includes(true)) return;
  const count = hasHosts.filter((has) => !has).length;
  const others = count === 1 ? '' : `, and ${count - 1} more like it,`;
  issues.warning(
    ['routes', without],
    `this route${others} has no "hosts" and takes requests of every host, beside routes that have`,
  );
};
