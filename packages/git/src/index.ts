export { createGit, type Git, type GitAnswer, type GitCall, type GitOptions } from './exec.ts'
