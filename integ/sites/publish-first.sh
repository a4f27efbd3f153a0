#!/bin/sh
# Deploys the first release of integ.static-cdn-site.ts, so that what the runner deploys is the second.
set -e
cd "$(dirname "$0")/../.."
exec npx cdk deploy IntegStaticCdnSite --require-approval never --ci --no-notices --output cdk.out/first-release --context release=first \
  --app 'npx tsx --tsconfig tsconfig.dev.json integ/integ.static-cdn-site.ts'
