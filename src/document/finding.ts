import type { Source } from './source.ts';

export type Severity = 'error' | 'warning' | 'info';

/**
 * Every kind of finding: its severity when a file is judged leniently, and what it is in a few words.
 * Codes are stable: scripts and editors key on them.
 */
export const FINDINGS = {
  FILE_UNREADABLE: { severity: 'error', title: 'The file cannot be read' },
  FILE_TOO_LARGE: { severity: 'error', title: 'The file is larger than a capability file may be' },
  FILE_NOT_TEXT: { severity: 'error', title: 'The file is not UTF-8 text' },
  NO_CAPABILITY_FILES: { severity: 'error', title: 'The folder holds no capability file' },
  FILE_EMPTY: { severity: 'error', title: 'The file holds no document' },
  YAML_SYNTAX: { severity: 'error', title: 'The text is not valid YAML' },
  YAML_DUPLICATE_KEY: { severity: 'error', title: 'A key stands twice in one mapping' },
  YAML_MANY_DOCUMENTS: { severity: 'error', title: 'The file holds more than one YAML document' },
  YAML_ALIAS_BOMB: { severity: 'error', title: 'Aliases expand to more than the limit' },
  YAML_TAG_UNKNOWN: { severity: 'error', title: 'A YAML tag has no meaning here' },
  NOT_A_CAPABILITY: { severity: 'error', title: 'The document is not a capability' },
  VERSION_UNKNOWN: { severity: 'error', title: 'The version of the file is not known' },
  KEY_UNKNOWN: { severity: 'warning', title: 'A key has no meaning here' },
  KEY_MISSING: { severity: 'error', title: 'A required key is missing' },
  VALUE_WRONG_TYPE: { severity: 'error', title: 'A value has the wrong type' },
  VALUE_NOT_ALLOWED: { severity: 'error', title: 'A value is outside what is allowed' },
  SCHEMA_STRICT: { severity: 'error', title: 'The published schema refuses this' },
  PORT_OUT_OF_RANGE: { severity: 'error', title: 'A port lies outside 1 to 65535' },
  NAMESPACE_DUPLICATE: { severity: 'error', title: 'A namespace is used twice' },
  NOTHING_EXPOSED: { severity: 'warning', title: 'The file exposes nothing that could be served' },
  CALL_UNKNOWN: { severity: 'error', title: 'A call names no consumed operation' },
  CALL_AMBIGUOUS: { severity: 'warning', title: 'A call names several consumed operations' },
  WITH_TARGET_UNKNOWN: {
    severity: 'warning',
    title: 'A with key is no parameter of the called operation',
  },
  PARAMETER_UNPLACED: {
    severity: 'warning',
    title: 'A path parameter has no variable in the path',
  },
  REF_UNKNOWN: { severity: 'error', title: 'A ref names no function of an aggregate' },
  FUNCTION_DUPLICATE: {
    severity: 'error',
    title: 'Two functions of one aggregate have the same name',
  },
  SCOPES_UNCHECKED: { severity: 'error', title: 'Scopes are asked for where no token is read' },
  STEP_DUPLICATE: { severity: 'error', title: 'Two steps of one operation have the same name' },
  ASK_INVALID: { severity: 'error', title: 'A question to a client cannot be put as written' },
  ASK_IMPOSSIBLE: { severity: 'error', title: 'A step asks where nobody can be asked' },
  ASK_SECRET: { severity: 'warning', title: 'A form asks for what looks like a secret' },
  STEP_UNUSED: { severity: 'warning', title: 'Nothing uses what a step gives' },
  MAPPING_UNKNOWN: { severity: 'warning', title: 'A mapping fills no declared output' },
  REFERENCE_UNKNOWN: { severity: 'error', title: 'A reference names nothing' },
  INPUT_UNDECLARED: {
    severity: 'warning',
    title: 'A reference names an input that is not declared',
  },
  INPUT_UNUSED: { severity: 'warning', title: 'A declared input is used nowhere' },
  VARIABLE_UNKNOWN: { severity: 'error', title: 'A template names nothing that is known' },
  VARIABLE_UNLISTED: { severity: 'warning', title: 'A variable is not among the keys of its bind' },
  VARIABLE_MISSING: { severity: 'error', title: 'A variable that is used has no value' },
  VARIABLE_MOCKED: {
    severity: 'info',
    title: 'A variable without a value got one made up for the mock',
  },
  BIND_UNREADABLE: { severity: 'error', title: 'The file of a bind cannot be read' },
  BIND_LOCATION_UNSUPPORTED: {
    severity: 'error',
    title: 'The location of a bind has a scheme that is not served',
  },
  BASE_URI_INCOMPLETE: { severity: 'error', title: 'A base URI has no value for a part of it' },
  BASE_URI_INVALID: { severity: 'error', title: 'A base URI is no http or https address' },
  TEMPLATE_INVALID: { severity: 'error', title: 'A template cannot be read' },
  BODY_INVALID: { severity: 'error', title: 'A request body cannot be written as the file says' },
  IMPORT_UNREADABLE: { severity: 'error', title: 'An imported file cannot be read' },
  IMPORT_OUTSIDE: { severity: 'error', title: 'An imported file lies outside the folder' },
  IMPORT_UNKNOWN: { severity: 'error', title: 'An import names nothing in the imported file' },
  IMPORT_CYCLE: { severity: 'error', title: 'Imports lead round in a circle' },
  VARIABLE_BARE: { severity: 'warning', title: 'A variable is written without its braces' },
  JSONPATH_INVALID: { severity: 'error', title: 'A JSONPath cannot be honoured' },
  FORMAT_INVALID: { severity: 'error', title: 'An answer cannot be read in its declared format' },
  HEADER_MANAGED: {
    severity: 'warning',
    title: 'A header belongs to the connection and is not sent',
  },
  AUTHENTICATION_INCOMPLETE: {
    severity: 'error',
    title: 'An authentication block lacks what its type needs',
  },
  ROUTE_DUPLICATE: { severity: 'warning', title: 'Two routes of one file are equal' },
  ROUTE_CONFLICT: { severity: 'error', title: 'Two files serve the same route on one port' },
  ROUTE_INVALID: { severity: 'error', title: 'A route path cannot be served' },
  TOOL_DUPLICATE: { severity: 'warning', title: 'Two tools of one expose have the same name' },
  TOOL_NAME_LONG: { severity: 'warning', title: 'A tool name is longer than many clients take' },
  TOOL_NAME_ALPHABET: {
    severity: 'warning',
    title: 'A tool name has characters that clients refuse',
  },
  TOOL_COUNT_HIGH: { severity: 'warning', title: 'There are more tools than clients take' },
  TOOL_DESCRIPTION_MISSING: { severity: 'warning', title: 'A tool has no description' },
  TOOL_DESCRIPTION_LONG: {
    severity: 'warning',
    title: 'The description of a tool is longer than clients show',
  },
  TOOL_LABEL_MISSING: { severity: 'info', title: 'Tools have no title for people' },
  TOOL_HINTS_MISSING: { severity: 'info', title: 'Tools have no hints of what they change' },
  TOOL_SCHEMA_LARGE: {
    severity: 'warning',
    title: 'The input schema of a tool is larger than clients take',
  },
  TOOL_SCHEMA_UNFIT: {
    severity: 'warning',
    title: 'The input schema of a tool has what clients refuse',
  },
  INSTRUCTIONS_LONG: {
    severity: 'warning',
    title: 'The description of the server is longer than clients show',
  },
  TOOL_KEY_RENAMED: { severity: 'info', title: 'A tool input is served under a safe key' },
  ANSWER_LIMIT_INVALID: { severity: 'error', title: 'A limit of answers cannot be kept' },
  LIMIT_INVALID: { severity: 'error', title: 'A limit of callers cannot be kept' },
  CACHE_INVALID: { severity: 'error', title: 'Answers cannot be kept as written' },
  FIELDS_TAKEN: { severity: 'error', title: 'A tool has an input of the name that fields take' },
  MCP_CONFLICT: { severity: 'error', title: 'Two MCP exposes cannot be served together' },
  NOT_SERVED_YET: { severity: 'error', title: 'A part of the language is not served yet' },
  LOCATION_MISSING: { severity: 'warning', title: 'A location names nothing that is there' },
  LOCATION_INVALID: { severity: 'error', title: 'A location cannot be used' },
  RESOURCE_INVALID: { severity: 'error', title: 'An MCP resource cannot be served as written' },
  RESOURCE_DUPLICATE: { severity: 'warning', title: 'Two resources of one expose have one URI' },
  PROMPT_INVALID: { severity: 'error', title: 'An MCP prompt cannot be served as written' },
  PROMPT_DUPLICATE: { severity: 'warning', title: 'Two prompts of one expose have the same name' },
  PROMPT_TAG_UNKNOWN: { severity: 'warning', title: 'A prompt names an argument it does not have' },
  CONTENT_INVALID: { severity: 'error', title: 'A part of an answer cannot be made as written' },
  SCHEMA_INVALID: { severity: 'error', title: "A tool's own JSON Schema cannot be served" },
  PARAMETER_HEADER_INVALID: {
    severity: 'error',
    title: 'An input cannot be repeated in the header that it names',
  },
  COMPLETIONS_INVALID: { severity: 'error', title: 'Completions cannot be given as written' },
  WATCH_INVALID: { severity: 'error', title: 'A resource cannot be watched as written' },
  SKILL_INVALID: { severity: 'error', title: 'A skill cannot be served as written' },
  SKILL_SOURCE_UNKNOWN: {
    severity: 'error',
    title: 'A tool of a skill derives from nothing that is exposed',
  },
  SCRIPT_NOT_ALLOWED: { severity: 'error', title: 'A script may not run' },
  SCRIPT_UNREADABLE: { severity: 'error', title: 'A file of a script cannot be read' },
  SCRIPT_OUTSIDE: { severity: 'error', title: 'A file of a script lies outside its folder' },
  SCRIPT_INVALID: { severity: 'error', title: 'A script has a syntax error' },
  SCRIPT_LANGUAGE: { severity: 'error', title: 'A script is in a language that is not served' },
} as const satisfies Record<string, { severity: Severity; title: string }>;

export type FindingCode = keyof typeof FINDINGS;

/** One thing found in a file at load time. Data, never an exception; `render.ts` shows it. */
export interface Finding {
  readonly severity: Severity;
  readonly code: FindingCode;
  readonly file: string;
  /** JSON pointer into the document; '' is the whole of it. */
  readonly pointer: string;
  /** 1-based; 0 when the file has no text to point into. */
  readonly line: number;
  readonly column: number;
  /** What is wrong, why, and how to mend it, in plain sentences. Never a secret. */
  readonly message: string;
  /** A name that was probably meant. */
  readonly suggestion?: string;
}

export interface FindingDetails {
  readonly severity?: Severity;
  readonly suggestion?: string | undefined;
  /** Point at the key of the pair rather than at its value. */
  readonly at?: 'key' | 'value';
}

/** Makes a finding with the place that `pointer` has in `source`. */
export function findingAt(
  source: Source,
  code: FindingCode,
  pointer: string,
  message: string,
  details: FindingDetails = {},
): Finding {
  const own = source.origin?.(pointer) ?? { source, pointer };
  const { line, column } = own.source.position(own.pointer, details.at ?? 'value');
  return {
    severity: details.severity ?? FINDINGS[code].severity,
    code,
    file: own.source.path,
    pointer: own.pointer,
    line,
    column,
    message,
    ...(details.suggestion === undefined ? {} : { suggestion: details.suggestion }),
  };
}

export const hasErrors = (findings: readonly Finding[]): boolean =>
  findings.some((finding) => finding.severity === 'error');
