// Runs the function of SiteDeployment once, as Lambda does. Arguments: the bundle, the event.
const [bundle, event] = process.argv.slice(2);
const { handler } = require(bundle);
const context = { awsRequestId: `request-${process.pid}`, getRemainingTimeInMillis: () => 900_000 };
handler(JSON.parse(event), context).then(() => console.error(JSON.stringify({ peakKiB: process.resourceUsage().maxRSS })));
