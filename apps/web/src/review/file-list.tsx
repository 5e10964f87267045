import { For, Show } from 'solid-js'
import { count } from '../words/amounts.ts'
import { visible } from '../words/untrusted.ts'
import { Sizes } from './file-heading.tsx'
import { changeLetter, changeWords, type ReviewFile, type ReviewRepo } from './review-files.ts'
import type { Review } from './review-state.ts'

/** Files that are listed: beyond, a list is no help and only slow; the diff itself has all of them. */
const MOST_FILES = 1_000

/** Repos and their files, in the order of the diff; grouped by folder. */
export function FileList(props: { readonly review: Review }) {
  const read = () => props.review.files().filter((file) => props.review.isRead(file)).length
  return (
    <nav class="file-list" aria-label="Changed files">
      <p class="muted">
        {read()} of {count(props.review.files().length, 'file')} read
      </p>
      <For each={props.review.repos()}>{(repo) => <RepoFiles review={props.review} repo={repo} />}</For>
    </nav>
  )
}

function RepoFiles(props: { readonly review: Review; readonly repo: ReviewRepo }) {
  const { files } = props.repo
  return (
    <section aria-label={`Files of ${props.repo.name}`}>
      <h3>
        {props.repo.name} <span class="tally">{files.length === 0 ? 'unchanged' : files.length}</span>
      </h3>
      <ul>
        <For each={files.slice(0, MOST_FILES)}>
          {(file, at) => (
            <>
              <Show when={folderOf(file) !== '' && (at() === 0 || folderOf(file) !== folderOf(files[at() - 1]))}>
                <li class="file-list-folder" title={visible(folderOf(file))}>
                  <span>{visible(folderOf(file))}</span>
                </li>
              </Show>
              <FileLine review={props.review} file={file} />
            </>
          )}
        </For>
      </ul>
      <Show when={files.length > MOST_FILES}>
        <p class="muted">and {count(files.length - MOST_FILES, 'more file')}: j and k go through all of them.</p>
      </Show>
    </section>
  )
}

function FileLine(props: { readonly review: Review; readonly file: ReviewFile }) {
  const { review, file } = props
  const words = () => changeWords(file).map(visible).join(', ')
  const isCurrent = () => review.current() === file.number
  return (
    <li>
      <button type="button" class="file-line" classList={{ read: review.isRead(file), current: isCurrent() }} aria-current={isCurrent() ? 'true' : undefined} title={`${visible(file.path)} (${words()})`} onClick={() => review.goTo(file.number)}>
        <span class={`letter letter-${changeLetter(file)}`} aria-label={words()}>
          {changeLetter(file)}
        </span>
        <span class="file-name">{visible(file.path.slice(file.path.lastIndexOf('/') + 1))}</span>
        <Show when={(review.hidden().get(file.number) ?? 0) > 0}>
          <span class="warn-word">hidden characters</span>
        </Show>
        <Show when={file.binary} fallback={<Sizes file={file} />}>
          <span class="sizes">binary</span>
        </Show>
        <Show when={review.isRead(file)}>
          <span class="read-word">read</span>
        </Show>
      </button>
    </li>
  )
}

function folderOf(file: ReviewFile | undefined): string {
  return file === undefined ? '' : file.path.slice(0, file.path.lastIndexOf('/') + 1)
}
