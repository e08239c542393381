// Options that several commands take.
import { Option } from 'commander';
import { collect, collectAddresses, collectPairs } from './option-values.ts';

export const envFileOption = (): Option =>
  new Option('--env-file <file>', 'a dotenv file; the environment wins over it');

export const allowImportOption = (): Option =>
  new Option(
    '--allow-import <folder>',
    'folder that imported files may lie in beside that of the file; may be repeated',
  ).argParser(collect);

export const lintOption = (): Option =>
  new Option('--lint', 'report what MCP clients refuse, cut, or make little of, too');

export const allowScriptsOption = (): Option =>
  new Option('--allow-scripts', 'let script steps run also where the file does not say so');

export const prefixOption = (): Option =>
  new Option('--prefix', 'mount each REST expose under its namespace');

export const baseUriOption = (): Option =>
  new Option('--base-uri <namespace=url>', 'base URI of a consumed API; may be repeated').argParser(
    collectPairs,
  );

export const connectToOption = (): Option =>
  new Option(
    '--connect-to <host=address>',
    'who takes connections to an upstream host in its place: api.example.com=127.0.0.1:8443',
  ).argParser(collectAddresses);

export const formatOption = (what: string): Option =>
  new Option('--format <format>', what).choices(['text', 'json']).default('text');

export const toolNamesOption = (): Option =>
  new Option(
    '--tool-names <way>',
    'serve tool names as published, shortened to 64 characters, or of letters, digits and _ alone',
  )
    .choices(['published', 'short', 'snake'])
    .default('published');

export const inlineRefsOption = (): Option =>
  new Option('--inline-refs', 'write out in tool schemas what local $refs name');

export const ambiguousCallsOption = (): Option =>
  new Option('--ambiguous-calls <way>', 'which of several operations of one name a call means')
    .choices(['first', 'nearest'])
    .default('first');
