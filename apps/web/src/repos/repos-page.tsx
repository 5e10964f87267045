import type { RepoView } from '@signalbox/core'
import { createSignal, For, Show } from 'solid-js'
import { queries } from '../api/queries.ts'
import { useQuery } from '../api/use-query.ts'
import { Answer } from '../parts/answer.tsx'
import { Empty } from '../parts/empty.tsx'
import { Facts } from '../parts/facts.tsx'
import { Page } from '../parts/page.tsx'
import { Section } from '../parts/section.tsx'
import { Twin } from '../parts/twin.tsx'
import { visible } from '../words/untrusted.ts'
import { AddRepo } from './add-repo.tsx'
import { RemoveRepo } from './remove-repo.tsx'
import '../styles/repos.css'

/** The registered source repositories: where they lie, where their work lands, how it is checked. */
export function ReposPage() {
  const repos = useQuery(() => queries.repos())
  const [adding, setAdding] = createSignal(false)
  const button = (
    <button type="button" class="button primary" onClick={() => setAdding(true)}>
      Add a repo
    </button>
  )
  return (
    <Page title="Repos" actions={button}>
      <Answer query={repos} what="repos">
        {(listed) => (
          <Show when={listed().repos.length > 0} fallback={<Empty title="No repo is registered.">Tasks name the repos they change. Nothing of a registered repo is touched until you approve a landing.</Empty>}>
            <div class="repos">
              <For each={listed().repos}>{(repo) => <Repo repo={repo} />}</For>
            </div>
          </Show>
        )}
      </Answer>
      <p class="list-foot">
        <Twin args="repo list" />
      </p>
      <Show when={adding()}>
        <AddRepo close={() => setAdding(false)} />
      </Show>
    </Page>
  )
}

function Repo(props: { readonly repo: RepoView }) {
  const [removing, setRemoving] = createSignal(false)
  const remove = (
    <button type="button" class="button" onClick={() => setRemoving(true)} aria-label={`Remove ${props.repo.name}`}>
      Remove
    </button>
  )
  return (
    <Section title={props.repo.name} beside={remove}>
      <Facts
        rows={[
          ['Path', props.repo.path === null ? <span class="bad-text">not on this machine: register it here again</span> : <code>{visible(props.repo.path)}</code>],
          ['Lands on', visible(props.repo.baseBranch)],
          ['Set-up', props.repo.setup.length === 0 ? 'none' : <For each={props.repo.setup}>{(command) => <div><code>{visible(command)}</code></div>}</For>],
          ['Checks', <Checks checks={props.repo.checks} />],
          ['Filters', <For each={props.repo.filters} fallback="none: no filter program runs">{({ name, digest }) => <div>{visible(name)} <code>{digest.slice(0, 12)}</code> may run here</div>}</For>],
        ]}
      />
      <Show when={removing()}>
        <RemoveRepo repo={props.repo.name} close={() => setRemoving(false)} />
      </Show>
    </Section>
  )
}

function Checks(props: { readonly checks: RepoView['checks'] }) {
  return (
    <For each={Object.entries(props.checks)} fallback="none: nothing is run before a landing">
      {([name, command]) => (
        <div>
          {visible(name)}: <code>{visible(command)}</code>
        </div>
      )}
    </For>
  )
}
