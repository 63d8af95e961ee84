import { z } from 'zod';
import { NOT_YET } from './not-yet.ts';
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

/** The JSON Schema of routes.yaml: what editors complete and check. Keys that are not supported yet are left out. */
export function routesJsonSchema(): object {
  const schema = z.toJSONSchema(routesFileSchema, { io: 'input' }) as Node;
  for (const entry of NOT_YET) leaveOut([schema], entry.path, entry.values);
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

function leaveOut(nodes: Node[], path: readonly string[], values: readonly string[] | undefined): void {
  const [key = '', ...rest] = path;
  const alternatives = nodes.flatMap((node) => [node, ...(node.anyOf ?? [])]);
  if (rest.length > 0) {
    leaveOut(
      alternatives.flatMap((node) => below(node, key)),
      rest,
      values,
    );
    return;
  }
  for (const node of alternatives) {
    if (values === undefined) delete node.properties?.[key];
    else withoutValues(node.properties?.[key], values);
  }
}

function below(node: Node, key: string): Node[] {
  const next = key === '*' ? [node.items, node.additionalProperties] : [node.properties?.[key]];
  return next.filter((child): child is Node => typeof child === 'object' && child !== null);
}

function withoutValues(node: Node | undefined, values: readonly string[]): void {
  if (node?.enum !== undefined) node.enum = node.enum.filter((value) => !values.includes(String(value)));
}
