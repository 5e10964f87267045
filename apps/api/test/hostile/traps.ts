/**
 * Ways to have whoever runs git in a repository start a program, as shell that lays one trap and plain git that falls into it.
 * `$w` is the top of the checkout, `$c` its common git directory and `$o` its own one; `mk` makes a program that leaves a mark
 * and prints its path; `conf SECTION KEY VALUE` adds a setting.
 */
export interface Trap {
  readonly name: string
  /** Traps of one bouquet are laid together: none of them hides another. Those in the tree leave a round that cannot land. */
  readonly bouquet: 'set' | 'led' | 'in the tree'
  readonly plant: string
  /** Plain git that falls into it, in a repository with branches `main` and `other` that conflict in `a.txt`. */
  readonly spring: string
  /** What a guard of the source calls it, as a pattern; absent where it lies in the checkout alone and shows in the diff. */
  readonly traces?: RegExp
}

export const preamble = `
mk() { mkdir -p "$traps"; printf '#!/bin/sh\\necho "$0 $*" >> "%s"\\nexec cat 2>/dev/null\\n' "$markers/$1" > "$traps/$1"; chmod +x "$traps/$1"; echo "$traps/$1"; }
conf() { printf '[%s]\\n\\t%s = %s\\n' "$1" "$2" "$3" >> "$c/config"; }
hook() { mkdir -p "$2"; cp "$(mk "$3")" "$2/$1"; }
bomb() { git init -q "$1"; printf '[core]\\n\\tfsmonitor = %s\\n' "$(mk "$2")" >> "$1/.git/config"; }
`

const commitNow = 'git commit -q --allow-empty -m x'
const mergeNow = 'git merge -q -m x other'

/** Hooks that git runs here, and a command that runs each. */
const hooks: Readonly<Record<string, string>> = {
  'pre-commit': commitNow,
  'prepare-commit-msg': commitNow,
  'commit-msg': commitNow,
  'post-commit': commitNow,
  'post-rewrite': 'git commit -q --amend --allow-empty -m x',
  'post-checkout': 'git checkout -q other',
  'reference-transaction': 'git update-ref refs/heads/new HEAD',
  'post-index-change': 'touch a.txt; git update-index --refresh; echo x > a.txt; git add a.txt',
  'pre-merge-commit': 'git checkout -q -b three HEAD; echo x > x; git add x; git commit -qm x; git merge -q -m x --no-ff -s ours other',
  'post-merge': 'git merge -q -m x -s ours other',
  'pre-rebase': 'git rebase other',
  'pre-push': 'git push -q . HEAD:refs/heads/pushed',
  'pre-receive': 'git push -q . HEAD:refs/heads/pushed',
  'update': 'git push -q . HEAD:refs/heads/pushed',
  'post-receive': 'git push -q . HEAD:refs/heads/pushed',
  'post-update': 'git push -q . HEAD:refs/heads/pushed',
  'push-to-checkout': 'git config receive.denyCurrentBranch updateInstead; git push -q . other:main --force',
  'pre-auto-gc': 'git config gc.autoPackLimit 1; git repack -q; git commit -q --allow-empty -m x; git repack -q; git gc --auto -q',
  'applypatch-msg': 'git format-patch -q -1 -o p; git reset -q --hard HEAD~1; git am -q p/*',
  'pre-applypatch': 'git format-patch -q -1 -o p; git reset -q --hard HEAD~1; git am -q p/*',
  'post-applypatch': 'git format-patch -q -1 -o p; git reset -q --hard HEAD~1; git am -q p/*',
}

/** Settings whose value is a program. */
const programs: readonly (readonly [section: string, key: string, spring: string, more?: string])[] = [
  ['core', 'fsmonitor', 'git status'],
  ['diff', 'external', 'echo x > a.txt; git diff'],
  ['core', 'editor', 'git commit --allow-empty'],
  ['sequence', 'editor', 'git rebase -i HEAD~1'],
  ['core', 'pager', 'script -qec "git log" /dev/null'],
  ['core', 'sshCommand', 'timeout 1 git ls-remote ssh://nowhere.invalid/x'],
  ['core', 'gitProxy', 'git ls-remote git://nowhere.invalid/x'],
  ['core', 'askPass', "printf 'protocol=https\\nhost=nowhere.invalid\\n\\n' | git credential fill"],
  ['credential', 'helper', "printf 'protocol=https\\nhost=nowhere.invalid\\n\\n' | git credential fill"],
  ['alias', 'evil', 'git evil', '!'],
  ['gpg', 'program', 'git commit -q --allow-empty -S -m x'],
  ['trailer "evil"', 'command', "printf 'x\\n' | git interpret-trailers --trailer evil=1"],
  ['tar "evil"', 'command', 'git archive --format=evil HEAD'],
  ['remote "evil"', 'uploadpack', 'git config remote.evil.url "$w"; timeout 1 git fetch evil'],
  ['difftool "evil"', 'cmd', 'echo x > a.txt; git difftool -y -t evil'],
  ['mergetool "evil"', 'cmd', `${mergeNow}; git mergetool -y -t evil`],
  ['interactive', 'diffFilter', 'echo x > a.txt; script -qec "git add -p" /dev/null < /dev/null'],
  ['submodule "evil"', 'update', `git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),evil; git config -f .gitmodules submodule.evil.path evil; git config -f .gitmodules submodule.evil.url "$w"; git config submodule.evil.url "$w"; git config submodule.evil.active true; git -c protocol.file.allow=always clone -q . evil; git -C evil checkout -q other; git submodule update evil`, '!'],
]

const nameOf = (section: string, key: string): string => `${section.replace(/ "(.*)"/, '.$1')}.${key}`

export const traps: readonly Trap[] = [
  ...Object.entries(hooks).map(([hook, spring]): Trap => ({ name: `hook-${hook}`, bouquet: 'set', plant: `hook ${hook} "$c/hooks" hook-${hook}`, spring, traces: new RegExp(`^hook hooks/${hook}$`) })),
  ...programs.map(([section, key, spring, before = '']): Trap => ({ name: nameOf(section, key), bouquet: 'set', plant: `conf '${section}' ${key} "${before}$(mk ${nameOf(section, key)})"`, spring, traces: new RegExp(`^config config: ${nameOf(section, key)}$`, 'i') })),
  {
    name: 'promisor',
    bouquet: 'set',
    plant: `conf 'remote "lazy"' url "ext::$(mk promisor)"; conf 'remote "lazy"' promisor true; conf protocol.ext allow always; printf '[protocol "ext"]\\n\\tallow = always\\n[core]\\n\\trepositoryformatversion = 1\\n[extensions]\\n\\tpartialClone = lazy\\n' >> "$c/config"`,
    spring: 'timeout 1 git cat-file -p 1111111111111111111111111111111111111111',
    traces: /^config config: extensions\.partialclone$/,
  },
  ...(['diff', 'textconv', 'merge'] as const).map((kind): Trap => {
    const [section, key, spring] = { diff: ['diff', 'command', 'echo x > a.txt; git diff'], textconv: ['diff', 'textconv', 'git log -p'], merge: ['merge', 'driver', mergeNow] }[kind] as [string, string, string]
    return {
      name: `${kind}-driver`,
      bouquet: kind === 'diff' ? 'led' : 'set',
      plant: `mkdir -p "$c/info"; conf '${section} "${kind}-by-info"' ${key} "$(mk ${kind}-driver)"; echo '*.txt ${section}=${kind}-by-info' >> "$c/info/attributes"`,
      spring,
      traces: /^info info\/attributes$/,
    }
  }),
  // Led to by another file, folder or setting.
  { name: 'hooksPath', bouquet: 'led', plant: 'for h in reference-transaction post-index-change post-checkout pre-commit; do hook $h "$w/hooks" hooksPath; done; conf core hooksPath hooks', spring: 'git update-ref refs/heads/new HEAD', traces: /^config config: core\.hookspath$/ },
  { name: 'include', bouquet: 'led', plant: `printf '[core]\\n\\tfsmonitor = %s\\n' "$(mk include)" > "$c/more"; conf include path more`, spring: 'git status', traces: /^config config: include\.path$/ },
  { name: 'includeIf', bouquet: 'led', plant: `printf '[diff]\\n\\texternal = %s\\n' "$(mk includeIf)" > "$w/more"; conf 'includeIf "gitdir:**"' path "$w/more"`, spring: 'echo x > a.txt; git diff', traces: /^config config: includeif\./ },
  { name: 'worktree-settings', bouquet: 'in the tree', plant: `conf core repositoryformatversion 1; conf extensions worktreeConfig true; printf '[core]\\n\\tfsmonitor = %s\\n' "$(mk worktree-settings)" > "$o/config.worktree"`, spring: 'git status', traces: /^config config: extensions\.worktreeconfig$/ },
  { name: 'nested', bouquet: 'in the tree', plant: 'bomb "$w/nested" nested; (cd "$w/nested"; echo x > x)', spring: 'cd nested; git status' },
  { name: 'bare', bouquet: 'in the tree', plant: `mkdir -p "$w/bare/objects" "$w/bare/refs" "$w/bare/work"; echo 'ref: refs/heads/main' > "$w/bare/HEAD"; printf '[core]\\n\\trepositoryformatversion = 0\\n\\tworktree = work\\n\\tfsmonitor = %s\\n' "$(mk bare)" > "$w/bare/config"; touch "$w/bare/work/x"`, spring: 'cd bare/work; git status' },
  { name: 'submodule', bouquet: 'in the tree', plant: `mkdir -p "$c/modules/deep"; git init -q --separate-git-dir "$c/modules/deep/sub" "$w/sub"; printf '[core]\\n\\tfsmonitor = %s\\n' "$(mk submodule)" >> "$c/modules/deep/sub/config"; git --git-dir="$c/modules/deep/sub" -c user.name=x -c user.email=x commit -q --allow-empty -m x`, spring: 'git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; git status', traces: /^config modules\/deep\/sub\/config: core\.fsmonitor$/ },
  { name: 'submodule-hook', bouquet: 'set', plant: `mkdir -p "$c/modules/quiet"; touch "$c/modules/quiet/config"; hook post-index-change "$c/modules/quiet/hooks" submodule-hook`, spring: 'git init -q --separate-git-dir "$c/modules/quiet" quiet; cd quiet; touch x; git add x', traces: /^hook modules\/quiet\/hooks\/post-index-change$/ },
  // Programs that turn bytes: a source that needs one is refused.
  { name: 'clean', bouquet: 'in the tree', plant: `mkdir -p "$c/info"; conf 'filter "evil"' clean "$(mk clean)"; echo 'a.txt filter=evil' >> "$c/info/attributes"; touch "$w/a.txt"`, spring: 'git add --renormalize .; git status', traces: /^config config: filter\.evil\.clean$/ },
  { name: 'smudge', bouquet: 'in the tree', plant: `conf 'filter "bad"' smudge "$(mk smudge)"; conf 'filter "bad"' required true; echo '* filter=bad' >> "$w/.gitattributes"`, spring: 'rm a.txt; git checkout a.txt', traces: /^config config: filter\.bad\.smudge$/ },
  { name: 'process', bouquet: 'in the tree', plant: `conf 'filter "worse"' process "$(mk process)"; printf '%s filter=worse\\n' '*' > "$c/attributes"; conf core attributesFile "$c/attributes"`, spring: 'touch a.txt; git status; git add --renormalize .', traces: /^config config: filter\.worse\.process$/ },
]

export const bouquets = ['set', 'led', 'in the tree'] as const
