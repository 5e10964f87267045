/** One commit of a demo repository: whole texts of the files it changes. */
export interface DemoCommit {
  /** Where it is made; a branch not seen before starts at the commit before this one. */
  readonly branch: string
  readonly message: string
  readonly files: Readonly<Record<string, string>>
}
