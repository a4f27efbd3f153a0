import { BEGINNING } from './delivery-scripts';

/*
 * What a delivery tells people, and how it finds what it told: a release of GitHub for each release that reached the last environment, with the
 * assembly in it.
 */

const NEWEST_TAG = `gh release list --repo "$GITHUB_REPOSITORY" --limit 100 --json tagName \\
  | jq -r --arg form "^$PREFIX-[0-9]+[.][0-9]+-[0-9a-f]{8}$" '[.[].tagName | select(test($form))] | first // empty'`;

/** The images of the newest release: with them, a pull request's templates differ from what runs by what the pull request changes. */
export const TAKE_RELEASED_IMAGES = `${BEGINNING}
mkdir -p digests released
release=none
tag="$(${NEWEST_TAG})"
if [[ -n "$tag" ]]; then
  gh release download "$tag" --repo "$GITHUB_REPOSITORY" --pattern release.json --dir released
  release="$(jq -er .release released/release.json)"
  jq -r '.images | to_entries[] | "\\(.key) \\(.value)"' released/release.json | while read -r name digest; do echo "$digest" > "digests/$name.digest"; done
fi
echo "release=$release" >> "$GITHUB_OUTPUT"
`;

/** The newest release, to be compared with what is there. */
export const TAKE_NEWEST_RELEASE = `${BEGINNING}
tag="$(${NEWEST_TAG})"
[[ -n "$tag" ]] || complain 'There is no release yet to look for.'
gh release download "$tag" --repo "$GITHUB_REPOSITORY" --dir release
`;

/** A release that somebody chose. */
export const TAKE_RELEASE = `${BEGINNING}
tag="$PREFIX-\${RELEASE#"$PREFIX-"}"
gh release download "$tag" --repo "$GITHUB_REPOSITORY" --dir release || complain "There is no release $tag. Those that there are: gh release list."
[[ "$PREFIX-$(jq -er .release release/release.json)" == "$tag" ]] || complain "The assembly in the release $tag is of another one."
echo "release=$(jq -er .release release/release.json)" >> "$GITHUB_OUTPUT"
`;

/** What the pull request would do, what cannot be undone first. One comment, renewed by each push. */
export const COMMENT = `${BEGINNING}
marker="<!-- cdk-web-platform $PREFIX -->"
# A revision of these is never changed, only followed by the next one.
losses() { grep -E '^\\[[-~]\\] .* (destroy|orphan|replace|may be replaced)$' "diff/$1.txt" | grep -vE ' AWS::(ECS::TaskDefinition|Lambda::(Layer)?Version) ' || true; }
# GitHub takes 65536 characters.
top() { awk -v most="$((12000 / ENVIRONMENT_COUNT))" '{ size += length($0) + 1 } size <= most { print; next } { more++ } END { if (more) print "and " more " more" }'; }
{
  echo "$marker"
  echo "### What this changes"
  for environment in $ENVIRONMENTS; do
    [[ -z "$(losses "$environment")" ]] || printf '\\n> [!CAUTION]\\n> **%s: resources are removed or replaced.** What they keep is gone with them.\\n\\n~~~~~~diff\\n%s\\n~~~~~~\\n' "$environment" "$(losses "$environment" | top)"
  done
  for environment in $ENVIRONMENTS; do
    printf '\\n<details><summary>%s: %s changed</summary>\\n\\n~~~~~~diff\\n%s\\n~~~~~~\\n</details>\\n' "$environment" \\
      "$(grep -cE '^\\[[-~+]\\] AWS::|^\\[[-~+]\\] Custom::' "diff/$environment.txt" || true)" "$(head -c "$((48000 / ENVIRONMENT_COUNT))" "diff/$environment.txt")"
  done
  printf '\\nEverything: %s/%s/actions/runs/%s\\n' "$GITHUB_SERVER_URL" "$GITHUB_REPOSITORY" "$GITHUB_RUN_ID"
} > comment.md
comments="repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments"
mine="$(gh api --paginate "$comments" | jq -rs --arg marker "$marker" '[add[]? | select(.user.type == "Bot" and (.body | startswith($marker))) | .id] | first // empty')"
if [[ -n "$mine" ]]; then
  gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$mine" --field body=@comment.md > /dev/null
else
  gh api --method POST "$comments" --field body=@comment.md > /dev/null
fi
`;

/** Writes down what was released, with the assembly to go back to. */
export const WRITE_RELEASE = `${BEGINNING}
tag="$PREFIX-$RELEASE"
if gh release view "$tag" --repo "$GITHUB_REPOSITORY" > /dev/null 2>&1; then echo "$tag is there already."; exit 0; fi
last="$(${NEWEST_TAG})"
{
  echo "In $ENVIRONMENTS since run $GITHUB_RUN_NUMBER: $GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID, commit $GITHUB_SHA"
  if [[ -n "$last" ]]; then
    printf '\\n### Changes since %s\\n\\n' "$last"
    gh release download "$last" --repo "$GITHUB_REPOSITORY" --pattern release.json --dir last
    gh api "repos/$GITHUB_REPOSITORY/compare/$(jq -er .commit last/release.json)...$GITHUB_SHA" | jq -r '.commits[-100:] | reverse[] | "- \\(.sha[0:8]) \\(.commit.message | split("\\n")[0])"'
  fi
  jq -r 'if .images == {} then empty else "\\n### Images\\n", (.images | to_entries[] | "- \\(.key): \\(.value)") end' release/release.json
} > notes.md
# A job's token may not have a tag made by a release, whatever its commit, and none at all of a commit whose workflows no branch has as they are in it:
# https://github.com/cli/cli/issues/9514. Then the tag is where the default branch is; release.json and the notes have the commit.
gh api --method POST "repos/$GITHUB_REPOSITORY/git/refs" --raw-field "ref=refs/tags/$tag" --raw-field "sha=$GITHUB_SHA" > /dev/null \\
  || echo "::warning::The tag $tag cannot be put on $GITHUB_SHA."
gh release create "$tag" release/assembly.tgz release/release.json --repo "$GITHUB_REPOSITORY" --title "Release $RELEASE" --notes-file notes.md
`;

/** Merges the commit that was tested, and no other, when everything that GitHub knows of it is well. */
export const PROMOTE = `${BEGINNING}
# What is built of the branch in the end.
finish() { gh api "repos/$GITHUB_REPOSITORY/branches/$TO" | jq -er '"commit=" + .commit.sha' >> "$GITHUB_OUTPUT"; }
ahead="$(gh api "repos/$GITHUB_REPOSITORY/compare/$TO...$COMMIT" | jq -er .ahead_by)"
if (( ahead == 0 )); then echo "$TO has $COMMIT already."; finish; exit 0; fi
# This run, and promotions before it that ended badly, may be among the commit's own checks.
workflow="\${GITHUB_WORKFLOW_REF%%@*}"
own="$(gh api --paginate "repos/$GITHUB_REPOSITORY/actions/workflows/\${workflow##*/}/runs?head_sha=$COMMIT&per_page=100" | jq -cs '[.[].workflow_runs[].id | "/runs/\\(.)/"]')"
open="$(gh api --paginate "repos/$GITHUB_REPOSITORY/commits/$COMMIT/check-runs" | jq -rs --argjson own "$own" --arg run "/runs/$GITHUB_RUN_ID/" '
  [.[].check_runs[] | select((.details_url // "") as $url | any($own[], $run; . as $part | $url | contains($part)) | not)
    | select(.conclusion | IN("success", "neutral", "skipped") | not) | .name] | unique | join(", ")')"
[[ -z "$open" ]] || complain "Not all checks of $COMMIT have succeeded: $open."
state="$(gh api "repos/$GITHUB_REPOSITORY/commits/$COMMIT/status" | jq -r 'if .total_count == 0 then "success" else .state end')"
[[ "$state" == success ]] || complain "The status of $COMMIT is $state."
number="$(gh pr list --repo "$GITHUB_REPOSITORY" --base "$TO" --head "$FROM" --state open --json number,isCrossRepository \\
  | jq -r 'map(select(.isCrossRepository | not)) | first | .number // empty')"
if [[ -z "$number" ]]; then
  url="$(gh pr create --repo "$GITHUB_REPOSITORY" --base "$TO" --head "$FROM" --title "Promote $FROM to $TO" --body "$COMMIT was tested and approved: $GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID")"
  number="\${url##*/}"
fi
gh pr merge "$number" --repo "$GITHUB_REPOSITORY" --merge --match-head-commit "$COMMIT" || complain "$FROM has moved on since $COMMIT was tested, or $TO refuses the merge. Start the promotion again."
finish
`;
