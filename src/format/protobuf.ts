import protobuf, { type Field, type Message, type ReflectionObject, type Type } from 'protobufjs';
import type { Json } from '../plan/plan.ts';
import { shortFloat } from './float.ts';
import type { CompiledFormat } from './read-format.ts';
import { checkSize, createCount, unreadable } from './unreadable.ts';

/**
 * Protocol Buffers, read by a .proto file: the message that is asked for, else the first one in the
 * file. Fields keep the names of the file; enums are names, bytes base64, 64-bit integers beyond what
 * JSON numbers hold exactly digits in text. A field that was not sent is its default where the
 * language says so, a list or map empty, and absent otherwise.
 */
export function compileProtobuf(
  schema: string | undefined,
  message: string | undefined,
): CompiledFormat {
  if (schema === undefined) {
    return {
      why: 'An answer of format protobuf can only be read by a .proto file; name it under outputSchema.',
    };
  }
  let found: Type;
  try {
    found = findType(parseSchema(schema), message);
    found.setup();
  } catch (error) {
    return { why: `The .proto file cannot be used: ${(error as Error).message}.` };
  }
  return {
    read: function readProtobuf(bytes) {
      checkSize('protobuf', bytes, 8);
      return toTree(decode(found, bytes), found, createCount('protobuf'));
    },
  };
}

function parseSchema(text: string): protobuf.Root {
  const root = new protobuf.Root();
  const { imports = [], weakImports = [] } = protobuf.parse(text, root, { keepCase: true });
  for (const name of [...imports, ...weakImports]) {
    const common = protobuf.common.get(name);
    if (common === null) {
      throw new Error(
        `it imports "${name}", and only well-known types of Google can be imported; put the messages into one file`,
      );
    }
    root.addJSON(common.nested ?? {});
  }
  root.resolveAll();
  return root;
}

function findType(root: protobuf.Root, message: string | undefined): Type {
  const types = typesIn(root);
  const own = types.filter(({ fullName }) => !fullName.startsWith('.google.protobuf.'));
  if (message === undefined) {
    const [first] = own;
    if (first === undefined) throw new Error('it declares no message');
    return first;
  }
  const named = own.find(({ fullName, name }) => fullName === `.${message}` || name === message);
  if (named === undefined) throw new Error(`it declares no message "${message}"`);
  return named;
}

function typesIn(parent: protobuf.NamespaceBase): Type[] {
  return parent.nestedArray.flatMap((object: ReflectionObject) => [
    ...(object instanceof protobuf.Type ? [object] : []),
    ...(object instanceof protobuf.Namespace ? typesIn(object) : []),
  ]);
}

function decode(type: Type, bytes: Buffer): Message {
  try {
    return type.decode(bytes);
  } catch (error) {
    const { message } = error as Error;
    if (/max depth/.test(message)) throw unreadable('protobuf', 'it is nested too deeply');
    throw unreadable('protobuf', `it does not fit the message ${type.name}`);
  }
}

function toTree(message: Message, type: Type, count: (values?: number) => void): Json {
  count();
  const fields: [string, Json][] = [];
  for (const field of type.fieldsArray) {
    const value = sentOrDefault(message, field);
    if (value === undefined) continue;
    const convert = (item: unknown): Json => {
      count();
      return field.resolvedType instanceof protobuf.Type
        ? toTree(item as Message, field.resolvedType, count)
        : toScalar(item, field);
    };
    if (field.repeated) fields.push([field.name, (value as readonly unknown[]).map(convert)]);
    else if (field instanceof protobuf.MapField) {
      const entries = Object.entries(value as object);
      fields.push([
        field.name,
        Object.fromEntries(entries.map(([key, item]) => [keyOf(key, field), convert(item)])),
      ]);
    } else fields.push([field.name, convert(value)]);
  }
  return Object.fromEntries(fields);
}

/** What was sent, else what the language says an unsent field is. */
function sentOrDefault(message: Message, field: Field): unknown {
  if (Object.hasOwn(message, field.name)) return (message as never)[field.name];
  if (field.repeated) return [];
  if (field.map) return {};
  const known =
    !field.hasPresence && !field.partOf && !(field.resolvedType instanceof protobuf.Type);
  return known ? field.typeDefault : undefined;
}

function toScalar(value: unknown, field: Field): Json {
  if (field.resolvedType instanceof protobuf.Enum) {
    return field.resolvedType.valuesById[value as number] ?? (value as number);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return null;
    return field.type === 'float' ? shortFloat(value) : value;
  }
  if (field.long) {
    const digits = String(value);
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : digits;
  }
  if (typeof value === 'object') return Buffer.from(value as Uint8Array).toString('base64');
  return value as string | boolean;
}

/** 64-bit keys of a map are kept by the library as eight characters. */
function keyOf(key: string, field: protobuf.MapField): string {
  if (!/64$/.test(field.keyType)) return key;
  const unsigned = field.keyType === 'uint64' || field.keyType === 'fixed64';
  return String(protobuf.util.longFromHash(key, unsigned));
}
