import { Ajv2020, type AnySchemaObject, type ErrorObject } from 'ajv/dist/2020.js';
import type { Problem } from '../model/errors.ts';
import type { Json } from '../model/experiment.ts';
import type {
  ExperimentFile,
  ProjectFile,
  ReportFile,
  RunnerFile,
} from '../model/schema.generated.ts';
import { found, kindInWords, messageOf, noneOf } from './schema-messages.ts';

export interface CheckedFiles {
  readonly experiment: ExperimentFile;
  readonly project: ProjectFile;
  readonly report: ReportFile;
  readonly runner: RunnerFile;
}

export type Checked<T> = { readonly value: T } | { readonly problems: readonly Problem[] };

/** The value as the type of its schema, or everything that is wrong with it: places are dotted, such as `matrix.lr[2]`. */
export type Validator = <Kind extends keyof CheckedFiles>(
  kind: Kind,
  file: string,
  value: Json,
) => Checked<CheckedFiles[Kind]>;

const BASE = 'https://lightex.dev/schemas/';

/** Compiles the shipped schemas once; `schemas` are all files of schemas/, as read. */
export function makeValidator(schemas: readonly object[]): Validator {
  // Strict but for types: the schemas narrow a $ref by keywords beside it.
  const ajv = new Ajv2020({
    schemas: [...schemas],
    allErrors: true,
    verbose: true,
    strict: true,
    strictTypes: false,
  });
  return <Kind extends keyof CheckedFiles>(kind: Kind, file: string, value: Json) => {
    const id = `${BASE}${kind}.schema.json`;
    const errors = errorsOf(ajv, id, value);
    if (errors.length === 0) return { value: value as unknown as CheckedFiles[Kind] };
    return { problems: errors.map(({ at, message }) => ({ file, at, message })) };
  };
}

interface Finding {
  readonly at: string;
  readonly message: string;
}

function errorsOf(ajv: Ajv2020, id: string, value: unknown, prefix = ''): readonly Finding[] {
  const validate = ajv.getSchema(id);
  if (validate === undefined || validate(value) === true) return [];
  const errors = validate.errors ?? [];
  const findings = errors
    .filter((error) => !isSaidByAnother(error, errors))
    .flatMap((error) =>
      error.keyword === 'anyOf'
        ? alternatives(ajv, id, error, prefix)
        : [{ at: placeOf(error, prefix), message: messageOf(error) }],
    );
  return [
    ...new Map(findings.map((finding) => [`${finding.at}\0${finding.message}`, finding])).values(),
  ];
}

/** `anyOf` lists the errors of every alternative: they are asked for again, of the one that was meant. */
function isSaidByAnother(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (error.keyword === 'propertyNames') return true;
  return errors.some(
    (other) =>
      other.keyword === 'anyOf' &&
      other !== error &&
      (error.instancePath === other.instancePath ||
        error.instancePath.startsWith(`${other.instancePath}/`)),
  );
}

/** The errors of the alternative that the value comes closest to: its kind and its constants fit. */
function alternatives(
  ajv: Ajv2020,
  id: string,
  error: ErrorObject,
  prefix: string,
): readonly Finding[] {
  const at = placeOf(error, prefix);
  const branches = (error.schema as readonly AnySchemaObject[]).map((branch, index) => {
    const base = id.split('#')[0];
    return branch.$ref === undefined
      ? `${base}${error.schemaPath}/${index}`
      : `${base}${branch.$ref}`;
  });
  const schemas = branches.map((branch) => ajv.getSchema(branch)?.schema as AnySchemaObject);
  const place = schemas.findIndex((schema) => isMeant(schema, error.data));
  if (place >= 0) return errorsOf(ajv, branches[place] as string, error.data, at);
  const constants = schemas.flatMap((schema) => constantsOf(schema).slice(0, 1));
  const [name] = constants[0] ?? [];
  if (name === undefined || !isPlainObject(error.data)) {
    const types = kindInWords(schemas.map((schema) => schema.type));
    return [
      { at, message: `${found(error.data)}; expected ${constants[0] ? 'an object' : types}` },
    ];
  }
  const allowed = constants.map(([, value]) => value);
  return [{ at: `${at}.${name}`, message: noneOf(error.data[name], allowed) }];
}

function isMeant(schema: AnySchemaObject, data: unknown): boolean {
  if (schema.type === 'array') return Array.isArray(data);
  return isPlainObject(data) && constantsOf(schema).every(([name, value]) => data[name] === value);
}

function constantsOf(schema: AnySchemaObject): readonly (readonly [string, unknown])[] {
  const properties: Readonly<Record<string, AnySchemaObject>> = schema.properties ?? {};
  return Object.entries(properties).flatMap(([name, property]) =>
    'const' in property ? [[name, property.const] as const] : [],
  );
}

function isPlainObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

/** `/matrix/model.hidden/2` as `matrix.model.hidden[2]`; a missing or unknown field is a place of its own. */
function placeOf({ instancePath, params, propertyName }: ErrorObject, prefix: string): string {
  const steps = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const field: string | undefined =
    params.additionalProperty ?? params.missingProperty ?? propertyName;
  const all = field === undefined ? steps : [...steps, field];
  return all.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    return path === '' ? step : `${path}.${step}`;
  }, prefix);
}
