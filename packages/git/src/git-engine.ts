import { programsHere, type RunProgram } from '@signalbox/programs'
import { carry, readAdvance } from './advance.ts'
import { readAddedText } from './added-text.ts'
import { readAgentHistory } from './agent-history.ts'
import { bringFiles } from './bring-files.ts'
import { blameLine, readCommitOf } from './blame.ts'
import { capture, changedSince, isReadable } from './capture.ts'
import { filesOf, readChangeList } from './change-list.ts'
import { readCheckTree, resetCheckFolder } from './check-folder.ts'
import { readPlace } from './checkout-place.ts'
import { diff } from './diff.ts'
import { discardCheckFolder, discardWorkspace, hasLeftovers } from './discard.ts'
import type { GitEngine } from './engine-parts.ts'
import { createGit } from './exec.ts'
import { createFilters, guardFilters } from './filters.ts'
import { followSource } from './follow-source.ts'
import { withRoom } from './full-disk.ts'
import type { Environment } from './human-settings.ts'
import { openPullRequest } from './gh.ts'
import { digestTrace, traceEnvironment } from './git-trace.ts'
import { inspect } from './inspect.ts'
import { interdiff } from './interdiff.ts'
import { reopenDiff } from './kept-diff.ts'
import type { Failpoint } from './landing-journal.ts'
import { createLanding } from './landing.ts'
import { observeSource } from './fingerprint.ts'
import { layoutOf } from './layout.ts'
import { findLeftLocks, removeLeftLock } from './lock-care.ts'
import { findLostRounds } from './lost-rounds.ts'
import { findUnresolved, mergeIntoCheckout } from './merge-checkout.ts'
import { findSparePins, isKeptElsewhere, listPins, pinAgain, removePin } from './pin-care.ts'
import { withPreviews } from './previews.ts'
import { pushCommit } from './push.ts'
import { reachOfCheckFolder, reachOfCheckout } from './git-reach.ts'
import { showPath } from './raw-diff.ts'
import { isSameChange, refresh } from './refresh.ts'
import { readRemote } from './remote.ts'
import { restoreRound, setDamagedAside } from './restore-round.ts'
import { findReverts } from './reverts.ts'
import { selectPart } from './select-part.ts'
import { readSavedTexts } from './saved-texts.ts'
import { findAbsent, isThere, readHead } from './source.ts'
import type { SourceRef } from './source-ref.ts'
import { noticeChanges } from './notice.ts'
import { writeFiles } from './saved-files.ts'
import { dropRefs } from './snapshot-ref.ts'
import { previewTakeBack, takeBack } from './take-back.ts'
import { takeFiles } from './take-files.ts'
import { readTarget } from './target.ts'
import { countTrash, emptyTrash } from './trash.ts'
import { findUnsaved } from './unsaved.ts'
import { compareForeign, compareSource, findStanding, observeForeign } from './tripwire.ts'
import { findTwin } from './twin.ts'
import { createVaults } from './vault.ts'
import { findBrokenVault, mendVault } from './vault-care.ts'
import { createWorkspace, removeWorkspace } from './workspace.ts'

export interface GitEngineOptions {
  /** Folder, outside every repository, for vaults and what belongs to runs. */
  readonly stateDir: string
  /** Environment of the human: HOME, their git settings and PATH. Default: that of this process. */
  readonly env?: Environment
  /** What starts git. Default: this process itself. */
  readonly runProgram?: RunProgram
  /** Called at every named moment of a landing; tests end or disturb it there. */
  readonly failpoint?: Failpoint
}

/** Creates the worktree engine. Nothing is read or started before the first call. */
export function createGitEngine({ stateDir, env = process.env, runProgram = programsHere.run, failpoint }: GitEngineOptions): GitEngine {
  const door = createGit({ env, runProgram })
  const layout = layoutOf(stateDir)
  const filters = createFilters({ git: door, env, file: layout.filters })
  const git = guardFilters(door, filters)
  const vaults = createVaults(git, layout)
  const tools = { git, layout, vaults, filters, env }
  const writing = <T>(source: SourceRef, work: () => Promise<T>): Promise<T> => withRoom({ stateDir, vault: layout.vault(source.repo) }, work)
  return {
    sources: {
      inspect: (folder, asked, movedFrom) => inspect(tools, { folder, asked, movedFrom }),
      isThere,
      findAbsent: (source, commits) => findAbsent(git, source, commits),
      findTwin: (path, sources) => findTwin(path, sources),
      listFilters: ({ path }) => filters.list(path),
      allowFilters: ({ path }, allowed) => filters.allow(path, allowed),
      readHead: (source, branch) => readHead(git, source, branch),
      observe: (source) => observeSource(git, source),
      readTarget: (source, branch, round) => readTarget(tools, { source, branch, round }),
      blameLine: (sources, file, line) => blameLine(git, sources, { file, line }),
      readCommit: (source, commit) => readCommitOf(git, source, commit),
      readAdvance: (source, from, to) => readAdvance(git, source, from, to),
    },
    workspaces: {
      create: (checkout, base, baseBranch) => writing(checkout.source, () => createWorkspace(tools, checkout, { base, baseBranch, saved: undefined })),
      createWith: (saved, checkout, base, baseBranch) => writing(checkout.source, () => createWorkspace(tools, checkout, { base, baseBranch, saved })),
      follow: (checkout) => followSource(tools, checkout),
      bringFiles: (checkout, base, paths) => bringFiles(tools, checkout, base, paths),
      remove: (checkout) => removeWorkspace(layout, checkout),
      readPlace: ({ path }) => readPlace(path),
      merge: (request) => writing(request.checkout.source, () => mergeIntoCheckout(tools, stateDir, request)),
      findUnresolved: (checkout, base, conflicts) => findUnresolved(layout, checkout, base, conflicts),
      reachOfCheckout: (checkout) => reachOfCheckout(layout, checkout),
      reachOfCheckFolder: (source) => reachOfCheckFolder(layout, source),
      resetCheckFolder: (source, path, commit) => writing(source, () => resetCheckFolder(tools, source, path, commit)),
      readCheckTree: (source, path) => readCheckTree(tools, source, path),
      discard: (run, workspace, linked) => discardWorkspace(layout, stateDir, { run, workspace, linked }),
      discardCheckFolder: (folder) => discardCheckFolder(layout, stateDir, folder),
      hasLeftovers: (run) => hasLeftovers(layout, run),
      emptyTrash: () => emptyTrash(stateDir),
      countTrash: () => countTrash(stateDir),
    },
    snapshots: {
      capture: (checkout, base, number) => writing(checkout.source, () => capture(tools, checkout, base, number)),
      changedSince: (checkout, saved) => changedSince(tools, checkout, saved),
      noticeChanges: async (checkout, base) => noticeChanges(layout, await vaults.open(checkout.source), checkout, base),
      drop: async (source, run, numbers) => dropRefs(await vaults.open(source), run, numbers),
      writeFiles: (source, saved, folder) => writeFiles(tools, source, saved, folder),
      findUnsaved: (checkout, snapshot) => findUnsaved(tools, checkout, snapshot),
      isReadable: async (source, base, commit) => isReadable(await vaults.open(source), { base, commit }),
      findReverts: async (source, base, commit) => findReverts(await vaults.open(source), { base, commit }),
      diff: async (source, base, commit) => diff(await vaults.open(source), layout.work, { base, commit }),
      reopenDiff: async (source, base, commit) => reopenDiff(await vaults.open(source), layout.work, { base, commit }),
      readAgentHistory: async (source, saved) => readAgentHistory(await vaults.open(source), saved),
      interdiff: async (source, older, newer) => interdiff(await vaults.open(source), layout.work, older, newer),
      preview: async (source, change, onto) => withPreviews(await vaults.open(source), (preview) => preview(change, onto)),
      readAddedText: async (source, base, commit, bounds) => readAddedText(await vaults.open(source), { base, commit }, bounds),
      readTexts: async (source, commit, paths) => readSavedTexts(await vaults.open(source), commit, paths),
      carry: (source, change, onto) => writing(source, async () => carry(await vaults.open(source), change, onto)),
      listPaths: async (source, change) => filesOf(await readChangeList(await vaults.open(source), change)).map(({ path }) => showPath(path)),
      isSameChange: (source, one, other) => isSameChange(tools, source, one, other),
      refresh: (source, run, number, from, newBase) => writing(source, () => refresh(tools, { source, run, number, from, newBase })),
      selectPart: (source, run, number, of, choice) => writing(source, async () => selectPart(await vaults.open(source), { run, number, of, choice })),
      previewTakeBack: async (source, landed, onto) => previewTakeBack(await vaults.open(source), landed, onto),
      takeBack: (source, run, number, landed, onto) => writing(source, () => takeBack(tools, { source, run, number, landed, onto })),
      withPreviews: async (source, work) => withPreviews(await vaults.open(source), work),
    },
    care: {
      findBrokenVault: (source) => findBrokenVault(tools, source),
      mendVault: (source) => mendVault(tools, source),
      findLostRounds: async (source, rounds) => findLostRounds(await vaults.open(source), rounds),
      setDamagedAside: async (source) => setDamagedAside(await vaults.open(source)),
      restoreRound: (checkout, round) => writing(checkout.source, () => restoreRound(tools, checkout, round)),
      listPins: (source) => listPins(git, source),
      pinBase: (run, source, base) => pinAgain(git, source, run, base),
      isKeptElsewhere: (source, pin) => isKeptElsewhere(git, source, pin),
      findSparePins: (source, run) => findSparePins(git, source, run),
      removePin: (source, pin) => removePin(git, source, pin),
      findLeftLocks: (source) => findLeftLocks(layout, source),
      removeLeftLock: (source, lock) => removeLeftLock(layout, source, lock),
    },
    tripwire: {
      environment: (run) => traceEnvironment(layout, run),
      digestTrace: (run) => digestTrace(layout, run),
      compare: (checkout, before, work) => compareSource(tools, checkout, before, work),
      observeForeign: (source) => observeForeign(tools, source),
      compareForeign: (run, source, before, work) => compareForeign(tools, run, source, before, work),
      findStanding: (source, changes) => findStanding(tools, source, changes),
      takeFiles: async (taken) => takeFiles(taken),
    },
    landing: createLanding({ git, env, filters, vaults, ...(failpoint === undefined ? {} : { failpoint }) }),
    remotes: {
      read: (request) => readRemote(git, request),
      push: (task) => pushCommit(git, task),
      openPullRequest: (request) => openPullRequest({ env, runProgram }, request),
    },
  }
}
