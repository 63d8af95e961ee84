import { reservedNameProblem } from '../names.ts';
import { featuresOf, type Rule } from './rule.ts';

/** A feature's name is a metric label, a word on the command line and part of default route names. */
export const featureNames: Rule = ({ file, issues }) => {
  for (const name of Object.keys(featuresOf(file))) {
    const problem = reservedNameProblem(name) ?? formProblem(name);
    if (problem !== null) issues.error(['features', name], problem, 'key');
  }
};

function formProblem(name: string): string | null {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62})$/.test(name)) return null;
  return `"${name}" is not a feature's name: letters, digits, "-", "_" and ".", at most 63, a letter or digit first`;
}
