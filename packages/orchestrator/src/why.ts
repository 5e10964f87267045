import { isAbsolute, join } from 'node:path'
import {
  commitsText,
  ControlError,
  findKeeping,
  foldRun,
  isKnown,
  landingsIn,
  nextOfLine,
  parseClaims,
  parseRepoName,
  parseRunId,
  pushesIn,
  quote,
  verifyClaims,
  type BlamedCommit,
  type BlamedLine,
  type CommitClaims,
  type Known,
  type LoggedEvent,
  type Oid,
  type RecordedLanding,
  type Run,
  type RunEvent,
  type RunId,
  type Why,
  type WhyRequest,
} from '@signalbox/core'
import { isGenuine, sha256 } from './approval-key.ts'
import { look } from './look.ts'
import type { SourceRef } from './git-ports.ts'
import type { Services } from './services.ts'

/**
 * Says how a line came to be: its commit, and where that is one of ours, the landing, approval, run, packet and task
 * behind it. Trailers are only a hint where to look: what counts is the record of the run.
 */
export async function explainLine(services: Services, { path, repo, line }: WhyRequest): Promise<Why> {
  const named = repo === undefined ? undefined : await services.repoPaths.sourceOf(await requireRepo(services, repo))
  const sources = [...(named === undefined ? [] : [named]), ...(await readSources(services))]
  if (repo === undefined && !isAbsolute(path)) throw new ControlError('input.invalid', `${path} is not an absolute path`, { hint: 'Name the repo as well, or give the path from the root of the disk' })
  const blamed = await services.sources.blameLine(sources, named === undefined ? path : join(named.path, path), line)
  if (named !== undefined && blamed.repo !== named.repo) throw new ControlError('file.not_found', `${path} leads out of ${named.repo}, into ${blamed.repo}`, { hint: `Ask there: signalbox why ${quote(`${blamed.repo}:${blamed.path}:${line}`)}` })
  const claims = blamed.commit === undefined ? undefined : parseClaims(blamed.commit.trailers)
  const found = { repo: blamed.repo, path: blamed.path, line: blamed.line, text: blamed.text, commit: blamed.commit === undefined ? null : toShown(blamed.commit), claims: claims ?? null }
  if (blamed.commit === undefined) return { ...found, standing: 'uncommitted', because: 'The line is not committed yet', origin: null, next: nextOfLine(blamed) }
  if (claims === undefined) return { ...found, ...(await findKept(services, blamed, blamed.commit)) }
  return { ...found, ...(await verify(services, blamed, blamed.commit, claims)) }
}

/**
 * Says which run landed a commit without a trailer as its agent made it, if any. Such a commit says nothing of it, so the records are searched. A record is a file that others
 * than us can write: it counts for the commits that were approved, and one whose approval was given on this machine goes before every other.
 */
async function findKept(services: Services, blamed: BlamedLine, { oid }: BlamedCommit): Promise<Standing> {
  const unread: string[] = []
  const others: Standing[] = []
  for (const id of await services.memory.listRuns()) {
    if (!(await services.log.mentions(id, oid))) continue
    const kept = await look(() => readKept(services, { id, repo: blamed.repo, oid }))
    if (!kept.known) unread.push(`the record of ${id} names it and could not be read: ${kept.because}`)
    else if (kept.value?.origin?.approval.genuine === true) return kept.value
    else if (kept.value !== undefined) others.push(kept.value)
  }
  const [other] = others
  if (other !== undefined) return other
  const because = unread.length === 0 ? 'No run made it: its commit carries no trailer of Signalbox, and no run kept it' : `Its commit carries no trailer of Signalbox; ${unread.join('; ')}`
  return { standing: 'no_run', because, origin: null, next: nextOfLine(blamed) }
}

async function readKept(services: Services, { id, repo, oid }: { readonly id: RunId; readonly repo: BlamedLine['repo']; readonly oid: Oid }): Promise<Standing | undefined> {
  const logged = await services.log.read(id)
  const events = logged.filter(isKnown)
  const landing = findKeeping(events, repo, oid)
  if (landing === undefined || landing.approval?.commits !== hashOf(events, landing)) return undefined
  return sayLanded(await readOrigin(services, foldRun(logged), landing), landing)
}

/** Where a line comes from, as far as that can be told. */
type Standing = Pick<Why, 'standing' | 'because' | 'origin' | 'next'>

/** What a yes to the commits of a landing binds. */
function hashOf(events: readonly RunEvent[], { at }: RecordedLanding): string | undefined {
  const published = events.find((event) => event.type === 'merge.published' && event.at === at)
  if (published?.type !== 'merge.published') return undefined
  return sha256(commitsText(published.data.repos.map(({ repo, from, commits = [] }) => ({ repo, base: from, commits }))))
}

function sayLanded(origin: NonNullable<Why['origin']>, { branch, remote, undone }: RecordedLanding): Standing {
  if (remote !== undefined) return { standing: 'pushed', because: `${origin.run.id} pushed it to ${branch} on ${remote}, and it came to this branch from there`, origin, next: `signalbox show ${origin.run.id}` }
  return { standing: 'landed', because: `${origin.run.id} landed it on ${branch}${undone ? '; that landing was taken back later' : ''}`, origin, next: `signalbox show ${origin.run.id}` }
}

function toShown({ oid, subject, author, at, path, line }: BlamedCommit): NonNullable<Why['commit']> {
  return { oid, subject, author, at, path, line }
}

async function verify(services: Services, blamed: BlamedLine, commit: BlamedCommit, claims: CommitClaims): Promise<Standing> {
  const run = parseRunId(claims.run)
  const logged: Known<readonly LoggedEvent[]> = run === undefined ? { known: true, value: [] } : await look(() => services.log.read(run))
  const events: Known<readonly RunEvent[]> = logged.known ? { known: true, value: logged.value.filter(isKnown) } : logged
  const parentsOf = events.known ? await readParentsOf(services, blamed.repo, [...landingsIn(events.value, blamed.repo), ...pushesIn(events.value, blamed.repo)]) : {}
  const verified = verifyClaims({ repo: blamed.repo, commit, claims, events, parentsOf })
  if (!('landing' in verified) || !logged.known) {
    const because = 'because' in verified ? verified.because : ''
    return { standing: 'unproven', because: `Its trailers claim ${run ?? 'a run'}, and that does not hold. ${because}`, origin: null, next: nextOfLine(blamed) }
  }
  return sayLanded(await readOrigin(services, foldRun(logged.value), verified.landing), verified.landing)
}

/** A merge commit that is not there any more proves nothing, and is no reason to fail. */
async function readParentsOf(services: Services, repo: BlamedLine['repo'], landings: readonly RecordedLanding[]): Promise<Readonly<Record<string, readonly Oid[]>>> {
  const merges = landings.filter(({ strategy }) => strategy === 'merge')
  const found = await Promise.all(merges.map(({ to }) => look(async () => services.sources.readCommit(await services.repoPaths.sourceOf(repo), to))))
  return Object.fromEntries(merges.flatMap(({ to }, index) => (found[index]?.known === true ? [[to, found[index].value.parents]] : [])))
}

async function readOrigin(services: Services, run: Run, landing: RecordedLanding): Promise<NonNullable<Why['origin']>> {
  const { approval, to, branch, remote, strategy, at, undone } = landing
  if (approval === undefined) throw new TypeError(`${run.id} landed or pushed without an approval`)
  const task = await look(() => services.memory.read('task', run.task))
  return {
    landing: { commit: to, branch, ...(remote === undefined ? {} : { remote }), strategy, at, undone },
    approval: { snapshot: approval.snapshot, digest: approval.digest, by: approval.by, at: approval.at, ...(approval.carriedFrom === undefined ? {} : { carriedFrom: approval.carriedFrom }), ...(approval.commits === undefined ? {} : { commits: approval.commits }), genuine: await isGenuine(services.layout, approval) },
    run: { id: run.id, agent: run.agent, by: run.by },
    packet: run.packet === undefined ? null : { path: `runs/${run.id}/packet.md`, hash: run.packet.hash },
    task: { id: run.task, title: task.known ? task.value.title : null, status: task.known ? task.value.status : null },
  }
}

async function readSources(services: Services): Promise<readonly SourceRef[]> {
  const { repos } = await services.memory.readConfig()
  const paths = await services.repoPaths.read()
  return Object.keys(repos).flatMap((name) => {
    const repo = parseRepoName(name)
    const path = paths[name]
    return repo === undefined || path === undefined ? [] : [{ repo, path }]
  })
}

async function requireRepo(services: Services, name: string): Promise<SourceRef['repo']> {
  const repo = parseRepoName(name)
  if (repo !== undefined && Object.hasOwn((await services.memory.readConfig()).repos, repo)) return repo
  throw new ControlError('repo.not_found', `There is no repo ${name}`, { hint: 'List them with `signalbox repo list`' })
}
