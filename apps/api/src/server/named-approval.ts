import { ControlError, type ApprovalRequest, type HumanFace, type RunId, type WaiverRequest } from '@signalbox/core'

/**
 * Returns the same face, except that an approval has to name what it approves, the digest and every target head, and a waiver the digest. They are
 * compared under the state lock, so that nothing can change between what somebody saw and what they said yes to.
 */
export function requireNamedApprovals(human: HumanFace): HumanFace {
  return {
    ...human,
    waive: async (id, request) => human.waive(id, seen(id, request)),
    approve: async (id, request = {}) => human.approve(id, named(id, request)),
    merge: async (id, request = {}) => human.merge(id, request.approve === true ? named(id, request) : request),
  }
}

function seen(id: RunId, request: WaiverRequest): WaiverRequest {
  if (request.digest !== undefined) return request
  throw new ControlError('input.invalid', 'A waiver over the network names the digest of the round it is about', { hint: `GET /api/runs/${id}/gate says it: digest` })
}

function named<R extends Pick<ApprovalRequest, 'digest' | 'targetHeads'>>(id: RunId, request: R): R {
  const { digest, targetHeads } = request
  if (digest !== undefined && targetHeads !== undefined && Object.keys(targetHeads).length > 0) return request
  throw new ControlError('input.invalid', 'An approval over the network names the digest and the target heads it is about', { hint: `GET /api/runs/${id}/gate says both: digest, and targetHead of every changed repo` })
}
