import { ControlError, type ApprovalRequest, type HumanFace, type NewRepo, type RunId, type SealRequest, type WaiverRequest } from '@signalbox/core'

/**
 * Returns the same face, except that an approval, also one that is carried over, has to name what it is about, the digest, every target head and, of a landing that keeps the agent's commits, theirs, a waiver the
 * digest and the facts of one blocker, who calls changes beside a run their own those changes, and who allows a filter program
 * its digest. They are compared under the state lock, so that nothing can change between what somebody saw and what they said
 * yes to. And nobody writes to a folder of this machine: a page that was broken into could name any.
 */
export function requireNamedApprovals(human: HumanFace): HumanFace {
  return {
    ...human,
    restore: async (id, { round }) => {
      throw new ControlError('access.denied', 'Over the network nothing is written to a folder of this machine', { hint: `There, run signalbox restore ${id}${round === undefined ? '' : `.s${round}`} FOLDER` })
    },
    addRepo: async (request) => human.addRepo(shown(request)),
    sealRun: async (id, request = {}) => human.sealRun(id, looked(id, request)),
    waive: async (id, request) => human.waive(id, seen(id, request)),
    approve: async (id, request = {}) => human.approve(id, named(id, request)),
    merge: async (id, request = {}) => human.merge(id, request.approve === true || request.refresh === true ? named(id, request) : request),
  }
}

function shown(request: NewRepo): NewRepo {
  if ((request.allowFilters ?? []).every(({ digest }) => digest !== undefined)) return request
  throw new ControlError('input.invalid', 'Over the network, who allows a filter program names its digest', { hint: 'POST /api/repos without it says what the program is, and its digest' })
}

function seen(id: RunId, request: WaiverRequest): WaiverRequest {
  if (request.digest !== undefined && request.data !== undefined) return request
  throw new ControlError('input.invalid', 'A waiver over the network names the digest and the one blocker it is about', { hint: `GET /api/runs/${id}/gate says both: digest, and repo and data of every blocker` })
}

function looked(id: RunId, request: SealRequest): SealRequest {
  if (request.mine === undefined || request.sources !== undefined) return request
  throw new ControlError('input.invalid', 'Over the network, who calls changes their own names them', { hint: `GET /api/runs/${id} says them: sources` })
}

function named<R extends Pick<ApprovalRequest, 'digest' | 'targetHeads' | 'commits' | 'strategy'>>(id: RunId, request: R): R {
  const { digest, targetHeads, commits, strategy } = request
  if (strategy === 'keep' && commits === undefined) throw new ControlError('input.invalid', "Over the network, an approval of the agent's own commits names their digest", { hint: `GET /api/runs/${id}/gate?strategy=keep says it: kept.digest` })
  if (digest !== undefined && targetHeads !== undefined && Object.keys(targetHeads).length > 0) return request
  throw new ControlError('input.invalid', 'An approval over the network names the digest and the target heads it is about', { hint: `GET /api/runs/${id}/gate says both: digest, and targetHead of every changed repo` })
}
