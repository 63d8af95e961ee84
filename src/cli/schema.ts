import { routesJsonSchemaText } from '../config/json-schema.ts';
import { EXIT } from './cli-io.ts';
import type { VerbResult } from './validate.ts';

/** `banyan schema`: the JSON Schema of routes.yaml, for editors. */
export function schema(): VerbResult {
  return { exitCode: EXIT.ok, output: routesJsonSchemaText() };
}
