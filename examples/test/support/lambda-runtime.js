// What AWS Lambda does with a function: it loads it once, and calls it for each event; here, for each SIGUSR2.
const INVOICE = process.env.INVOICE ?? '7';
const TIMEOUT = Number(process.env.TIMEOUT_MS ?? 20_000);

async function invoke() {
  const end = Date.now() + TIMEOUT;
  const context = { getRemainingTimeInMillis: () => end - Date.now() };
  const { statusCode } = await handler({ invoice: INVOICE }, context);
  console.log(`answers ${statusCode}`);
}

const { handler } = await import('../../dist/recipes/lambda.js');
process.on('SIGUSR2', () => void invoke());
console.log('waits for events');
