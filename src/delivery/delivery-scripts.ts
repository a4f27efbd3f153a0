/*
 * What the steps of a delivery run, in bash. They read everything from environment variables, so that no value can become a command, and need
 * nothing of GitHub but a few of its variables: in another pipeline, or on a laptop, they do the same.
 *
 * release/assembly.tgz is what is deployed, release/release.json what it is: {release, commit, images: {<name>: <digest>}}.
 */

/** Every script fails at the first command that does, also in the middle of a pipe. */
export const BEGINNING = `set -euo pipefail
complain() { echo "::error::$1"; exit 1; }
`;

/** The variable on GitHub with the address of an image's repository. */
export function repositoryVariable(image: string): string {
  return `DELIVERY_REPOSITORY_${image.toUpperCase().replace(/-/g, '_')}`;
}

const REPOSITORY_OF = `repository_of() {
  local name="\${1^^}"
  local variable="DELIVERY_REPOSITORY_\${name//-/_}"
  [[ "\${!variable:-}" =~ ^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.][a-z.]+/.+$ ]] || complain "The variable $variable is not the address of a repository in ECR: '\${!variable:-}'."
  repository="\${!variable}"
  host="\${repository%%/*}"
  ecr=(--registry-id "\${host%%.*}" --region "$(cut -d . -f 4 <<< "$host")" --repository-name "\${repository#*/}" --output json)
}
`;

const EACH_IMAGE = 'jq -r \'.images | to_entries[] | "\\(.key) \\(.value)"\' release/release.json';

/** What the run's release is called, and whether those have to approve who should. GitHub makes an environment without any rule where there is none. */
export const CHECK_SETTINGS = `${BEGINNING}
jq -r 'to_entries[] | "\\(.key) \\(.value | map(split("/") | last | ascii_downcase) | sort | join(","))"' <<< "$APPROVERS" | while read -r environment wanted; do
  gh api "repos/$GITHUB_REPOSITORY/environments/$environment" > environment.json \\
    || complain "The environment $environment is not there, or cannot be read. Make it in the repository's settings."
  found="$(jq -r '[.protection_rules[]? | select(.type == "required_reviewers") | .reviewers[].reviewer | (.login // .slug) | ascii_downcase] | sort | join(",")' environment.json)"
  [[ "$found" == "$wanted" ]] || complain "The required reviewers of the environment $environment are '$found', and the app names '$wanted'. Change the repository's settings or the app."
done
echo "release=$GITHUB_RUN_NUMBER.$GITHUB_RUN_ATTEMPT-\${GITHUB_SHA:0:8}" >> "$GITHUB_OUTPUT"
`;

/** Builds an image as a file. Attestations would make an index of it, which ECR does not scan. */
export const BUILD_IMAGE = `${BEGINNING}
cd "$GITHUB_WORKSPACE"
folder="$RUNNER_TEMP/image"
cache="$RUNNER_TEMP/layers"
mkdir -p "$folder"
options=(--platform "$PLATFORM" --file "$DIRECTORY/$DOCKERFILE" --label "org.opencontainers.image.revision=$GITHUB_SHA")
[[ -z "$TARGET" ]] || options+=(--target "$TARGET")
[[ ! -f "$cache/index.json" ]] || options+=(--cache-from "type=local,src=$cache")
docker buildx create --name delivery --driver docker-container --use
docker buildx build "$DIRECTORY" "\${options[@]}" --provenance=false --sbom=false --cache-to "type=local,dest=$cache-next,mode=max" \\
  --output "type=oci,dest=$folder/$IMAGE.tar" --metadata-file "$RUNNER_TEMP/metadata.json"
jq -er '."containerimage.digest" | select(test("^sha256:[0-9a-f]{64}$"))' "$RUNNER_TEMP/metadata.json" > "$folder/$IMAGE.digest" \\
  || complain "docker buildx did not say which digest the image $IMAGE has."
# What this build did not use is left behind: a cache that only grows ends up slower than none.
rm -rf "$cache"
[[ ! -d "$cache-next" ]] || mv "$cache-next" "$cache"
`;

/** The app's stacks with the release's images, once for all environments. */
export const SYNTHESIZE = `${BEGINNING}
context=(--context "version=$RELEASE")
for file in "$GITHUB_WORKSPACE"/digests/*.digest; do
  [[ -f "$file" ]] || continue
  context+=(--context "image:$(basename "$file" .digest)=$RELEASE@$(<"$file")")
done
npx cdk synth --quiet --output cdk.out "\${context[@]}"
`;

/** What is deployed, in one file: an artifact by itself would lose who may run what. */
export const PACK = `${BEGINNING}
folder="$GITHUB_WORKSPACE/release"
mkdir -p "$folder"
tar --create --gzip --file "$folder/assembly.tgz" --directory cdk.out .
images='{}'
for file in "$GITHUB_WORKSPACE"/digests/*.digest; do
  [[ -f "$file" ]] || continue
  images="$(jq --arg name "$(basename "$file" .digest)" --arg digest "$(<"$file")" '.[$name] = $digest' <<< "$images")"
done
jq --null-input --arg release "$RELEASE" --arg commit "$GITHUB_SHA" --argjson images "$images" \\
  '{release: $release, commit: $commit, images: $images}' | tee "$folder/release.json"
`;

const SELECT = `# A star is the CDK's to read, not the shell's.
set -f
read -ra selected <<< "$STACKS"`;

/** Of the stacks that are delivered alone: cfn-lint's errors, and checkov's checks besides those that are accepted. */
export const JUDGE = `${BEGINNING}
${SELECT}
npx cdk list --app cdk.out --build '' "\${selected[@]}" > "$RUNNER_TEMP/stacks"
mapfile -t stacks < <(sed 's/ (.*)$//' "$RUNNER_TEMP/stacks")
find cdk.out -name manifest.json | sort > "$RUNNER_TEMP/manifests"
while read -r manifest; do
  jq -r '.artifacts | to_entries[] | select(.value.type == "aws:cloudformation:stack")
    | select((.value.displayName // .key) | IN($ARGS.positional[])) | .value.properties.templateFile' "$manifest" --args "\${stacks[@]}" \\
    | while read -r template; do
      # With the stacks that are nested in it.
      find "$(dirname "$manifest")" -maxdepth 1 '(' -name "$template" -o -name "\${template%.template.json}*.nested.template.json" ')'
    done
done < "$RUNNER_TEMP/manifests" | sort -u > "$RUNNER_TEMP/templates"
mapfile -t templates < "$RUNNER_TEMP/templates"
(( \${#templates[@]} > 0 )) || complain "The app has no template of $STACKS."
pipx run --spec cfn-lint==1.58.0 cfn-lint --non-zero-exit-code error --format parseable --template "\${templates[@]}"
options=(--framework cloudformation --skip-download --compact --quiet)
[[ -z "$ACCEPTED_CHECKS" ]] || options+=(--skip-check "$ACCEPTED_CHECKS")
pipx run --spec checkov==3.3.30 checkov --file "\${templates[@]}" "\${options[@]}"
`;

/**
 * Whether this release may still go here. An older run that somebody approves today, or that waited for its turn, would take back what a newer one has
 * brought. GitHub's own record of the jobs says it: a release is written later, and anybody who may write to the repository can write one.
 */
export const CHECK_ORDER = `${BEGINNING}
runs="repos/$GITHUB_REPOSITORY/actions/workflows/$PREFIX.yml/runs?per_page=100"
gh api "$runs" | jq -r --argjson own "$GITHUB_RUN_NUMBER" '.workflow_runs[] | select(.run_number > $own) | "\\(.id) \\(.run_number)"' > newer
while read -r id number; do
  deployed="$(gh api --paginate "repos/$GITHUB_REPOSITORY/actions/runs/$id/jobs?filter=all&per_page=100" | jq -s --arg job "Deploy $ENVIRONMENT" '
    [.[].jobs[] | select(.name == $job) | .steps[]? | select(.name == "Deploy" and .conclusion == "success")] | length')"
  (( deployed == 0 )) || complain "Run $number was deployed to $ENVIRONMENT already, and this is run $GITHUB_RUN_NUMBER. To go back, start the workflow $PREFIX-rollback."
done < newer
`;

/** Brings the images, as they were built, into the environment's repositories. A tag that is there already has to be of the same digest. */
export const PUSH_IMAGES = `${BEGINNING}
${REPOSITORY_OF}
pushed() { aws ecr describe-images "\${ecr[@]}" --image-ids "imageTag=$RELEASE" --query 'imageDetails[0].imageDigest' 2> problem | jq -r .; }

${EACH_IMAGE} | while read -r name digest; do
  repository_of "$name"
  if ! there="$(pushed)"; then
    grep -q ImageNotFoundException problem || complain "$repository cannot be read: $(<problem)"
    aws ecr get-login-password --region "$(cut -d . -f 4 <<< "$host")" | skopeo login --username AWS --password-stdin "$host"
    skopeo copy --preserve-digests "oci-archive:images/$name.tar" "docker://$repository:$RELEASE"
    there="$(pushed)" || complain "$repository:$RELEASE is not there after it was pushed: $(<problem)"
  fi
  [[ "$there" == "$digest" ]] || complain "$repository:$RELEASE is $there, and the release has $digest."
  echo "$name: $repository@$digest"
done
`;

/** Whether the images of a release from before are still where the environment takes them from. */
export const FIND_IMAGES = `${BEGINNING}
${REPOSITORY_OF}
${EACH_IMAGE} | while read -r name digest; do
  repository_of "$name"
  aws ecr describe-images "\${ecr[@]}" --image-ids "imageDigest=$digest" > image.json 2> problem || {
    grep -q ImageNotFoundException problem || complain "$repository cannot be read: $(<problem)"
    complain "$repository no longer has $digest: too many newer ones came after it. Choose a newer release, or build the old commit again."
  }
  echo "$name: $repository@$digest"
done
`;

/** Waits until ECR has scanned the images, and stops at a finding that is too bad. */
export const AWAIT_SCANS = `${BEGINNING}
${REPOSITORY_OF}
severities="$(jq --null-input --compact-output --arg all "$STOP_AT" '$all / " "')"
accepted="$(jq --null-input --compact-output --arg all "$ACCEPTED_VULNERABILITIES" '$all / " "')"
${EACH_IMAGE} | while read -r name digest; do
  repository_of "$name"
  deadline=$((SECONDS + SCAN_SECONDS))
  while true; do
    if aws ecr describe-image-scan-findings "\${ecr[@]}" --image-id "imageDigest=$digest" > scan.json 2> problem; then
      status="$(jq -r .imageScanStatus.status scan.json)"
    else
      grep -q ScanNotFoundException problem || complain "The scan of $repository@$digest cannot be read: $(<problem)"
      status=PENDING
    fi
    case "$status" in
      COMPLETE | ACTIVE) break ;;
      IN_PROGRESS | PENDING) ;;
      *) complain "ECR cannot scan $name: $status. $(jq -r '.imageScanStatus.description // ""' scan.json)" ;;
    esac
    (( SECONDS < deadline )) || complain "The scan of $name is not over after $SCAN_SECONDS seconds: $status. Is scanning on push turned on for $repository?"
    sleep "$SCAN_PAUSE_SECONDS"
  done
  findings="$(jq -r --argjson severities "$severities" --argjson accepted "$accepted" '
    [.imageScanFindings | (.findings // [] | .[] | {id: .name, severity}),
      (.enhancedFindings // [] | .[] | {id: (.packageVulnerabilityDetails.vulnerabilityId // .title), severity})]
    | unique[] | select((.severity | IN($severities[])) and (.id | IN($accepted[]) | not)) | "\\(.severity) \\(.id)"' scan.json)"
  [[ -z "$findings" ]] || complain "The scan of $name found what stops a release: $(paste -s -d ',' <<< "$findings" | sed 's/,/, /g'). Repair it, or accept it with a reason (acceptedVulnerabilities)."
  echo "$name: nothing of $STOP_AT"
done
`;

// A ready assembly needs no `build` of cdk.json, which the CDK would run all the same, with the job's rights: `--build ''`.
const UNPACK = `assembly="$GITHUB_WORKSPACE/assembly"
mkdir -p "$assembly"
tar --extract --gzip --file "$GITHUB_WORKSPACE/release/assembly.tgz" --directory "$assembly"
${SELECT}`;

/** Deploys the environment's stacks from the assembly, in the order of what they need of each other. */
export const DEPLOY = `${BEGINNING}
${UNPACK}
npx cdk deploy --app "$assembly" --build '' --exclusively --require-approval never --concurrency 4 --progress events "\${selected[@]}"
`;

/** The assembly against what is deployed. Templates only: a change set would need the right to make one. */
export const DIFF = `${BEGINNING}
${UNPACK}
mkdir -p "$GITHUB_WORKSPACE/diff"
diff="$GITHUB_WORKSPACE/diff/$ENVIRONMENT.txt"
npx cdk diff --app "$assembly" --build '' --exclusively --method template --no-color "\${selected[@]}" > "$diff" 2>&1 || { cat "$diff"; exit 1; }
cat "$diff"
`;

/** What somebody has changed by hand. CloudFormation looks with the rights of who asks, so the role for lookups asks: it may read everything. */
export const DETECT_DRIFT = `${BEGINNING}
${UNPACK}
identity="$(aws sts get-caller-identity --query Arn --output text)"
IFS=: read -r _ partition _ _ account _ <<< "$identity"
# The stacks may be in another account than the role that looks.
other="$(npx cdk list --app "$assembly" --build '' --long --json "\${selected[@]}" | jq -r '[.[].environment.account | select(test("^[0-9]{12}$"))] | first // empty')"
account="\${other:-$account}"
role="arn:$partition:iam::$account:role/cdk-$QUALIFIER-lookup-role-$account-$AWS_REGION"
read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN < <(aws sts assume-role --role-arn "$role" --role-session-name drift \\
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
npx cdk drift --app "$assembly" --build '' --fail --no-color "\${selected[@]}" \\
  || complain "$ENVIRONMENT is not what was deployed last, or could not be looked at: the log above says what. Change it in the app, or deploy the release again."
`;

/** Asks the environment as users would. Each test is tried again a few times, as the services' own tests are. */
export const SMOKE_TEST = `${BEGINNING}
[[ "$URL" =~ ^https?://[^/]+$ ]] || complain "The address to test is '$URL': set the environment's variable DELIVERY_URL, such as https://staging.example.com."
of() { jq -r --arg release "$RELEASE" "$1" <<< "$test"; }

ask() {
  local options=(--silent --show-error --globoff --path-as-is --request "$method" --max-time "$(of '.timeoutSeconds // 10')" --output answer --write-out '%{http_code}')
  local header status
  [[ "$method" != HEAD ]] || options+=(--head)
  while IFS= read -r header; do options+=(--header "$header"); done < <(of '.headers // {} | to_entries[] | "\\(.key): \\(.value)"')
  [[ "$(of 'has("body")')" == false ]] || options+=(--data-raw "$(of .body)")
  : > answer
  status="$(curl "\${options[@]}" "$URL$path")" || { problem='no answer'; return 1; }
  [[ "$status" == "$(of '.expectedStatus // 200')" ]] || { problem="status $status"; return 1; }
  jq --raw-input --slurp --exit-status --argjson test "$test" --arg release "$RELEASE" '
    def expected: split("{release}") | join($release);
    def field($path): reduce ($path / ".")[] as $part (.; if type == "array" then .[$part | tonumber] else .[$part] end);
    . as $text
    | (($test.expectedText // "" | expected) as $wanted | $text | contains($wanted))
      and (($test.expectedFields // {}) as $fields | $fields == {} or ($text | fromjson) as $answer
        | all($fields | to_entries[]; .key as $path | .value as $value | $answer | field($path)
          | (if type == "string" then . else tojson end) == ($value | expected)))' answer > /dev/null \\
    || { problem="answer $(head -c 200 answer)"; return 1; }
}

count="$(jq length <<< "$SMOKE_TESTS")"
for (( index = 0; index < count; index++ )); do
  test="$(jq --compact-output ".[$index]" <<< "$SMOKE_TESTS")"
  method="$(of '.method // "GET"')"
  path="$(of .path)"
  retries="$(of '.retries // 2')"
  tries=0
  until ask; do
    (( tries < retries )) || complain "$method $URL$path failed: $problem. $GO_BACK"
    tries=$((tries + 1))
    sleep "$((tries * RETRY_SECONDS))"
  done
  echo "$method $path: as expected"
done
`;
