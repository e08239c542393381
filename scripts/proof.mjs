// `npm run proof`: the published collections of two APIs, run by Newman, through the gateway and
// straight to mocks that Prism makes of the APIs' own documents, and compared item by item; then the
// tools, by MCP clients. Ends with status 1 when a difference has no known reason.
//   node scripts/proof.mjs [--corpus FOLDER] [--verbose] [koyeb] [cloudally]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { aiSdk } from './clients/ai-sdk.mjs';
import { inspectors } from './clients/inspector.mjs';
import { sdk } from './clients/sdk.mjs';
import { startGateway } from './gateway.mjs';
import { compared } from './proof/compare.mjs';
import { cloudallyDocument, koyebDocument } from './proof/documents.mjs';
import { filled, itemsOf, titleOf } from './proof/items.mjs';
import { runItems } from './proof/newman.mjs';
import { startPrism } from './proof/prism.mjs';
import { startRecorder } from './proof/recorder.mjs';
import { rerouted, routesOf } from './proof/routes.mjs';
import { proveTools } from './proof/tools.mjs';
import { root, setUp } from './setup.mjs';

const LONGEST_MS = 1_200_000;
// The Inspector's command line and the AI SDK's client, as `npm run clients` drives them.
const CLIENTS = [sdk, aiSdk[0], inspectors[0]];
const TOKEN = 'proof-token';
const SECRETS = {
  KOYEB_API_KEY: TOKEN,
  CLOUDALLY_API_KEY: TOKEN,
  CLOUDALLY_CLIENT_ID: 'proof-client',
  CLOUDALLY_CLIENT_SECRET: 'proof-secret',
  CLOUDALLY_EMAIL: 'proof@example.com',
  CLOUDALLY_PASSWORD: 'proof-password',
};

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    corpus: { type: 'string', default: path.join(root, '..', 'shared', 'corpus') },
    verbose: { type: 'boolean', default: false },
  },
});
const { corpus, verbose } = values;
const unknown = wanted.find((name) => name !== 'koyeb' && name !== 'cloudally');
if (unknown !== undefined) {
  console.error(`There is no system ${unknown} to prove: koyeb and cloudally are known.`);
  process.exit(1);
}
if (!fs.existsSync(path.join(corpus, 'postman'))) {
  console.error(`${corpus} holds no published collections; name the folder with --corpus.`);
  process.exit(1);
}
setUp();
setTimeout(() => {
  console.error(`Not done after ${LONGEST_MS / 60_000} minutes.`);
  process.exit(1);
}, LONGEST_MS).unref();

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'proof-'));
const systems = [
  { name: 'koyeb', document: koyebDocument(corpus) },
  // Several of its published files serve the same routes.
  { name: 'cloudally', document: cloudallyDocument(corpus), isPrefixed: true },
].filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const running = [];
let failed = 0;
try {
  await Promise.all(
    systems.map(async (system) => {
      const prism = await startPrism(system.name, system.document, folder);
      running.push(prism);
      system.recorder = await startRecorder(prism.url);
      running.push(system.recorder);
    }),
  );
  for (const system of systems) await prove(system);
} catch (error) {
  failed += 1;
  console.error(error);
} finally {
  await Promise.all(running.map(({ stop }) => stop()));
  fs.rmSync(folder, { recursive: true, force: true });
}
console.log(failed === 0 ? 'all proven' : `${failed} differences without a known reason`);
process.exit(failed === 0 ? 0 : 1);

async function prove({ name, document, recorder, isPrefixed = false }) {
  const collection = itemsOf(path.join(corpus, 'postman', name, `${name}.postman_collection.json`));
  const ways = [
    { way: 'as published', ...collection },
    { way: 'filled in', ...collection, items: filled(collection.items, document) },
  ];
  for (const each of ways)
    each.direct = await runItems(each, { url: recorder.url, token: TOKEN, recorder });
  const ours = filesOf(path.join(root, 'capabilities'), name);
  const published = filesOf(path.join(corpus, 'capabilities', name), name);
  await proveFiles(`${name}, our files`, { files: ours, args: [], ways, recorder });
  const args = ['--forward-header', 'authorization', ...(isPrefixed ? ['--prefix'] : [])];
  await proveFiles(`${name}, published files`, {
    ...{ files: published, args, isPrefixed, ways, recorder },
  });
}

async function proveFiles(title, { files, args, isPrefixed, ways, recorder }) {
  const { namespaces, routes, tools } = routesOf(files, { isPrefixed });
  const uris = namespaces.flatMap((each) => ['--base-uri', `${each}=${recorder.url}`]);
  const env = { ...process.env, ...SECRETS };
  const gateway = await startGateway([...files, ...uris, ...args], { env });
  try {
    for (const { way, items, direct, ...rest } of ways) {
      const routed = items.flatMap((item) => rerouted(item, routes) ?? []);
      const answers = await runItems(
        { ...rest, items: routed },
        { url: gateway.rest, token: TOKEN, recorder },
      );
      const served = new Map(routed.map((item) => [item.id, item]));
      report(`${title}, collection ${way}`, { items, served, answers, direct });
    }
    const filledIn = ways.at(-1);
    console.log(`      ${title}: tools`);
    for (const client of CLIENTS) {
      const lines = await proveTools(client, gateway.mcp, { tools, recorder, ...filledIn });
      failed += lines.filter(({ isWrong }) => isWrong).length;
      for (const { text, isWrong } of lines) console.log(`${isWrong ? 'FAIL' : '    '}    ${text}`);
    }
  } finally {
    const status = await gateway.stop();
    if (status !== 0) {
      failed += 1;
      console.log(`FAIL  ${title}: the gateway ended with ${status}`);
    }
  }
}

function report(title, { items, served, answers, direct }) {
  const counts = { same: 0, explained: 0, different: 0, 'no route': 0 };
  const reasons = new Map();
  for (const item of items) {
    const answer = answers.get(item.id);
    if (answer === undefined) {
      counts['no route'] += 1;
      continue;
    }
    const { verdict, reason } = compared(answer, direct.get(item.id), served.get(item.id));
    counts[verdict] += 1;
    if (reason === undefined) continue;
    if (verdict === 'different') console.log(`      ${titleOf(item)}: ${reason}`);
    else reasons.set(reason, [...(reasons.get(reason) ?? []), titleOf(item)]);
  }
  failed += counts.different;
  const well = [...answers.values()].filter(({ status }) => status >= 200 && status < 300).length;
  const told = Object.entries({ ...counts, 'answered 2xx': well }).map(
    ([what, count]) => `${count} ${what}`,
  );
  console.log(`${counts.different > 0 ? 'FAIL' : 'pass'}  ${title}: ${told.join(', ')}`);
  for (const [reason, titles] of reasons) {
    console.log(
      `      ${titles.length} × ${reason}${verbose ? `\n        ${titles.join('\n        ')}` : ''}`,
    );
  }
}

function filesOf(directory, name) {
  const wanted = new RegExp(`^${name}(-.*)?\\.yaml$`);
  return fs
    .readdirSync(directory)
    .filter((file) => wanted.test(file))
    .sort()
    .map((file) => path.join(directory, file));
}
