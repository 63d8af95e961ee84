/**
 * JSONPath (RFC 9535) over the two documents of a comparison: what is ignored, may come in any order, has a tolerance,
 * is redacted. A path names places in a document, not values, so places are what is marked. match() and search() run on
 * an engine that is linear in its text: the text comes from an answer.
 */
import { FunctionExpressionType, JSONPathEnvironment, type JSONPathQuery } from 'json-p3';
import { RE2JS } from 're2js';
import { type JsonValue, MAX_DEPTH } from './json-value.ts';

/** A path of routes.yaml, made ready. */
export type JsonPath = JSONPathQuery;

/** Where in a document: the mapping or list that holds it, and its key or index there. */
export interface Place {
  readonly holder: object;
  readonly key: string | number;
}

/** @throws an Error that says what is wrong with the path. */
export function compileJsonPath(path: string): JsonPath {
  return environment().compile(path);
}

/** What a path finds: values with their places; the document itself has none. */
export function found(path: JsonPath, document: JsonValue): { place: Place | null; value: JsonValue }[] {
  const { nodes } = path.query(document);
  return nodes.map(({ location, value }) => ({
    place: placeOf(document, location),
    value: value as JsonValue,
  }));
}

function placeOf(document: JsonValue, location: readonly (string | number)[]): Place | null {
  const key = location.at(-1);
  if (key === undefined) return null;
  let holder = document as Record<string | number, JsonValue>;
  for (const step of location.slice(0, -1)) holder = holder[step] as Record<string | number, JsonValue>;
  return { holder, key };
}

/** One for each path: they are compiled once, and a compiled pattern is kept with them. */
function environment(): JSONPathEnvironment {
  const made = new JSONPathEnvironment({ maxRecursionDepth: MAX_DEPTH + 2 });
  made.functionRegister.set('match', regexFunction(true));
  made.functionRegister.set('search', regexFunction(false));
  return made;
}

function regexFunction(isWhole: boolean) {
  const known = new Map<string, RE2JS | null>();
  return {
    argTypes: [FunctionExpressionType.ValueType, FunctionExpressionType.ValueType],
    returnType: FunctionExpressionType.LogicalType,
    call(text: unknown, pattern: unknown): boolean {
      if (typeof text !== 'string' || typeof pattern !== 'string') return false;
      let regex = known.get(pattern);
      if (regex === undefined) {
        regex = compiled(pattern);
        // Patterns may come from the document itself: they must not fill the memory.
        if (known.size < 20) known.set(pattern, regex);
      }
      if (regex === null) return false;
      return isWhole ? regex.testExact(text) : regex.test(text);
    },
  };
}

function compiled(pattern: string): RE2JS | null {
  try {
    return RE2JS.compile(pattern);
  } catch {
    return null;
  }
}
