// Node.js: tls.checkServerIdentity with what X509Certificate tells.
const fs = require('fs');
const tls = require('tls');
const { X509Certificate } = require('crypto');

if (process.argv[2] === '--version') {
  console.log(`Node.js ${process.versions.node} tls.checkServerIdentity`);
  process.exit();
}
const dir = process.argv[2];
for (const line of fs.readFileSync(`${dir}/asks.tsv`, 'latin1').split('\n').filter(Boolean)) {
  const [id, hex] = line.split('\t');
  const name = Buffer.from(hex, 'hex').toString('utf8');
  let word = 'accept', reason = '';
  let cert;
  try {
    cert = new X509Certificate(fs.readFileSync(`${dir}/${id}.pem`)).toLegacyObject();
  } catch (error) {
    [word, reason] = ['error:parse', error.message];
  }
  if (cert) {
    try {
      const error = tls.checkServerIdentity(name, cert);
      if (error) [word, reason] = ['reject', error.message];
    } catch (error) {
      [word, reason] = ['error:exception', error.message];
    }
  }
  console.log([id, word, JSON.stringify(reason).slice(0, 200)].join('\t'));
}
