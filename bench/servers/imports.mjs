// What a gateway of the usual parts has imported before it does anything.
import '@modelcontextprotocol/sdk/server/mcp.js';
import '@modelcontextprotocol/sdk/server/streamableHttp.js';
import 'ajv/dist/2020.js';
import 'express';
import 'jsonpath-plus';
import 'undici';
import 'yaml';
