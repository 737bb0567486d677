const [url, ca] = process.argv.slice(2);
require("https").get(url, { ca: require("fs").readFileSync(ca) }, (response) => response.resume());
