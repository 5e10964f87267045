/**
 * Names us as author and committer of commits in the vault. The time is always the same: saving one state twice
 * gives one commit, and when it was saved is written in the run's events.
 */
export const ourSignature: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: 'Signalbox',
  GIT_AUTHOR_EMAIL: 'signalbox@localhost',
  GIT_AUTHOR_DATE: '@0 +0000',
  GIT_COMMITTER_NAME: 'Signalbox',
  GIT_COMMITTER_EMAIL: 'signalbox@localhost',
  GIT_COMMITTER_DATE: '@0 +0000',
}
