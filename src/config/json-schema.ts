import { z } from 'zod';
import { routesFileSchema } from './schema/routes-file-schema.ts';

/** A JSON Schema node, as far as this file looks into one. */
interface Node {
  type?: string;
  pattern?: string;
  description?: string;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
  enum?: unknown[];
  propertyNames?: Node;
}

/** The JSON Schema of routes.yaml: what editors complete and check. */
export function routesJsonSchema(): object {
  const schema = z.toJSONSchema(routesFileSchema, { io: 'input' }) as Node;
  admitVariables(schema);
  return { $id: 'routes.schema.json', title: 'routes.yaml of Banyan', ...schema };
}

/** routes.schema.json: the schema as text. */
export function routesJsonSchemaText(): string {
  return `${JSON.stringify(routesJsonSchema(), null, 2)}\n`;
}

/** `max_in_flight: ${LIMIT:-5}` is text until the environment is read: an editor must not call that a mistake. */
const VARIABLE: Node = { type: 'string', pattern: '\\$\\{' };

/** Lets `${…}` stand wherever not every text may. */
function admitVariables(node: Node): void {
  for (const child of children(node)) admitVariables(child);
  if (node.anyOf !== undefined) {
    const isNarrowed = node.anyOf.some(isNarrow);
    for (const alternative of node.anyOf) {
      if (!isNarrow(alternative)) admitVariables(alternative);
    }
    if (isNarrowed) node.anyOf.push(VARIABLE);
  } else if (isNarrow(node)) {
    const { description, ...narrow } = node;
    for (const key of Object.keys(narrow)) delete node[key as keyof Node];
    node.anyOf = [narrow, VARIABLE];
  }
}

function children(node: Node): Node[] {
  const all = [...Object.values(node.properties ?? {}), node.additionalProperties, node.items];
  return all.filter((child): child is Node => typeof child === 'object');
}

/** A scalar, but not any text. */
function isNarrow({ type, pattern, enum: values }: Node): boolean {
  if (type === 'string') return pattern !== undefined || values !== undefined;
  return type === 'boolean' || type === 'number' || type === 'integer';
}
