// Bun: fetch of https://NAME:PORT/ through a proxy on loopback, which leads to the case's server.
const fs = require('fs');
const net = require('net');

if (process.argv[2] === '--version') {
  console.log(`Bun ${Bun.version}`);
  process.exit();
}
const [dir, port] = process.argv.slice(2);
const ca = fs.readFileSync(`${dir}/ca.pem`, 'utf8');
const WORDS = { ERR_TLS_CERT_ALTNAME_INVALID: 'reject', ERR_INVALID_URL: 'error:refname' };
let current;

const proxy = net.createServer((down) => {
  down.on('error', () => {});
  down.once('data', (head) => {
    // A name with a character that ends a URL's host leaves the port away.
    if (!head.toString('latin1').split('\r\n')[0].includes(`:${port} `)) return down.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const up = net.connect(Number(port), current, () => {
      down.write('HTTP/1.1 200 OK\r\n\r\n');
      down.on('data', (data) => up.write(data));
      up.on('data', (data) => down.write(data));
    });
    up.on('error', () => down.destroy());
    up.on('close', () => down.end());
    down.on('close', () => up.destroy());
  });
});

async function ask(name) {
  const host = net.isIPv6(name) && !name.includes('%') ? `[${name}]` : name;
  const url = `https://${host}:${port}/`;
  try {
    const signal = AbortSignal.timeout(10000);
    const response = await fetch(url, { tls: { ca }, proxy: `http://127.0.0.1:${proxy.address().port}`, keepalive: false, signal });
    await response.text();
    return ['accept', ''];
  } catch (error) {
    const code = String(error.code);
    return [WORDS[code] ?? 'error:tls', `${code} ${error.message}`];
  }
}

proxy.listen(0, '127.0.0.1', async () => {
  for (const line of fs.readFileSync(`${dir}/asks.tsv`, 'latin1').split('\n').filter(Boolean)) {
    const [id, hex, address] = line.split('\t');
    current = address;
    const [word, reason] = await ask(Buffer.from(hex, 'hex').toString('utf8'));
    console.log([id, word, JSON.stringify(reason).slice(0, 200)].join('\t'));
  }
  process.exit();
});
