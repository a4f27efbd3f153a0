/*
 * What the workflow's steps run, in bash. They read everything from environment variables, so that no value can become a command.
 *
 * A version's files stay under its number for ever: 1.2.3/Shop-1.2.3.exe. Beside them are its feeds (1.2.3/feed-mac.yml), with the version's
 * folder in each address. To offer a version is to copy its feeds over those that apps ask for (latest-mac.yml): a release, a larger share of
 * users and going back are the same thing.
 */

/** Folder of the bucket that has all of it. */
export const RELEASES_FOLDER = 'desktop';

const COMPLAIN = 'complain() { echo "::error::$1"; exit 1; }';

// A tilde sorts before everything else, as a pre-release does before its release.
const NEWER = 'newer() { [[ "$1" != "$2" && "$(printf \'%s\\n\' "$1" "$2" | tr - \'~\' | sort -V | tail -n 1 | tr \'~\' -)" == "$1" ]]; }';

/** What the version and its channel are, and whether the run makes sense. Everything that can be wrong is found before anything is built. */
export function checkScript(variables: readonly string[], channels: readonly string[], tagPrefix: string): string {
  const [, ...others] = channels;
  const number = '(0|[1-9][0-9]*)';
  const preRelease = others.length > 0 ? `(-(${others.join('|')})\\.${number})?` : '';
  const example = others.length > 0 ? `${tagPrefix}1.2.3 or ${tagPrefix}1.2.3-${others[0]}.1` : `${tagPrefix}1.2.3`;
  return `${COMPLAIN}
for name in ${variables.join(' ')}; do
  [[ -n "\${!name}" ]] || complain "The variable $name of this repository is not set."
done

version="\${GITHUB_REF_NAME#"${tagPrefix}"}"
form='^${number}\\.${number}\\.${number}${preRelease}$'
if [[ "$GITHUB_REF_TYPE" != tag || "$GITHUB_REF_NAME" != "${tagPrefix}"* || ! "$version" =~ $form ]]; then
  complain "$GITHUB_REF_NAME is not the tag of a version, such as ${example}. A run by hand needs one too: choose it in place of the branch."
fi
channel="\${BASH_REMATCH[5]:-latest}"
[[ "$ROLLOUT" =~ ^([0-9]|[1-9][0-9]|100)$ ]] || complain "The rollout $ROLLOUT is not a percentage from 0 to 100."

status="$(curl -sS --retry 3 --max-time 30 -o published.yml -w '%{http_code}' "$RELEASES_URL/$version/release.yml")"
if [[ "$GITHUB_EVENT_NAME" == push && "$status" == 200 ]]; then
  complain "Version $version is published, and a published version never changes. Tag a higher one, or run this workflow by hand to offer $version again."
elif [[ "$GITHUB_EVENT_NAME" != push && "$status" != 200 ]]; then
  complain "Version $version is not published, or no longer: $RELEASES_URL/$version/release.yml answers with $status."
fi
echo "version=$version" >> "$GITHUB_OUTPUT"
echo "channel=$channel" >> "$GITHUB_OUTPUT"
`;
}

/** Moves what electron-builder has made, and what users get of it, to a folder of its own. */
export const COLLECT = `${COMPLAIN}
mkdir release
find "$OUTPUT_DIRECTORY" -maxdepth 1 -type f ! -name 'builder-*' ! -name '.*' -exec mv {} release/ \\;
form='^[A-Za-z0-9 ._@()-]+$'
for file in release/*; do
  [[ "$(basename "$file")" =~ $form ]] || complain "An address cannot have the name of $file: set artifactName in electron-builder's configuration."
done
ls release/"$CHANNEL"*.yml || complain "electron-builder has written no $CHANNEL*.yml: its configuration needs publish, and no other channel there."
`;

/** Uploads a version, without offering it to anybody. Its feeds come after its files, and the mark of being complete comes last. */
export const UPLOAD = `${COMPLAIN}
mkdir feeds
for feed in release/"$CHANNEL".yml release/"$CHANNEL"-*.yml; do
  [[ -f "$feed" ]] || continue
  grep -qx "version: $VERSION" "$feed" || complain "$feed is not of version $VERSION."
  name="$(basename "$feed")"
  awk -v folder="$VERSION/" '
    /^[^ -]/ { section = $1 }
    (section == "files:" && /^ *(- )?url: /) || (section == "packages:" && /^ +path: /) || /^path: / { sub(/: \\047?/, "&" folder) }
    { print }
  ' "$feed" > "feeds/feed\${name#"$CHANNEL"}"
done
printf 'version: %s\\ncommit: %s\\n' "$VERSION" "$GITHUB_SHA" > release.yml

target="s3://$RELEASES_BUCKET/${RELEASES_FOLDER}/$VERSION"
aws s3 cp release "$target" --recursive --exclude '*.yml' --cache-control 'public, max-age=31536000, immutable' --no-progress
aws s3 cp feeds "$target" --recursive --content-type text/yaml --cache-control no-cache --no-progress
aws s3 cp release.yml "$target/release.yml" --content-type text/yaml --cache-control no-cache --no-progress
# Somebody may have asked for it too early, or for what a run that failed half way had left.
aws cloudfront create-invalidation --distribution-id "$RELEASES_DISTRIBUTION_ID" --paths "/$VERSION/*" --query Invalidation.Id --output text \\
  || echo "::warning::Caches were not told of version $VERSION. What they have of it stays as it is."
`;

/** Puts the version's feeds where apps ask, with the share of users. */
export const OFFER = `${COMPLAIN}
${NEWER}
version_of() { [[ ! -f "$1" ]] || sed -n 's/^version: //p' "$1"; }

mkdir kept current next
aws s3 cp "s3://$RELEASES_BUCKET/${RELEASES_FOLDER}/$VERSION" kept --recursive --exclude '*' --include 'feed*.yml' --no-progress
aws s3 cp "s3://$RELEASES_BUCKET/${RELEASES_FOLDER}" current --recursive --exclude '*' --include '*.yml' --exclude '*/*' --no-progress
for feed in kept/feed*.yml; do
  [[ -f "$feed" ]] || complain "Version $VERSION has no feeds in the bucket."
  name="$(basename "$feed")"
  system="\${name#feed}"
  before="$(version_of "current/$CHANNEL$system")"
  follows=
  for channel in $CHANNELS; do
    now="$(version_of "current/$channel$system")"
    if [[ "$channel" == "$CHANNEL" ]]; then
      follows=yes
    elif [[ -z "$follows" ]]; then
      continue
    elif [[ -n "$now" && "$now" != "$before" ]] && ! newer "$VERSION" "$now"; then
      echo "$channel$system keeps version $now."
      continue
    fi
    grep -v '^stagingPercentage:' "$feed" > "next/$channel$system"
    [[ "$ROLLOUT" == 100 ]] || echo "stagingPercentage: $ROLLOUT" >> "next/$channel$system"
    echo "$channel$system: \${now:-nothing} -> $VERSION for $ROLLOUT %"
  done
done
aws s3 cp next "s3://$RELEASES_BUCKET/${RELEASES_FOLDER}" --recursive --content-type text/yaml --cache-control no-cache --no-progress
`;

/** Asks as an app would: for each feed, and for the beginning of each file that it names. */
export const VERIFY = `${COMPLAIN}
for feed in next/*.yml; do
  url="$RELEASES_URL/$(basename "$feed")"
  curl -fsS --retry 5 --retry-all-errors --max-time 30 -D headers -o answer "$url?noCache=$GITHUB_RUN_ID" || complain "$url does not answer."
  cmp -s "$feed" answer || complain "$url does not answer with version $VERSION for $ROLLOUT %."
  grep -qi '^cache-control: *no-cache' headers || complain "$url may be cached: $(grep -i '^cache-control' headers)"
  sed -nE "s/^ *(- )?url: '?([^']*)'?$/\\2/p" "$feed" | while read -r file; do
    status="$(curl -sS --retry 5 --retry-all-errors --max-time 30 -r 0-0 -o beginning -w '%{http_code}' "$RELEASES_URL/\${file// /%20}")"
    [[ "$status" == 206 ]] || complain "$RELEASES_URL/$file answers with $status."
  done
done
`;

/** Marks versions that no longer have to stay: neither among the newest of their channel nor named by a feed. */
export const RETIRE = `mark() {
  aws s3api list-objects-v2 --bucket "$RELEASES_BUCKET" --prefix "${RELEASES_FOLDER}/$1/" --query 'Contents[].Key' --output text | tr '\\t' '\\n' | while read -r key; do
    aws s3api put-object-tagging --bucket "$RELEASES_BUCKET" --key "$key" --tagging "TagSet=[{Key=retired,Value=$2}]"
  done
  echo "$1: retired $2"
}

# A version that was marked can be offered again.
[[ "$GITHUB_EVENT_NAME" == push ]] || mark "$VERSION" false
mkdir offered
aws s3 cp "s3://$RELEASES_BUCKET/${RELEASES_FOLDER}" offered --recursive --exclude '*' --include '*.yml' --exclude '*/*' --no-progress
aws s3api list-objects-v2 --bucket "$RELEASES_BUCKET" --prefix ${RELEASES_FOLDER}/ --delimiter / --query 'CommonPrefixes[].Prefix' --output text | tr '\\t' '\\n' | cut -d / -f 2 > folders
for channel in $CHANNELS; do
  form="^[0-9.]+-\${channel}[.]"
  [[ "$channel" != latest ]] || form='^[0-9.]+$'
  { grep -E "$form" folders || true; } | sort -V | head -n "-$NEWEST" | while read -r version; do
    grep -qx "version: $version" offered/*.yml || mark "$version" true
  done
done
`;
