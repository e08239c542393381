// `npm run chart`: what the Helm chart makes of several sets of values, read as YAML and looked at; and
// the Dockerfile, that it takes what there is. Needs helm on the PATH (or HELM); says so without.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const chart = path.join(root, 'deploy', 'helm', 'naftiko');
const helm = process.env.HELM ?? 'helm';
const FILES = ['--set', 'capabilities.a\\.yaml=naftiko: 1.0.0-alpha2'];
const WAYS = {
  'as it is': FILES,
  'one pod of two workers': [
    ...FILES,
    '--set',
    'autoscaling.enabled=false,replicaCount=1,workers=2',
  ],
  'pods that do not know each other': [...FILES, '--set', 'peers.enabled=false'],
  'files and secrets of others': [
    ...['--set', 'existingConfigMap=files,stateKey.existingSecret=key,redis.existingSecret=redis'],
    ...['--set', 'envFrom[0].secretRef.name=more,serviceMonitor.enabled=true'],
  ],
};

let failed = 0;
dockerfile();
if (spawnSync(helm, ['version']).status !== 0) {
  console.log('skip  helm is not installed: name it with HELM, or put it on the PATH');
} else {
  say('helm lint', () => run('lint', chart, ...FILES));
  for (const [way, values] of Object.entries(WAYS)) say(`rendered ${way}`, () => look(values));
}
process.exit(failed === 0 ? 0 : 1);

function say(what, check) {
  try {
    check();
    console.log(`pass  ${what}`);
  } catch ({ message }) {
    failed += 1;
    console.log(`FAIL  ${what}: ${message}`);
  }
}

function run(...args) {
  const { status, stdout, stderr } = spawnSync(helm, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr || stdout);
  return stdout;
}

function look(values) {
  const documents = parseAllDocuments(
    run('template', 'trial', chart, '--kube-version', '1.31.0', ...values),
  );
  const objects = documents.map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
  const kinds = objects.filter(Boolean).map(({ kind }) => kind);
  if (new Set(kinds).size < 4) throw new Error(`only ${kinds.join(', ')}`);
  const { spec } = objects.find((each) => each?.kind === 'Deployment').spec.template;
  const [container] = spec.containers;
  const stop = Number(/--stop-timeout=(\d+)s/.exec(container.args.join(' '))?.[1]);
  const pause = Number(container.lifecycle.preStop.exec.command[1]);
  if (!(spec.terminationGracePeriodSeconds > stop + pause))
    throw new Error('pods are killed before they have drained');
  const advertised = container.args.find((word) => word.startsWith('--advertise='));
  const peers = container.ports.find(({ name }) => name === 'peers');
  const ip = container.env.find(({ name }) => name === 'POD_IP');
  if (advertised !== (peers && `--advertise=$(POD_IP):${peers.containerPort}`))
    throw new Error(`pods advertise ${advertised}`);
  if (advertised !== undefined && ip?.valueFrom.fieldRef.fieldPath !== 'status.podIP')
    throw new Error('a pod does not know its address');
  if (container.securityContext.readOnlyRootFilesystem !== true)
    throw new Error('root is writable');
  for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
    if (container[probe]?.httpGet?.port !== 'admin') throw new Error(`no ${probe}`);
}

function dockerfile() {
  say('Dockerfile', () => {
    const text = fs.readFileSync(path.join(root, 'Dockerfile'), 'utf8');
    const ignored = fs.readFileSync(path.join(root, '.dockerignore'), 'utf8').split('\n');
    const taken = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
      names.split(' ').map((name) => name.replace('./', '')),
    );
    for (const name of taken) {
      if (!fs.existsSync(path.join(root, name))) throw new Error(`there is no ${name}`);
      if (!ignored.includes(`!${name}`)) throw new Error(`.dockerignore keeps ${name} out`);
    }
    if (!/^USER \d+/m.test(text) || !/^HEALTHCHECK /m.test(text))
      throw new Error('no user or check');
  });
}
