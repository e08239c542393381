// The tools of a running gateway, by clients nobody here wrote: all of them listed, and those that
// read called with arguments made from their own schemas and compared with what the API answers.
import { sample } from 'openapi-sampler';
import { sdk } from '../clients/sdk.mjs';
import { isSameBody } from './compare.mjs';
import { bestFit, segmentsOf } from './documents.mjs';

/**
 * @param {string} url
 * @param {{ tools: { name: string, method: string, path: string }[], items: object[],
 *   direct: Map<string, { status: number, body: string }> }} known `tools`: what the files expose;
 *   `direct`: what the API answered to each item
 * @returns {Promise<{ text: string, isWrong: boolean }[]>}
 */
export async function proveTools(url, { tools, items, direct }) {
  const session = await sdk.modes[0].open({ url });
  try {
    const listed = await session.listTools();
    const lines = [];
    if (listed.length !== tools.length) {
      lines.push({ text: `${listed.length} tools instead of ${tools.length}`, isWrong: true });
    }
    const apis = items.map((item) => ({
      item,
      method: item.request.method,
      path: `/${item.request.url.path.join('/')}`,
    }));
    let same = 0;
    let refused = 0;
    for (const { name, inputSchema } of listed) {
      const known = toolOf(tools, name);
      if (known === undefined) lines.push({ text: `${name} is of no file`, isWrong: true });
      const { method, path, hasCredential } = known ?? {};
      if (method !== 'GET') continue;
      const found = bestFit(apis, method, segmentsOf(path));
      const wanted = found && direct.get(found.item.id);
      if (wanted === undefined || wanted.status !== 200) continue;
      const result = await session.callTool(name, argumentsOf(inputSchema));
      // What a file does not declare, a tool does not send: callers' headers are handed on by REST alone.
      if (!hasCredential && isRefused(result)) {
        refused += 1;
        continue;
      }
      const difference = differenceOf(result, wanted.body);
      if (difference === undefined) same += 1;
      else lines.push({ text: `${name}: ${difference}`, isWrong: true });
    }
    const without =
      refused > 0 ? `, ${refused} refused by the API (401), as no credential is declared` : '';
    lines.push({
      text: `${sdk.name} ${sdk.version}: ${listed.length} listed, ${same} called and answered as the API does${without}`,
      isWrong: same + refused === 0,
    });
    return lines;
  } finally {
    await session.close();
  }
}

/** Of several tools of one name, the served ones bear the name of their expose in front. */
function toolOf(tools, name) {
  return tools.find((tool) => tool.name === name) ?? tools.find((tool) => name.endsWith(tool.name));
}

function isRefused({ isError, content }) {
  return isError === true && / answered 401 /.test(content?.[0]?.text ?? '');
}

function argumentsOf({ properties = {}, required = [] }) {
  return Object.fromEntries(
    required.map((key) => [key, sample(properties[key] ?? { type: 'string' })]),
  );
}

function differenceOf({ isError, structuredContent, content }, body) {
  const text = content?.find(({ type }) => type === 'text')?.text ?? '';
  if (isError) return `an error: ${text.slice(0, 200)}`;
  if (isSameBody(text, body)) return undefined;
  if (structuredContent && isSameBody(JSON.stringify(structuredContent), body)) return undefined;
  const [only, ...more] = structuredContent?.items ?? [];
  // A stream is collected into a list: what came as its one line is the one item.
  if (more.length === 0 && isSameBody(JSON.stringify(only ?? null), body)) return undefined;
  return `${text.slice(0, 160)} instead of ${body.slice(0, 160)}`;
}
