// Runs the test suite in the package of redlock 4, unchanged, on redlock-compat/v4, and prints how many cases have passed
// and why the others have failed. The suite is a file for Mocha and Chai; their functions are passed to it. Each client is
// one of ioredis with a server of its own.
const { strict: assert } = require('node:assert');
const { readFileSync } = require('node:fs');
const { compileFunction } = require('node:vm');
const { Redis } = require('ioredis');

/** How long a case may take, in ms. */
const MAX_DURATION = 20_000;

const ports = process.argv.slice(2).map(Number);
const clients = [];

function openClient(port) {
  const client = new Redis({ port });
  clients.push(client);
  return client;
}

/** The modules that the suite requires. */
const modules = {
  './redlock': require('redlock-compat/v4'),
  bluebird: require('bluebird'),
  chai: {
    assert: Object.assign((value, message) => assert(value, message), {
      throws: (act) => assert.throws(act),
      equal: (value, other) => assert.equal(value, other),
      isNotNull: (value) => assert.notEqual(value, null),
      isArray: (value) => assert(Array.isArray(value)),
      isObject: (value) => assert.equal(typeof value, 'object'),
      instanceOf: (value, type) => assert(value instanceof type),
      isAbove: (value, other) => assert(value > other, `${value} is not above ${other}`),
      isBelow: (value, other) => assert(value < other, `${value} is not below ${other}`),
    }),
  },
  ioredis: function ioredis() {
    return openClient(ports.shift());
  },
  // Clients of redis 3 are refused, so their sets of cases are not run; they need only be there.
  redis: { createClient: () => openClient(ports[0]) },
};

let suite = { name: '', before: [], children: [], after: [] };

function describe(name, define) {
  const outer = suite;
  suite = { name, before: [], children: [], after: [] };
  outer.children.push(suite);
  define();
  suite = outer;
}

/** Ends the step that runs now with an error. */
let fail;
process.on('uncaughtException', (error) => fail(error));
// Bluebird prints an error at the end of a chain, and exits.
process.exit = () => fail(new Error('its last promise was rejected'));

/** `late`: by how many ms a timer was late at most. */
const results = { passed: 0, failed: [], late: 0 };

const LOOK = 10;
let looked = Date.now();
setInterval(() => {
  const now = Date.now();
  results.late = Math.max(results.late, now - looked - LOOK);
  looked = now;
}, LOOK).unref();

/** Runs a case or a hook, with a callback if it takes one. */
async function run(act) {
  let timer;
  try {
    await new Promise((resolve, reject) => {
      fail = reject;
      timer = setTimeout(() => reject(new Error('it does not end')), MAX_DURATION);
      if (act.length === 0) resolve(act());
      else act((error) => (error ? reject(error) : resolve()));
    });
  } finally {
    clearTimeout(timer);
  }
}

async function runAll({ before, children, after }) {
  for (const hook of before) await run(hook);
  for (const child of children) {
    if (child.children) {
      await runAll(child);
      continue;
    }
    try {
      await run(child.act);
      results.passed++;
    } catch (error) {
      results.failed.push([child.name, error.message]);
    }
  }
  for (const hook of after) await run(hook);
}

async function main() {
  const parameters = {
    require: (name) => modules[name],
    describe,
    it: (name, act) => suite.children.push({ name, act }),
    before: (hook) => suite.before.push(hook),
    after: (hook) => suite.after.push(hook),
  };
  const text = readFileSync(require.resolve('redlock/test.js'), 'utf8');
  compileFunction(text, Object.keys(parameters))(...Object.values(parameters));
  for (const set of suite.children) if (set.name.endsWith('/ioredis')) await runAll(set);
  for (const client of clients) client.disconnect();
  console.log(JSON.stringify(results));
}

void main();
