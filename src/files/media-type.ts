import { extname } from 'node:path';

/** The media type that the ending of a file's name stands for, or undefined when it says nothing. */
export const mediaTypeOf = (fileName: string): string | undefined =>
  TYPES.get(extname(fileName).slice(1).toLowerCase());

const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'application/gzip': 'gz tgz',
    'application/json': 'json',
    'application/pdf': 'pdf',
    'application/sql': 'sql',
    'application/toml': 'toml',
    'application/wasm': 'wasm',
    'application/xml': 'xml xsd xsl',
    'application/yaml': 'yaml yml',
    'application/zip': 'zip',
    'audio/mpeg': 'mp3',
    'audio/ogg': 'ogg',
    'audio/wav': 'wav',
    'font/woff2': 'woff2',
    'image/avif': 'avif',
    'image/gif': 'gif',
    'image/jpeg': 'jpg jpeg',
    'image/png': 'png',
    'image/svg+xml': 'svg',
    'image/webp': 'webp',
    'text/css': 'css',
    'text/csv': 'csv',
    'text/html': 'html htm',
    'text/javascript': 'js mjs cjs',
    'text/markdown': 'md markdown',
    'text/plain': 'txt text log ini conf cfg',
    'text/tab-separated-values': 'tsv',
    'text/x-python': 'py',
    'text/x-shellscript': 'sh bash',
    'text/x-typescript': 'ts',
    'video/mp4': 'mp4',
    'video/webm': 'webm',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  }).flatMap(([type, endings]) => endings.split(' ').map((ending) => [ending, type] as const)),
);
