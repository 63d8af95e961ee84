import { parseDocument } from 'yaml';
import type { EnvUsed } from './interpolate.ts';
import type { SourceText } from './source-text.ts';
import { TreeBuilder } from './tree-builder.ts';
import { type Slip, syntaxSlips } from './yaml-slips.ts';
import type { YamlTree } from './yaml-tree.ts';

/** Reads YAML. `used` collects what `${…}` looked up. Never throws. */
export function readYamlTree(
  source: SourceText,
  env: Readonly<Record<string, string | undefined>>,
  used: EnvUsed,
): YamlTree {
  const broken = (slips: Slip[]): YamlTree => ({
    root: undefined,
    places: new Map(),
    incomplete: new Set(),
    slips,
    isBroken: true,
  });
  const control = /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/.exec(source.text);
  if (control !== null) return broken([controlSlip(control)]);
  try {
    const document = parseDocument(source.text, {
      schema: 'failsafe',
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    });
    if (document.errors.length > 0) return broken(syntaxSlips(source, document.errors));
    return new TreeBuilder(source, env, used).build(document.contents);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return broken([{ range: [0, 1], message: 'the file is nested too deeply' }]);
  }
}

function controlSlip({ 0: character, index }: RegExpExecArray): Slip {
  const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return { range: [index, index + 1], message: `a control character (U+${code}) cannot stand in YAML` };
}
