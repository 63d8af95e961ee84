import { z } from 'zod';
import { NOT_YET } from './not-yet.ts';
import { routesFileSchema } from './schema/routes-file-schema.ts';

/** A JSON Schema node, as far as this file looks into one. */
interface Node {
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
  return { $id: 'routes.schema.json', title: 'routes.yaml of Banyan', ...schema };
}

/** routes.schema.json: the schema as text. */
export function routesJsonSchemaText(): string {
  return `${JSON.stringify(routesJsonSchema(), null, 2)}\n`;
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
