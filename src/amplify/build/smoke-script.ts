import { environment } from './environment';
import { BuildPlan } from './plan';
import { allPlanned, indent, insideQuotes, script, usersCommand } from './script';
import { BuildSmokeTest } from '../build-smoke-test';

/** Starts what was built, asks for the page, and stops it again. */
export function smokeTestScript(plan: BuildPlan, test: BuildSmokeTest): string {
  return script(
    `# What was built has to answer at ${test.path} before it is deployed.`,
    ...environment(plan, false),
    hasSecrets(plan) ? HIDE_SECRETS : '',
    start(test),
    ask(test),
    judge(test),
  );
}

/** A server that reads its secrets with its branch's role could not start. */
const HIDE_SECRETS = `# Only the deployed server may read the secrets of its branch.
export SECRET_PARAMETERS=""`;

function hasSecrets(plan: BuildPlan): boolean {
  return allPlanned(plan).some(({ secrets = [] }) => secrets.length > 0);
}

/** Its own group of processes, so that whatever the command starts ends with it. */
function start({ startCommand, port }: BuildSmokeTest): string {
  return `_build_log="$(mktemp)"
_build_page="$(mktemp)"
complain() {
  echo "Smoke test: $1" >&2
  tail -n 50 "$_build_log" >&2
  exit 1
}
stop() {
  kill -KILL -- "-$_build_server" || true
  wait "$_build_server" || true
} 2> /dev/null
if curl --silent --noproxy "*" --max-time 5 --output /dev/null http://127.0.0.1:${port}/; then
  complain "something else listens on port ${port} already."
fi
export PORT=${port}
set -m
{
${indent(usersCommand(startCommand ?? 'npm start'))}
} > "$_build_log" 2>&1 < /dev/null &
_build_server=$!
set +m
trap stop EXIT`;
}

function ask({ path, port, timeout }: BuildSmokeTest): string {
  const seconds = timeout.toSeconds();
  return `SECONDS=0
until _build_status="$(curl --silent --noproxy "*" --globoff --max-time "$((${seconds} - SECONDS + 1))" \\
  --output "$_build_page" --write-out "%{http_code}" "http://127.0.0.1:${port}${insideQuotes(path)}")"; do
  kill -0 "$_build_server" 2> /dev/null || complain "the server ended before it answered."
  [[ "$SECONDS" -lt ${seconds} ]] || complain "the server did not answer within ${seconds} seconds."
  sleep 0.2
done`;
}

function judge({ path, expectedStatus, contains }: BuildSmokeTest): string {
  const page = insideQuotes(path);
  const text = contains === undefined ? '' : `
if ! grep --quiet --fixed-strings --regexp="${insideQuotes(contains)}" "$_build_page"; then
  head -c 2000 "$_build_page" >&2
  complain "${page} does not contain the text \\"${insideQuotes(contains)}\\"."
fi`;
  return `if [[ "$_build_status" != ${expectedStatus} ]]; then
  head -c 2000 "$_build_page" >&2
  complain "${page} answers with $_build_status instead of ${expectedStatus}."
fi${text}
echo "Smoke test: ${page} answers with $_build_status."`;
}
